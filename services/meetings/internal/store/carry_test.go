package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func to[T any](v T) *T { return &v }

// change updates a meeting.
func (w world) change(id string, c domain.Change) (domain.Meeting, error) {
	return w.changeAt(id, c, now)
}

func (w world) changeAt(id string, c domain.Change, at time.Time) (m domain.Meeting, err error) {
	err = w.Write(w.ctx(), func(tx domain.Tx) error {
		if m, err = tx.Meeting(w.ctx(), id); err != nil {
			return err
		}
		c.NewID = newID
		m, err = domain.UpdateMeeting(w.ctx(), tx, m, c, at)
		return err
	})
	return m, err
}

// of plans a meeting of a mode.
func (w world) of(mode domain.MeetingMode, capacity int) domain.Meeting {
	w.Helper()
	p := plan(capacity)
	p.Common.Mode = mode
	return w.series(p).Meetings[0]
}

// stand asks for a seat of a mode, or a place in its line.
func (w world) stand(meeting string, mode domain.SeatMode, person string) domain.Registration {
	w.Helper()
	r, err := w.ask(domain.Request{PersonID: person, Pool: domain.Pool{MeetingID: meeting, Mode: mode}}, now)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// pools is a meeting's seats in short: mode and role, taken of capacity, and who waits.
func (w world) pools(meeting string) string {
	w.Helper()
	var out []string
	for _, s := range orFail1(w.Seats(w.ctx(), meeting)) {
		out = append(out, fmt.Sprintf("%d.%d: %d of %d, %d wait", s.Mode, s.Role, s.Taken, s.Capacity, s.Waiting))
	}
	return strings.Join(out, "; ")
}

// who is a meeting's registrations in short, by person: mode, state, rank and version.
func (w world) who(meeting string) string {
	w.Helper()
	all := orFail1(w.Registrations(w.ctx(), domain.RegistrationQuery{MeetingID: meeting, Page: domain.Page{Limit: 100}}))
	ranks := orFail1(w.WaitingPositions(w.ctx(), meeting))
	var out []string
	for _, r := range all {
		out = append(out, fmt.Sprintf("%s %d %s %d v%d", r.PersonID, r.Mode, r.State, ranks[r.ID], r.Version))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func (w world) same(got, want string) {
	w.Helper()
	if got != want {
		w.Fatalf("%s\nwant %s", got, want)
	}
}

// A meeting opens with the seats of its mode, and whoever says no mode gets them; the others come with the mode.
func TestSeatsOfTheMode(t *testing.T) {
	both(t, func(w world) {
		for mode, c := range map[domain.MeetingMode]struct {
			opens, mine string
			refused     domain.SeatMode
		}{
			domain.MeetingInPerson: {"1.1: 1 of 1, 1 wait", "a 1 CONFIRMED 0 v1; b 1 WAITLISTED 1 v1", domain.Remote},
			domain.MeetingRemote:   {"2.1: 1 of 1, 1 wait", "a 2 CONFIRMED 0 v1; b 2 WAITLISTED 1 v1", domain.InPerson},
			domain.MeetingHybrid:   {"1.1: 1 of 1, 1 wait", "a 1 CONFIRMED 0 v1; b 1 WAITLISTED 1 v1", 0},
		} {
			m := w.of(mode, 1)
			w.stand(m.ID, 0, "a")
			w.stand(m.ID, 0, "b")
			w.same(w.pools(m.ID), c.opens)
			w.same(w.who(m.ID), c.mine)
			for _, of := range []domain.SeatMode{domain.InPerson, domain.Remote} {
				want := ""
				if of == c.refused {
					want = "SEATS_NOT_OF_MODE"
				}
				err := w.seatLearners(m.ID, of, 2)
				if reason(err) != want || want != "" && errs.From(err).Fields[0].Path != "mode" {
					w.Errorf("seats of mode %d in a meeting of mode %d: %v; want %q at mode", of, mode, err, want)
				}
			}
		}
	})
}

// A part that has seats from afar only is asked for without a mode as well, beside another part that has seats at the place.
func TestUsualSeatsOfARole(t *testing.T) {
	both(t, func(w world) {
		m := w.of(domain.MeetingHybrid, 1)
		w.write(func(tx domain.Tx) error {
			_, err := domain.SetSeats(w.ctx(), tx, m, domain.Pool{Mode: domain.Remote, Role: domain.FacilitatorSeat}, 2, now)
			return err
		})
		r := orFail1(w.ask(domain.Request{PersonID: "f", Pool: domain.Pool{MeetingID: m.ID, Role: domain.FacilitatorSeat}}, now))
		if r.Mode != domain.Remote || r.State != domain.RegistrationConfirmed {
			w.Fatalf("%+v; want a remote seat", r)
		}
		if _, err := w.ask(domain.Request{PersonID: "g", Pool: domain.Pool{MeetingID: m.ID, Mode: domain.InPerson, Role: domain.FacilitatorSeat}}, now); reason(err) != "NO_SUCH_SEATS" {
			w.Fatalf("%v; want what was said to be meant", err)
		}
	})
}

// One transaction's requests, some with the mode and some without, are for the same seats.
func TestUsualSeatsAmongNamed(t *testing.T) {
	both(t, func(w world) {
		m := w.of(domain.MeetingRemote, 3)
		var outcomes []domain.Outcome
		w.write(func(tx domain.Tx) (err error) {
			var requests []domain.Request
			for i, mode := range []domain.SeatMode{0, domain.Remote, 0, domain.Remote, domain.InPerson} {
				requests = append(requests, domain.Request{
					Context: w.ctx(), ID: newID(), PersonID: string(rune('a' + i)), Pool: domain.Pool{MeetingID: m.ID, Mode: mode}, SeatOnly: true,
				})
			}
			outcomes, err = domain.Register(w.ctx(), tx, requests, now)
			return err
		})
		given := 0
		for i, o := range outcomes {
			if o.Err == nil {
				given++
			} else if want := map[bool]string{true: "NO_SUCH_SEATS", false: "MEETING_FULL"}[i == 4]; reason(o.Err) != want {
				w.Errorf("request %d: %v; want %s", i, o.Err, want)
			}
		}
		if given != 3 {
			w.Fatalf("%d seats given; want all three", given)
		}
		w.seats(m.ID, 3)
	})
}

// hybrid is a meeting with two seats at the place and one from afar: a and b have the first, z is offered the other; c and d wait for
// the place, y and x for the link, in these orders.
func (w world) hybrid() domain.Meeting {
	w.Helper()
	m := w.of(domain.MeetingHybrid, 2)
	if err := w.seatLearners(m.ID, domain.Remote, 1); err != nil {
		w.Fatal(err)
	}
	for _, person := range []string{"a", "b", "c", "d"} {
		w.stand(m.ID, domain.InPerson, person)
	}
	gone := w.stand(m.ID, domain.Remote, "gone")
	for _, person := range []string{"z", "y", "x"} {
		w.stand(m.ID, domain.Remote, person)
	}
	orFail1(w.cancel(gone.ID, now))
	w.same(w.pools(m.ID), "1.1: 2 of 2, 2 wait; 2.1: 1 of 1, 2 wait")
	return orFail1(w.Meeting(w.ctx(), m.ID))
}

// When a mode ends, nobody loses a seat or an offer, and who waited stands behind those who waited there already.
func TestModeTakesSeatsAlong(t *testing.T) {
	both(t, func(w world) {
		m := w.hybrid()
		until := func(person string) time.Time {
			return orFail1(w.of1(m.ID, person)).OfferExpires
		}
		offered := until("z")
		m = orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingInPerson)}))
		if m.Capacity != 3 || m.Taken != 3 || m.Waiting != 4 || m.Type() != domain.InPersonMeeting {
			w.Fatalf("%+v", m)
		}
		w.same(w.pools(m.ID), "1.1: 3 of 3, 4 wait; 2.1: 0 of 0, 0 wait")
		w.same(w.who(m.ID), "a 1 CONFIRMED 0 v1; b 1 CONFIRMED 0 v1; c 1 WAITLISTED 1 v1; d 1 WAITLISTED 2 v1; "+
			"gone 2 CANCELLED 0 v2; x 1 WAITLISTED 4 v2; y 1 WAITLISTED 3 v2; z 1 OFFERED 0 v3")
		if !until("z").Equal(offered) {
			w.Fatalf("z has until %s; want %s as before", until("z"), offered)
		}
		if n := w.number(`SELECT count(*) FROM outbox WHERE subject = 'maillage.meetings.v1.registration.updated'`); n != 3 {
			w.Fatalf("%d told of; want x, y and z", n)
		}
		// Back and forth: all of them, in the same order, and numbers that are given again to nobody.
		orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingRemote)}))
		w.same(w.pools(m.ID), "1.1: 0 of 0, 0 wait; 2.1: 3 of 3, 4 wait")
		w.same(w.who(m.ID), "a 2 CONFIRMED 0 v2; b 2 CONFIRMED 0 v2; c 2 WAITLISTED 1 v2; d 2 WAITLISTED 2 v2; "+
			"gone 2 CANCELLED 0 v2; x 2 WAITLISTED 4 v3; y 2 WAITLISTED 3 v3; z 2 OFFERED 0 v4")
		if first := orFail1(w.of1(m.ID, "c")); first.Ticket != 4 {
			w.Fatalf("number %d; want the fourth of this line", first.Ticket)
		}
		// Who cancelled comes back to the seats that there are, and a seat given back goes to the first in line.
		if r := w.stand(m.ID, 0, "gone"); r.Mode != domain.Remote || r.State != domain.RegistrationWaitlisted {
			w.Fatalf("%+v", r)
		}
		orFail1(w.cancel(orFail1(w.of1(m.ID, "a")).ID, now))
		if r := orFail1(w.of1(m.ID, "c")); r.State != domain.RegistrationOffered {
			w.Fatalf("%+v; want the seat of a", r)
		}
		// A hybrid meeting keeps its people where they are; its organiser opens the seats at the place.
		orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingHybrid)}))
		if err := w.seatLearners(m.ID, 0, 1); err != nil {
			w.Fatal(err)
		}
		w.same(w.pools(m.ID), "1.1: 0 of 1, 0 wait; 2.1: 3 of 3, 4 wait")
	})
}

