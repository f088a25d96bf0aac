package store_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

func TestOneInterest(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		wish := domain.Interest{PersonID: uuid.NewString(), CommuneCode: "69999", ModuleID: uuid.NewString()}
		outcomes := make(chan error, 8)
		var wg sync.WaitGroup
		for range cap(outcomes) {
			wg.Go(func() { _, err := f.interest(context.Background(), wish); outcomes <- err })
		}
		wg.Wait()
		close(outcomes)
		registered, other := 0, ""
		for err := range outcomes {
			switch {
			case err == nil:
				registered++
			case errors.Is(err, domain.ErrAlreadyInterested):
				other = errs.From(err).Meta["id"]
			default:
				t.Error(err)
			}
		}
		i, err := f.Interest(t.Context(), other)
		if err != nil || registered != 1 || i.CommuneCode != "69123" {
			t.Fatalf("%d registered, the refusal named %+v, %v", registered, i, err)
		}
		f.write(t, func(tx domain.Tx) error { _, err := domain.WithdrawInterest(t.Context(), tx, i); return err })
		if _, err := f.interest(t.Context(), wish); err != nil {
			t.Errorf("after a withdrawal: %v", err)
		}
	})
}

func TestWhoSeesInterests(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		g, all := f.group(t)
		o, err := f.propose(t.Context(), domain.Organiser{GroupID: g.ID, Origin: domain.Cooptation}, all[0].PersonID)
		if err := errors.Join(err, accept(t.Context(), f, o.ID)); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name   string
			viewer domain.Viewer
			want   int
		}{
			{"a stranger", domain.Viewer{PersonID: "x"}, 0},
			{"a member", domain.Viewer{PersonID: all[1].PersonID}, 1},
			{"the organiser", domain.Viewer{PersonID: all[0].PersonID}, 5},
			{"the region's coordinator", domain.Viewer{PersonID: "x", Territories: []string{"REG-84"}}, 5},
			{"another region's", domain.Viewer{PersonID: "x", Territories: []string{"REG-27", "DEP-987"}}, 0},
		} {
			got := pages(t, func(p domain.Page) ([]domain.Interest, error) {
				return f.Interests(t.Context(), domain.InterestQuery{Viewer: c.viewer, State: domain.Grouped, Page: p})
			}, func(i domain.Interest) []string {
				return []string{strconv.FormatInt(database.Micros(i.CreateTime), 10), i.ID}
			})
			if len(got) != c.want {
				t.Errorf("%s sees %d interests, want %d", c.name, len(got), c.want)
			}
		}
	})
}
