package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	capacity = 25
	people   = 200
	atOnce   = 64
)

// each calls do for every person, atOnce at a time.
func each(n int, do func(person string)) {
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range n {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			do(fmt.Sprintf("person-%03d", i))
		})
	}
	all.Wait()
}

func TestConcurrentSeatsAreNotSoldTwice(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(capacity)
		var mu sync.Mutex
		outcomes := map[string]int{}
		each(people, func(person string) {
			_, err := w.register(m.ID, person, now)
			for reason(err) == "DATABASE_BUSY" { // a slow machine: the caller is told to try again
				_, err = w.register(m.ID, person, now)
			}
			mu.Lock()
			defer mu.Unlock()
			outcomes[reason(err)]++
		})
		if outcomes[""] != capacity || outcomes["MEETING_FULL"] != people-capacity {
			w.Fatalf("%v; want %d seats given and the others refused as full", outcomes, capacity)
		}
		w.seats(m.ID, capacity)

		// The control: counting first and inserting after, as one would without the conditional update, fails this same check.
		naive := w.meeting(capacity)
		w.countThenInsert(naive.ID, capacity+5)
		if held := w.number(`SELECT count(*) FROM registrations WHERE meeting_id = $1`, naive.ID); held <= capacity {
			w.Fatalf("counting first gave %d seats of %d: this test would not notice an oversold meeting", held, capacity)
		}
	})
}

// countThenInsert lets everyone count before anyone inserts. SQLite has one writer, so that the count stands outside of the
// transaction there.
func (w world) countThenInsert(meetingID string, n int) {
	var counted sync.WaitGroup
	counted.Add(n)
	count := func(from domain.RegistrationReads) bool {
		defer counted.Wait()
		defer counted.Done()
		rows, err := from.Registrations(w.ctx(), domain.RegistrationQuery{MeetingID: meetingID, Page: domain.Page{Limit: people}})
		return err == nil && len(rows) < capacity
	}
	each(n, func(person string) {
		free := w.db.Engine() == database.Postgres || count(w.Store)
		err := w.Write(w.ctx(), func(tx domain.Tx) error {
			if w.db.Engine() == database.Postgres {
				free = count(tx)
			}
			if !free {
				return domain.ErrMeetingFull
			}
			_, err := tx.PutRegistrations(w.ctx(), []domain.Registration{{
				ID: newID(), MeetingID: meetingID, PersonID: person, Mode: domain.InPerson, Role: domain.LearnerSeat,
				State: domain.RegistrationConfirmed, Version: 1, CreateTime: now,
			}})
			return err
		})
		if err != nil {
			w.Error(err)
		}
	})
}

func TestRegister(t *testing.T) {
	both(t, func(w world) {
		full := w.meeting(1)
		if _, err := w.register(full.ID, "first", now); err != nil {
			w.Fatal(err)
		}
		cancelled := w.meeting(5)
		w.write(func(tx domain.Tx) error {
			_, err := domain.CancelMeeting(w.ctx(), tx, cancelled, domain.Reason{Cause: domain.PlaceUnavailable}, now)
			return err
		})
		begun := w.meeting(5)
		for name, c := range map[string]struct {
			meeting, person string
			at              time.Time
			want            string
		}{
			"full":            {full.ID, "second", now, "MEETING_FULL"},
			"own seat":        {full.ID, "first", now, "ALREADY_REGISTERED"},
			"cancelled":       {cancelled.ID, "first", now, "MEETING_CLOSED"},
			"just before":     {begun.ID, "first", begun.Start.Add(-time.Microsecond), ""},
			"at the start":    {begun.ID, "second", begun.Start, "MEETING_CLOSED"},
			"no such meeting": {newID(), "first", now, "NOT_FOUND"},
		} {
			_, err := w.register(c.meeting, c.person, c.at)
			if reason(err) != c.want {
				w.Errorf("%s: %v; want %q", name, err, c.want)
			}
			if e := errs.From(err); err != nil && (len(e.Fields) != 1 || e.Fields[0].Path != "meeting_id") {
				w.Errorf("%s: fields %v; want meeting_id", name, e.Fields)
			}
		}
		w.seats(full.ID, 1)
		w.seats(cancelled.ID, 0)
		w.seats(begun.ID, 1)
	})
}

