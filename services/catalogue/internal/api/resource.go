package api

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/wire"
)

// CreateResource adds a resource to the catalogue.
func (s *Server) CreateResource(ctx context.Context, req *cataloguev1.CreateResourceRequest) (*cataloguev1.Resource, error) {
	in := req.GetResource()
	resource := domain.Resource{
		ID: newID(), Title: in.GetTitle(), Summary: in.GetSummary(), URI: in.GetUri(), Kind: int(in.GetKind()),
		LanguageCode: in.GetLanguageCode(), Licence: in.GetLicence(), ModuleIDs: in.GetModuleIds(), CreateTime: s.Now(),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*cataloguev1.Resource, error) {
		created, err := domain.CreateResource(ctx, tx, resource)
		return wire.Resource(created), err
	})
}

// GetResource returns a resource.
func (s *Server) GetResource(ctx context.Context, req *cataloguev1.GetResourceRequest) (*cataloguev1.Resource, error) {
	resource, err := s.Store.Resource(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Resource(resource), nil
}

// ListResources returns what there is to go further.
func (s *Server) ListResources(ctx context.Context, req *cataloguev1.ListResourcesRequest) (*cataloguev1.ListResourcesResponse, error) {
	query := page.Query{Method: "ListResources", Filter: req.GetModuleId(), Order: "title,id"}
	resources, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Resource, error) {
			return s.Store.Resources(ctx, domain.ResourceQuery{ModuleID: req.GetModuleId(), Page: domain.Page{After: after, Limit: limit}})
		},
		func(r domain.Resource) []string { return []string{database.Fold(r.Title), r.ID} })
	if err != nil {
		return nil, err
	}
	out := &cataloguev1.ListResourcesResponse{NextPageToken: next}
	for _, r := range resources {
		out.Resources = append(out.Resources, wire.Resource(r))
	}
	return out, nil
}
