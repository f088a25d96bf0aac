package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// sought is a meeting for which a professional is looked for.
func (w world) sought() domain.Meeting {
	w.Helper()
	m := w.meeting(5)
	w.write(func(tx domain.Tx) error {
		_, err := domain.StartSearch(w.ctx(), tx, domain.Search{ID: newID(), MeetingID: m.ID, Tags: []string{"Thymio"}}, now)
		return err
	})
	return m
}

func (w world) asks(meetingID string, mode domain.AskMode, deadline time.Time, people ...string) ([]domain.Ask, error) {
	return askAt(w, meetingID, mode, deadline, now, people...)
}

func askAt(w world, meetingID string, mode domain.AskMode, deadline, at time.Time, people ...string) (asks []domain.Ask, err error) {
	err = w.Write(w.ctx(), func(tx domain.Tx) error {
		_, asks, err = domain.AskProfessionals(w.ctx(), tx, domain.Asking{
			MeetingID: meetingID, PersonIDs: people, Mode: mode, Deadline: deadline, NewID: newID, Now: at,
		})
		return err
	})
	return asks, err
}

func answer(w world, st domain.Store, use func(domain.Tx, domain.Answer) (domain.Ask, error), a domain.Ask, at time.Time) (answered domain.Ask, err error) {
	err = st.Write(w.ctx(), func(tx domain.Tx) error {
		answered, err = use(tx, domain.Answer{AskID: a.ID, MeetingID: a.MeetingID, Reason: " en congé ", BookingID: newID(), Now: at})
		return err
	})
	return answered, err
}

func (w world) comes(a domain.Ask, at time.Time) (domain.Ask, error) {
	return answer(w, w.Store, func(tx domain.Tx, q domain.Answer) (domain.Ask, error) { return domain.AcceptAsk(w.ctx(), tx, q) }, a, at)
}

func (w world) decline(a domain.Ask, at time.Time) (domain.Ask, error) {
	return answer(w, w.Store, func(tx domain.Tx, q domain.Answer) (domain.Ask, error) { return domain.DeclineAsk(w.ctx(), tx, q) }, a, at)
}

// stands is where a search and its asks stand, e.g. "ASKED 52": the first has lapsed, the second may answer.
func (w world) stands(meetingID string) string {
	w.Helper()
	s, err := w.Search(w.ctx(), meetingID)
	if err != nil {
		w.Fatal(err)
	}
	asks, err := w.AsksOf(w.ctx(), s.ID)
	if err != nil {
		w.Fatal(err)
	}
	states := s.State.String() + " "
	for _, a := range asks {
		states += fmt.Sprint(a.State)
	}
	// What may never be otherwise: who comes is who has accepted, and is booked.
	held := w.number(`SELECT count(*) FROM bookings b JOIN asks a ON a.id = b.cause_id WHERE b.meeting_id = $1 AND b.state = 1 AND b.resource_id = $2
		AND a.state = 3`, meetingID, s.PersonID)
	if (s.State == domain.ProfessionalConfirmed) != (held == 1) || held != w.number(`SELECT count(*) FROM bookings WHERE meeting_id = $1 AND resource_kind = 3 AND state = 1`, meetingID) {
		w.Fatalf("%s, %d bookings", states, held)
	}
	return states
}

func (w world) must(what string, err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%s: %v", what, err)
	}
}

func (w world) told(what string, err error, want string) {
	w.Helper()
	if reason(err) != want {
		w.Fatalf("%s: %v; want %s", what, err, want)
	}
}

func (w world) expect(meetingID, want string) {
	w.Helper()
	if got := w.stands(meetingID); got != want {
		w.Fatalf("%s; want %s", got, want)
	}
}

