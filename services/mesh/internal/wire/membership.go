package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Membership is a person's part in a group as the contract has it.
func Membership(m domain.Membership) *meshv1.Membership {
	state := meshv1.MembershipState_MEMBERSHIP_STATE_JOINED
	if m.Left {
		state = meshv1.MembershipState_MEMBERSHIP_STATE_LEFT
	}
	return &meshv1.Membership{
		Id: m.ID, GroupId: m.GroupID, PersonId: m.PersonID, InterestId: m.InterestID, State: state, JoinTime: timestamp(m.JoinTime),
		Etag: etag.Of(m.Version()),
	}
}
