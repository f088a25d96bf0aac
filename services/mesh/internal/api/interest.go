package api

import (
	"context"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// InterestResource says whose an interest is, and from where; to others it does not exist.
func (s *Server) InterestResource(ctx context.Context, id string) (access.Resource, error) {
	i, err := s.Store.Interest(ctx, id)
	return access.Resource{Type: "Interest", ID: id, Territory: i.CommuneCode, Owners: []string{i.PersonID}, Private: true}, err
}

// CreateInterest registers the caller's wish.
func (s *Server) CreateInterest(ctx context.Context, req *meshv1.CreateInterestRequest) (*meshv1.Interest, error) {
	in := req.GetInterest()
	// Outside of the transaction: another service must not hold up this one's writer.
	if err := s.Modules.Check(ctx, in.GetModuleId()); err != nil {
		if e := errs.From(err); e.Kind == errs.Invalid {
			err = e.At("interest.module_id")
		}
		return nil, err
	}
	interest := domain.Interest{
		ID: newID(), PersonID: caller(ctx), CommuneCode: in.GetCommuneCode(), ModuleID: in.GetModuleId(), CampaignID: in.GetCampaignId(),
		Sphere: int(in.GetSphere()), CreateTime: s.now(),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Interest, error) {
		created, err := domain.CreateInterest(ctx, tx, interest)
		return wire.Interest(created), err
	})
}

// GetInterest returns an interest.
func (s *Server) GetInterest(ctx context.Context, req *meshv1.GetInterestRequest) (*meshv1.Interest, error) {
	interest, err := s.Store.Interest(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Interest(interest), nil
}

// ListInterests returns the interests that the caller may see.
func (s *Server) ListInterests(ctx context.Context, req *meshv1.ListInterestsRequest) (*meshv1.ListInterestsResponse, error) {
	who := viewer(ctx)
	query := page.Query{
		Method: "ListInterests", Filter: req.GetCampaignId() + "|" + req.GetState().String(), Order: "created,id", Scope: scopeOf(who),
	}
	interests, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Interest, error) {
			return s.Store.Interests(ctx, domain.InterestQuery{
				Viewer: who, CampaignID: req.GetCampaignId(), State: domain.InterestState(req.GetState()),
				Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(i domain.Interest) []string { return byTime(i.CreateTime, i.ID) })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListInterestsResponse{NextPageToken: next}
	for _, i := range interests {
		out.Interests = append(out.Interests, wire.Interest(i))
	}
	return out, nil
}

// WithdrawInterest takes an interest back.
func (s *Server) WithdrawInterest(ctx context.Context, req *meshv1.WithdrawInterestRequest) (*meshv1.Interest, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Interest, error) {
		interest, err := tx.Interest(ctx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), interest.Version); err != nil {
			return nil, err
		}
		interest, err = domain.WithdrawInterest(ctx, tx, interest)
		return wire.Interest(interest), err
	})
}
