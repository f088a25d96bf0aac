package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/events"
	"github.com/classcode/maillage/services/meetings/internal/store"
)

const (
	replicaCount = 3
	rounds       = 200
)

// replicas runs a test on several stores over one database, each with a pool of its own, as processes have.
func replicas(t *testing.T, test func(w world, all []*store.Store)) {
	t.Helper()
	for name, config := range map[string]func(testing.TB) *database.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			all := make([]*store.Store, replicaCount)
			var w world
			for i := range all {
				db := testkit.Open(t, cfg, nil)
				st, err := store.New(t.Context(), db, func() time.Time { return now }, events.Encode)
				if err != nil {
					t.Fatal(err)
				}
				all[i], w = st, world{t, st, db}
			}
			test(w, all)
		})
	}
}

func room(id, meeting string) domain.Booking {
	return domain.Booking{ID: newID(), Kind: domain.ResourceRoom, ResourceID: id, MeetingID: meeting, CreateTime: now}
}

func kit(id, meeting string, units int) domain.Booking {
	b := room(id, meeting)
	b.Kind, b.Quantity = domain.ResourceEquipment, units
	return b
}

func bookIn(ctx context.Context, st domain.Store, b domain.Booking) (booked domain.Booking, err error) {
	err = st.Write(ctx, func(tx domain.Tx) error {
		booked, err = domain.Book(ctx, tx, b)
		return err
	})
	return booked, err
}

// stock puts units of something on the shelf.
func (w world) stock(units int) (id string) {
	w.Helper()
	id = newID()
	w.write(func(tx domain.Tx) error {
		_, err := tx.LockResource(w.ctx(), domain.ResourceEquipment, id, units)
		return err
	})
	return id
}

// race lets each replica book something at the same time and returns what they were told.
func race(w world, all []*store.Store, what func(meeting string) domain.Booking, meetings []domain.Meeting,
	book func(ctx context.Context, st domain.Store, b domain.Booking) (domain.Booking, error)) []error {
	w.Helper()
	told := make([]error, len(all))
	var done sync.WaitGroup
	ready := make(chan struct{})
	for i, st := range all {
		done.Go(func() {
			<-ready
			_, told[i] = book(w.ctx(), st, what(meetings[i].ID))
		})
	}
	close(ready)
	done.Wait()
	return told
}

// One room, and a kit of which two cannot have enough: each time one replica wins, and the others are told who has it.
func TestConcurrentBookingsOfOneRoomAndOneKit(t *testing.T) {
	replicas(t, func(w world, all []*store.Store) {
		meetings := make([]domain.Meeting, len(all))
		for i := range meetings {
			meetings[i] = w.meeting(5)
		}
		for range rounds {
			roomID, kitID := newID(), w.stock(10)
			for reason, what := range map[string]func(meeting string) domain.Booking{
				"ROOM_TAKEN":      func(meeting string) domain.Booking { return room(roomID, meeting) },
				"EQUIPMENT_SHORT": func(meeting string) domain.Booking { return kit(kitID, meeting, 6) },
			} {
				oneWins(w, meetings, race(w, all, what, meetings, bookIn), reason)
			}
		}
		if held := w.number(`SELECT count(*) FROM bookings`); held != 2*rounds {
			w.Fatalf("%d bookings; want %d", held, 2*rounds)
		}
	})
}

func oneWins(w world, meetings []domain.Meeting, told []error, want string) {
	w.Helper()
	winner := -1
	for i, err := range told {
		if err == nil && winner < 0 {
			winner = i
		} else if reason(err) != want {
			w.Fatalf("%v; want one to win and the others to be told %s", told, want)
		}
	}
	for i, err := range told {
		if i != winner && errs.From(err).Meta["meeting"] != meetings[winner].ID {
			w.Fatalf("%v does not name the winner's meeting %s", err, meetings[winner].ID)
		}
	}
}

// The control: whoever looks without having taken the resource's row first books a room that another one has just booked.
func TestConcurrentBookingsWithoutTheLockAreDouble(t *testing.T) {
	replicas(t, func(w world, all []*store.Store) {
		meetings := make([]domain.Meeting, len(all))
		for i := range meetings {
			meetings[i] = w.meeting(5)
		}
		roomID := newID()
		w.write(func(tx domain.Tx) error {
			_, err := tx.LockResource(w.ctx(), domain.ResourceRoom, roomID, 1)
			return err
		})
		var looked sync.WaitGroup
		looked.Add(len(all))
		told := race(w, all, func(meeting string) domain.Booking { return room(roomID, meeting) }, meetings,
			func(ctx context.Context, st domain.Store, b domain.Booking) (domain.Booking, error) {
				return bookIn(ctx, unlocked{st, &looked, w.db.Engine()}, b)
			})
		if held := w.number(`SELECT count(*) FROM bookings WHERE state = 1`); held != len(all) {
			w.Fatalf("%d bookings of one room, %v: the race test would not notice a missing lock", held, told)
		}
	})
}

