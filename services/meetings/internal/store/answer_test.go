package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/store"
)

// Everybody who was asked accepts at the same time on three replicas: one comes, the others are told that somebody does.
func TestConcurrentFirstToAccept(t *testing.T) {
	replicas(t, func(w world, all []*store.Store) {
		for range 20 {
			m := w.sought()
			asks := orFail1(w.asks(m.ID, domain.Together, now.Add(time.Hour), newID(), newID(), newID(), newID(), newID(), newID()))
			outcomes := w.together(len(asks), func(i int) error {
				_, err := answer(w, all[i%len(all)], func(tx domain.Tx, q domain.Answer) (domain.Ask, error) { return domain.AcceptAsk(w.ctx(), tx, q) }, asks[i], now)
				return err
			})
			if outcomes[""] != 1 || outcomes["ASK_SUPERSEDED"] != len(asks)-1 {
				w.Fatalf("%v", outcomes)
			}
			if got := w.stands(m.ID); got[:9] != "CONFIRMED" {
				w.Fatal(got)
			}
		}
	})
}

// together does something n times at the same time and counts the reasons of what was refused.
func (w world) together(n int, do func(i int) error) map[string]int {
	var mu sync.Mutex
	var done sync.WaitGroup
	outcomes, ready := map[string]int{}, make(chan struct{})
	for i := range n {
		done.Go(func() {
			<-ready
			err := do(i)
			for reason(err) == "DATABASE_BUSY" { // a slow machine: the caller is told to try again
				err = do(i)
			}
			mu.Lock()
			defer mu.Unlock()
			outcomes[reason(err)]++
		})
	}
	close(ready)
	done.Wait()
	return outcomes
}

// One professional, asked for two meetings that overlap, accepts both at the same time on two replicas: one stands, and the other is
// told when the professional is engaged, but not where. The control looks for other engagements first and writes then.
func TestConcurrentOneProfessionalTwoMeetings(t *testing.T) {
	replicas(t, func(w world, all []*store.Store) {
		clashes := 0
		for range 20 {
			asks := w.askedTwice()
			var refusal error
			outcomes := w.together(2, func(i int) error {
				_, err := answer(w, all[i], func(tx domain.Tx, q domain.Answer) (domain.Ask, error) { return domain.AcceptAsk(w.ctx(), tx, q) }, asks[i], now)
				if err != nil {
					refusal = err
				}
				return err
			})
			if outcomes[""] != 1 || outcomes["PROFESSIONAL_TAKEN"] != 1 {
				w.Fatalf("%v", outcomes)
			}
			e := errs.From(refusal)
			if e.Meta["start_time"] == "" || e.Meta["end_time"] == "" || e.Meta["meeting"] != "" || e.EN != domain.ErrEngaged.EN || e.Fields[0].Path != "id" {
				w.Fatalf("told %+v", e)
			}
			if got := []string{w.stands(asks[0].MeetingID), w.stands(asks[1].MeetingID)}; !slices.Contains(got, "CONFIRMED 3") || !slices.Contains(got, "ASKED 2") {
				w.Fatalf("%v", got)
			}
			clashes += w.lookThenBook(all)
		}
		if clashes == 0 {
			w.Fatal("looking first never booked anybody twice: this test would not notice it")
		}
	})
}

// askedTwice is one professional, asked for two meetings at the same time.
func (w world) askedTwice() (asks [2]domain.Ask) {
	w.Helper()
	person := uuid.NewString()
	for i := range asks {
		asks[i] = orFail1(w.asks(w.sought().ID, domain.Together, now.Add(time.Hour), person))[0]
	}
	return asks
}

