package api

import (
	"context"
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/link"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// PreviewGroupLink says what a link to a group would do, and does nothing. Of the group it tells what everybody may read.
func (s *Server) PreviewGroupLink(ctx context.Context, req *meshv1.PreviewGroupLinkRequest) (*meshv1.GroupLinkPreview, error) {
	claim, err := s.Links.Open(req.GetToken(), s.now(), acceptInvitation, declineInvitation, joinGroup)
	if err != nil {
		return nil, err
	}
	out := &meshv1.GroupLinkPreview{Action: meshv1.GroupLinkAction_GROUP_LINK_ACTION_JOIN_GROUP, ExpireTime: timestamppb.New(claim.Expires)}
	groupID := claim.Resource
	var i domain.Invitation
	if claim.Action != joinGroup {
		i, err = s.Store.Invitation(ctx, claim.Resource)
		switch {
		case err != nil:
			return nil, err
		case i.PersonID != claim.PersonID:
			return nil, link.ErrInvalid
		}
		groupID, out.Invitation = i.GroupID, wire.Invitation(i.At(s.now()))
	}
	g, err := s.Store.Group(ctx, groupID)
	if err != nil {
		return nil, err
	}
	var o domain.Outlook
	switch claim.Action {
	case acceptInvitation:
		out.Action = meshv1.GroupLinkAction_GROUP_LINK_ACTION_ACCEPT_INVITATION
		o, err = i.ForeseeAccept(ctx, s.Store, g, s.now())
	case declineInvitation:
		out.Action, o = meshv1.GroupLinkAction_GROUP_LINK_ACTION_DECLINE_INVITATION, i.ForeseeDecline(s.now())
	default:
		o = g.ForeseeJoin()
	}
	if err != nil {
		return nil, err
	}
	out.Group, out.FreeSeats = wire.Group(g), int32(g.FreeSeats()) //nolint:gosec // 25 at most
	out.State, out.Refusal = wire.Outlook(o)
	return out, s.whereabouts(ctx, out)
}

// whereabouts says how the place and its commune are called, as far as that is known.
func (s *Server) whereabouts(ctx context.Context, out *meshv1.GroupLinkPreview) error {
	place, err := s.Store.Place(ctx, out.GetGroup().GetPlaceId())
	if err != nil && !errors.Is(err, domain.ErrPlaceNotFound) {
		return err
	}
	commune, err := s.Store.Territory(ctx, out.GetGroup().GetCommuneCode())
	if err != nil && !errors.Is(err, domain.ErrTerritoryNotFound) {
		return err
	}
	out.PlaceName, out.CommuneName = place.Name, commune.Name
	return nil
}
