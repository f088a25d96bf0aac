package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/store"
)

// workshop is a store with a held meeting of an organiser and a learner.
type workshop struct {
	t       *testing.T
	s       *store.Store
	meeting domain.Meeting
	learner string
}

func workshopIn(t *testing.T, s *store.Store, commune string) *workshop {
	t.Helper()
	w := &workshop{t, s, domain.Meeting{ID: uuid.NewString(), OrganiserID: uuid.NewString(), CommuneCode: commune, Date: "2026-02-28", Held: true, Version: 3}, uuid.NewString()}
	w.write(func(tx domain.Tx) error { return domain.RecordMeeting(t.Context(), tx, w.meeting) })
	w.seat(w.learner)
	return w
}

func (w *workshop) seat(person string) {
	w.write(func(tx domain.Tx) error {
		return domain.RecordSeats(w.t.Context(), tx, []domain.Seat{{RegistrationID: uuid.NewString(), MeetingID: w.meeting.ID, PersonID: person, Version: 1}})
	})
}

func (w *workshop) write(use func(domain.Tx) error) {
	w.t.Helper()
	if err := w.s.Write(w.t.Context(), use); err != nil {
		w.t.Fatal(err)
	}
}

func sheetText(title string) domain.SheetText {
	return domain.SheetText{
		Title: title, Summary: "On trie des cartes.", MinAge: 8, MaxAge: 11, Minutes: 45, Material: []string{"Cartes"},
		Competences: []string{"Décrire un algorithme"}, Keywords: []string{"débranché"}, Worked: "Les équipes de trois.", Licence: "CC-BY-4.0",
		Steps: []domain.SheetStep{{Title: "Jouer", Text: "Chacun pioche.", Minutes: 20}},
	}
}

func anyVersion(domain.PracticeSheet) error { return nil }

func (w *workshop) begin(text domain.SheetText, from string) domain.PracticeSheet {
	w.t.Helper()
	s := domain.PracticeSheet{ID: uuid.Must(uuid.NewV7()).String(), MeetingID: w.meeting.ID, SheetText: text, DerivedFrom: from, Origin: w.origin()}
	w.write(func(tx domain.Tx) (err error) {
		s, err = domain.BeginSheet(w.t.Context(), tx, s, w.learner, noon)
		return err
	})
	return s
}

func (w *workshop) origin() domain.SheetOrigin {
	return domain.SheetOrigin{CommuneCode: w.meeting.CommuneCode, Date: w.meeting.Date, Territories: []string{w.meeting.CommuneCode, "DEP-" + w.meeting.CommuneCode[:2], "FR"}}
}

func (w *workshop) submit(id string) error {
	return w.s.Write(context.Background(), func(tx domain.Tx) error {
		_, err := domain.SubmitSheet(context.Background(), tx, id, w.origin(), anyVersion, w.meeting.OrganiserID, noon)
		return err
	})
}

func (w *workshop) review(id string, move domain.SheetMove, at time.Time) error {
	return w.s.Write(context.Background(), func(tx domain.Tx) error {
		review := domain.SheetReview{SheetID: id, PersonID: "reviewer", Move: move, Note: "Précisez l'âge"}
		_, err := domain.ReviewSheet(context.Background(), tx, review, anyVersion, at)
		return err
	})
}

