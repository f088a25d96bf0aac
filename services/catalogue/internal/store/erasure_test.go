package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/erasure"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/store"
)

func TestErasureKnowsEveryColumn(t *testing.T) {
	both(t, func(t *testing.T, _ *store.Store, db *database.DB) {
		all := testkit.Personal(t, db)
		if !slices.Contains(all, "enrolments.person_id") {
			t.Fatalf("the columns that hold people are not found: %v", all)
		}
		for _, c := range all {
			table, column, _ := strings.Cut(c, ".")
			if table != "erasures" && table != "practice_sheet_changes" && !store.Forgets(table, column) {
				t.Errorf("%s holds people, and an erasure leaves it as it is: give it a line in erasure.go, and in docs/personal-data.md", c)
			}
		}
	})
}

func TestErasure(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		m, who, stays := module(1), uuid.NewString(), uuid.NewString()
		publish(t, s, m)
		write := func(use func(domain.Tx) error) {
			t.Helper()
			if err := s.Write(t.Context(), use); err != nil {
				t.Fatal(err)
			}
		}
		for _, person := range []string{who, stays} {
			write(func(tx domain.Tx) error {
				_, err := domain.Enrol(t.Context(), tx, domain.Enrolment{
					ID: uuid.NewString(), ModuleID: m.ID, PersonID: person, Level: domain.Discovery, CreateTime: noon,
				})
				return err
			})
		}
		told := len(outbox(t, db))
		for range 2 { // heard twice
			write(func(tx domain.Tx) error { return domain.ErasePerson(t.Context(), tx, who) })
		}
		write(func(tx domain.Tx) error { return domain.SettleErasure(t.Context(), tx, who) })
		own := func(person string) int {
			all, err := s.Enrolments(t.Context(), domain.EnrolmentQuery{PersonID: person, Page: domain.Page{Limit: 9}})
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		if own(who) != 0 || own(stays) != 1 || len(outbox(t, db)) != told {
			t.Errorf("%d and %d enrolments, %v", own(who), own(stays), outbox(t, db))
		}
		// What was told before stays told; nothing else knows the person.
		left := slices.DeleteFunc(testkit.Holding(t.Context(), t, db, who), func(c string) bool { return strings.HasPrefix(c, "outbox.") })
		if len(left) > 0 {
			t.Errorf("the person is in %v", left)
		}
	})
}

// A published sheet outlives whoever wrote it: who did what with it is nobody's any more, and how many used it stays true. What is heard late
// gives nobody a seat.
func TestErasureOfSheets(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		w, user := workshopIn(t, s, "44109"), uuid.NewString()
		sheet := w.published(sheetText("Trier"), "", noon)
		w.write(func(tx domain.Tx) error {
			_, err := domain.ReuseSheet(t.Context(), tx, sheet.ID, user, noon)
			return err
		})
		before := w.sheet(sheet.ID)
		for _, who := range []string{w.learner, w.meeting.OrganiserID, user} {
			if held := testkit.Holding(t.Context(), t, db, who); len(held) == 0 {
				t.Fatal("the test gives a person no part")
			}
			w.write(func(tx domain.Tx) error { return domain.ErasePerson(t.Context(), tx, who) })
		}
		w.seat(w.learner)
		w.meeting.Version++
		w.write(func(tx domain.Tx) error { return domain.RecordMeeting(t.Context(), tx, w.meeting) })
		for _, who := range []string{w.learner, w.meeting.OrganiserID, user} {
			w.write(func(tx domain.Tx) error { return domain.SettleErasure(t.Context(), tx, who) })
			left := slices.DeleteFunc(testkit.Holding(t.Context(), t, db, who), func(c string) bool { return strings.HasPrefix(c, "outbox.") })
			if len(left) > 0 {
				t.Errorf("a person is in %v", left)
			}
		}
		if after := w.sheet(sheet.ID); fmt.Sprint(after) != fmt.Sprint(before) || after.Reuse.Users != 1 {
			t.Errorf("%+v, was %+v", after, before)
		}
		changes, err := s.SheetChanges(t.Context(), sheet.ID, 9)
		if err != nil || len(changes) != 3 || !erasure.IsStandIn(changes[0].PersonID) && !erasure.IsStandIn(changes[2].PersonID) {
			t.Errorf("%+v, %v", changes, err)
		}
		if people, err := s.Group(t.Context(), w.meeting.ID); err != nil || len(people) != 0 {
			t.Errorf("the meeting's group is %v, %v", people, err)
		}
	})
}