// of1 is a person's registration.
func (w world) of1(meeting, person string) (r domain.Registration, err error) {
	all, err := w.Registrations(w.ctx(), domain.RegistrationQuery{MeetingID: meeting, PersonID: person, Page: domain.Page{Limit: 1}})
	if err == nil && len(all) != 1 {
		err = domain.ErrRegistrationNotFound
	}
	if err != nil {
		return r, err
	}
	return all[0], nil
}

// Free seats of one mode go to those who waited for the other, in their order; each part keeps its own.
func TestModeOffersWhatIsFree(t *testing.T) {
	both(t, func(w world) {
		m := w.of(domain.MeetingHybrid, 1)
		for _, s := range []domain.Seats{
			{Pool: domain.Pool{Mode: domain.Remote, Role: domain.LearnerSeat}, Capacity: 2},
			{Pool: domain.Pool{Mode: domain.InPerson, Role: domain.FacilitatorSeat}, Capacity: 1},
		} {
			w.write(func(tx domain.Tx) error {
				m, err := tx.Meeting(w.ctx(), m.ID)
				if err == nil {
					_, err = domain.SetSeats(w.ctx(), tx, m, s.Pool, s.Capacity, now)
				}
				return err
			})
		}
		for _, person := range []string{"a", "b", "c", "d"} {
			w.stand(m.ID, domain.InPerson, person)
		}
		orFail1(w.ask(domain.Request{PersonID: "f", Pool: domain.Pool{MeetingID: m.ID, Role: domain.FacilitatorSeat}}, now))
		m = orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingRemote)}))
		w.same(w.pools(m.ID), "1.1: 0 of 0, 0 wait; 1.2: 0 of 0, 0 wait; 2.1: 3 of 3, 1 wait; 2.2: 1 of 1, 0 wait")
		w.same(w.who(m.ID), "a 2 CONFIRMED 0 v2; b 2 OFFERED 0 v3; c 2 OFFERED 0 v3; d 2 WAITLISTED 1 v2; f 2 CONFIRMED 0 v2")
		if r := orFail1(w.of1(m.ID, "b")); !r.OfferExpires.Equal(m.Start) {
			w.Fatalf("%+v; want an offer until the start, in a day", r)
		}
		// Attested by the same sums as before: nobody is counted twice.
		if m.Capacity != 4 || m.Taken != 4 || m.Waiting != 1 {
			w.Fatalf("%+v", m)
		}
	})
}

