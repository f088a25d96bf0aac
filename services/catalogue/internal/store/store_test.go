package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/events"
	"github.com/classcode/maillage/services/catalogue/internal/store"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { testkit.Main(m) }

// both runs a test on a fresh store of each engine.
func both(t *testing.T, test func(t *testing.T, s *store.Store, db *database.DB)) {
	t.Helper()
	var none fs.FS // the store brings its own migrations
	testkit.Both(t, none, func(t *testing.T, db *database.DB) {
		s, err := store.New(t.Context(), db, func() time.Time { return noon }, events.Encode)
		if err != nil {
			t.Fatal(err)
		}
		test(t, s, db)
	})
}

func module(position int) domain.Module {
	return domain.Module{
		ID: uuid.NewString(), Position: position, Title: "Module " + strconv.Itoa(position), LanguageCode: "fr",
		Levels: []domain.Level{domain.Discovery, domain.Training}, MeetingCount: 2, Licence: "CC-BY-4.0", Competences: []string{"1.3", "3.4"},
		Steps: []domain.Step{{ID: "a", Title: "A", Level: domain.Discovery, Minutes: 10}, {ID: "b", Title: "B", Level: domain.Training, Minutes: 20}},
	}
}

func publish(t *testing.T, s *store.Store, m domain.Module) {
	t.Helper()
	if err := s.Write(t.Context(), func(tx domain.Tx) error { return domain.PublishModule(t.Context(), tx, m, noon) }); err != nil {
		t.Fatal(err)
	}
}

func outbox(t *testing.T, db *database.DB) (subjects []string) {
	t.Helper()
	subjects, err := database.All(t.Context(), db.Read(), func(scan database.Scan) (s string, err error) { return s, scan(&s) },
		`SELECT subject FROM outbox ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	return subjects
}

func TestModuleIsReadAsItWasPublished(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		m := module(1)
		publish(t, s, m)
		publish(t, s, m) // the same content again changes nothing
		got, err := s.Module(t.Context(), m.ID)
		m.Version, m.CreateTime = 1, noon
		if err != nil || fmt.Sprint(got) != fmt.Sprint(m) {
			t.Errorf("got %v, %v\nwant %v", got, err, m)
		}
		m.Title = "Autre titre"
		publish(t, s, m)
		if got, _ := s.Module(t.Context(), m.ID); got.Version != 2 || got.Title != "Autre titre" {
			t.Errorf("after a change: version %d, title %q", got.Version, got.Title)
		}
		if got := outbox(t, db); len(got) != 2 {
			t.Errorf("outbox %v, want one event for each of the two versions", got)
		}
	})
}

func TestPagesNeitherSkipNorRepeat(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		for _, position := range []int{3, 1, 2, 2, 1} {
			publish(t, s, module(position))
		}
		var positions []int
		seen := map[string]bool{}
		for after := []string(nil); ; {
			page, err := s.Modules(t.Context(), domain.ModuleQuery{Level: domain.Training, Page: domain.Page{After: after, Limit: 2}})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page {
				positions, seen[m.ID] = append(positions, m.Position), true
				after = []string{strconv.Itoa(m.Position), m.ID}
			}
			if len(page) < 2 {
				break
			}
		}
		if !slices.Equal(positions, []int{1, 1, 2, 2, 3}) || len(seen) != 5 {
			t.Errorf("positions %v, %d modules", positions, len(seen))
		}
	})
}

func TestConcurrentEnrolmentsLeaveOne(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		m, person := module(1), uuid.NewString()
		publish(t, s, m)
		var wg sync.WaitGroup
		outcomes := make(chan error, 8)
		for range cap(outcomes) {
			wg.Go(func() {
				outcomes <- enrol(context.Background(), s, domain.Enrolment{ID: uuid.NewString(), ModuleID: m.ID, PersonID: person, Level: domain.Training, CreateTime: noon})
			})
		}
		wg.Wait()
		close(outcomes)
		enrolled := 0
		for err := range outcomes {
			switch {
			case err == nil:
				enrolled++
			case !errors.Is(err, domain.ErrAlreadyEnrolled):
				t.Error(err)
			case errs.From(err).Meta["enrolment"] == "":
				t.Error("the refusal does not say which enrolment there is")
			}
		}
		if enrolled != 1 {
			t.Errorf("%d enrolments of one person in one module", enrolled)
		}
		if got := outbox(t, db); !slices.Equal(got, []string{"maillage.catalogue.v1.module.published", "maillage.catalogue.v1.enrolment.created"}) {
			t.Errorf("outbox %v", got)
		}
	})
}

func enrol(ctx context.Context, s *store.Store, e domain.Enrolment) error {
	return s.Write(ctx, func(tx domain.Tx) error {
		_, err := domain.Enrol(ctx, tx, e)
		return err
	})
}

func TestConcurrentStepsAreAllKept(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		m := module(1)
		publish(t, s, m)
		e := domain.Enrolment{ID: uuid.NewString(), ModuleID: m.ID, PersonID: uuid.NewString(), Level: domain.Training, CreateTime: noon}
		if err := enrol(t.Context(), s, e); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, step := range []string{"a", "b", "a", "b"} {
			wg.Go(func() {
				err := s.Write(context.Background(), func(tx domain.Tx) error {
					current, err := tx.Enrolment(context.Background(), e.ID)
					if err != nil {
						return err
					}
					_, err = domain.CompleteStep(context.Background(), tx, current, step, noon)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, err := s.Enrolment(t.Context(), e.ID)
		if err != nil || !slices.Equal(got.Completed, []string{"a", "b"}) || got.CompleteTime.IsZero() || got.Version != 3 {
			t.Errorf("enrolment %+v, %v", got, err)
		}
	})
}

func TestFailedUseCaseLeavesNothing(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		m, failure := module(1), errors.New("after the event")
		err := s.Write(t.Context(), func(tx domain.Tx) error {
			if err := domain.PublishModule(t.Context(), tx, m, noon); err != nil {
				return err
			}
			return failure
		})
		if !errors.Is(err, failure) {
			t.Fatal(err)
		}
		if _, err := s.Module(t.Context(), m.ID); !errors.Is(err, domain.ErrModuleNotFound) {
			t.Errorf("the module is there: %v", err)
		}
		if got := outbox(t, db); len(got) != 0 {
			t.Errorf("outbox %v", got)
		}
	})
}

func TestResourcesAreOrderedByFoldedTitle(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		m := module(1)
		publish(t, s, m)
		for _, title := range []string{"Zèbre", "écran", "Arbre", "Œuf"} {
			r := domain.Resource{ID: uuid.NewString(), Title: title, URI: "https://example.org/", Kind: 1, LanguageCode: "fr", Licence: "CC0-1.0", ModuleIDs: []string{m.ID}, CreateTime: noon}
			if err := s.Write(t.Context(), func(tx domain.Tx) error { _, err := domain.CreateResource(t.Context(), tx, r); return err }); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Resources(t.Context(), domain.ResourceQuery{ModuleID: m.ID, Page: domain.Page{Limit: 10}})
		var titles []string
		for _, r := range got {
			titles = append(titles, r.Title)
		}
		if err != nil || !slices.Equal(titles, []string{"Arbre", "écran", "Œuf", "Zèbre"}) {
			t.Errorf("titles %v, %v", titles, err)
		}
		if got, _ := s.Resources(t.Context(), domain.ResourceQuery{ModuleID: uuid.NewString(), Page: domain.Page{Limit: 10}}); len(got) != 0 {
			t.Errorf("another module has %d resources", len(got))
		}
	})
}
