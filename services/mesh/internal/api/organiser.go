package api

import (
	"context"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// OrganiserResource says to whom the charge is proposed; to others the proposal does not exist.
func (s *Server) OrganiserResource(ctx context.Context, id string) (access.Resource, error) {
	o, err := s.Store.Organiser(ctx, id)
	return access.Resource{Type: "Organiser", ID: id, Owners: []string{o.PersonID}, Private: true}, err
}

// ProposeOrganiser proposes someone, or the caller, to organise a group.
func (s *Server) ProposeOrganiser(ctx context.Context, req *meshv1.ProposeOrganiserRequest) (*meshv1.Organiser, error) {
	in := req.GetOrganiser()
	organiser := domain.Organiser{
		ID: newID(), GroupID: in.GetGroupId(), PersonID: in.GetPersonId(), Origin: domain.Origin(in.GetOrigin()),
		OverrideReason: in.GetOverrideReason(), CreateTime: s.now(),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Organiser, error) {
		proposed, err := domain.ProposeOrganiser(ctx, tx, organiser, caller(ctx))
		return wire.Organiser(proposed), err
	})
}

// AcceptOrganiser takes the charge of a group.
func (s *Server) AcceptOrganiser(ctx context.Context, req *meshv1.AcceptOrganiserRequest) (*meshv1.Organiser, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Organiser, error) {
		organiser, err := tx.Organiser(ctx, req.GetId())
		if err != nil {
			return nil, err
		}
		organiser, err = domain.AcceptOrganiser(ctx, tx, organiser, s.now())
		return wire.Organiser(organiser), err
	})
}

// ListOrganisers returns the organisers that the caller may see.
func (s *Server) ListOrganisers(ctx context.Context, req *meshv1.ListOrganisersRequest) (*meshv1.ListOrganisersResponse, error) {
	who := viewer(ctx)
	query := page.Query{Method: "ListOrganisers", Filter: req.GetGroupId(), Order: "created,id", Scope: scopeOf(who)}
	organisers, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Organiser, error) {
			return s.Store.Organisers(ctx, domain.OrganiserQuery{
				Viewer: who, GroupID: req.GetGroupId(), Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(o domain.Organiser) []string { return byTime(o.CreateTime, o.ID) })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListOrganisersResponse{NextPageToken: next}
	for _, o := range organisers {
		out.Organisers = append(out.Organisers, wire.Organiser(o))
	}
	return out, nil
}

// ListLineageEdges returns who passed the competence to whom, as far as the caller may see.
func (s *Server) ListLineageEdges(ctx context.Context, req *meshv1.ListLineageEdgesRequest) (*meshv1.ListLineageEdgesResponse, error) {
	who := viewer(ctx)
	query := page.Query{Method: "ListLineageEdges", Filter: req.GetCampaignId(), Order: "created,id", Scope: scopeOf(who)}
	edges, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.LineageEdge, error) {
			return s.Store.LineageEdges(ctx, domain.LineageQuery{
				Viewer: who, CampaignID: req.GetCampaignId(), Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(e domain.LineageEdge) []string { return byTime(e.CreateTime, e.ID) })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListLineageEdgesResponse{NextPageToken: next}
	for _, e := range edges {
		out.LineageEdges = append(out.LineageEdges, wire.LineageEdge(e))
	}
	return out, nil
}