// The mode and the number of seats in one request: the seats have one kind by then.
func TestModeWithCapacity(t *testing.T) {
	both(t, func(w world) {
		m := w.hybrid()
		for name, c := range map[string]struct {
			change domain.Change
			want   string
		}{
			"several kinds":    {domain.Change{Capacity: to(9)}, "SEATS_SEVERAL meeting.capacity"},
			"below taken":      {domain.Change{Capacity: to(2), Mode: to(domain.MeetingRemote)}, "CAPACITY_BELOW_TAKEN meeting.capacity"},
			"too many":         {domain.Change{Capacity: to(10_001), Mode: to(domain.MeetingRemote)}, "CAPACITY_RANGE meeting.capacity"},
			"no link any more": {domain.Change{RemoteURL: to("http://x"), Mode: to(domain.MeetingRemote)}, "REMOTE_URL_INVALID meeting.remote_url"},
		} {
			_, err := w.change(m.ID, c.change)
			if got := refusal(err); got != c.want {
				w.Errorf("%s: %s; want %s", name, got, c.want)
			}
		}
		w.same(w.pools(m.ID), "1.1: 2 of 2, 2 wait; 2.1: 1 of 1, 2 wait") // nothing half-done
		orFail1(w.change(m.ID, domain.Change{Capacity: to(5), Mode: to(domain.MeetingRemote)}))
		w.same(w.pools(m.ID), "1.1: 0 of 0, 0 wait; 2.1: 5 of 5, 2 wait")
		if _, err := w.changeAt(m.ID, domain.Change{Mode: to(domain.MeetingInPerson)}, m.Start); refusal(err) != "MEETING_BEGUN meeting.id" {
			w.Errorf("at the start: %v", err)
		}
		// The sum of all kinds has a bound.
		large := w.of(domain.MeetingHybrid, 6000)
		if err := w.seatLearners(large.ID, domain.Remote, 6000); refusal(err) != "CAPACITY_RANGE capacity" {
			w.Errorf("12 000 seats: %v", err)
		}
	})
}