func TestAskedTogether(t *testing.T) {
	both(t, func(w world) {
		m, deadline := w.sought(), now.Add(time.Hour)
		asks := orFail1(w.asks(m.ID, domain.Together, deadline, "a", "b", "c"))
		w.expect(m.ID, "ASKED 222")
		_, err := w.asks(m.ID, domain.Together, deadline, "d", "b")
		w.told("asked already", err, "ALREADY_ASKED")
		orFail1(w.decline(asks[2], now))
		first := orFail1(w.comes(asks[1], now))
		w.expect(m.ID, "CONFIRMED 634")
		if again := orFail1(w.comes(asks[1], now.Add(2*time.Hour))); again != first {
			w.Fatalf("%+v; want the same answer: %+v", again, first)
		}
		if again := orFail1(w.decline(asks[2], now)); again.Reason != "en congé" || again.Version != 2 {
			w.Fatalf("declined twice: %+v", again)
		}
		_, err = w.comes(asks[0], now)
		w.told("after another did", err, "ASK_SUPERSEDED")
		_, err = w.decline(asks[0], now)
		w.told("no longer needed", err, "ASK_SUPERSEDED")
		_, err = w.comes(asks[2], now)
		w.told("after declining", err, "ASK_DECLINED")
		_, err = w.asks(m.ID, domain.Together, deadline, "d")
		w.told("somebody comes", err, "SEARCH_STATE")
		// The professional cannot come after all: this counts, and somebody else may be asked.
		orFail1(w.decline(asks[1], now))
		w.expect(m.ID, "SEARCHING 644")
		s := orFail1(w.Search(w.ctx(), m.ID))
		if s.LostCount != 1 || s.ReopenCause != domain.ReopenedWithdrawn || s.PersonID != "" {
			w.Fatalf("%+v", s)
		}
		_, err = w.asks(m.ID, domain.Together, deadline, "b")
		w.told("who declined for this date", err, "ALREADY_ASKED")
		late := orFail1(w.asks(m.ID, domain.Together, m.Start, "a"))[0] // was superseded, and may be asked again
		orFail1(w.comes(late, m.Start.Add(-time.Microsecond)))
		_, err = w.decline(late, m.Start)
		w.told("at the start", err, "MEETING_BEGUN")
		w.expect(m.ID, "CONFIRMED 6443")
	})
}

func TestAskedOneByOne(t *testing.T) {
	both(t, func(w world) {
		m, deadline := w.sought(), now.Add(10*time.Hour)
		asks := orFail1(w.asks(m.ID, domain.OneByOne, deadline, "a", "b", "c", "d"))
		w.expect(m.ID, "ASKED 2111")
		_, err := w.comes(asks[1], now)
		w.told("before the turn", err, "ASK_NOT_SENT")
		orFail1(w.decline(asks[0], now))
		w.expect(m.ID, "ASKED 4211")
		orFail1(w.comes(asks[1], now.Add(time.Hour)))
		w.expect(m.ID, "CONFIRMED 4311")
		orFail1(w.decline(asks[1], now.Add(2*time.Hour))) // the next one is asked, and has ten hours
		w.expect(m.ID, "ASKED 4421")
		_, err = w.comes(asks[2], now.Add(12*time.Hour))
		w.told("at the deadline", err, "ASK_LAPSED")
		w.expect(m.ID, "ASKED 4421") // what is refused changes nothing: the sweep does
		w.must("sweep", domain.LapseAsks(w.ctx(), w.Store, now.Add(12*time.Hour-time.Microsecond)))
		w.expect(m.ID, "ASKED 4421")
		for range 2 {
			w.must("sweep", domain.LapseAsks(w.ctx(), w.Store, now.Add(15*time.Hour)))
			w.expect(m.ID, "ASKED 4452")
		}
		last := orFail1(w.Ask(w.ctx(), asks[3].ID))
		if !last.Deadline.Equal(m.Start) || !last.SendTime.Equal(now.Add(15*time.Hour)) {
			w.Fatalf("the last has until %v; want the start, %v", last.Deadline, m.Start)
		}
		w.must("sweep", domain.LapseAsks(w.ctx(), w.Store, m.Start))
		w.expect(m.ID, "SEARCHING 4455")
		if s := orFail1(w.Search(w.ctx(), m.ID)); s.ReopenCause != domain.ReopenedLapsed || s.LostCount != 1 {
			w.Fatalf("%+v", s)
		}
		_, err = askAt(w, m.ID, domain.Together, m.Start.Add(time.Hour), m.Start, "e")
		w.told("too late", err, "MEETING_CLOSED")
	})
}

func TestWithout(t *testing.T) {
	both(t, func(w world) {
		m := w.sought()
		asks := orFail1(w.asks(m.ID, domain.OneByOne, now.Add(time.Hour), "a", "b"))
		conclude := func(text string) error {
			return w.Write(w.ctx(), func(tx domain.Tx) error {
				s, err := domain.OpenSearch(w.ctx(), tx, m.ID, now)
				if err == nil {
					_, err = domain.ConcludeWithout(w.ctx(), tx, s, 1, text)
				}
				return err
			})
		}
		w.told("only spaces", conclude(" \u2003\t\n"), "FIELD_REQUIRED")
		w.expect(m.ID, "ASKED 21")
		w.must("conclude", conclude("  personne à moins de 100 km \u200f🤷 "))
		w.expect(m.ID, "WITHOUT 66")
		_, err := w.comes(asks[0], now)
		w.told("given up", err, "ASK_SUPERSEDED")
		w.told("twice", conclude("encore"), "SEARCH_STATE")
		counts := orFail1(w.SearchCounts(w.ctx(), "REG-52"))
		if len(counts) != 1 || counts[0] != (domain.SearchCount{State: domain.Without, Reason: 1, Count: 1}) {
			w.Fatalf("%+v", counts)
		}
		if elsewhere := orFail1(w.SearchCounts(w.ctx(), "REG-93")); len(elsewhere) != 0 {
			w.Fatalf("%+v", elsewhere)
		}
		w.write(func(tx domain.Tx) error {
			_, err := domain.StartSearch(w.ctx(), tx, domain.Search{ID: newID(), MeetingID: m.ID}, now)
			return err
		})
		s := orFail1(w.Search(w.ctx(), m.ID))
		if s.State != domain.Searching || s.ReopenCause != domain.ReopenedResumed || s.WithoutText != "" || len(s.Tags) > 0 {
			w.Fatalf("resumed %+v", s)
		}
		w.told("started twice", w.Write(w.ctx(), func(tx domain.Tx) error {
			_, err := domain.StartSearch(w.ctx(), tx, domain.Search{ID: newID(), MeetingID: m.ID}, now)
			return err
		}), "SEARCH_STATE")
	})
}

