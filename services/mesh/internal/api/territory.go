package api

import (
	"cmp"
	"context"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// GetTerritory returns a territory; a former code answers with its successor.
func (s *Server) GetTerritory(ctx context.Context, req *meshv1.GetTerritoryRequest) (*meshv1.Territory, error) {
	t, err := s.Store.Territory(ctx, req.GetCode())
	if err != nil {
		return nil, err
	}
	return wire.Territory(t), nil
}

// ListTerritories returns territories by name.
func (s *Server) ListTerritories(ctx context.Context, req *meshv1.ListTerritoriesRequest) (*meshv1.ListTerritoriesResponse, error) {
	parent := req.GetParentCode()
	if parent != "" {
		t, err := domain.TerritoryAt(ctx, s.Store, parent, "parent_code")
		if err != nil {
			return nil, err
		}
		parent = t.Code
	}
	prefix := database.Fold(req.GetQuery())
	query := page.Query{Method: "ListTerritories", Filter: strings.Join([]string{req.GetKind().String(), parent, prefix}, "|"), Order: "name,code"}
	list, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Territory, error) {
			return s.Store.Territories(ctx, domain.TerritoryQuery{
				Kind: domain.TerritoryKind(req.GetKind()), Parent: parent, Prefix: prefix, Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(t domain.Territory) []string { return []string{database.Fold(t.Name), t.Code} })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListTerritoriesResponse{NextPageToken: next}
	for _, t := range list {
		out.Territories = append(out.Territories, wire.Territory(t))
	}
	return out, nil
}

// defaultCommunes is how many communes are found when the request does not say.
const defaultCommunes = 50

// FindNearestCommunes returns the communes around a point, nearest first.
func (s *Server) FindNearestCommunes(ctx context.Context, req *meshv1.FindNearestCommunesRequest) (*meshv1.FindNearestCommunesResponse, error) {
	radius, limit := cmp.Or(int(req.GetRadiusMetres()), defaultRadius), cmp.Or(int(req.GetLimit()), defaultCommunes)
	near, err := s.Store.NearestCommunes(ctx, positionOf(req.GetPosition()), float64(radius), limit)
	if err != nil {
		return nil, err
	}
	out := &meshv1.FindNearestCommunesResponse{}
	for _, n := range near {
		out.Communes = append(out.Communes, wire.NearCommune(n))
	}
	return out, nil
}