func refusal(err error) string {
	if err == nil {
		return ""
	}
	e := errs.From(err)
	if len(e.Fields) == 0 {
		return e.Reason
	}
	return e.Reason + " " + e.Fields[0].Path
}

// A draft's seats follow its mode, and are all there when it opens.
func TestModeOfADraft(t *testing.T) {
	both(t, func(w world) {
		p := plan(4)
		p.Draft = true
		m := w.series(p).Meetings[0]
		orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingRemote), Start: to(m.Start.Add(time.Hour))}))
		w.write(func(tx domain.Tx) error {
			m, err := tx.Meeting(w.ctx(), m.ID)
			if err == nil {
				_, err = domain.OpenMeeting(w.ctx(), tx, m, now)
			}
			return err
		})
		w.stand(m.ID, 0, "a")
		w.same(w.pools(m.ID), "1.1: 0 of 0, 0 wait; 2.1: 1 of 4, 0 wait")
	})
}

// Seats from before they followed the mode are put right by saying the mode again; nothing else moves them.
func TestModeSaidAgain(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(2)
		w.stand(m.ID, 0, "a")
		m.Mode, m.Version = domain.MeetingRemote, m.Version+1
		w.write(func(tx domain.Tx) error { return tx.UpdateMeeting(w.ctx(), m) })
		orFail1(w.change(m.ID, domain.Change{Title: to("Autre titre")}))
		w.same(w.pools(m.ID), "1.1: 1 of 2, 0 wait")
		orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingRemote)}))
		w.same(w.pools(m.ID), "1.1: 0 of 0, 0 wait; 2.1: 1 of 2, 0 wait")
		version := orFail1(w.Meeting(w.ctx(), m.ID)).Version
		if m = orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingRemote)})); m.Version != version {
			w.Fatalf("version %d; want nothing changed", m.Version)
		}
	})
}
