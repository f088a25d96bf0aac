package store_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

func TestPlacesOfATerritory(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		want := map[string]int{"FR": 3, "REG-84": 2, "DEP-69": 2, "69123": 2, "69383": 1, "REG-27": 1, "ACA-10": 3, "DEP-987": 0, "": 3}
		f.place(t, lyon, "69123")
		f.place(t, lyon, "69383")
		f.place(t, dijon, "21231")
		for territory, n := range want {
			got := pages(t, func(p domain.Page) ([]domain.Place, error) {
				return f.Places(t.Context(), domain.PlaceQuery{Territory: territory, Page: p})
			}, func(p domain.Place) []string { return []string{database.Fold(p.Name), p.ID} })
			if len(got) != n {
				t.Errorf("%q has %d places, want %d", territory, len(got), n)
			}
		}
	})
}

// The index and the measuring of everything must agree, to the order of equals.
func TestNearestPlaces(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		r := rand.New(rand.NewPCG(1, 2))
		var all []domain.Place
		f.write(t, func(tx domain.Tx) error {
			all = nil
			for i := range 300 {
				p := domain.Place{ID: uuid.NewString(), Name: strconv.Itoa(i), CommuneCode: "69123", Version: 1, CreateTime: noon, Position: domain.Position{
					Latitude: lyon.Latitude + float64(r.IntN(40)-20)/50, Longitude: lyon.Longitude + float64(r.IntN(40)-20)/50}}
				if i < 3 { // beyond the change of date
					p.Position = domain.Position{Latitude: -16.8, Longitude: 179.95 + float64(i)*0.04}
					if p.Position.Longitude > 180 {
						p.Position.Longitude -= 360
					}
				}
				all = append(all, p)
				if err := tx.InsertPlace(t.Context(), p); err != nil {
					return err
				}
			}
			return nil
		})
		for range 60 {
			from := domain.Position{Latitude: lyon.Latitude + r.Float64() - 0.5, Longitude: lyon.Longitude + r.Float64() - 0.5}
			if r.IntN(10) == 0 {
				from = domain.Position{Latitude: -16.8, Longitude: -179.99}
			}
			radius, limit := float64(r.IntN(60_000)), 1+r.IntN(40)
			var want []domain.NearPlace
			for _, p := range all {
				if d := from.Distance(p.Position); d <= radius {
					want = append(want, domain.NearPlace{Place: p, Distance: d})
				}
			}
			slices.SortFunc(want, domain.NearPlace.Compare)
			want = want[:min(limit, len(want))]
			got, err := f.NearestPlaces(t.Context(), from, radius, limit)
			if err != nil || !slices.EqualFunc(got, want, func(a, b domain.NearPlace) bool { return a.ID == b.ID && a.Distance == b.Distance }) {
				t.Fatalf("within %v m of %v: %d places, want %d (%v)", radius, from, len(got), len(want), err)
			}
		}
	})
}
