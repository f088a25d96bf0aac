package domain_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/indicators/internal/domain"
	"github.com/classcode/maillage/services/indicators/internal/events"
	"github.com/classcode/maillage/services/indicators/internal/store"
)

func TestRank(t *testing.T) {
	natural := []string{"I1", "I2a", "I2b", "I3", "I3c", "I10", "I10a", "I11"}
	last := -1
	for _, id := range natural {
		rank, err := domain.Rank(id)
		if err != nil || rank <= last {
			t.Errorf("%s: rank %d after %d, %v", id, rank, last, err)
		}
		last = rank
	}
	for _, id := range []string{"", "I", "Ia", "a", "J1", "I-1", "I1ab", "I999", "i1"} {
		if rank, err := domain.Rank(id); err == nil {
			t.Errorf("%q has rank %d", id, rank)
		}
	}
}

func TestDay(t *testing.T) {
	for instant, want := range map[string]string{
		"2026-06-30T21:59:59Z": "2026-06-30", "2026-06-30T22:00:00Z": "2026-07-01", // summer
		"2026-12-31T22:59:59Z": "2026-12-31", "2026-12-31T23:00:00Z": "2027-01-01", // winter
	} {
		at, err := time.Parse(time.RFC3339, instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := domain.Day(at); got != want {
			t.Errorf("%s is %s in Paris, want %s", instant, got, want)
		}
	}
}

func open(t *testing.T) (*store.Store, *database.DB) {
	t.Helper()
	db := testkit.Open(t, testkit.SQLite(t), nil)
	s, err := store.New(t.Context(), db, func() time.Time { return at(1) }, events.Encode)
	if err != nil {
		t.Fatal(err)
	}
	return s, db
}

func outbox(t *testing.T, db *database.DB) (versions []int64) {
	t.Helper()
	versions, err := database.All(t.Context(), db.Read(), func(scan database.Scan) (v int64, err error) { return v, scan(&v) },
		`SELECT aggregate_version FROM outbox WHERE subject = 'maillage.indicators.v1.indicator.defined' ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	return versions
}

func TestDefine(t *testing.T) {
	s, db := open(t)
	define := func(i domain.Indicator) error {
		return s.Write(t.Context(), func(tx domain.Tx) error { return domain.Define(t.Context(), tx, i) })
	}
	first := domain.Indicator{ID: "I2a", Title: "Un", Definition: "inscrits", DefinitionVersion: 1, Unit: domain.Person}
	titled, other, next := first, first, first
	titled.Title = "Une"
	other.Definition = "présents"
	next.Definition, next.DefinitionVersion = "présents", 2
	for _, step := range []struct {
		name     string
		define   domain.Indicator
		err      error
		versions []int64
		keeps    string
	}{
		{"new", first, nil, []int64{1}, "inscrits"},
		{"again", first, nil, []int64{1}, "inscrits"},
		{"another title", titled, nil, []int64{1, 2}, "inscrits"},
		{"another meaning, same version", other, domain.ErrVersionKept, []int64{1, 2}, "inscrits"},
		{"another meaning", next, nil, []int64{1, 2, 3}, "présents"},
		{"an older program", first, nil, []int64{1, 2, 3}, "présents"},
	} {
		if err := define(step.define); !errors.Is(err, step.err) {
			t.Errorf("%s: error %v, want %v", step.name, err, step.err)
		}
		if got := outbox(t, db); !slices.Equal(got, step.versions) {
			t.Errorf("%s: events of versions %v, want %v", step.name, got, step.versions)
		}
		if got, err := s.Indicator(t.Context(), "I2a"); err != nil || got.Definition != step.keeps {
			t.Errorf("%s: keeps %q, %v", step.name, got.Definition, err)
		}
	}
}
