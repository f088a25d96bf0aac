package directory

import (
	"context"
	"fmt"
	"slices"

	"github.com/classcode/maillage/pkg/access"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// All of France: 35 000 communes and what lies above them, with some room for old codes.
const territoriesKept = 50_000

// Territories is an access.Territories that asks mesh for each code once: the grids change once a year, and a new
// vintage comes with a restart.
type Territories struct {
	lookup lookup[string, []string]
}

var (
	_ access.Directory   = (*People)(nil)
	_ access.Territories = (*Territories)(nil)
)

// NewTerritories needs no caller: territories are public.
func NewTerritories(mesh meshv1.MeshServiceClient) *Territories {
	return &Territories{lookup: lookup[string, []string]{
		cache: newCache[string, []string](territoriesKept, 0),
		ask: func(ctx context.Context, code string) ([]string, error) {
			t, err := mesh.GetTerritory(ctx, &meshv1.GetTerritoryRequest{Code: code})
			if err != nil {
				return nil, fmt.Errorf("mesh: get territory: %w", err)
			}
			return chain(code, t), nil
		},
	}}
}

// Ancestors implements access.Territories.
func (t *Territories) Ancestors(ctx context.Context, code string) ([]string, error) {
	codes, err := t.lookup.find(ctx, code)
	return slices.Clone(codes), err
}

// chain begins with the code that was asked for; when it is an old one, its successor follows.
func chain(asked string, t *meshv1.Territory) []string {
	codes := []string{asked}
	if t.GetCode() != asked {
		codes = append(codes, t.GetCode())
	}
	return append(codes, t.GetAncestorCodes()...)
}
