package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func (w world) equipment(units int) domain.Equipment {
	w.Helper()
	e := domain.Equipment{ID: newID(), StructureID: newID(), CommuneCode: "44109", Kind: domain.Robot, Label: "Thymio II", Quantity: units, CreateTime: now}
	w.write(func(tx domain.Tx) (err error) {
		e, err = domain.CreateEquipment(w.ctx(), tx, e, []string{"44109", "DEP-44", "FR"})
		return err
	})
	return e
}

func (w world) lend(e domain.Equipment, meeting string, units int, hours domain.Slot) (l domain.Loan, err error) {
	wanted := domain.Loan{ID: newID(), BookingID: newID(), EquipmentID: e.ID, MeetingID: meeting, Quantity: units, CreateTime: now}
	err = w.Write(w.ctx(), func(tx domain.Tx) error {
		l, _, err = domain.Reserve(w.ctx(), tx, wanted, hours, false)
		return err
	})
	return l, err
}

func TestEquipmentAndLoans(t *testing.T) {
	both(t, func(w world) {
		e, m := w.equipment(6), w.meeting(5)
		if got := orFail1(w.Equipment(w.ctx(), e.ID)); got != e {
			w.Fatalf("read %+v; want %+v", got, e)
		}
		for _, q := range []struct {
			domain.EquipmentQuery
			want int
		}{
			{domain.EquipmentQuery{StructureID: e.StructureID}, 1}, {domain.EquipmentQuery{StructureID: newID()}, 0},
			{domain.EquipmentQuery{Territory: "DEP-44", Kind: domain.Robot}, 1}, {domain.EquipmentQuery{Territory: "DEP-13"}, 0},
			{domain.EquipmentQuery{Kind: domain.Laptop}, 0},
		} {
			q.Limit = 10
			if got := orFail1(w.ListEquipment(w.ctx(), q.EquipmentQuery)); len(got) != q.want {
				w.Errorf("%+v finds %d; want %d", q.EquipmentQuery, len(got), q.want)
			}
		}
		l := orFail1(w.lend(e, m.ID, 2, domain.Slot{}))
		orFail1(w.lend(e, m.ID, 1, domain.Slot{}))
		if got := orFail1(w.Loan(w.ctx(), l.ID)); got != l {
			w.Fatalf("read %+v; want %+v", got, l)
		}
		if held := orFail1(w.EquipmentOf(w.ctx(), m.ID)); len(held) != 1 || held[0].Booked != 3 || held[0].Equipment != e {
			w.Fatalf("%+v; want three units of one stock", held)
		}
		w.write(func(tx domain.Tx) (err error) { l, err = domain.HandOutLoan(w.ctx(), tx, l, now); return err })
		for _, q := range []struct {
			domain.LoanQuery
			want int
		}{
			{domain.LoanQuery{All: true}, 2}, {domain.LoanQuery{}, 0}, {domain.LoanQuery{Structures: []string{newID(), e.StructureID}}, 2},
			{domain.LoanQuery{Territories: []string{"FR"}, State: domain.LoanOut}, 1}, {domain.LoanQuery{Territories: []string{"DEP-13"}}, 0},
			{domain.LoanQuery{All: true, LateAt: m.End}, 0}, {domain.LoanQuery{All: true, LateAt: m.End.Add(time.Microsecond)}, 1},
			{domain.LoanQuery{All: true, MeetingID: newID()}, 0}, {domain.LoanQuery{All: true, EquipmentID: e.ID, MeetingID: m.ID}, 2},
		} {
			q.Limit = 10
			if got := orFail1(w.Loans(w.ctx(), q.LoanQuery)); len(got) != q.want {
				w.Errorf("%+v finds %d; want %d", q.LoanQuery, len(got), q.want)
			}
		}
		// Called off: what was reserved is free, what is out is not.
		w.write(func(tx domain.Tx) error {
			_, err := domain.CancelMeeting(w.ctx(), tx, m, domain.Reason{Cause: domain.OtherCause, Note: "Grève des transports"}, now)
			return err
		})
		if held := orFail1(w.BookingsOf(w.ctx(), m.ID)); len(held) != 1 || held[0].ID != l.BookingID {
			w.Fatalf("%+v; want what was handed out", held)
		}
	})
}

func TestLoanPages(t *testing.T) {
	both(t, func(w world) {
		e := w.equipment(100)
		var loans []string
		for range 7 {
			loans = append(loans, orFail1(w.lend(e, "", 1, domain.Slot{Start: now, End: now.Add(time.Hour)})).ID)
		}
		w.pages(loans, func(p domain.Page) (got, last []string) {
			rows, err := w.Loans(w.ctx(), domain.LoanQuery{Structures: []string{e.StructureID}, Page: p})
			for _, l := range rows {
				got, last = append(got, l.ID), []string{fmt.Sprint(database.Micros(l.CreateTime)), l.ID}
			}
			return got, orFail(w, last, err)
		})
	})
}

