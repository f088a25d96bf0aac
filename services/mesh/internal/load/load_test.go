package load_test

import (
	"slices"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/events"
	"github.com/classcode/maillage/services/mesh/internal/load"
	"github.com/classcode/maillage/services/mesh/internal/store"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func count(t *testing.T, db *database.DB, query string) (n int) {
	t.Helper()
	if err := db.Read().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLoad(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		clock := testkit.NewClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
		st, err := store.New(t.Context(), db, clock.Now, events.Encode)
		if err != nil {
			t.Fatal(err)
		}
		loader := load.Loader{Store: st, Now: clock.Now, Development: true}
		run := func() (calls int) {
			done := map[string]int{}
			err := loader.Run(t.Context(), func(what string, n, total int) {
				calls++
				if n <= done[what] || n > total {
					t.Errorf("%s: %d of %d after %d", what, n, total, done[what])
				}
				done[what] = n
			})
			if err != nil || done["territories"] != 35_192 || done["aliases"] != 4_240 || done["places"] != 676 {
				t.Fatalf("loaded %v, %v", done, err)
			}
			return calls
		}
		run()
		if calls := run(); calls != 3 {
			t.Errorf("the second time reported %d steps; want one for each set, as nothing is to be done", calls)
		}
		for query, want := range map[string]int{
			`SELECT count(*) FROM territories`:                                              35_192,
			`SELECT count(*) FROM territories WHERE latitude IS NULL AND kind IN (4, 5)`:    46,
			`SELECT count(*) FROM territories WHERE latitude = 0`:                           0,
			`SELECT count(*) FROM places`:                                                   676,
			`SELECT count(*) FROM outbox WHERE subject = 'maillage.mesh.v1.place.created'`:  676,
			`SELECT count(*) FROM outbox WHERE subject <> 'maillage.mesh.v1.place.created'`: 0,
			`SELECT count(*) FROM structures`:                                               1,
		} {
			if got := count(t, db, query); got != want {
				t.Errorf("%s: %d, want %d", query, got, want)
			}
		}
		for code, want := range map[string][]string{
			"69123":  {"DEP-69", "REG-84", "ACA-10", "RAC-84", "FR"},
			"75113":  {"75056", "DEP-75", "REG-11", "ACA-01", "RAC-11", "FR"},
			"97608":  {"DEP-976", "REG-06", "ACA-43", "RAC-06", "FR"},
			"97502":  {"DEP-975", "FR"},
			"DEP-69": {"REG-84", "ACA-10", "RAC-84", "FR"},
			"ACA-10": {"RAC-84", "FR"},
		} {
			got, err := st.Territory(t.Context(), code)
			if err != nil || !slices.Equal(got.Ancestors, want) {
				t.Errorf("%s lies in %v, %v; want %v", code, got.Ancestors, err, want)
			}
		}
		changedAgain(t, st, loader, clock)
	})
}

// changedAgain loads as of another day: the academies change, the places do not.
func changedAgain(t *testing.T, st *store.Store, loader load.Loader, clock *testkit.Clock) {
	t.Helper()
	clock.Set(time.Date(2017, 6, 1, 0, 0, 0, 0, time.UTC))
	if err := loader.Run(t.Context(), func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	rouen, err := st.Territory(t.Context(), "76540")
	if err != nil || !rouen.Within("ACA-21") || rouen.Within("ACA-70") {
		t.Errorf("in 2017 Rouen lies in %v, %v", rouen.Ancestors, err)
	}
	places, err := st.Places(t.Context(), domain.PlaceQuery{Territory: "REG-84", Page: domain.Page{Limit: 1000}})
	if err != nil || len(places) != 676 || slices.ContainsFunc(places, func(p domain.Place) bool { return p.Version != 1 }) {
		t.Errorf("%d places, some changed, %v", len(places), err)
	}
}

func TestReload(t *testing.T) {
	db := testkit.Open(t, testkit.SQLite(t), nil)
	st, err := store.New(t.Context(), db, time.Now, events.Encode)
	if err != nil {
		t.Fatal(err)
	}
	loader := load.Loader{Store: st, Now: time.Now}
	if err := loader.Run(t.Context(), func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	places, err := st.Places(t.Context(), domain.PlaceQuery{Page: domain.Page{Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	edited := places[0]
	err = st.Write(t.Context(), func(tx domain.Tx) error {
		_, err := domain.UpdatePlace(t.Context(), tx, edited, domain.Place{Name: "Autre nom", Seats: 12}, []string{"name", "seats"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.SetLoaded(t.Context(), "places", "another edition"); err != nil {
		t.Fatal(err)
	}
	if err := loader.Run(t.Context(), func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	// The source decides on the name, the mesh on the seats; the others are as they were.
	got, err := st.Place(t.Context(), edited.ID)
	if err != nil || got.Name != edited.Name || got.Seats != 12 || got.Version != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	if n := count(t, db, `SELECT count(*) FROM outbox WHERE subject = 'maillage.mesh.v1.place.updated'`); n != 2 {
		t.Errorf("%d updates, want the edit and its undoing", n)
	}
}
