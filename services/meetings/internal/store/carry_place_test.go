package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// The room and the equipment hold as many people as before; a meeting that becomes remote gives them back, save what was handed out.
func TestModeAndPlace(t *testing.T) {
	both(t, func(w world) {
		m, e, out := w.hybrid(), w.equipment(30), w.equipment(30)
		room := domain.Room{ID: newID(), PlaceID: m.PlaceID, Seats: 2, Version: 1}
		book := func() error {
			return w.Write(w.ctx(), func(tx domain.Tx) error {
				_, err := domain.BookRoom(w.ctx(), tx, room, domain.Booking{ID: newID(), MeetingID: m.ID, CreateTime: now}, true)
				return err
			})
		}
		if err := book(); err != nil {
			w.Fatal(err)
		}
		if _, err := w.change(m.ID, domain.Change{Mode: to(domain.MeetingInPerson)}); refusal(err) != "ROOM_TOO_SMALL meeting.mode" {
			w.Fatalf("%v; want the room to be too small", err)
		}
		w.same(w.pools(m.ID), "1.1: 2 of 2, 2 wait; 2.1: 1 of 1, 2 wait")
		orFail1(w.lend(e, m.ID, 1, domain.Slot{}))
		handed := orFail1(w.lend(out, m.ID, 1, domain.Slot{}))
		w.write(func(tx domain.Tx) error {
			_, err := domain.HandOutLoan(w.ctx(), tx, handed, now)
			return err
		})
		orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingRemote)}))
		held := orFail1(w.BookingsOf(w.ctx(), m.ID))
		if len(held) != 1 || held[0].Kind != domain.ResourceEquipment || held[0].CauseID != handed.ID {
			w.Fatalf("%+v is held; want only what was handed out", held)
		}
		// A room may be booked still, to speak from; it seats nobody, and limits nothing.
		if err := book(); err != nil {
			w.Fatal(err)
		}
		if err := w.seatLearners(m.ID, 0, 50); err != nil {
			w.Fatal(err)
		}
		w.same(w.pools(m.ID), "1.1: 0 of 0, 0 wait; 2.1: 7 of 50, 0 wait")
		if _, err := w.change(m.ID, domain.Change{Mode: to(domain.MeetingInPerson)}); refusal(err) != "ROOM_TOO_SMALL meeting.mode" {
			w.Fatalf("%v; want the room to be too small", err)
		}
	})
}

// Equipment that limits the seats at the place limits what goes over to it.
func TestModeAndEquipment(t *testing.T) {
	both(t, func(w world) {
		m, e := w.of(domain.MeetingRemote, 10), w.equipment(30)
		orFail1(w.lend(e, m.ID, 4, domain.Slot{}))
		w.write(func(tx domain.Tx) error {
			_, err := domain.SetNeeds(w.ctx(), tx, domain.Needs{
				MeetingID: m.ID, EquipmentCapsSeats: true, Equipment: []domain.EquipmentNeed{{Kind: domain.Robot, PersonsPerUnit: 2}},
				Network: domain.Network{WiredPorts: 1},
			}, now)
			return err
		})
		if gaps := orFail1(domain.Gaps(w.ctx(), w, orFail1(w.Meeting(w.ctx(), m.ID)))); len(gaps) != 0 {
			w.Errorf("%+v is missing from a remote meeting; want nothing", gaps)
		}
		if _, err := w.change(m.ID, domain.Change{Mode: to(domain.MeetingInPerson)}); refusal(err) != "EQUIPMENT_CAPS_SEATS meeting.mode" {
			w.Fatalf("%v; want eight people served of ten", err)
		}
		orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingInPerson), Capacity: to(8)}))
		w.same(w.pools(m.ID), "1.1: 0 of 8, 0 wait; 2.1: 0 of 0, 0 wait")
	})
}