// published takes a sheet all the way.
func (w *workshop) published(text domain.SheetText, from string, at time.Time) domain.PracticeSheet {
	w.t.Helper()
	s := w.begin(text, from)
	for _, err := range []error{w.submit(s.ID), w.review(s.ID, domain.PublishMove, at)} {
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return w.sheet(s.ID)
}

func (w *workshop) sheet(id string) domain.PracticeSheet {
	w.t.Helper()
	s, err := w.s.Sheet(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func TestSheetIsReadAsItWasWritten(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		w := workshopIn(t, s, "44109")
		begun := w.begin(sheetText("Trier l'été <b>50 %</b>"), "")
		begun.Origin.Territories = nil
		if got := w.sheet(begun.ID); fmt.Sprint(got) != fmt.Sprint(begun) {
			t.Errorf("got %v\nwant %v", got, begun)
		}
		if err := errors.Join(w.submit(begun.ID), w.review(begun.ID, domain.ReturnMove, noon), w.submit(begun.ID), w.review(begun.ID, domain.ApproveMove, noon), w.review(begun.ID, domain.PublishMove, noon)); err != nil {
			t.Fatal(err)
		}
		got := w.sheet(begun.ID)
		if got.State != domain.SheetPublished || got.Version != 6 || !got.PublishTime.Equal(noon) || got.ReturnReason != "" || got.Remarks == "" {
			t.Errorf("%+v", got)
		}
		changes, err := s.SheetChanges(t.Context(), begun.ID, 10)
		var told []string
		for _, c := range changes {
			told = append(told, fmt.Sprint(c.State, " ", c.PersonID == "reviewer"))
		}
		if want := "PUBLISHED true,REVIEWED true,SUBMITTED false,RETURNED true,SUBMITTED false,DRAFT false"; err != nil || strings.Join(told, ",") != want {
			t.Errorf("%v, %v", told, err)
		}
		var events []string
		for _, subject := range outbox(t, db) {
			events = append(events, strings.TrimPrefix(subject, "maillage.catalogue.v1.practice_sheet."))
		}
		if want := []string{"written", "submitted", "returned", "submitted", "reviewed", "published"}; !slices.Equal(events, want) {
			t.Errorf("told %v", events)
		}
	})
}

// Sent up at once by two, a sheet is sent up once.
func TestConcurrentSubmissionsHaveOneEffect(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		w := workshopIn(t, s, "44109")
		sheet := w.begin(sheetText("Trier"), "")
		outcomes := atOnce(8, func(int) error { return w.submit(sheet.ID) })
		done := 0
		for _, err := range outcomes {
			if err == nil {
				done++
			} else if !errors.Is(err, domain.ErrSheetState) || errs.From(err).Meta["state"] != "SUBMITTED" {
				t.Error(err)
			}
		}
		if got := outbox(t, db); done != 1 || len(got) != 2 || w.sheet(sheet.ID).Version != 2 {
			t.Errorf("%d submissions, told %v", done, got)
		}
	})
}

// Of reviewers who decide at once one is heard, and a derivation is counted if it was published, once.
func TestConcurrentReviewsDecideOnce(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		w := workshopIn(t, s, "44109")
		origin := w.published(sheetText("Trier"), "", noon)
		sheet := w.begin(sheetText("Trier mieux"), origin.ID)
		if err := w.submit(sheet.ID); err != nil {
			t.Fatal(err)
		}
		before := len(outbox(t, db))
		done := 0
		for _, err := range atOnce(6, func(i int) error {
			return w.review(sheet.ID, []domain.SheetMove{domain.PublishMove, domain.ReturnMove}[i%2], noon)
		}) {
			if err == nil {
				done++
			} else if !errors.Is(err, domain.ErrSheetState) {
				t.Error(err)
			}
		}
		got, want := w.sheet(sheet.ID), 0
		if got.State == domain.SheetPublished {
			want = 1
		}
		if told := len(outbox(t, db)) - before; done != 1 || told != 1 || got.Version != 3 || w.sheet(origin.ID).Reuse.Derivations != want {
			t.Errorf("%d decided, %d told, %+v, derivations %d", done, told, got, w.sheet(origin.ID).Reuse.Derivations)
		}
	})
}

func atOnce(n int, do func(i int) error) []error {
	outcomes := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { outcomes[i] = do(i) })
	}
	wg.Wait()
	return outcomes
}

// Of those who read the same and write at once one is heard; the others are refused, and nothing of theirs is mixed in.
func TestConcurrentWritersLoseNothing(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		w := workshopIn(t, s, "44109")
		sheet := w.begin(sheetText("Trier"), "")
		stale := errors.New("stale")
		outcomes := atOnce(6, func(i int) error {
			wanted := domain.PracticeSheet{ID: sheet.ID, SheetText: sheetText(fmt.Sprint("Trier ", i))}
			wanted.Worked = fmt.Sprint("Essai ", i)
			return s.Write(context.Background(), func(tx domain.Tx) error {
				_, err := domain.WriteSheet(context.Background(), tx, wanted, func(p domain.PracticeSheet) error {
					if p.Version != sheet.Version {
						return stale
					}
					return nil
				}, w.learner, noon)
				return err
			})
		})
		winner := slices.Index(outcomes, nil)
		for i, err := range outcomes {
			if i != winner && !errors.Is(err, stale) {
				t.Errorf("%d: %v", i, err)
			}
		}
		if got := w.sheet(sheet.ID); winner < 0 || got.Version != 2 || got.Title != fmt.Sprint("Trier ", winner) || got.Worked != fmt.Sprint("Essai ", winner) {
			t.Errorf("%d won: %+v", winner, got)
		}
	})
}

