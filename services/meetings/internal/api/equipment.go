package api

import (
	"context"
	"strconv"
	"strings"

	"google.golang.org/grpc"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// Structures is what meetings asks of the mesh's structures.
type Structures interface {
	GetStructure(ctx context.Context, in *meshv1.GetStructureRequest, opts ...grpc.CallOption) (*meshv1.Structure, error)
}

// StockOwnerResource says where an owner of equipment is: "structures/…" as the mesh knows it, "territories/…" by itself.
func (s *Server) StockOwnerResource(ctx context.Context, owner string) (access.Resource, error) {
	structure, commune, err := s.owner(ctx, owner)
	return access.Resource{Type: "StockOwner", ID: owner, Territory: commune, Structure: structure}, err
}

// EquipmentResource says who lends a stock.
func (s *Server) EquipmentResource(ctx context.Context, id string) (access.Resource, error) {
	e, err := s.Store.Equipment(ctx, id)
	return access.Resource{Type: "Equipment", ID: id, Territory: e.CommuneCode, Structure: e.StructureID}, err
}

// owner is the structure and the commune that a stock's owner stands for.
func (s *Server) owner(ctx context.Context, owner string) (structure, commune string, err error) {
	if code, ok := strings.CutPrefix(owner, "territories/"); ok {
		return "", code, nil
	}
	structure = strings.TrimPrefix(owner, "structures/")
	commune, err = s.structure(ctx, structure)
	return structure, commune, err
}

// structure is the commune of a structure's seat.
func (s *Server) structure(ctx context.Context, id string) (commune string, err error) {
	found, err := s.Structures.GetStructure(ctx, &meshv1.GetStructureRequest{Id: id})
	if err = rpc.FromStatus(err); isMissing(err) {
		return "", errs.Missing("structure", "structure")
	}
	return found.GetCommuneCode(), err
}

func equipmentOf(in *meetingsv1.Equipment) domain.Equipment {
	return domain.Equipment{
		Kind: domain.EquipmentKind(in.GetKind()), Label: in.GetLabel(), Quantity: int(in.GetQuantity()), Unusable: int(in.GetUnusableQuantity()),
		PersonsPerUnit: int(in.GetPersonsPerUnit()), Condition: in.GetCondition(),
	}
}

// CreateEquipment puts a stock on the shelf.
func (s *Server) CreateEquipment(ctx context.Context, req *meetingsv1.CreateEquipmentRequest) (*meetingsv1.Equipment, error) {
	if req.GetEquipment().GetKind() == 0 {
		return nil, errs.ErrRequired.At("equipment.kind")
	}
	e := equipmentOf(req.GetEquipment())
	e.ID, e.CreateTime = newID(), s.Now()
	var err error
	if e.StructureID, e.CommuneCode, err = s.owner(ctx, req.GetEquipment().GetOwner()); err != nil {
		return nil, err
	}
	var above []string
	if e.CommuneCode != "" {
		if above, err = s.Territories.Ancestors(ctx, e.CommuneCode); err != nil {
			return nil, err
		}
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Equipment, error) {
		created, err := domain.CreateEquipment(ctx, tx, e, above)
		return wire.Equipment(created), err
	})
}

// GetEquipment returns a stock.
func (s *Server) GetEquipment(ctx context.Context, req *meetingsv1.GetEquipmentRequest) (*meetingsv1.Equipment, error) {
	e, err := s.Store.Equipment(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Equipment(e), nil
}

// ListEquipment returns stocks, oldest first.
func (s *Server) ListEquipment(ctx context.Context, req *meetingsv1.ListEquipmentRequest) (*meetingsv1.ListEquipmentResponse, error) {
	query := page.Query{
		Method: "ListEquipment", Order: "created,id",
		Filter: strings.Join([]string{req.GetStructureId(), req.GetTerritoryCode(), req.GetKind().String()}, "|"),
	}
	stocks, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Equipment, error) {
			return s.Store.ListEquipment(ctx, domain.EquipmentQuery{
				StructureID: req.GetStructureId(), Territory: req.GetTerritoryCode(), Kind: domain.EquipmentKind(req.GetKind()),
				Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(e domain.Equipment) []string {
			return []string{strconv.FormatInt(database.Micros(e.CreateTime), 10), e.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListEquipmentResponse{NextPageToken: next}
	for _, e := range stocks {
		out.Equipment = append(out.Equipment, wire.Equipment(e))
	}
	return out, nil
}

// UpdateEquipment changes a stock.
func (s *Server) UpdateEquipment(ctx context.Context, req *meetingsv1.UpdateEquipmentRequest) (*meetingsv1.Equipment, error) {
	change := equipmentOf(req.GetEquipment())
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Equipment, error) {
		e, err := tx.Equipment(ctx, req.GetEquipment().GetId())
		if err != nil {
			return nil, err
		}
		if etag.Check(req.GetEquipment().GetEtag(), e.Version) != nil {
			return nil, errs.ErrStaleEtag.At("equipment.etag").With("current", etag.Of(e.Version))
		}
		e, err = domain.UpdateEquipment(ctx, tx, e, change, req.GetUpdateMask().GetPaths(), s.Now())
		return wire.Equipment(e), err
	})
}
