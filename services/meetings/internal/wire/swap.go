package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Swap is a swap as the contract has it, without who offers and who accepts.
func Swap(s domain.Swap) *meetingsv1.Swap {
	return &meetingsv1.Swap{
		Id: s.ID, RegistrationId: s.RegistrationID, MeetingId: s.MeetingID, WantedMeetingId: s.WantedMeetingID,
		State: meetingsv1.SwapState(s.State), Etag: etag.Of(s.Version), CreateTime: timestamp(s.CreateTime), ExpireTime: timestamp(s.Expires),
		EndTime: timestamp(s.EndTime),
	}
}