func TestConcurrentReuseIsCountedOncePerPerson(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		w := workshopIn(t, s, "44109")
		sheet := w.published(sheetText("Trier"), "", noon)
		use := func(person string) error {
			return s.Write(context.Background(), func(tx domain.Tx) error {
				_, err := domain.ReuseSheet(context.Background(), tx, sheet.ID, person, noon)
				return err
			})
		}
		for _, err := range atOnce(12, func(i int) error { return use(fmt.Sprint("person ", i%6)) }) {
			if err != nil {
				t.Error(err)
			}
		}
		if got := w.sheet(sheet.ID); got.Reuse.Users != 6 || got.Version != sheet.Version {
			t.Errorf("%+v", got)
		}
		for _, own := range []string{w.learner, w.meeting.OrganiserID} {
			if err := use(own); !errors.Is(err, domain.ErrReuseOwn) {
				t.Errorf("one's own: %v", err)
			}
		}
		if err := s.Write(t.Context(), func(tx domain.Tx) error {
			_, err := domain.ReuseSheet(t.Context(), tx, w.begin2(tx), "person", noon)
			return err
		}); !errors.Is(err, domain.ErrSheetNotFound) {
			t.Errorf("a draft: %v", err)
		}
	})
}

// begin2 begins a sheet in a transaction that is under way.
func (w *workshop) begin2(tx domain.Tx) string {
	s, err := domain.BeginSheet(w.t.Context(), tx, domain.PracticeSheet{ID: uuid.NewString(), MeetingID: w.meeting.ID, SheetText: sheetText("Brouillon")}, w.learner, noon)
	if err != nil {
		w.t.Error(err)
	}
	return s.ID
}

func TestDerivation(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		w, other := workshopIn(t, s, "44109"), workshopIn(t, s, "69123")
		draft := w.begin(sheetText("Brouillon"), "")
		origin := w.published(sheetText("Trier"), "", noon)
		begin := func(from, licence string) error {
			return s.Write(t.Context(), func(tx domain.Tx) error {
				text := sheetText("Trier mieux")
				text.Licence = licence
				_, err := domain.BeginSheet(t.Context(), tx, domain.PracticeSheet{ID: uuid.NewString(), MeetingID: other.meeting.ID, SheetText: text, DerivedFrom: from}, other.learner, noon)
				return err
			})
		}
		for _, c := range []struct {
			from, licence string
			want          *errs.Error
			path          string
		}{
			{draft.ID, "CC-BY-4.0", domain.ErrSheetOriginUnpublished, "practice_sheet.derived_from"},
			{uuid.NewString(), "CC-BY-4.0", errs.New(errs.Invalid, "REFERENCE_NOT_FOUND", "", ""), "practice_sheet.derived_from"},
			{origin.ID, "CC0-1.0", domain.ErrSheetLicence, "practice_sheet.licence"},
		} {
			if err := begin(c.from, c.licence); !errors.Is(err, c.want) || errs.From(err).Fields[0].Path != c.path {
				t.Errorf("%+v: %v", c, err)
			}
		}
		for n := range 2 {
			derived := other.published(sheetText("Trier mieux"), origin.ID, noon)
			if got := w.sheet(origin.ID); derived.DerivedFrom != origin.ID || got.Reuse.Derivations != n+1 {
				t.Errorf("%+v, %+v", derived, got)
			}
		}
		undecided := other.begin(sheetText("Trier encore"), origin.ID)
		err := s.Write(t.Context(), func(tx domain.Tx) error {
			_, err := domain.WriteSheet(t.Context(), tx, domain.PracticeSheet{ID: undecided.ID, SheetText: sheetText("Trier"), DerivedFrom: undecided.ID}, anyVersion, other.learner, noon)
			return err
		})
		if !errors.Is(err, domain.ErrSheetOrigin) || w.sheet(origin.ID).Reuse.Derivations != 2 {
			t.Errorf("derived from itself: %v", err)
		}
	})
}

