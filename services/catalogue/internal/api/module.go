package api

import (
	"context"
	"strconv"

	"github.com/classcode/maillage/pkg/page"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/wire"
)

// GetModule returns a module.
func (s *Server) GetModule(ctx context.Context, req *cataloguev1.GetModuleRequest) (*cataloguev1.Module, error) {
	module, err := s.Store.Module(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Module(module), nil
}

// ListModules returns the catalogue, in its order.
func (s *Server) ListModules(ctx context.Context, req *cataloguev1.ListModulesRequest) (*cataloguev1.ListModulesResponse, error) {
	query := page.Query{Method: "ListModules", Filter: req.GetLevel().String(), Order: "position,id"}
	modules, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Module, error) {
			return s.Store.Modules(ctx, domain.ModuleQuery{Level: domain.Level(req.GetLevel()), Page: domain.Page{After: after, Limit: limit}})
		},
		func(m domain.Module) []string { return []string{strconv.Itoa(m.Position), m.ID} })
	if err != nil {
		return nil, err
	}
	out := &cataloguev1.ListModulesResponse{NextPageToken: next}
	for _, m := range modules {
		out.Modules = append(out.Modules, wire.Module(m))
	}
	return out, nil
}
