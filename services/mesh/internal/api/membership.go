package api

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/link"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

const (
	// joinGroup is the action of a group's link.
	joinGroup = "joinGroup"
	// linkDays is how long such a link serves: until the end of the thirtieth day, so that it is the same all day.
	linkDays = 31
	day      = 24 * time.Hour
)

// CreateGroupLink returns the link with which anybody may join a group.
func (s *Server) CreateGroupLink(ctx context.Context, req *meshv1.CreateGroupLinkRequest) (*meshv1.GroupLink, error) {
	claim := link.Claim{Action: joinGroup, Resource: req.GetGroupId(), PersonID: caller(ctx), Expires: s.now().UTC().Truncate(day).Add(linkDays * day)}
	return &meshv1.GroupLink{GroupId: req.GetGroupId(), Token: s.Links.Sign(claim), ExpireTime: timestamppb.New(claim.Expires)}, nil
}

// JoinGroup joins a group by its link.
func (s *Server) JoinGroup(ctx context.Context, req *meshv1.JoinGroupRequest) (*meshv1.Membership, error) {
	claim, err := s.Links.Open(req.GetToken(), s.now(), joinGroup)
	if err != nil {
		return nil, err
	}
	newcomer := domain.Newcomer{PersonID: caller(ctx), CommuneCode: req.GetCommuneCode(), Sphere: int(req.GetSphere()), Now: s.now(), NewID: newID}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Membership, error) {
		member, err := domain.JoinGroup(ctx, tx, claim.Resource, newcomer)
		return wire.Membership(domain.Membership{Member: member}), err
	})
}

// LeaveGroup gives a group's seat back.
func (s *Server) LeaveGroup(ctx context.Context, req *meshv1.LeaveGroupRequest) (*meshv1.Membership, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Membership, error) {
		left, err := domain.LeaveGroup(ctx, tx, req.GetGroupId(), caller(ctx))
		return wire.Membership(left), err
	})
}

// GetMembership tells whether a person is in a group, to those who may know.
func (s *Server) GetMembership(ctx context.Context, req *meshv1.GetMembershipRequest) (*meshv1.Membership, error) {
	member, err := domain.MemberFor(ctx, s.Store, viewer(ctx), req.GetGroupId(), req.GetPersonId())
	if err != nil {
		return nil, err
	}
	return wire.Membership(domain.Membership{Member: member}), nil
}

// ListMemberships tells who is in a group.
func (s *Server) ListMemberships(ctx context.Context, req *meshv1.ListMembershipsRequest) (*meshv1.ListMembershipsResponse, error) {
	members, err := s.Store.Members(ctx, req.GetGroupId(), domain.Page{Limit: domain.MaxGroup})
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListMembershipsResponse{}
	for _, m := range members {
		out.Memberships = append(out.Memberships, wire.Membership(domain.Membership{Member: m}))
	}
	return out, nil
}