// lookThenBook is the control: both look for engagements, then both book; it tells whether the professional is at two places.
func (w world) lookThenBook(all []*store.Store) int {
	asks := w.askedTwice()
	var looked sync.WaitGroup
	looked.Add(2)
	w.together(2, func(i int) error {
		m, err := all[i].Meeting(w.ctx(), asks[i].MeetingID)
		if err != nil {
			return err
		}
		others, err := all[i].Engagements(w.ctx(), []string{asks[i].PersonID}, m.Start, m.End)
		looked.Done()
		looked.Wait()
		if err != nil || len(others) > 0 {
			return errors.Join(err, domain.ErrProfessionalTaken)
		}
		return all[i].Write(w.ctx(), func(tx domain.Tx) error {
			if _, err := tx.LockResource(w.ctx(), domain.ResourceProfessional, asks[i].PersonID, 1); err != nil {
				return err
			}
			return tx.InsertBooking(w.ctx(), domain.Booking{
				ID: newID(), Kind: domain.ResourceProfessional, ResourceID: asks[i].PersonID, MeetingID: m.ID, Quantity: 1, Start: m.Start, End: m.End,
				State: domain.BookingHeld, CauseID: asks[i].ID, Version: 1, CreateTime: now,
			})
		})
	})
	if w.number(`SELECT count(*) FROM bookings WHERE resource_id = $1 AND state = 1`, asks[0].PersonID) > 1 {
		return 1
	}
	return 0
}

// Replicas sweep at once, while professionals answer: each ask lapses once, each next one is asked once, and the books agree.
func TestConcurrentSweeps(t *testing.T) {
	replicas(t, func(w world, all []*store.Store) {
		m := w.sought()
		asks := orFail1(w.asks(m.ID, domain.OneByOne, now.Add(time.Hour), "a", "b", "c"))
		at := now.Add(time.Hour)
		outcomes := w.together(9, func(i int) error { return domain.LapseAsks(w.ctx(), all[i%len(all)], at) })
		if len(outcomes) != 1 || outcomes[""] != 9 {
			w.Fatalf("%v", outcomes)
		}
		w.expect(m.ID, "ASKED 521")
		for subject, want := range map[string]int{"ask.lapsed": 1, "ask.sent": 2, "ask.queued": 2, "search.asked": 1} {
			if n := w.number(`SELECT count(*) FROM outbox WHERE subject = $1`, "maillage.meetings.v1."+subject); n != want {
				w.Errorf("%s told %d times; want %d", subject, n, want)
			}
		}
		// Half of them sweep at the second deadline, half of them bring the answer just before it.
		outcomes = w.together(8, func(i int) error {
			if i%2 == 0 {
				return domain.LapseAsks(w.ctx(), all[i%len(all)], at.Add(time.Hour))
			}
			_, err := answer(w, all[i%len(all)], func(tx domain.Tx, q domain.Answer) (domain.Ask, error) { return domain.AcceptAsk(w.ctx(), tx, q) }, asks[1], at)
			return err
		})
		switch got := w.stands(m.ID); {
		case got == "CONFIRMED 531" && outcomes[""] == 8:
		case got == "ASKED 552" && outcomes[""] == 4 && outcomes["ASK_LAPSED"] == 4:
		default:
			w.Fatalf("%s, %v", got, outcomes)
		}
	})
}

// Two who accept at the same time without taking turns both come: the control of the conditional update.
func TestFirstToAcceptControl(t *testing.T) {
	both(t, func(w world) {
		m := w.sought()
		asks := orFail1(w.asks(m.ID, domain.Together, now.Add(time.Hour), "a", "b"))
		stale := orFail1(w.Search(w.ctx(), m.ID)) // what both have looked at
		confirm := func(a domain.Ask, version int64) error {
			return w.Write(w.ctx(), func(tx domain.Tx) error {
				s := stale
				s.State, s.PersonID, s.Version = domain.ProfessionalConfirmed, a.PersonID, version
				return tx.UpdateSearch(w.ctx(), s)
			})
		}
		w.must("the first", confirm(asks[0], stale.Version+1))
		w.told("the second, with the condition", confirm(asks[1], stale.Version+1), "ABORTED")
		w.must("the second, without", confirm(asks[1], stale.Version+2))
		if s := orFail1(w.Search(w.ctx(), m.ID)); s.PersonID != "b" {
			w.Fatalf("%+v: the first was to be overwritten", s)
		}
	})
}