// move moves a meeting to begin so many hours from now.
func (w world) move(m domain.Meeting, hours int) domain.Meeting {
	w.Helper()
	start := now.Add(time.Duration(hours) * time.Hour)
	end := start.Add(2 * time.Hour)
	var moved domain.Meeting
	w.write(func(tx domain.Tx) (err error) {
		if moved, err = tx.Meeting(w.ctx(), m.ID); err == nil {
			moved, err = domain.UpdateMeeting(w.ctx(), tx, moved, domain.Change{Start: &start, End: &end}, now)
		}
		return err
	})
	return moved
}

func TestMeetingMoves(t *testing.T) {
	both(t, func(w world) {
		here, there := w.sought(), w.sought()
		w.move(there, 100)
		deadline := now.Add(20 * time.Hour)
		first := orFail1(w.asks(here.ID, domain.OneByOne, deadline, "p", "q"))
		second := orFail1(w.asks(there.ID, domain.Together, deadline, "p", "r"))
		orFail1(w.comes(first[0], now))
		orFail1(w.comes(second[0], now))
		// The professional comes along to where nothing is in the way, also right after the other meeting.
		w.move(here, 30)
		w.expect(here.ID, "CONFIRMED 31")
		w.move(here, 102)
		w.expect(here.ID, "CONFIRMED 31")
		// Where they are engaged elsewhere, they are free again, and the next in the line is asked.
		w.move(here, 101)
		w.expect(here.ID, "SEARCHING 61")
		w.expect(there.ID, "CONFIRMED 36")
		s := orFail1(w.Search(w.ctx(), here.ID))
		if s.ReopenCause != domain.ReopenedPostponed || s.LostCount != 1 {
			w.Fatalf("%+v", s)
		}
		w.must("sweep", domain.LapseAsks(w.ctx(), w.Store, now))
		w.expect(here.ID, "ASKED 62")
		// A meeting that begins earlier waits less for an answer.
		w.move(here, 10)
		if a := orFail1(w.Ask(w.ctx(), first[1].ID)); !a.Deadline.Equal(now.Add(10 * time.Hour)) {
			w.Fatalf("%+v", a)
		}
		w.write(func(tx domain.Tx) error {
			m, err := tx.Meeting(w.ctx(), here.ID)
			if err == nil {
				_, err = domain.CancelMeeting(w.ctx(), tx, m, domain.Reason{Cause: domain.OtherCause, Note: "La salle est fermée"}, now)
			}
			return err
		})
		if a := orFail1(w.Ask(w.ctx(), first[1].ID)); a.State != domain.AskSuperseded {
			w.Fatalf("%+v", a)
		}
		if due := orFail1(w.DueSearches(w.ctx(), now.Add(1000*time.Hour), 10)); len(due) > 0 {
			w.Fatalf("still due: %v", due)
		}
	})
}

func TestEngagements(t *testing.T) {
	both(t, func(w world) {
		m := w.sought()
		orFail1(w.comes(orFail1(w.asks(m.ID, domain.Together, now.Add(time.Hour), "p"))[0], now))
		from, to := domain.LoadPeriod(m)
		for name, c := range map[string]struct {
			people   []string
			from, to time.Time
			want     int
		}{
			"around": {[]string{"p", "q"}, from, to, 1}, "before": {[]string{"p"}, from, m.Start, 0}, "after": {[]string{"p"}, m.End, to, 0},
			"someone else": {[]string{"q"}, from, to, 0}, "nobody": {nil, from, to, 0},
		} {
			if got := orFail1(w.Engagements(w.ctx(), c.people, c.from, c.to)); len(got) != c.want {
				w.Errorf("%s: %+v", name, got)
			}
		}
	})
}
