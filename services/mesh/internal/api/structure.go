package api

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// CreateStructure adds a structure.
func (s *Server) CreateStructure(ctx context.Context, req *meshv1.CreateStructureRequest) (*meshv1.Structure, error) {
	in := req.GetStructure()
	structure := domain.Structure{
		ID: newID(), Name: in.GetName(), Sphere: int(in.GetSphere()), CommuneCode: in.GetCommuneCode(), ExternalIDs: in.GetExternalIds(),
		CreateTime: s.now(),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.Structure, error) {
		created, err := domain.CreateStructure(ctx, tx, structure)
		return wire.Structure(created), err
	})
}

// GetStructure returns a structure.
func (s *Server) GetStructure(ctx context.Context, req *meshv1.GetStructureRequest) (*meshv1.Structure, error) {
	structure, err := s.Store.Structure(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Structure(structure), nil
}

// ListStructures returns the structures, by name.
func (s *Server) ListStructures(ctx context.Context, req *meshv1.ListStructuresRequest) (*meshv1.ListStructuresResponse, error) {
	query := page.Query{Method: "ListStructures", Order: "name,id"}
	structures, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Structure, error) {
			return s.Store.Structures(ctx, domain.Page{After: after, Limit: limit})
		},
		func(t domain.Structure) []string { return []string{database.Fold(t.Name), t.ID} })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListStructuresResponse{NextPageToken: next}
	for _, t := range structures {
		out.Structures = append(out.Structures, wire.Structure(t))
	}
	return out, nil
}