// The checklist asks for what the mode needs, and keeps what people have said.
func TestModeAndChecklist(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		list := func() string {
			c := orFail1(w.Checklist(w.ctx(), m.ID))
			var lines []string
			for _, i := range c.Items {
				if i.Required {
					lines = append(lines, fmt.Sprint(i.Code, " ", int(i.State)))
				}
			}
			slices.Sort(lines)
			return fmt.Sprint(int(c.Type), lines)
		}
		w.same(list(), "1 [COMPUTERS_TESTED 1 CONNECTION_TESTED 1 FILTERING_OPEN 1 KIT_READ 1 ROOM_ACCESSIBLE 1 ROOM_BOOKED 1]")
		w.write(func(tx domain.Tx) error {
			for _, i := range orFail1(w.Checklist(w.ctx(), m.ID)).Items {
				if i.Code == "KIT_READ" || i.Code == "ROOM_BOOKED" {
					if err := domain.CheckItem(w.ctx(), tx, m, i, domain.Check{State: domain.ItemDone, PersonID: "organiser", Now: now}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingRemote)}))
		w.same(list(), "2 [COMPUTERS_TESTED 3 CONNECTION_TESTED 3 FILTERING_OPEN 3 KIT_READ 2 LINK_TESTED 1 ROOM_ACCESSIBLE 3 ROOM_BOOKED 2]")
		if b := orFail1(domain.ReadBoard(w.ctx(), w, newID, orFail1(w.Meeting(w.ctx(), m.ID)), now)); b.Checklist.Version != 3 {
			w.Fatalf("version %d; want two checks and the mode", b.Checklist.Version)
		}
		orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingInPerson)}))
		w.same(list(), "1 [COMPUTERS_TESTED 1 CONNECTION_TESTED 1 FILTERING_OPEN 1 KIT_READ 2 LINK_TESTED 3 ROOM_ACCESSIBLE 1 ROOM_BOOKED 2]")
		// A hybrid meeting has its own list from the beginning.
		c := orFail1(w.Checklist(w.ctx(), w.of(domain.MeetingHybrid, 3).ID))
		if c.Type != domain.HybridMeeting {
			w.Fatalf("type %d; want a hybrid meeting's", c.Type)
		}
	})
}

// Ten thousand people go over in one transaction, four thousand of whom are offered a seat at once.
func TestModeOfTenThousand(t *testing.T) {
	both(t, func(w world) {
		m := w.of(domain.MeetingHybrid, 6000)
		if err := w.seatLearners(m.ID, domain.Remote, 4000); err != nil {
			w.Fatal(err)
		}
		for part := range 10 {
			w.write(func(tx domain.Tx) error {
				var requests []domain.Request
				for i := range 1000 {
					requests = append(requests, domain.Request{
						Context: w.ctx(), ID: newID(), PersonID: fmt.Sprintf("person-%d-%d", part, i), Pool: domain.Pool{MeetingID: m.ID, Mode: domain.InPerson},
					})
				}
				_, err := domain.Register(w.ctx(), tx, requests, now)
				return err
			})
		}
		w.same(w.pools(m.ID), "1.1: 6000 of 6000, 4000 wait; 2.1: 0 of 4000, 0 wait")
		began := time.Now()
		m = orFail1(w.change(m.ID, domain.Change{Mode: to(domain.MeetingRemote)}))
		w.Logf("took %s", time.Since(began))
		w.same(w.pools(m.ID), "1.1: 0 of 0, 0 wait; 2.1: 10000 of 10000, 0 wait")
		w.seats(m.ID, 10_000)
	})
}

// Two meetings of different modes: a swap takes the other's seat with its mode, whatever has become of it since it was proposed.
func TestSwapAcrossModes(t *testing.T) {
	both(t, func(w world) {
		one, other := plan(1), plan(1)
		other.Common.ModuleID = one.Common.ModuleID
		here, there := w.series(one).Meetings[0], w.series(other).Meetings[0]
		a, b := w.stand(here.ID, 0, "a"), w.stand(there.ID, 0, "b")
		s := domain.Swap{ID: newID(), RegistrationID: a.ID, WantedMeetingID: there.ID}
		w.write(func(tx domain.Tx) error {
			_, err := domain.ProposeSwap(w.ctx(), tx, s, "a", now)
			return err
		})
		orFail1(w.change(there.ID, domain.Change{Mode: to(domain.MeetingRemote)}))
		w.write(func(tx domain.Tx) error {
			_, _, err := domain.AcceptSwap(w.ctx(), tx, domain.Acceptance{SwapID: s.ID, RegistrationID: b.ID, PersonID: "b", Now: now, NewID: newID})
			return err
		})
		w.same(w.who(here.ID), "a 1 CANCELLED 0 v2; b 1 CONFIRMED 0 v1")
		w.same(w.who(there.ID), "a 2 CONFIRMED 0 v1; b 2 CANCELLED 0 v3")
		w.seats(here.ID, 1)
		w.seats(there.ID, 1)
	})
}
