package store_test

import (
	"sync"
	"testing"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Whether the room is booked first or the seats are raised first: nobody sits outside.
func TestConcurrentSeatsStayInTheRoom(t *testing.T) {
	both(t, func(w world) {
		for range 20 {
			m := w.meeting(10)
			r := domain.Room{ID: newID(), PlaceID: m.PlaceID, Seats: 10, Version: 1}
			var raised, booked error
			var all sync.WaitGroup
			all.Go(func() { raised = w.seatLearners(m.ID, domain.InPerson, 12) })
			all.Go(func() {
				booked = w.Write(w.ctx(), func(tx domain.Tx) error {
					_, err := domain.BookRoom(w.ctx(), tx, r, domain.Booking{ID: newID(), MeetingID: m.ID, CreateTime: now}, false)
					return err
				})
			})
			all.Wait()
			if (raised == nil) == (booked == nil) || reason(raised) != "" && reason(raised) != "ROOM_TOO_SMALL" || reason(booked) != "" && reason(booked) != "ROOM_TOO_SMALL" {
				w.Fatalf("raised: %v, booked: %v; want one of them", raised, booked)
			}
		}
	})
}

func (w world) seatLearners(meeting string, mode domain.SeatMode, capacity int) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		m, err := tx.Meeting(w.ctx(), meeting)
		if err == nil {
			_, err = domain.SetSeats(w.ctx(), tx, m, domain.Pool{Mode: mode, Role: domain.LearnerSeat}, capacity, now)
		}
		return err
	})
}

// Only who is on site needs a chair and a robot.
func TestRemoteSeatsNeedNoRoom(t *testing.T) {
	both(t, func(w world) {
		m, e := w.meeting(10), w.equipment(30)
		orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingHybrid)}))
		if err := w.seatLearners(m.ID, domain.Remote, 50); err != nil {
			w.Fatal(err)
		}
		r := domain.Room{ID: newID(), PlaceID: m.PlaceID, Seats: 14, Version: 1}
		w.write(func(tx domain.Tx) error {
			_, err := domain.BookRoom(w.ctx(), tx, r, domain.Booking{ID: newID(), MeetingID: m.ID, CreateTime: now}, true)
			return err
		})
		if m = orFail1(w.Meeting(w.ctx(), m.ID)); m.Capacity != 64 {
			w.Fatalf("%d seats; want 14 in the room and 50 elsewhere", m.Capacity)
		}
		orFail1(w.lend(e, m.ID, 7, domain.Slot{}))
		w.write(func(tx domain.Tx) error {
			_, err := domain.SetNeeds(w.ctx(), tx, domain.Needs{
				MeetingID: m.ID, EquipmentCapsSeats: true, Equipment: []domain.EquipmentNeed{{Kind: domain.Robot, PersonsPerUnit: 2}},
			}, now)
			return err
		})
		for mode, want := range map[domain.SeatMode]string{domain.InPerson: "ROOM_TOO_SMALL", domain.Remote: ""} {
			if err := w.seatLearners(m.ID, mode, 60); reason(err) != want {
				w.Errorf("60 seats of mode %d: %v; want %q", mode, err, want)
			}
		}
		if gaps := orFail1(domain.Gaps(w.ctx(), w, orFail1(w.Meeting(w.ctx(), m.ID)))); len(gaps) != 0 {
			w.Errorf("%+v is missing; want nothing", gaps)
		}
	})
}

// A larger stock makes room for those who wait, in their order.
func TestMoreEquipmentSeatsWhoWaits(t *testing.T) {
	both(t, func(w world) {
		m, e := w.meeting(2), w.equipment(30)
		for _, person := range []string{"a", "b", "c"} {
			orFail1(w.line(m.ID, person, now))
		}
		wanted := domain.Loan{ID: newID(), BookingID: newID(), EquipmentID: e.ID, MeetingID: m.ID, Quantity: 2, CreateTime: now}
		w.write(func(tx domain.Tx) error {
			if _, _, err := domain.Reserve(w.ctx(), tx, wanted, domain.Slot{}, false); err != nil {
				return err
			}
			_, err := domain.SetNeeds(w.ctx(), tx, domain.Needs{
				MeetingID: m.ID, EquipmentCapsSeats: true, Equipment: []domain.EquipmentNeed{{Kind: domain.Robot, PersonsPerUnit: 1}},
			}, now)
			return err
		})
		more := wanted
		more.ID, more.BookingID, more.Quantity = newID(), newID(), 1
		w.write(func(tx domain.Tx) error {
			_, _, err := domain.Reserve(w.ctx(), tx, more, domain.Slot{}, true)
			return err
		})
		m = orFail1(w.Meeting(w.ctx(), m.ID))
		if m.Capacity != 3 || m.Taken != 3 || m.Waiting != 0 {
			w.Fatalf("%+v; want a third seat, offered to who waits", m)
		}
	})
}