func TestNeedsAndRooms(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		if n := orFail1(w.Needs(w.ctx(), m.ID)); !reflect.DeepEqual(n, domain.Needs{MeetingID: m.ID}) {
			w.Fatalf("%+v before anything was said", n)
		}
		n := domain.Needs{
			MeetingID: m.ID, Equipment: []domain.EquipmentNeed{{Kind: domain.Robot, PersonsPerUnit: 2}},
			Network: domain.Network{WiredPorts: 3, Hosts: []string{"scratch.mit.edu"}},
		}
		for range 2 {
			w.write(func(tx domain.Tx) error {
				next, err := domain.SetNeeds(w.ctx(), tx, n, now)
				if err == nil {
					n = next
				}
				return err
			})
		}
		if got := orFail1(w.Needs(w.ctx(), m.ID)); !reflect.DeepEqual(got, n) || n.Version != 2 {
			w.Fatalf("read %+v; want %+v", got, n)
		}
		r := domain.Room{ID: newID(), PlaceID: m.PlaceID, Seats: 12, Network: domain.Network{BandwidthMbps: 8}, Fixtures: []domain.Fixture{{Kind: domain.Projector, Quantity: 1}}, Version: 2}
		w.write(func(tx domain.Tx) error {
			_, err := domain.BookRoom(w.ctx(), tx, r, domain.Booking{ID: newID(), MeetingID: m.ID, CreateTime: now}, false)
			return err
		})
		older := r
		older.Seats, older.Version = 3, 1
		w.write(func(tx domain.Tx) error { return tx.SaveRoom(w.ctx(), older) })
		if got := orFail1(w.RoomsOf(w.ctx(), m.ID)); !reflect.DeepEqual(got, []domain.Room{r}) {
			w.Fatalf("%+v; want %+v", got, r)
		}
	})
}

// Two meetings swap their rooms again and again while both move, and others want the rooms: each always has one, and nobody waits for ever.
func TestConcurrentSwapsAndMoves(t *testing.T) {
	both(t, func(w world) {
		common := plan(5).Common
		var meetings []domain.Meeting
		var booked []domain.Booking
		for range 2 {
			p := plan(5)
			p.Common.PlaceID = common.PlaceID
			var m domain.Meeting
			w.write(func(tx domain.Tx) error {
				s, err := domain.CreateSeries(w.ctx(), tx, p)
				if err == nil {
					m = s.Meetings[0]
				}
				return err
			})
			r := domain.Room{ID: newID(), PlaceID: common.PlaceID, Seats: 5, Version: 1}
			w.write(func(tx domain.Tx) error {
				b, err := domain.BookRoom(w.ctx(), tx, r, domain.Booking{ID: newID(), MeetingID: m.ID, CreateTime: now}, false)
				booked = append(booked, b)
				return err
			})
			meetings = append(meetings, m)
		}
		var all sync.WaitGroup
		tolerated := []string{"", "DATABASE_BUSY", "ABORTED", "ROOM_TAKEN"}
		for i := range 24 {
			all.Go(func() {
				err := w.Write(w.ctx(), func(tx domain.Tx) error {
					if i%2 == 0 {
						one, other := booked[i/2%2], booked[(i/2+1)%2]
						_, _, err := domain.SwapRooms(w.ctx(), tx, one, other, now)
						return err
					}
					m := orFail1(tx.Meeting(w.ctx(), meetings[i/2%2].ID))
					start, end := m.Start.Add(time.Minute), m.End.Add(time.Minute)
					_, err := domain.UpdateMeeting(w.ctx(), tx, m, domain.Change{Start: &start, End: &end}, now)
					return err
				})
				if why := reason(err); !slices.Contains(tolerated, why) {
					w.Error(err)
				}
			})
		}
		all.Wait()
		held := map[string]bool{}
		for _, m := range meetings {
			m = orFail1(w.Meeting(w.ctx(), m.ID))
			own := orFail1(w.BookingsOf(w.ctx(), m.ID))
			if len(own) != 1 || !own[0].Start.Equal(m.Start) || !own[0].End.Equal(m.End) {
				w.Fatalf("%+v from %v; want one room at the meeting's hours", own, m.Start)
			}
			held[own[0].ResourceID] = true
		}
		if len(held) != 2 {
			w.Fatalf("both have %v", held)
		}
	})
}

// However often a return is sent at once, it takes effect once.
func TestConcurrentReturns(t *testing.T) {
	both(t, func(w world) {
		e := w.equipment(6)
		l := orFail1(w.lend(e, "", 4, domain.Slot{Start: now, End: now.Add(time.Hour)}))
		w.write(func(tx domain.Tx) (err error) { l, err = domain.HandOutLoan(w.ctx(), tx, l, now); return err })
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() {
				c := domain.Condition{Good: 3, Lost: 1}
				if i%3 == 0 {
					c = domain.Condition{Good: 2, Lost: 2}
				}
				err := w.Write(w.ctx(), func(tx domain.Tx) error {
					_, err := domain.ReturnLoan(w.ctx(), tx, orFail1(tx.Loan(w.ctx(), l.ID)), c, "", now)
					return err
				})
				if why := reason(err); why != "" && why != "EQUIPMENT_RETURNED" && why != "DATABASE_BUSY" && why != "ABORTED" {
					w.Error(err)
				}
			})
		}
		all.Wait()
		l, e = orFail1(w.Loan(w.ctx(), l.ID)), orFail1(w.Equipment(w.ctx(), e.ID))
		left := w.number(`SELECT quantity FROM resources WHERE id = $1`, e.ID)
		if l.State != domain.LoanReturned || l.Version != 3 || e.Unusable != l.Returned.Lost || left != e.Usable() {
			w.Fatalf("%+v of %+v, %d to lend", l, e, left)
		}
	})
}
