package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/events"
	"github.com/classcode/maillage/services/mesh/internal/store"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { testkit.Main(m) }

// both runs a test on a fresh store of each engine, with a corner of France in it.
func both(t *testing.T, test func(t *testing.T, f fixture)) {
	t.Helper()
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) { test(t, open(t, db)) })
}

func open(t testing.TB, db *database.DB) fixture {
	t.Helper()
	s, err := store.New(t.Context(), db, func() time.Time { return noon }, events.Encode)
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{s, db}
	f.france(t)
	return f
}

type fixture struct {
	*store.Store
	db *database.DB
}

// The corner: two departments in two regions of one academic region, which France does not have, so that grids differ.
var (
	lyon   = domain.Position{Latitude: 45.764, Longitude: 4.8357}
	dijon  = domain.Position{Latitude: 47.322, Longitude: 5.0415}
	corner = []domain.Territory{
		{Code: "21231", Kind: domain.Commune, Grid: domain.Administrative, Parent: "DEP-21", Department: "DEP-21", Name: "Dijon", Position: dijon, Precision: domain.Exact, Population: 150_000},
		{Code: "69123", Kind: domain.Commune, Grid: domain.Administrative, Parent: "DEP-69", Department: "DEP-69", Name: "Lyon", Position: lyon, Precision: domain.Exact},
		{Code: "69383", Kind: domain.MunicipalArrondissement, Grid: domain.Administrative, Parent: "69123", Department: "DEP-69", Name: "Lyon 3e", Position: lyon, Precision: domain.Exact},
		{Code: "98711", Kind: domain.Commune, Grid: domain.Administrative, Parent: "DEP-987", Department: "DEP-987", Name: "Anaa"},
		{Code: "ACA-10", Kind: domain.Academy, Grid: domain.Academic, Parent: "FR", Name: "Lyon"},
		{Code: "DEP-21", Kind: domain.Department, Grid: domain.Administrative, Parent: "REG-27", Name: "Côte-d'Or"},
		{Code: "DEP-69", Kind: domain.Department, Grid: domain.Administrative, Parent: "REG-84", Name: "Rhône"},
		{Code: "DEP-987", Kind: domain.OverseasCollectivity, Grid: domain.Administrative, Parent: "FR", Name: "Polynésie française"},
		{Code: "FR", Kind: domain.Country, Grid: domain.Administrative, Name: "France"},
		{Code: "REG-27", Kind: domain.Region, Grid: domain.Administrative, Parent: "FR", Name: "Bourgogne-Franche-Comté"},
		{Code: "REG-84", Kind: domain.Region, Grid: domain.Administrative, Parent: "FR", Name: "Auvergne-Rhône-Alpes"},
	}
)