// Several requests in one transaction: those that are refused leave nothing, the others stand.
func TestRegisterTogether(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(2)
		var got []string
		w.write(func(tx domain.Tx) error {
			got = nil
			var requests []domain.Request
			for _, person := range []string{"a", "a", "b", "c", "b"} {
				requests = append(requests, domain.Request{
					Context: w.ctx(), ID: newID(), Pool: domain.Pool{MeetingID: m.ID}, PersonID: person, SeatOnly: true,
				})
			}
			outcomes, err := domain.Register(w.ctx(), tx, requests, now)
			for _, o := range outcomes {
				got = append(got, reason(o.Err))
			}
			return err
		})
		want := []string{"", "ALREADY_REGISTERED", "", "MEETING_FULL", "ALREADY_REGISTERED"}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			w.Fatalf("%q; want %q", got, want)
		}
		w.seats(m.ID, 2)
		if n := w.number(`SELECT count(*) FROM outbox WHERE subject = 'maillage.meetings.v1.registration.confirmed'`); n != 2 {
			w.Fatalf("%d events; want 2", n)
		}
	})
}

func (w world) cancel(id string, at time.Time) (r domain.Registration, err error) {
	err = w.Write(w.ctx(), func(tx domain.Tx) error {
		if r, err = tx.Registration(w.ctx(), id); err != nil {
			return err
		}
		r, err = domain.CancelRegistration(w.ctx(), tx, r, "", at)
		return err
	})
	return r, err
}

func TestSeatGivenBack(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(1)
		first := orFail1(w.register(m.ID, "first", now))
		if r, err := w.cancel(first.ID, now); err != nil || r.State != domain.RegistrationCancelled || r.Version != 2 {
			w.Fatalf("%+v, %v", r, err)
		}
		if r, err := w.cancel(first.ID, now); err != nil || r.Version != 2 {
			w.Fatalf("given back twice: %+v, %v", r, err)
		}
		w.seats(m.ID, 0)
		if _, err := w.register(m.ID, "second", now); err != nil {
			w.Fatal(err)
		}
		if _, err := w.register(m.ID, "first", now); reason(err) != "MEETING_FULL" {
			w.Fatalf("%v; want MEETING_FULL", err)
		}
		second := orFail1(w.register(w.meeting(1).ID, "other", now))
		if _, err := w.cancel(second.ID, m.Start); reason(err) != "MEETING_CLOSED" {
			w.Fatalf("%v; want MEETING_CLOSED at the start", err)
		}
		w.seats(second.MeetingID, 1)
	})
}

func TestRevived(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(1)
		first := orFail1(w.register(m.ID, "first", now))
		orFail1(w.cancel(first.ID, now))
		again := orFail1(w.register(m.ID, "first", now.Add(time.Hour)))
		if again.ID != first.ID || again.Version != 3 || again.State != domain.RegistrationConfirmed || !again.CreateTime.Equal(now) {
			w.Fatalf("%+v; want the row of %+v again", again, first)
		}
		w.seats(m.ID, 1)
	})
}

func orFail1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Everyone comes and goes at once, the organiser changes the room meanwhile: nothing waits for ever, and the books agree.
func TestConcurrentComeAndGo(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		each(120, func(person string) {
			r, err := w.register(m.ID, person[len(person)-1:], now) // ten persons
			switch reason(err) {
			case "":
				_, err = w.cancel(r.ID, now)
			case "MEETING_FULL", "ALREADY_REGISTERED":
				err = w.resize(m.ID, 3+len(person)%3)
			}
			if why := reason(err); why != "" && why != "CAPACITY_BELOW_TAKEN" && why != "DATABASE_BUSY" {
				w.Error(err)
			}
		})
		w.seats(m.ID, w.number(`SELECT count(*) FROM registrations WHERE meeting_id = $1 AND state = 1`, m.ID))
	})
}

func (w world) resize(id string, seats int) error { return w.resizeAt(id, seats, now) }

func (w world) resizeAt(id string, seats int, at time.Time) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		m, err := tx.Meeting(w.ctx(), id)
		if err == nil {
			_, err = domain.UpdateMeeting(w.ctx(), tx, m, domain.Change{Capacity: &seats}, at)
		}
		return err
	})
}

func TestCapacityBelowTaken(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(3)
		for _, person := range []string{"a", "b"} {
			orFail1(w.register(m.ID, person, now))
		}
		err := w.resize(m.ID, 1)
		if e := errs.From(err); reason(err) != "CAPACITY_BELOW_TAKEN" || e.Fields[0].Path != "meeting.capacity" {
			w.Fatalf("%v", err)
		}
		if err := w.resize(m.ID, 2); err != nil {
			w.Fatal(err)
		}
		if _, err := w.register(m.ID, "c", now); reason(err) != "MEETING_FULL" {
			w.Fatalf("%v; want MEETING_FULL", err)
		}
	})
}
