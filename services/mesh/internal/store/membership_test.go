package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Who leaves waits again; who comes back has another membership, so that news of the two cannot be confused.
func TestLeavingAndComingBack(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		g, all := f.group(t)
		person := all[0].PersonID
		first, err := f.Member(t.Context(), g.ID, person)
		if err != nil {
			t.Fatal(err)
		}
		memberships := []string{first.ID}
		for n := range 2 {
			var left domain.Membership
			f.write(t, func(tx domain.Tx) (err error) {
				left, err = domain.LeaveGroup(t.Context(), tx, g.ID, person)
				return err
			})
			if left.ID != memberships[n] || left.Version() != 2 {
				t.Errorf("%+v", left)
			}
			if i, err := f.Interest(t.Context(), all[0].ID); err != nil || i.State != domain.Waiting || i.GroupID != "" {
				t.Errorf("%+v, %v", i, err)
			}
			f.counts(t, g.ID, 4)
			var m domain.Member
			f.write(t, func(tx domain.Tx) (err error) {
				m, err = domain.JoinGroup(t.Context(), tx, g.ID, domain.Newcomer{PersonID: person, Now: noon, NewID: uuid.NewString})
				return err
			})
			memberships = append(memberships, m.ID)
		}
		if slices.Sort(memberships); len(slices.Compact(memberships)) != 3 {
			t.Errorf("memberships %v", memberships)
		}
		f.counts(t, g.ID, 5)
		for _, stranger := range []string{uuid.NewString(), ""} {
			err := f.Write(t.Context(), func(tx domain.Tx) error { _, err := domain.LeaveGroup(t.Context(), tx, g.ID, stranger); return err })
			if !errors.Is(err, domain.ErrMembershipNotFound) {
				t.Errorf("%v", err)
			}
		}
	})
}

func TestWhoWaitsNearby(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		g, _ := f.group(t)
		wait := func(commune, module, campaign string, sphere int) domain.Interest {
			t.Helper()
			i, err := f.interest(t.Context(), domain.Interest{PersonID: uuid.NewString(), CommuneCode: commune, ModuleID: module, CampaignID: campaign, Sphere: sphere})
			if err != nil {
				t.Fatal(err)
			}
			return i
		}
		near := []domain.Interest{wait("69123", g.ModuleID, g.CampaignID, 1), wait("69383", g.ModuleID, "", 2), wait("69123", g.ModuleID, g.CampaignID, 0)}
		far := wait("21231", g.ModuleID, g.CampaignID, 1)
		wait("98711", g.ModuleID, g.CampaignID, 1)                // nobody knows where that is
		other := wait("69123", uuid.NewString(), g.CampaignID, 1) // another module
		wait("69123", g.ModuleID, f.campaign(t, "FR").ID, 1)      // another campaign
		found, err := domain.WaitingForGroup(t.Context(), f, g.ID, 0)
		if err != nil || len(found) != 3 {
			t.Fatalf("%v, %v", found, err)
		}
		for _, i := range near {
			if !slices.ContainsFunc(found, func(n domain.NearWaiting) bool { return n.ID == i.ID && n.Sphere == i.Sphere }) {
				t.Errorf("%+v is missing", i)
			}
		}
		wide, err := domain.WaitingForGroup(t.Context(), f, g.ID, 200_000)
		if err != nil || len(wide) != 4 || wide[3].ID != far.ID || wide[3].Distance < 170_000 {
			t.Errorf("%v, %v", wide, err)
		}
		read := pages(t, func(p domain.Page) ([]domain.NearWaiting, error) { return wide.Page(p), nil }, domain.NearWaiting.Cursor)
		if !slices.Equal(read, wide) {
			t.Errorf("by pages %v", read)
		}
		place, err := domain.WaitingNearPlace(t.Context(), f, g.PlaceID, 0, domain.WaitingQuery{})
		if err != nil || len(place) != 5 || !slices.ContainsFunc(place, func(n domain.NearWaiting) bool { return n.ID == other.ID }) {
			t.Errorf("%v, %v", place, err)
		}
	})
}