func TestSheetsAreFound(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		nantes, lyon := workshopIn(t, s, "44109"), workshopIn(t, s, "69123")
		m := module(1)
		publish(t, s, m)
		long := sheetText("Été 100 % _robots_")
		long.Minutes, long.MinAge, long.MaxAge, long.ModuleID, long.Keywords = 120, 11, 14, m.ID, []string{"Œuvre"}
		first := nantes.published(sheetText("Trier"), "", noon)
		second := lyon.published(long, "", noon.Add(time.Hour))
		third := lyon.published(sheetText("Trier mieux"), first.ID, noon.Add(2*time.Hour))
		nantes.begin(sheetText("Brouillon"), "")
		name := map[string]string{first.ID: "1", second.ID: "2", third.ID: "3"}
		for _, c := range []struct {
			q    domain.SheetQuery
			want string
		}{
			{domain.SheetQuery{}, "321"}, {domain.SheetQuery{Order: domain.MostReusedSheets}, "132"},
			{domain.SheetQuery{Words: []string{"trier", "mieux"}}, "3"}, {domain.SheetQuery{Words: []string{"oeuvre"}}, "2"},
			{domain.SheetQuery{Words: []string{"100 %"}}, "2"}, {domain.SheetQuery{Words: []string{"%"}}, "2"}, {domain.SheetQuery{Words: []string{"_robots_"}}, "2"}, {domain.SheetQuery{Words: []string{`\`}}, ""},
			{domain.SheetQuery{Words: []string{"brouillon"}}, ""}, {domain.SheetQuery{Words: []string{"' or 1=1 --"}}, ""},
			{domain.SheetQuery{ModuleID: m.ID}, "2"}, {domain.SheetQuery{Age: 11}, "321"}, {domain.SheetQuery{Age: 14}, "2"}, {domain.SheetQuery{MaxMinutes: 60}, "31"},
			{domain.SheetQuery{Territory: "DEP-69"}, "32"}, {domain.SheetQuery{Territory: "44109"}, "1"}, {domain.SheetQuery{Territory: "FR", DerivedFrom: first.ID}, "3"},
		} {
			c.q.Limit = 10
			got, err := s.Sheets(t.Context(), c.q)
			names := ""
			for _, sheet := range got {
				names += name[sheet.ID]
			}
			if err != nil || names != c.want {
				t.Errorf("%+v: %q, %v; want %q", c.q, names, err, c.want)
			}
		}
		for _, c := range []struct {
			reach domain.Reach
			want  int
		}{
			{domain.Reach{PersonID: nantes.learner}, 2}, {domain.Reach{PersonID: nantes.meeting.OrganiserID}, 2}, {domain.Reach{PersonID: "stranger"}, 0},
			{domain.Reach{PersonID: "c", Territories: []string{"DEP-44"}}, 2}, {domain.Reach{PersonID: "c", Territories: []string{"DEP-44", "DEP-69"}}, 4}, {domain.Reach{PersonID: "n", National: true}, 3},
		} {
			got, err := s.SheetWork(t.Context(), domain.SheetWorkQuery{Reach: c.reach, Page: domain.Page{Limit: 10}})
			if err != nil || len(got) != c.want {
				t.Errorf("%+v: %d sheets, %v; want %d", c.reach, len(got), err, c.want)
			}
		}
	})
}

// A seat and the news that its meeting is called off, heard at once, leave nobody known.
func TestConcurrentSeatAndCancellation(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, db *database.DB) {
		for range 20 {
			meeting := uuid.NewString()
			for _, err := range atOnce(2, func(i int) error {
				return s.Write(context.Background(), func(tx domain.Tx) error {
					if i == 0 {
						return domain.RecordMeeting(context.Background(), tx, domain.Meeting{ID: meeting, Cancelled: true, Version: 4})
					}
					return domain.RecordSeats(context.Background(), tx, []domain.Seat{{RegistrationID: uuid.NewString(), MeetingID: meeting, PersonID: "somebody", Version: 1}})
				})
			}) {
				if err != nil {
					t.Fatal(err)
				}
			}
			if people, err := s.Group(t.Context(), meeting); err != nil || len(people) != 0 {
				t.Fatalf("%v, %v", people, err)
			}
		}
		if db.Engine() != database.Postgres { // SQLite has one writer: nothing is at once
			return
		}
		meeting := uuid.NewString()
		err := s.Write(t.Context(), func(tx domain.Tx) error {
			return domain.RecordSeats(t.Context(), unheld{tx, func() {
				(&workshop{t: t, s: s}).write(func(tx domain.Tx) error {
					return domain.RecordMeeting(t.Context(), tx, domain.Meeting{ID: meeting, Cancelled: true, Version: 4})
				})
			}}, []domain.Seat{{RegistrationID: uuid.NewString(), MeetingID: meeting, PersonID: "somebody", Version: 1}})
		})
		if people, _ := s.Group(t.Context(), meeting); err != nil || len(people) != 1 {
			t.Errorf("without holding the meeting nothing went wrong (%v): this test proves nothing", err)
		}
	})
}

// unheld is the control: it does not hold the meeting, and something happens after it was read.
type unheld struct {
	domain.Tx
	meanwhile func()
}

func (u unheld) HoldMeetings(ctx context.Context, ids []string) (calledOff []string, err error) {
	for _, id := range ids {
		if m, err := u.Meeting(ctx, id); err == nil && m.Cancelled {
			calledOff = append(calledOff, id)
		}
	}
	u.meanwhile()
	return calledOff, nil
}
