package wire

import (
	"time"

	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Loan is a loan as the contract has it, late or not at that instant.
func Loan(l domain.Loan, now time.Time) *meetingsv1.Loan {
	out := &meetingsv1.Loan{
		Id: l.ID, EquipmentId: l.EquipmentID, BookingId: l.BookingID, MeetingId: l.MeetingID, StructureId: l.StructureID,
		Quantity: int32(l.Quantity), State: meetingsv1.LoanState(l.State), StartTime: timestamp(l.Start), DueTime: timestamp(l.Due),
		Late: l.Late(now), Note: l.Note, Etag: etag.Of(l.Version), CreateTime: timestamp(l.CreateTime), OutTime: timestamp(l.OutTime),
		ReturnTime: timestamp(l.ReturnTime),
	}
	if l.State == domain.LoanReturned {
		c := l.Returned
		out.Condition = &meetingsv1.ReturnCondition{Good: int32(c.Good), Worn: int32(c.Worn), Damaged: int32(c.Damaged), Lost: int32(c.Lost)}
	}
	return out
}
