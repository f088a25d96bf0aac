package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Who leaves waits again, and each change of who is in the group has a higher version than the one before.
func TestLeavingAndComingBack(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		g, all := f.group(t)
		person := all[0].PersonID
		var versions []int64
		note := func(m domain.Member, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			versions = append(versions, m.Version)
		}
		note(f.Member(t.Context(), g.ID, person))
		for range 2 {
			var left domain.Membership
			f.write(t, func(tx domain.Tx) (err error) {
				left, err = domain.LeaveGroup(t.Context(), tx, g.ID, person)
				return err
			})
			note(left.Member, nil)
			if i, err := f.Interest(t.Context(), all[0].ID); err != nil || i.State != domain.Waiting || i.GroupID != "" {
				t.Errorf("%+v, %v", i, err)
			}
			f.counts(t, g.ID, 4)
			f.write(t, func(tx domain.Tx) error {
				m, err := domain.JoinGroup(t.Context(), tx, g.ID, domain.Newcomer{PersonID: person, Now: noon, NewID: uuid.NewString})
				if err == nil {
					versions = append(versions, m.Version)
				}
				return err
			})
		}
		if !slices.IsSorted(versions) || len(slices.Compact(versions)) != 5 {
			t.Errorf("versions %v", versions)
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