// unlocked looks without the lock, and waits until everybody has looked. SQLite has one writer, so that the look stands outside of the
// transaction there.
type unlocked struct {
	domain.Store
	looked *sync.WaitGroup
	engine database.Engine
}

func (u unlocked) Write(ctx context.Context, use func(domain.Tx) error) error {
	blind := u.engine == database.SQLite
	if blind {
		u.looked.Done()
		u.looked.Wait()
	}
	return u.Store.Write(ctx, func(tx domain.Tx) error { return use(unlockedTx{tx, u, blind}) })
}

type unlockedTx struct {
	domain.Tx
	unlocked
	blind bool
}

func (unlockedTx) LockResource(context.Context, domain.ResourceKind, string, int) (int, error) {
	return 1, nil
}

func (t unlockedTx) BookingsAt(ctx context.Context, kind domain.ResourceKind, id string, start, end time.Time) ([]domain.Booking, error) {
	if t.blind {
		return nil, nil
	}
	seen, err := t.Tx.BookingsAt(ctx, kind, id, start, end)
	t.looked.Done()
	t.looked.Wait()
	return seen, err
}

func TestBooking(t *testing.T) {
	both(t, func(w world) {
		m, other := w.meeting(5), w.meeting(5)
		roomID := newID()
		first := orFail1(bookIn(w.ctx(), w, room(roomID, m.ID)))
		if !first.Start.Equal(m.Start) || !first.End.Equal(m.End) || first.Version != 1 || first.State != domain.BookingHeld {
			w.Fatalf("%+v; want the meeting's hours", first)
		}
		if got := orFail1(w.Booking(w.ctx(), first.ID)); got != first {
			w.Fatalf("read %+v; want %+v", got, first)
		}
		if _, err := bookIn(w.ctx(), w, room(roomID, other.ID)); reason(err) != "ROOM_TAKEN" {
			w.Fatalf("%v; want ROOM_TAKEN", err)
		}
		if _, err := bookIn(w.ctx(), w, room(newID(), newID())); reason(err) != "NOT_FOUND" {
			w.Fatalf("%v; want NOT_FOUND for an unknown meeting", err)
		}
		w.write(func(tx domain.Tx) error {
			return domain.ReleaseBookings(w.ctx(), tx, m.ID, domain.ResourceProfessional)
		})
		if held := orFail1(w.BookingsOf(w.ctx(), m.ID)); len(held) != 1 {
			w.Fatalf("another kind's release left %v", held)
		}
		w.write(func(tx domain.Tx) error {
			_, err := domain.CancelMeeting(w.ctx(), tx, m, domain.Reason{Cause: domain.OtherCause, Note: "La salle est fermée"}, now)
			return err
		})
		if _, err := bookIn(w.ctx(), w, room(roomID, other.ID)); err != nil {
			w.Fatalf("once the meeting was called off: %v", err)
		}
		if _, err := bookIn(w.ctx(), w, room(newID(), m.ID)); reason(err) != "MEETING_STATE" {
			w.Fatalf("%v; want MEETING_STATE for a meeting that was called off", err)
		}
		for name, want := range map[string]int{"held": 2, "released": 1} {
			if n := w.number(`SELECT count(*) FROM outbox WHERE subject = $1`, "maillage.meetings.v1.booking."+name); n != want {
				w.Errorf("booking.%s was told %d times; want %d", name, n, want)
			}
		}
	})
}

