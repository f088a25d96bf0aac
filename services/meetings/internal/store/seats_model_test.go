package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// book is what a meeting's seats should be: the rules once more, as simply as they can be said.
type book struct {
	start    time.Time
	capacity int
	state    map[string]string // by person
	until    map[string]time.Time
	waiting  []string
	mode     domain.MeetingMode // of the meeting, and so of everyone live
}

func (b *book) taken() (n int) {
	for _, state := range b.state {
		if state == "CONFIRMED" || state == "OFFERED" {
			n++
		}
	}
	return n
}

func (b *book) lapse(at time.Time) {
	for _, person := range sorted(b.state) {
		if b.state[person] == "OFFERED" && !at.Before(b.until[person]) {
			b.state[person] = "LAPSED"
		}
	}
	b.promote(at)
}

func (b *book) promote(at time.Time) {
	for at.Before(b.start) && len(b.waiting) > 0 && b.taken() < b.capacity {
		first := b.waiting[0]
		b.waiting, b.state[first], b.until[first] = b.waiting[1:], "OFFERED", at.Add(24*time.Hour)
		if b.until[first].After(b.start) {
			b.until[first] = b.start
		}
	}
}

func (b *book) live(person string) bool {
	return slices.Contains([]string{"CONFIRMED", "OFFERED", "WAITLISTED"}, b.state[person])
}

func (b *book) register(person string, at time.Time, seatOnly bool) (refusal string) {
	switch {
	case !at.Before(b.start):
		return "MEETING_CLOSED"
	case b.live(person):
		return "ALREADY_REGISTERED"
	case len(b.waiting) == 0 && b.taken() < b.capacity:
		b.state[person] = "CONFIRMED"
	case seatOnly:
		return "MEETING_FULL"
	default:
		b.state[person], b.waiting = "WAITLISTED", append(b.waiting, person)
	}
	return ""
}

// end is what a move leads to that ends a registration, from the states that it ends.
func (b *book) end(person string, at time.Time, to string, same, from []string) (refusal string) {
	switch state := b.state[person]; {
	case slices.Contains(same, state):
		return ""
	case !at.Before(b.start):
		return "MEETING_CLOSED"
	case !slices.Contains(from, state):
		return "REGISTRATION_STATE"
	}
	b.state[person] = to
	b.waiting = slices.DeleteFunc(b.waiting, func(p string) bool { return p == person })
	b.promote(at)
	return ""
}

func (b *book) accept(person string, at time.Time) (refusal string) {
	switch state := b.state[person]; {
	case state == "CONFIRMED":
		return ""
	case state == "LAPSED":
		return "OFFER_LAPSED"
	case !at.Before(b.start):
		return "MEETING_CLOSED"
	case state != "OFFERED":
		return "REGISTRATION_STATE"
	}
	b.state[person] = "CONFIRMED"
	return ""
}

func (b *book) resize(n int, at time.Time) (refusal string) {
	switch {
	case !at.Before(b.start):
		return "MEETING_BEGUN"
	case n < b.taken():
		return "CAPACITY_BELOW_TAKEN"
	}
	b.capacity = n
	b.promote(at)
	return ""
}

func sorted(m map[string]string) (keys []string) {
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// The seats and a model of them go through the same life: who has one, who is offered one and until when, and who waits in which order
// is the same after each step.
func TestSeatsModel(t *testing.T) {
	both(t, func(w world) {
		rapid.Check(w.T, func(t *rapid.T) {
			m := w.meeting(rapid.IntRange(1, 3).Draw(t, "capacity"))
			b := &book{start: m.Start, capacity: m.Capacity, mode: m.Mode, state: map[string]string{}, until: map[string]time.Time{}}
			at, ids := now, map[string]string{}
			who := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "g"})
			expect := func(step string, err error, want string) {
				if reason(err) != want {
					t.Fatalf("%s at %s: %v; want %q", step, at, err, want)
				}
			}
			// onOne draws somebody who has registered before.
			onOne := func(step string, real func(id string) error, model func(person string) string) func(*rapid.T) {
				return func(t *rapid.T) {
					if person := who.Draw(t, "person"); ids[person] != "" {
						expect(step+" "+person, real(ids[person]), model(person))
					}
				}
			}
			register := func(t *rapid.T) {
				person, seatOnly := who.Draw(t, "person"), rapid.IntRange(0, 3).Draw(t, "seat only") == 0
				r, err := w.ask(domain.Request{PersonID: person, Pool: domain.Pool{MeetingID: m.ID}, SeatOnly: seatOnly}, at)
				expect("register "+person, err, b.register(person, at, seatOnly))
				if err == nil {
					ids[person] = r.ID
				}
			}
			t.Repeat(map[string]func(*rapid.T){
				"register": register, "register too": register,
				"cancel": onOne("cancel", func(id string) error { _, err := w.cancel(id, at); return err }, func(person string) string {
					return b.end(person, at, "CANCELLED", []string{"CANCELLED"}, []string{"CONFIRMED", "OFFERED", "WAITLISTED"})
				}),
				"decline": onOne("decline", func(id string) error {
					return w.answer(id, func(tx domain.Tx, r domain.Registration) (domain.Registration, error) {
						return domain.Decline(w.ctx(), tx, r, "", at)
					})
				}, func(person string) string {
					return b.end(person, at, "DECLINED", []string{"DECLINED", "LAPSED"}, []string{"OFFERED"})
				}),
				"accept": onOne("accept", func(id string) error { return w.accept(id, at) }, func(person string) string { return b.accept(person, at) }),
				"resize": func(t *rapid.T) {
					n := rapid.IntRange(1, 5).Draw(t, "seats")
					expect(fmt.Sprint("resize to ", n), w.resizeAt(m.ID, n, at), b.resize(n, at))
				},
				"flip": func(t *rapid.T) {
					mode, want := domain.MeetingMode(rapid.IntRange(1, 2).Draw(t, "mode")), ""
					if !at.Before(b.start) {
						want = "MEETING_BEGUN"
					} else {
						b.mode = mode
					}
					_, err := w.changeAt(m.ID, domain.Change{Mode: &mode}, at)
					expect(fmt.Sprint("flip to ", mode), err, want)
				},
				"pass": func(t *rapid.T) {
					at = at.Add(time.Duration(rapid.IntRange(1, 12).Draw(t, "hours")) * time.Hour)
					b.lapse(at)
					w.sweep(at)
				},
				"": func(t *rapid.T) { w.compare(t, m.ID, b) },
			})
		})
	})
}

