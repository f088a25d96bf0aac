package store_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/indicators/internal/domain"
	"github.com/classcode/maillage/services/indicators/internal/store"
)

func TestErasureKnowsEveryColumn(t *testing.T) {
	both(t, func(t *testing.T, _ *store.Store, db *database.DB) {
		all := testkit.Personal(t, db)
		if !slices.Contains(all, "attestations.person_id") {
			t.Fatalf("the columns that hold people are not found: %v", all)
		}
		for _, c := range all {
			table, column, _ := strings.Cut(c, ".")
			if table != "erasures" && !store.Forgets(table, column) {
				t.Errorf("%s holds people, and an erasure leaves it as it is: give it a line in erasure.go, and in docs/personal-data.md", c)
			}
		}
	})
}

// sums is what the standings say, for the whole country, and what the tallies do.
func sums(t *testing.T, db *database.DB) (standings, tallies [2]int) {
	t.Helper()
	for query, into := range map[string]*[2]int{
		`SELECT coalesce(sum(sensitised), 0), coalesce(sum(trained), 0) FROM standings`:                      &standings,
		`SELECT coalesce(sum(sensitised), 0), coalesce(sum(trained), 0) FROM tallies WHERE campaign_id = ''`: &tallies,
	} {
		if err := db.Read().QueryRowContext(t.Context(), query).Scan(&into[0], &into[1]); err != nil {
			t.Fatal(err)
		}
	}
	return standings, tallies
}

// Who was counted stays counted, and nothing that is heard later, or again, counts them twice, takes them away or says who they were.
func TestErasure(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		ctx := t.Context()
		locate(t, s)
		who, stranger, stays := uuid.NewString(), uuid.NewString(), uuid.NewString()
		interest := func(id, person string, version int64, withdrawn bool) {
			write(t, s, func(tx domain.Tx) error {
				return domain.RecordInterest(ctx, tx, domain.Interest{
					ID: id, PersonID: person, CampaignID: "c", Commune: "44109", Registered: at(1), Version: version, Withdrawn: withdrawn,
				})
			})
		}
		attested := func(id, person string, version int64, revoked bool) {
			write(t, s, func(tx domain.Tx) error {
				return domain.RecordAttestation(ctx, tx, domain.Attestation{
					ID: id, PersonID: person, MeetingID: "m", CampaignID: "c", Commune: "44109", Issued: at(2), Version: version, Revoked: revoked,
				})
			})
		}
		erase := func(person string) {
			write(t, s, func(tx domain.Tx) error { return domain.ErasePerson(ctx, tx, person) })
		}
		interest("i", who, 1, false)
		attested("a", who, 1, false)
		interest("j", stays, 1, false)
		write(t, s, func(tx domain.Tx) error {
			return domain.RecordEnrolment(ctx, tx, domain.Enrolment{ID: "e", PersonID: who, Version: 1, Completed: true})
		})
		erase(who)
		erase(stranger) // of whom nothing was heard yet
		erase(who)
		interest("i", who, 3, true) // what comes late: newer, older, and of somebody never heard of
		attested("a", who, 2, true)
		attested("b", stranger, 1, false)
		for _, person := range []string{who, stranger} {
			write(t, s, func(tx domain.Tx) error { return domain.SettleErasure(ctx, tx, person) })
			if left := testkit.Holding(ctx, t, db, person); len(left) > 0 {
				t.Errorf("a person is in %v", left)
			}
		}
		standings, tallies := sums(t, db)
		if want := [2]int{2, 1}; standings != want || tallies != want {
			t.Errorf("sensitised and trained: %v standings, %v tallies, want %v", standings, tallies, want)
		}
		// The control: without an erasure, what comes late counts.
		interest("j", stays, 2, true)
		if standings, tallies := sums(t, db); standings != [2]int{1, 1} || tallies != standings {
			t.Errorf("%v standings, %v tallies", standings, tallies)
		}
	})
}

// Whatever is heard while a person is erased either counts before, or comes too late: nobody counts twice.
func TestConcurrentErasure(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		locate(t, s)
		ctx := context.Background()
		var people []string
		var all sync.WaitGroup
		for range 8 {
			who := uuid.NewString()
			people = append(people, who)
			all.Go(func() {
				for version := range int64(4) {
					write(t, s, func(tx domain.Tx) error {
						return domain.RecordInterest(ctx, tx, domain.Interest{ID: who, PersonID: who, Commune: "44109", Registered: at(1), Version: version + 1})
					})
				}
			})
			all.Go(func() { write(t, s, func(tx domain.Tx) error { return domain.ErasePerson(ctx, tx, who) }) })
		}
		all.Wait()
		for _, who := range people {
			if left := testkit.Holding(ctx, t, db, who); !slices.Equal(left, []string{"erasures.person_id"}) {
				t.Errorf("a person is in %v", left)
			}
		}
		if standings, tallies := sums(t, db); standings != tallies || standings[0] > len(people) {
			t.Errorf("%v standings, %v tallies", standings, tallies)
		}
	})
}