func (f fixture) france(t testing.TB) {
	t.Helper()
	var ancestors []domain.Ancestor
	for code, line := range map[string][]string{
		"DEP-21": {"REG-27", "ACA-10", "FR"}, "DEP-69": {"REG-84", "ACA-10", "FR"}, "DEP-987": {"FR"}, "ACA-10": {"FR"}, "REG-27": {"FR"}, "REG-84": {"FR"}, "FR": nil,
	} {
		for rank, above := range append([]string{code}, line...) {
			ancestors = append(ancestors, domain.Ancestor{Code: code, Ancestor: above, Rank: rank})
		}
	}
	err := errors.Join(
		f.ReplaceAncestors(t.Context(), ancestors),
		f.ReplaceTerritories(t.Context(), corner, func(int) {}),
		f.ReplaceAliases(t.Context(), []domain.Alias{{Code: "69999", Current: "69123"}}, func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
}

// write runs a use case that must pass.
func (f fixture) write(t testing.TB, use func(tx domain.Tx) error) {
	t.Helper()
	if err := f.Write(context.Background(), use); err != nil {
		t.Fatal(err)
	}
}

func (f fixture) place(t testing.TB, at domain.Position, commune string) domain.Place {
	t.Helper()
	p := domain.Place{ID: uuid.NewString(), Name: "Médiathèque", CommuneCode: commune, Position: at, CreateTime: noon}
	f.write(t, func(tx domain.Tx) (err error) { p, err = domain.CreatePlace(t.Context(), tx, p); return err })
	return p
}

func (f fixture) campaign(t testing.TB, territory string) domain.Campaign {
	t.Helper()
	c := domain.Campaign{ID: uuid.NewString(), Title: "Rentrée", TerritoryCode: territory, CreateTime: noon}
	f.write(t, func(tx domain.Tx) (err error) { c, err = domain.CreateCampaign(t.Context(), tx, c); return err })
	return c
}

func (f fixture) interest(ctx context.Context, i domain.Interest) (domain.Interest, error) {
	i.ID, i.CreateTime = uuid.NewString(), noon
	err := f.Write(ctx, func(tx domain.Tx) (err error) { i, err = domain.CreateInterest(ctx, tx, i); return err })
	return i, err
}

// waiting registers n people of Lyon.
func (f fixture) waiting(t testing.TB, n int, campaignID, moduleID string) (all []domain.Interest) {
	t.Helper()
	f.write(t, func(tx domain.Tx) error {
		all = nil
		for range n {
			i, err := domain.CreateInterest(t.Context(), tx, domain.Interest{
				ID: uuid.NewString(), PersonID: uuid.NewString(), CommuneCode: "69123", ModuleID: moduleID, CampaignID: campaignID, CreateTime: noon,
			})
			if err != nil {
				return err
			}
			all = append(all, i)
		}
		return nil
	})
	return all
}

func (f fixture) form(ctx context.Context, c domain.Campaign, moduleID string) (formation domain.Formation, err error) {
	rules, err := domain.NewRules(0, 0, 0)
	if err != nil {
		return formation, err
	}
	err = f.Write(ctx, func(tx domain.Tx) (err error) {
		formation, err = domain.FormGroups(ctx, tx, c, moduleID, rules, uuid.NewString, noon)
		return err
	})
	return formation, err
}

// outbox counts the events by name.
func (f fixture) outbox(t testing.TB) map[string]int {
	t.Helper()
	subjects, err := database.All(t.Context(), f.db.Read(), func(scan database.Scan) (s string, err error) { return s, scan(&s) }, `SELECT subject FROM outbox`)
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int)
	for _, s := range subjects {
		counts[s[len("maillage.mesh.v1."):]]++
	}
	return counts
}

// pages reads a list to its end, two rows at a time.
func pages[T any](t *testing.T, list func(domain.Page) ([]T, error), cursor func(T) []string) (all []T) {
	t.Helper()
	for after := []string(nil); ; {
		some, err := list(domain.Page{After: after, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
		if len(some) < 2 {
			return all
		}
		after = cursor(some[1])
	}
}

func TestFailedUseCaseLeavesNothing(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		failure := errors.New("after the event")
		p := domain.Place{ID: uuid.NewString(), Name: "Nulle part", CommuneCode: "69123", Position: lyon, CreateTime: noon}
		err := f.Write(t.Context(), func(tx domain.Tx) error {
			_, err := domain.CreatePlace(t.Context(), tx, p)
			return errors.Join(err, failure)
		})
		if _, missing := f.Place(t.Context(), p.ID); !errors.Is(err, failure) || !errors.Is(missing, domain.ErrPlaceNotFound) || len(f.outbox(t)) != 0 {
			t.Errorf("%v, the place: %v, the outbox: %v", err, missing, f.outbox(t))
		}
	})
}

// A query that runs on one engine must find the same tables and columns on the other.
func TestSameColumnsOnBothEngines(t *testing.T) {
	found := make(map[database.Engine][]string)
	both(t, func(t *testing.T, f fixture) {
		query := `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'`
		if f.db.Engine() == database.Postgres {
			query = `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema()`
		}
		columns, err := database.All(t.Context(), f.db.Read(), func(scan database.Scan) (c string, err error) { return c, scan(&c) }, query)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(columns)
		found[f.db.Engine()] = slices.DeleteFunc(columns, func(c string) bool { // the migration tool's and the engine's own
			return strings.HasPrefix(c, "goose_") || strings.HasPrefix(c, "floor_") || strings.HasPrefix(c, "sqlite_")
		})
	})
	if got, want := found[database.Postgres], found[database.SQLite]; len(want) < 100 || !slices.Equal(got, want) {
		t.Errorf("postgres has %v\nsqlite has %v", got, want)
	}
}
