package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Registration is a registration as the contract has it.
func Registration(r domain.Registration) *meetingsv1.Registration {
	return &meetingsv1.Registration{
		Id: r.ID, MeetingId: r.MeetingID, PersonId: r.PersonID, State: meetingsv1.RegistrationState(r.State),
		Etag: etag.Of(r.Version), CreateTime: timestamp(r.CreateTime),
		OfferExpireTime: timestamp(r.OfferExpires), Mode: meetingsv1.SeatMode(r.Mode), Role: meetingsv1.SeatRole(r.Role),
		Reason: r.Reason, NameShared: r.NameShared,
	}
}
