package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Invitation is an invitation as the contract has it, without who is invited.
func Invitation(i domain.Invitation) *meshv1.Invitation {
	return &meshv1.Invitation{
		Id: i.ID, GroupId: i.GroupID, InterestId: i.InterestID, State: meshv1.InvitationState(i.State), Etag: etag.Of(i.Version),
		CreateTime: timestamp(i.CreateTime), ExpireTime: timestamp(i.Expires), EndTime: timestamp(i.EndTime),
	}
}

// Invited says what became of those whom a group invites.
func Invited(v domain.Invited) *meshv1.CreateInvitationsResponse {
	out := &meshv1.CreateInvitationsResponse{}
	for _, i := range v.Invitations {
		out.Invitations = append(out.Invitations, Invitation(i))
	}
	for _, n := range v.Not {
		out.NotInvited = append(out.NotInvited, &meshv1.NotInvited{InterestId: n.InterestID, Reason: meshv1.NotInvitedReason(n.Reason)})
	}
	return out
}
