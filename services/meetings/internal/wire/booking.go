package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Booking is a booking as the contract has it.
func Booking(b domain.Booking) *meetingsv1.Booking {
	return &meetingsv1.Booking{
		Id: b.ID, ResourceKind: meetingsv1.ResourceKind(b.Kind), ResourceId: b.ResourceID, MeetingId: b.MeetingID,
		Quantity: int32(b.Quantity), StartTime: timestamp(b.Start), EndTime: timestamp(b.End), State: meetingsv1.BookingState(b.State),
		CauseId: b.CauseID, Etag: etag.Of(b.Version), CreateTime: timestamp(b.CreateTime),
	}
}
