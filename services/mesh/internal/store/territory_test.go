package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

func TestTerritory(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		for code, want := range map[string][]string{
			"69123":  {"69123", "DEP-69", "REG-84", "ACA-10", "FR"},
			"69383":  {"69383", "69123", "DEP-69", "REG-84", "ACA-10", "FR"},
			"69999":  {"69123", "DEP-69", "REG-84", "ACA-10", "FR"},
			"98711":  {"98711", "DEP-987", "FR"},
			"ACA-10": {"ACA-10", "FR"}, "FR": {"FR"},
		} {
			if got, err := f.Ancestors(t.Context(), code); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s lies in %v, %v; want %v", code, got, err, want)
			}
		}
		if _, err := f.Territory(t.Context(), "00000"); !errors.Is(err, domain.ErrTerritoryNotFound) {
			t.Errorf("an unknown code: %v", err)
		}
		if anaa, err := f.Territory(t.Context(), "98711"); err != nil || anaa.Located() {
			t.Errorf("Anaa is at %v, %v", anaa.Position, err)
		}
	})
}

func TestTerritoriesByPrefix(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		for _, c := range []struct {
			query domain.TerritoryQuery
			want  []string
		}{
			{domain.TerritoryQuery{Prefix: "lyon"}, []string{"69123", "ACA-10", "69383"}},
			{domain.TerritoryQuery{Prefix: "cote"}, []string{"DEP-21"}},
			{domain.TerritoryQuery{Kind: domain.Department}, []string{"DEP-21", "DEP-69"}},
			{domain.TerritoryQuery{Parent: "69123"}, []string{"69383"}},
			{domain.TerritoryQuery{Prefix: "yon"}, nil},
		} {
			got := pages(t, func(p domain.Page) ([]domain.Territory, error) {
				c.query.Page = p
				return f.Territories(t.Context(), c.query)
			}, func(t domain.Territory) []string { return []string{database.Fold(t.Name), t.Code} })
			var codes []string
			for _, found := range got {
				codes = append(codes, found.Code)
			}
			if !slices.Equal(codes, c.want) {
				t.Errorf("%+v: %v, want %v", c.query, codes, c.want)
			}
		}
	})
}

func TestReplaceTakesAway(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		if err := f.ReplaceTerritories(t.Context(), corner[1:], func(int) {}); err != nil {
			t.Fatal(err)
		}
		_, gone := f.Territory(t.Context(), corner[0].Code)
		if _, err := f.Territory(t.Context(), corner[1].Code); err != nil || !errors.Is(gone, domain.ErrTerritoryNotFound) {
			t.Errorf("the first is %v, the second %v", gone, err)
		}
	})
}

// Anaa has no position, and the third arrondissement of Lyon is no commune: nobody finds them.
func TestNearestCommunes(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		apart := lyon.Distance(dijon)
		for _, c := range []struct {
			radius float64
			limit  int
			want   []string
		}{
			{0, 10, []string{"69123"}}, {apart - 1, 10, []string{"69123"}}, {apart + 1, 10, []string{"69123", "21231"}}, {apart + 1, 1, []string{"69123"}},
		} {
			got, err := f.NearestCommunes(t.Context(), lyon, c.radius, c.limit)
			var codes []string
			for _, n := range got {
				codes = append(codes, n.Code)
			}
			if err != nil || !slices.Equal(codes, c.want) {
				t.Errorf("within %.0f m: %v, %v; want %v", c.radius, codes, err, c.want)
			}
		}
	})
}
