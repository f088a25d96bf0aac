package api

import (
	"context"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

func (s *Server) problemRouteResource(ctx context.Context, id string) (access.Resource, error) {
	r, err := s.Store.ProblemRoute(ctx, id)
	return access.Resource{Territory: r.Territory}, err
}

// CreateProblemRoute puts a route in force.
func (s *Server) CreateProblemRoute(ctx context.Context, req *meetingsv1.CreateProblemRouteRequest) (*meetingsv1.ProblemRoute, error) {
	in := req.GetProblemRoute()
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.ProblemRoute, error) {
		r, err := domain.PutProblemRoute(ctx, tx, domain.ProblemRoute{
			ID: newID(), Kind: domain.ProblemKind(in.GetKind()), Territory: in.GetTerritoryCode(), StructureID: in.GetStructureId(),
			PlaceID: in.GetPlaceId(), Charge: domain.Charge(in.GetCharge()), PersonID: in.GetPersonId(), Promised: inHours(in.GetPromisedHours()),
			CreateTime: s.Now(),
		})
		return wire.ProblemRoute(r), err
	})
}

// ListProblemRoutes returns the routes that hold in a territory.
func (s *Server) ListProblemRoutes(ctx context.Context, req *meetingsv1.ListProblemRoutesRequest) (*meetingsv1.ListProblemRoutesResponse, error) {
	above, err := s.above(ctx, req.GetTerritoryCode())
	if err != nil {
		return nil, err
	}
	kept, err := s.Store.ProblemRoutes(ctx, above)
	if err != nil {
		return nil, err
	}
	query := page.Query{Method: "ListProblemRoutes", Filter: req.GetTerritoryCode(), Order: "winning"}
	routes, next, err := inForce(s.Pages, query, req, domain.RoutesInForce(domain.DefaultRules().Route, kept),
		func(r domain.ProblemRoute) string { return r.ID })
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListProblemRoutesResponse{NextPageToken: next}
	for _, r := range routes {
		out.ProblemRoutes = append(out.ProblemRoutes, wire.ProblemRoute(r))
	}
	return out, nil
}

// DeleteProblemRoute takes a route out of force.
func (s *Server) DeleteProblemRoute(ctx context.Context, req *meetingsv1.DeleteProblemRouteRequest) (*meetingsv1.ProblemRoute, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.ProblemRoute, error) {
		r, err := tx.RetireProblemRoute(ctx, req.GetId(), s.Now())
		return wire.ProblemRoute(r), err
	})
}
