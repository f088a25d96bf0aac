package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// twins is two groups' first meetings of one module, with so many seats each.
func (w world) twins(seats int) (one, other domain.Meeting) {
	w.Helper()
	p, q := plan(seats), plan(seats)
	q.Common.ModuleID = p.Common.ModuleID
	return w.series(p).Meetings[0], w.series(q).Meetings[0]
}

func (w world) seat(meetingID, person string) domain.Registration {
	w.Helper()
	r, err := w.register(meetingID, person, now)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

func (w world) propose(r domain.Registration, wanted string, at time.Time) (s domain.Swap, err error) {
	err = w.Write(w.ctx(), func(tx domain.Tx) (err error) {
		s, err = domain.ProposeSwap(w.ctx(), tx, domain.Swap{ID: newID(), RegistrationID: r.ID, WantedMeetingID: wanted}, r.PersonID, at)
		return err
	})
	return s, err
}

func (w world) take(s domain.Swap, person string, at time.Time) (got domain.Registration, err error) {
	err = w.Write(w.ctx(), func(tx domain.Tx) (err error) {
		_, got, err = domain.AcceptSwap(w.ctx(), tx, domain.Acceptance{SwapID: s.ID, PersonID: person, Now: at, NewID: newID})
		return err
	})
	return got, err
}

// live is how many live registrations a person has for two meetings.
func (w world) live(person string, one, other domain.Meeting) int {
	return w.number(`SELECT count(*) FROM registrations WHERE person_id = $1 AND meeting_id IN ($2, $3) AND state IN (1, 6, 7)`, person, one.ID, other.ID)
}

func TestSwap(t *testing.T) {
	both(t, func(w world) {
		one, other := w.twins(1) // both full, with somebody waiting: a swap frees no seat
		ours, theirs := w.seat(one.ID, "ours"), w.seat(other.ID, "theirs")
		for _, m := range []domain.Meeting{one, other} {
			if _, err := w.line(m.ID, "waits", now); err != nil {
				w.Fatal(err)
			}
		}
		s, err := w.propose(ours, other.ID, now)
		if err != nil || !s.Expires.Equal(one.Start) {
			w.Fatalf("%+v, %v", s, err)
		}
		_, err = w.take(s, "nobody", now)
		w.refuses("NOT_FOUND", err)
		_, err = w.take(s, "ours", now)
		w.refuses("SWAP_WITH_ONESELF", err)
		_, err = w.take(s, "theirs", s.Expires)
		w.refuses("SWAP_OVER", err)
		first, err := w.take(s, "theirs", s.Expires.Add(-time.Microsecond))
		again, err2 := w.take(s, "theirs", now)
		if err != nil || err2 != nil || first.MeetingID != one.ID || first.State != domain.RegistrationConfirmed || again != first {
			w.Fatalf("%+v, %v, then %+v, %v", first, err, again, err2)
		}
		w.seats(one.ID, 1)
		w.seats(other.ID, 1)
		for _, r := range []domain.Registration{ours, theirs} {
			if old, err := w.Registration(w.ctx(), r.ID); err != nil || old.State != domain.RegistrationCancelled || old.PersonID != r.PersonID {
				w.Fatalf("%+v, %v", old, err)
			}
			if n := w.live(r.PersonID, one, other); n != 1 {
				w.Fatalf("%s has %d seats", r.PersonID, n)
			}
		}
		for event, want := range map[string]int{
			"registration.cancelled": 2, "registration.confirmed": 4, "registration.offered": 0, "swap.proposed": 1, "swap.done": 1,
		} {
			if n := w.number(`SELECT count(*) FROM outbox WHERE subject = $1`, "maillage.meetings.v1."+event); n != want {
				w.Errorf("%d times %s, want %d", n, event, want)
			}
		}
		// Back again: the cancelled registrations are revived, under their own ids.
		s, err = w.propose(first, other.ID, now)
		if err != nil {
			w.Fatal(err)
		}
		back, err := w.take(s, "ours", now)
		if err != nil || back.ID != ours.ID || back.Version != ours.Version+2 {
			w.Fatalf("%+v, %v", back, err)
		}
	})
}

func TestSwapRefused(t *testing.T) {
	both(t, func(w world) {
		one, other := w.twins(3)
		ours := w.seat(one.ID, "ours")
		theirs := w.seat(other.ID, "theirs")
		elsewhere := w.meeting(3)
		second, err := w.Series(w.ctx(), other.SeriesID)
		if err != nil {
			w.Fatal(err)
		}
		for wanted, want := range map[string]string{
			newID(): "NOT_FOUND", elsewhere.ID: "SWAP_OTHER_MODULE", second.Meetings[1].ID: "SWAP_OTHER_MODULE", one.ID: "SWAP_OTHER_MODULE",
		} {
			_, err := w.propose(ours, wanted, now)
			w.refuses(want, err)
		}
		_, err = w.propose(ours, other.ID, one.Start)
		w.refuses("MEETING_CLOSED", err)
		_, err = w.propose(domain.Registration{ID: newID(), PersonID: "ours"}, other.ID, now)
		w.refuses("NOT_FOUND", err)
		_, err = w.propose(domain.Registration{ID: ours.ID, PersonID: "theirs"}, other.ID, now)
		w.refuses("PERMISSION_DENIED", err)
		twice := w.seat(one.ID, "twice")
		w.seat(other.ID, "twice")
		_, err = w.propose(twice, other.ID, now)
		w.refuses("ALREADY_REGISTERED", err)

		s, err := w.propose(ours, other.ID, now)
		w.may("", err)
		_, err = w.propose(ours, other.ID, now)
		w.refuses("SWAP_OPEN", err)
		_, err = w.take(s, "twice", now) // who would have two seats at one meeting
		w.refuses("ALREADY_REGISTERED", err)
		if _, err := w.cancel(theirs.ID, now); err != nil {
			w.Fatal(err)
		}
		_, err = w.take(s, "theirs", now)
		w.refuses("SWAP_SEAT", err)
		w.seat(other.ID, "theirs")
		if _, err := w.cancel(ours.ID, now); err != nil {
			w.Fatal(err)
		}
		_, err = w.take(s, "theirs", now)
		w.refuses("SWAP_SEAT", err)
		_, err = w.propose(ours, other.ID, now)
		w.refuses("SWAP_SEAT", err)
		if n := w.number(`SELECT count(*) FROM outbox WHERE subject = $1`, "maillage.meetings.v1.swap.done"); n != 0 {
			w.Errorf("%d swaps were done", n)
		}
	})
}

// A proposal that has lapsed stands in nobody's way, and is told once.
func TestSwapLapses(t *testing.T) {
	both(t, func(w world) {
		one, other := w.twins(3)
		later := w.meetingLike(one, 72*time.Hour)
		s, err := w.propose(w.seat(one.ID, "ours"), other.ID, now)
		w.may("", err)
		again, err := w.propose(w.seat(later.ID, "ours"), w.meetingLike(one, 96*time.Hour).ID, s.Expires)
		w.may("", err)
		for range 2 {
			if _, err := domain.LapseSwaps(w.ctx(), w, again.Expires); err != nil {
				w.Fatal(err)
			}
		}
		if n := w.number(`SELECT count(*) FROM outbox WHERE subject = $1`, "maillage.meetings.v1.swap.lapsed"); n != 2 {
			w.Errorf("told %d times, want one of each", n)
		}
	})
}

// meetingLike is another group's meeting of the same module, so much after now.
func (w world) meetingLike(m domain.Meeting, in time.Duration) domain.Meeting {
	p := plan(3)
	p.Common.ModuleID = m.ModuleID
	for i := range p.Slots {
		start := now.Add(in + time.Duration(i)*24*time.Hour)
		p.Slots[i] = domain.Slot{Start: start, End: start.Add(time.Hour)}
	}
	return w.series(p).Meetings[0]
}

// One seat is offered to several, one person is offered several seats, and two offer to each other: whatever comes first is done,
// nobody has two seats, and no meeting counts another number.
func TestConcurrentSwapsOfOneSeat(t *testing.T) {
	both(t, func(w world) {
		const rivals = 8
		one, other := w.twins(25)
		offered, err := w.propose(w.seat(one.ID, "offers"), other.ID, now)
		w.may("", err)
		var mutual, several []domain.Swap
		for i := range rivals {
			person := fmt.Sprint("rival ", i)
			r := w.seat(other.ID, person)
			if i == 0 { // offers to "offers", who offers
				s, err := w.propose(r, one.ID, now)
				w.may("", err)
				mutual = append(mutual, s)
			}
			s, err := w.propose(w.seat(one.ID, fmt.Sprint("also ", i)), other.ID, now)
			w.may("", err)
			several = append(several, s)
		}
		got := map[string]int{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		run := func(kind string, s domain.Swap, person string) {
			wg.Go(func() {
				_, err := w.take(s, person, now)
				mu.Lock()
				defer mu.Unlock()
				got[kind+" "+reason(err)]++
			})
		}
		for i := range rivals {
			run("offered", offered, fmt.Sprint("rival ", i))
			run("several", several[i], "rival 1")
		}
		run("mutual", mutual[0], "offers")
		wg.Wait()
		done := w.number(`SELECT count(*) FROM swaps WHERE state = 2`)
		// The seat of "offers" and that of "rival 1" go once at most; nobody stands in the way of all of them.
		if got["offered "]+got["mutual "] != 1 || got["several "] > 1 || done != got["offered "]+got["several "]+got["mutual "] {
			w.Errorf("%v, %d done", got, done)
		}
		w.seats(one.ID, rivals+1)
		w.seats(other.ID, rivals)
		for i := range rivals {
			for _, person := range []string{fmt.Sprint("rival ", i), fmt.Sprint("also ", i), "offers"} {
				if n := w.live(person, one, other); n != 1 {
					w.Errorf("%s has %d seats", person, n)
				}
			}
		}
		w.lookThenSwap()
	})
}

// lookThenSwap is the control: everyone looks first, and swaps without the seats being held or the versions compared.
func (w world) lookThenSwap() {
	w.Helper()
	const rivals = 4
	one, other := w.twins(25)
	ours := w.seat(one.ID, "offers")
	var looked sync.WaitGroup
	looked.Add(rivals)
	var wg sync.WaitGroup
	for i := range rivals {
		theirs := w.seat(other.ID, fmt.Sprint("rival ", i))
		wg.Go(func() {
			seen, err := w.Registration(w.ctx(), ours.ID)
			looked.Done()
			looked.Wait()
			if err != nil || seen.State != domain.RegistrationConfirmed {
				return
			}
			crossed := theirs
			crossed.ID, crossed.MeetingID, crossed.CampaignID = newID(), one.ID, one.CampaignID
			_ = w.Write(w.ctx(), func(tx domain.Tx) error {
				_, err := tx.PutRegistrations(w.ctx(), []domain.Registration{crossed})
				return err
			})
		})
	}
	wg.Wait()
	if held := w.number(`SELECT count(*) FROM registrations WHERE meeting_id = $1 AND state = 1 AND person_id <> 'offers'`, one.ID); held < 2 {
		w.Fatalf("looking first gave one seat to %d: this test would not notice", held)
	}
}
