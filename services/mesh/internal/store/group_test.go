package store_test

import (
	"context"
	"maps"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Two runs at once, and people who leave meanwhile: everyone is placed once, and the groups count who is in them.
func TestConcurrentFormations(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		c, module := f.campaign(t, "REG-84"), uuid.NewString()
		f.place(t, lyon, "69123")
		all := f.waiting(t, 60, c.ID, module)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := f.form(context.Background(), c, module); err != nil {
					t.Error(err)
				}
			})
		}
		for _, i := range all[:4] {
			wg.Go(func() {
				err := f.Write(context.Background(), func(tx domain.Tx) error {
					current, err := tx.Interest(context.Background(), i.ID)
					if err == nil {
						_, err = domain.WithdrawInterest(context.Background(), tx, current)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		groups, err := f.Groups(t.Context(), domain.GroupQuery{CampaignID: c.ID, Page: domain.Page{Limit: 100}})
		if err != nil {
			t.Fatal(err)
		}
		members, seen := 0, map[string]bool{}
		for _, g := range groups {
			in, err := f.Members(t.Context(), g.ID, domain.Page{Limit: 100})
			if err != nil || len(in) != g.MemberCount {
				t.Errorf("a group of %d has %d members, %v", g.MemberCount, len(in), err)
			}
			for _, m := range in {
				members++
				seen[m.PersonID] = true
			}
		}
		if members != 56 || len(seen) != 56 {
			t.Errorf("%d seats for %d people, want 56", members, len(seen))
		}
	})
}

func TestFormingFourHundred(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		c, module := f.campaign(t, "69123"), uuid.NewString()
		f.place(t, lyon, "69123")
		f.waiting(t, 400, c.ID, module)
		formation, err := f.form(t.Context(), c, module)
		if err != nil || len(formation.Groups) != 16 {
			t.Errorf("%d groups, %v", len(formation.Groups), err)
		}
		want := map[string]int{"campaign.created": 1, "place.created": 1, "interest.registered": 400, "interest.grouped": 400, "membership.joined": 400, "group.formed": 16}
		if got := f.outbox(t); !maps.Equal(got, want) {
			t.Errorf("outbox %v, want %v", got, want)
		}
		again, err := f.form(t.Context(), c, module)
		if err != nil || len(again.Groups)+len(again.Left) != 0 {
			t.Errorf("a second run formed %v, %v", again, err)
		}
	})
}

// group forms one of five.
func (f fixture) group(t *testing.T) (domain.Group, []domain.Interest) {
	t.Helper()
	c, module := f.campaign(t, "FR"), uuid.NewString()
	f.place(t, lyon, "69123")
	all := f.waiting(t, 5, c.ID, module)
	formation, err := f.form(t.Context(), c, module)
	if err != nil || len(formation.Groups) != 1 {
		t.Fatalf("%v, %v", formation, err)
	}
	return formation.Groups[0], all
}