// A meeting takes its bookings along, or stays where it is.
func TestBookingsMove(t *testing.T) {
	both(t, func(w world) {
		m, other := w.meeting(5), w.meeting(5)
		move := func(hours int) error {
			return w.Write(w.ctx(), func(tx domain.Tx) error {
				was := orFail1(tx.Meeting(w.ctx(), m.ID))
				start, end := m.Start.Add(time.Duration(hours)*time.Hour), m.End.Add(time.Duration(hours)*time.Hour)
				_, err := domain.UpdateMeeting(w.ctx(), tx, was, domain.Change{Start: &start, End: &end}, now)
				return err
			})
		}
		roomID, kitID := newID(), w.stock(5)
		early := room(roomID, m.ID)
		early.Start, early.End = m.Start.Add(-time.Hour), m.End
		early = orFail1(bookIn(w.ctx(), w, early))
		orFail1(bookIn(w.ctx(), w, kit(kitID, m.ID, 3)))
		orFail1(bookIn(w.ctx(), w, kit(kitID, m.ID, 2)))
		if err := move(1); err != nil { // over its own old hours
			w.Fatal(err)
		}
		if got := orFail1(w.Booking(w.ctx(), early.ID)); !got.Start.Equal(m.Start) || !got.End.Equal(m.End.Add(time.Hour)) || got.Version != 2 {
			w.Fatalf("%+v; want an hour before the meeting kept free", got)
		}
		taken := room(roomID, other.ID)
		taken.Start, taken.End = other.Start.Add(-3*time.Hour), other.End.Add(-2*time.Hour)
		if _, err := bookIn(w.ctx(), w, taken); reason(err) != "BOOKING_OUTSIDE_MEETING" {
			w.Fatalf("%v; want BOOKING_OUTSIDE_MEETING", err)
		}
		if err := move(5); err != nil {
			w.Fatal(err)
		}
		orFail1(bookIn(w.ctx(), w, room(roomID, other.ID)))
		err := move(0)
		if e := errs.From(err); reason(err) != "ROOM_TAKEN" || e.Meta["meeting"] != other.ID || e.Fields[0].Path != "meeting.start_time" {
			w.Fatalf("%v; want ROOM_TAKEN by the other meeting", err)
		}
		if got := orFail1(w.Meeting(w.ctx(), m.ID)); !got.Start.Equal(m.Start.Add(5 * time.Hour)) {
			w.Fatalf("the meeting moved to %v without its room", got.Start)
		}
	})
}

// Midnight and the two nights on which clocks change are instants like others.
func TestBookingsAcrossMidnightAndZones(t *testing.T) {
	both(t, func(w world) {
		local := func(zone, at string) time.Time {
			return orFail1(time.ParseInLocation("2006-01-02 15:04", at, orFail1(time.LoadLocation(zone))))
		}
		for name, c := range map[string]struct {
			heldFrom, heldTo, from, to time.Time
			free                       bool
		}{
			"after midnight":              {local(paris, "2026-03-10 22:00"), local(paris, "2026-03-11 02:00"), local(paris, "2026-03-11 01:59"), local(paris, "2026-03-11 03:00"), false},
			"when it ends after midnight": {local(paris, "2026-03-10 22:00"), local(paris, "2026-03-11 02:00"), local(paris, "2026-03-11 02:00"), local(paris, "2026-03-11 03:00"), true},
			"the same hour elsewhere":     {local(paris, "2026-03-10 10:00"), local(paris, "2026-03-10 12:00"), local("Indian/Reunion", "2026-03-10 10:00"), local("Indian/Reunion", "2026-03-10 12:00"), true},
			"the same instant elsewhere":  {local(paris, "2026-03-10 10:00"), local(paris, "2026-03-10 12:00"), local("Indian/Reunion", "2026-03-10 13:00"), local("Indian/Reunion", "2026-03-10 15:00"), false},
			// On 29 March 2026 two o'clock is three o'clock; on 25 October there are two of each between two and three.
			"spring, across the gap": {local(paris, "2026-03-29 01:00"), local(paris, "2026-03-29 03:00"), local(paris, "2026-03-29 03:00"), local(paris, "2026-03-29 04:00"), true},
			"autumn, first two":      {utc("2026-10-25T00:00:00Z"), utc("2026-10-25T00:30:00Z"), utc("2026-10-25T01:00:00Z"), utc("2026-10-25T01:30:00Z"), true},
			"autumn, both":           {utc("2026-10-25T00:00:00Z"), utc("2026-10-25T01:30:00Z"), utc("2026-10-25T01:00:00Z"), utc("2026-10-25T02:00:00Z"), false},
		} {
			kitID := w.stock(1)
			lent := func(from, to time.Time) domain.Booking {
				b := kit(kitID, "", 1)
				b.Start, b.End, b.CreateTime = from, to, utc("2026-01-01T00:00:00Z")
				return b
			}
			orFail1(bookIn(w.ctx(), w, lent(c.heldFrom, c.heldTo)))
			_, err := bookIn(w.ctx(), w, lent(c.from, c.to))
			if want := map[bool]string{true: "", false: "EQUIPMENT_SHORT"}[c.free]; reason(err) != want {
				w.Errorf("%s: %v; want %q", name, err, want)
			}
		}
	})
}

func utc(text string) time.Time { return orFail1(time.Parse(time.RFC3339, text)) }

// A list gives each booking once.
func TestBookingPages(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		var ids []string
		for range 7 {
			ids = append(ids, orFail1(bookIn(w.ctx(), w, room(newID(), m.ID))).ID)
		}
		w.pages(ids, func(p domain.Page) (got, last []string) {
			rows, err := w.Bookings(w.ctx(), domain.BookingQuery{MeetingID: m.ID, Page: p})
			for _, b := range rows {
				got, last = append(got, b.ID), []string{fmt.Sprint(database.Micros(b.CreateTime)), b.ID}
			}
			return got, orFail(w, last, err)
		})
	})
}
