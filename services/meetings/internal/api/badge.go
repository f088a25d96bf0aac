package api

import (
	"context"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// BadgeResource says whose a badge is; to others it does not exist, but to those who may revoke it.
func (s *Server) BadgeResource(ctx context.Context, id string) (access.Resource, error) {
	b, err := s.Store.Badge(ctx, id)
	return access.Resource{Type: "Badge", ID: id, Territory: b.CommuneCode, Owners: some(b.PersonID), Private: true}, err
}

func (s *Server) issuing() domain.Issuing {
	return domain.Issuing{Credentials: s.Credentials, NewID: newID, Now: s.Now()}
}

// GetBadge returns a badge.
func (s *Server) GetBadge(ctx context.Context, req *meetingsv1.GetBadgeRequest) (*meetingsv1.Badge, error) {
	b, err := s.Store.Badge(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Badge(b), nil
}

// ListBadges returns the caller's badges.
func (s *Server) ListBadges(ctx context.Context, req *meetingsv1.ListBadgesRequest) (*meetingsv1.ListBadgesResponse, error) {
	who := caller(ctx)
	all, next, err := page.List(s.Pages, page.Query{Method: "ListBadges", Order: "created,id", Scope: who}, req,
		func(after []string, limit int) ([]domain.Badge, error) {
			return s.Store.Badges(ctx, domain.BadgeQuery{PersonID: who, Page: domain.Page{After: after, Limit: limit}})
		},
		func(b domain.Badge) []string {
			return []string{strconv.FormatInt(database.Micros(b.CreateTime), 10), b.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListBadgesResponse{NextPageToken: next}
	for _, b := range all {
		out.Badges = append(out.Badges, wire.Badge(b))
	}
	return out, nil
}

// RevokeBadge says that a badge no longer holds.
func (s *Server) RevokeBadge(ctx context.Context, req *meetingsv1.RevokeBadgeRequest) (*meetingsv1.RevokeBadgeResponse, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.RevokeBadgeResponse, error) {
		b, err := tx.Badge(ctx, req.GetId())
		if err != nil {
			return nil, err
		}
		b, err = domain.RevokeBadge(ctx, tx, b, domain.Revocation{Time: s.Now(), PersonID: caller(ctx), Reason: strings.TrimSpace(req.GetReason())})
		return &meetingsv1.RevokeBadgeResponse{RevokeTime: timestamppb.New(b.Revoked.Time)}, err
	})
}