func (w world) compare(t *rapid.T, meetingID string, b *book) {
	all, err := w.Registrations(w.ctx(), domain.RegistrationQuery{MeetingID: meetingID, Page: domain.Page{Limit: 100}})
	if err != nil {
		t.Fatal(err)
	}
	ranks, err := w.WaitingPositions(w.ctx(), meetingID)
	if err != nil {
		t.Fatal(err)
	}
	m, err := w.Meeting(w.ctx(), meetingID)
	if err != nil || m.Taken != b.taken() || m.Waiting != len(b.waiting) || m.Capacity != b.capacity || len(all) != len(b.state) {
		t.Fatalf("%d seats, %d taken, %d waiting, %d registrations, %v; want %+v", m.Capacity, m.Taken, m.Waiting, len(all), err, b)
	}
	for _, r := range all {
		if r.State.String() != b.state[r.PersonID] || ranks[r.ID] != slices.Index(b.waiting, r.PersonID)+1 {
			t.Fatalf("%s is %s, number %d of the line; want %+v", r.PersonID, r.State, ranks[r.ID], b)
		}
		if r.State.Live() && domain.MeetingMode(r.Mode) != b.mode {
			t.Fatalf("%s has a seat of mode %d; want %+v", r.PersonID, r.Mode, b)
		}
		if offered := r.State == domain.RegistrationOffered; offered != !r.OfferExpires.IsZero() || offered && !r.OfferExpires.Equal(b.until[r.PersonID]) {
			t.Fatalf("%s has until %s; want %+v", r.PersonID, r.OfferExpires, b)
		}
	}
}

// answer changes a registration.
func (w world) answer(id string, use func(domain.Tx, domain.Registration) (domain.Registration, error)) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		r, err := tx.Registration(w.ctx(), id)
		if err == nil {
			_, err = use(tx, r)
		}
		return err
	})
}

func (w world) accept(id string, at time.Time) error {
	return w.answer(id, func(tx domain.Tx, r domain.Registration) (domain.Registration, error) {
		return domain.Accept(w.ctx(), tx, r, at)
	})
}

func (w world) sweep(at time.Time) {
	w.Helper()
	if _, err := domain.LapseOffers(w.ctx(), w, at); err != nil {
		w.Fatal(err)
	}
}

// An offer lasts until its deadline and not at it, whether or not anybody has swept it away before.
func TestOfferAtItsDeadline(t *testing.T) {
	both(t, func(w world) {
		for name, c := range map[string]struct {
			after time.Duration
			want  string
		}{"just before": {24*time.Hour - time.Microsecond, ""}, "at the instant": {24 * time.Hour, "OFFER_LAPSED"}, "long after": {30 * time.Hour, "OFFER_LAPSED"}} {
			m := w.series(plan(1)).Meetings[1] // in two days
			first := orFail1(w.line(m.ID, "first", now))
			second, third := orFail1(w.line(m.ID, "second", now)), orFail1(w.line(m.ID, "third", now))
			if second.State != domain.RegistrationWaitlisted || third.Ticket != 2 {
				w.Fatalf("%+v, %+v", second, third)
			}
			orFail1(w.cancel(first.ID, now))
			at := now.Add(c.after)
			if err := w.accept(second.ID, at); reason(err) != c.want {
				w.Errorf("%s: %v, want %q", name, err, c.want)
			}
			w.sweep(at)
			want := domain.RegistrationConfirmed
			if c.want != "" {
				want = domain.RegistrationLapsed
				if r := orFail1(w.Registration(w.ctx(), third.ID)); r.State != domain.RegistrationOffered || !r.OfferExpires.Equal(m.Start) && !r.OfferExpires.Equal(at.Add(24*time.Hour)) {
					w.Errorf("%s: the next is %+v", name, r)
				}
			}
			if r := orFail1(w.Registration(w.ctx(), second.ID)); r.State != want {
				w.Errorf("%s: the second is %s", name, r.State)
			}
		}
	})
}
