package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// programme is an event of so many slots of two hours, one after the other, with workshops of these capacities in all of them.
func (w world) programme(slots int, capacities ...int) domain.Programme {
	w.Helper()
	base := plan(5)
	p := domain.Programme{
		ID: newID(), Title: "Journée des ateliers", TimeZone: paris, CommuneCode: "44109", PlaceID: newID(), StructureID: newID(),
	}
	for i := range slots {
		start := now.Add(day + time.Duration(2*i)*time.Hour)
		p.Slots = append(p.Slots, domain.ProgrammeSlot{ID: newID(), Position: i + 1, Slot: domain.Slot{Start: start, End: start.Add(2 * time.Hour)}})
	}
	w.write(func(tx domain.Tx) (err error) {
		p, err = domain.CreateProgramme(w.ctx(), tx, p, base)
		return err
	})
	for i, c := range capacities {
		w.refuses("", w.workshop(p.ID, domain.NewWorkshop{Title: fmt.Sprint("Atelier ", i+1), Capacity: c}))
	}
	return orFail1(w.Programme(w.ctx(), p.ID))
}

func (w world) workshop(programme string, n domain.NewWorkshop) error {
	n.NewID, n.Now = newID, now
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		_, err := domain.AddWorkshop(w.ctx(), tx, programme, n)
		return err
	})
}

// choose registers a person and keeps the choice, as one transaction.
func (w world) choose(meeting, person string) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		outcomes, err := domain.Register(w.ctx(), tx, []domain.Request{{Context: w.ctx(), ID: newID(), PersonID: person, Pool: domain.Pool{MeetingID: meeting}, SeatOnly: true}}, now)
		return errors.Join(err, outcomes[0].Err)
	})
}

func (w world) join(programme string, persons ...string) {
	w.Helper()
	for _, person := range persons {
		w.write(func(tx domain.Tx) error {
			_, err := domain.JoinProgramme(w.ctx(), tx, programme, person, now)
			return err
		})
	}
}

func TestProgramme(t *testing.T) {
	both(t, func(w world) {
		p := w.programme(2, 5)
		w.refuses("PROGRAMME_SLOT_UNKNOWN", w.workshop(p.ID, domain.NewWorkshop{Title: "a", Capacity: 5, Slots: []int{3}}))
		w.refuses("TITLE_INVALID", w.workshop(p.ID, domain.NewWorkshop{Title: "a\r\nb", Capacity: 5}))
		first := p.Slots[0].Slot
		early, late := domain.Slot{Start: first.Start.Add(-1), End: first.End}, domain.Slot{Start: first.Start, End: first.End.Add(1)}
		inside := domain.Slot{Start: first.Start.Add(time.Hour), End: first.End}
		empty := domain.Slot{Start: inside.Start, End: inside.Start}
		for reason, hours := range map[string]domain.Slot{"WORKSHOP_OUTSIDE_SLOT": early, "END_BEFORE_START": empty, "": inside} {
			w.refuses(reason, w.workshop(p.ID, domain.NewWorkshop{Title: "a", Capacity: 5, Slots: []int{1}, Hours: &hours}))
		}
		w.refuses("WORKSHOP_OUTSIDE_SLOT", w.workshop(p.ID, domain.NewWorkshop{Title: "a", Capacity: 5, Slots: []int{1}, Hours: &late}))
		w.refuses("WORKSHOP_HOURS", w.workshop(p.ID, domain.NewWorkshop{Title: "a", Capacity: 5, Hours: &inside}))
		w.refuses("NOT_FOUND", w.workshop(newID(), domain.NewWorkshop{Title: "a", Capacity: 5}))
		p = orFail1(w.Programme(w.ctx(), p.ID))
		if len(p.Sessions) != 3 || p.Sessions[2].Workshop != 2 || p.Version != 3 {
			w.Fatalf("%+v", p)
		}
		if of := orFail1(w.ProgrammeOf(w.ctx(), p.Sessions[2].MeetingID)); !reflect.DeepEqual(of, p) {
			w.Fatalf("the programme of a workshop: %+v", of)
		}
		if none := orFail1(w.ProgrammeOf(w.ctx(), newID())); none.ID != "" {
			w.Fatalf("the programme of no workshop: %+v", none)
		}
		m := orFail1(w.Meeting(w.ctx(), p.Sessions[2].MeetingID))
		if !m.Start.Equal(inside.Start) || m.Title != "a" || m.SeriesID != "" || m.PlaceID != p.PlaceID {
			w.Fatalf("%+v", m)
		}
		// A workshop stays in its slot, whichever way it is moved.
		start := first.Start.Add(-time.Minute)
		w.refuses("WORKSHOP_OUTSIDE_SLOT", w.on(m.ID, func(tx domain.Tx, m domain.Meeting) error {
			_, err := domain.UpdateMeeting(w.ctx(), tx, m, domain.Change{Start: &start}, now)
			return err
		}))
		w.refuses("WORKSHOP_OUTSIDE_SLOT", w.postpone(m.ID, domain.Postponement{Rule: domain.NextWeek}, now))
		w.join(p.ID, "a", "b", "a")
		if p = orFail1(w.Programme(w.ctx(), p.ID)); p.Joined != 2 {
			w.Fatalf("%d have joined; want 2", p.Joined)
		}
		w.refuses("PROGRAMME_BEGUN", w.Write(w.ctx(), func(tx domain.Tx) error {
			_, err := domain.JoinProgramme(w.ctx(), tx, p.ID, "c", p.Slots[1].Slot.Start)
			return err
		}))
	})
}

func TestOneWorkshopPerSlot(t *testing.T) {
	both(t, func(w world) {
		p := w.programme(2, 5, 5)
		at := func(workshop, slot int) string { return p.Sessions[2*(workshop-1)+slot-1].MeetingID }
		w.refuses("", w.choose(at(1, 1), "a"))
		w.refuses("SLOT_CHOSEN", w.choose(at(2, 1), "a"))
		w.seats(at(2, 1), 0)
		w.refuses("", w.choose(at(2, 2), "a"))
		w.refuses("", w.choose(at(2, 1), "b"))
		// Choosing what is chosen changes nothing; a meeting that is no workshop refuses nobody.
		elsewhere := w.meeting(5)
		w.write(func(tx domain.Tx) error {
			refused, err := tx.TakeSlots(w.ctx(), []domain.SlotChoice{
				{MeetingID: at(1, 1), PersonID: "a"}, {MeetingID: at(2, 1), PersonID: "a"}, {MeetingID: at(1, 2), PersonID: "a"},
				{MeetingID: elsewhere.ID, PersonID: "a"}, {MeetingID: at(1, 1), PersonID: "c"}, {MeetingID: at(1, 1), PersonID: "c"},
			})
			want := map[domain.SlotChoice]string{
				{MeetingID: at(2, 1), PersonID: "a"}: at(1, 1), {MeetingID: at(1, 2), PersonID: "a"}: at(2, 2),
			}
			if err == nil && !reflect.DeepEqual(refused, want) {
				w.Errorf("refused %v; want %v", refused, want)
			}
			return err
		})
		own, joined, err := w.Choices(w.ctx(), p.ID, "a")
		if err != nil || joined || len(own) != 2 || own[0].MeetingID != at(1, 1) || own[1].MeetingID != at(2, 2) {
			w.Fatalf("%+v, %v, %v", own, joined, err)
		}
		// Who gives the first one back may choose another; who has one is not put into the line of another either.
		left := orFail1(w.Registrations(w.ctx(), domain.RegistrationQuery{MeetingID: at(1, 1), PersonID: "a", Page: domain.Page{Limit: 1}}))[0]
		orFail1(w.cancel(left.ID, now))
		w.refuses("", w.choose(at(2, 1), "a"))
		w.refuses("", w.resize(at(1, 1), 1))
		w.refuses("", w.choose(at(1, 1), "d"))
		if _, err := w.line(at(1, 1), "a", now); reason(err) != "SLOT_CHOSEN" {
			w.Fatalf("%v; want no place in the line beside another workshop", err)
		}
		w.refuses("", w.resize(at(1, 1), 5))
		// When a workshop is called off, everyone may choose another.
		w.callOff(at(2, 1))
		if n := w.number(`SELECT count(*) FROM slot_choices WHERE meeting_id = $1`, at(2, 1)); n != 0 {
			w.Fatalf("%d choices of a workshop that was called off", n)
		}
		w.refuses("", w.choose(at(1, 1), "b"))
	})
}

// Everyone asks for all the workshops of a slot at once and gets one. The control looks first and registers after, without the table of
// choices: it gives someone two.
func TestConcurrentChoicesAreOnePerSlot(t *testing.T) {
	both(t, func(w world) {
		const persons = 8
		p := w.programme(1, 20, 20, 20)
		var all sync.WaitGroup
		for i := range persons {
			for _, s := range p.Sessions {
				all.Go(func() { w.may("SLOT_CHOSEN", w.choose(s.MeetingID, fmt.Sprint("person-", i))) })
			}
		}
		all.Wait()
		seats := `SELECT count(*) FROM registrations r JOIN workshops w ON w.meeting_id = r.meeting_id WHERE w.programme_id = $1 AND r.state = 1`
		choices := `SELECT count(*) FROM slot_choices c JOIN workshops w ON w.meeting_id = c.meeting_id WHERE w.programme_id = $1`
		if n, kept := w.number(seats, p.ID), w.number(choices, p.ID); n != persons || kept != persons {
			w.Fatalf("%d seats and %d choices for %d persons in one slot", n, kept, persons)
		}

		naive := w.programme(1, 20, 20, 20)
		var looked sync.WaitGroup
		looked.Add(len(naive.Sessions))
		for _, s := range naive.Sessions {
			all.Go(func() {
				own, _, err := w.Choices(w.ctx(), naive.ID, "someone")
				w.may("", err)
				looked.Done()
				if looked.Wait(); len(own) == 0 {
					request := domain.Request{Context: w.ctx(), ID: newID(), PersonID: "someone", Pool: domain.Pool{MeetingID: s.MeetingID}}
					w.may("", w.Write(w.ctx(), func(tx domain.Tx) error {
						_, err := domain.Register(w.ctx(), unchosen{tx}, []domain.Request{request}, now)
						return err
					}))
				}
			})
		}
		all.Wait()
		if n := w.number(seats, naive.ID); n < 2 {
			w.Fatalf("looking first gave %d seats: this test would not notice two workshops at one hour", n)
		}
	})
}

// unchosen keeps no choices.
type unchosen struct{ domain.Tx }

func (unchosen) TakeSlots(context.Context, []domain.SlotChoice) (map[domain.SlotChoice]string, error) {
	return nil, nil
}

func (w world) rotate(programme string, r domain.Rotation) (visits []domain.Visit, err error) {
	err = w.Write(w.ctx(), func(tx domain.Tx) error {
		visits, err = domain.ApplyRotation(w.ctx(), tx, programme, r, func([]domain.Visit) error { return nil }, newID, now)
		return err
	})
	return visits, err
}

func TestRotation(t *testing.T) {
	both(t, func(w world) {
		p := w.programme(2, 2, 2, 1)
		w.join(p.ID, "a", "b", "c", "d")
		w.refuses("", w.choose(p.Sessions[0].MeetingID, "d")) // has chosen, and keeps it
		w.refuses("", w.choose(p.Sessions[0].MeetingID, "guest"))
		before := w.number(`SELECT count(*) FROM registrations`)
		w.refuses("ROTATION_FEW_WORKSHOPS", second(w.rotate(p.ID, domain.Rotation{Workshops: []int{2}})))
		w.refuses("ROTATION_FEW_SEATS", second(w.rotate(p.ID, domain.Rotation{Workshops: []int{1, 2}})))
		w.refuses("WORKSHOP_UNKNOWN", second(w.rotate(p.ID, domain.Rotation{Workshops: []int{2, 9}})))
		w.refuses("PROGRAMME_SLOT_UNKNOWN", second(w.rotate(p.ID, domain.Rotation{Slots: []int{0}})))
		if after := w.number(`SELECT count(*) FROM registrations`); after != before {
			w.Fatalf("%d registrations of rotations that were refused", after-before)
		}
		// There are seats for three, but three persons cannot all pass through one seat in two slots.
		w.refuses("ROTATION_FEW_SEATS", second(w.rotate(p.ID, domain.Rotation{Workshops: []int{2, 3}})))
		w.refuses("", w.workshop(p.ID, domain.NewWorkshop{Title: "De plus", Capacity: 2}))
		visits, err := w.rotate(p.ID, domain.Rotation{Workshops: []int{2, 3, 4}})
		if err != nil || len(visits) != 6 {
			w.Fatalf("%v, %v", visits, err)
		}
		for _, v := range visits {
			if n := w.number(`SELECT count(*) FROM registrations r JOIN slot_choices c ON c.meeting_id = r.meeting_id AND c.person_id = r.person_id
				WHERE r.meeting_id = $1 AND r.person_id = $2 AND r.state = 1`, v.Session.MeetingID, v.PersonID); n != 1 {
				w.Errorf("%+v is not a registration with its choice", v)
			}
		}
		if again, err := w.rotate(p.ID, domain.Rotation{}); err != nil || len(again) != 0 {
			w.Fatalf("everyone has chosen, and again %v, %v", again, err)
		}
	})
}

// A rotation is applied while others take its seats: everyone who has joined gets a whole rotation or nothing, and no workshop is oversold.
func TestConcurrentRotation(t *testing.T) {
	both(t, func(w world) {
		p := w.programme(2, 6, 6)
		persons := []string{"a", "b", "c", "d"}
		w.join(p.ID, persons...)
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() { w.may("MEETING_FULL", w.choose(p.Sessions[i].MeetingID, fmt.Sprint("guest-", i))) })
		}
		for range 2 {
			all.Go(func() { w.may("ABORTED", second(w.rotate(p.ID, domain.Rotation{}))) })
		}
		all.Wait()
		w.refuses("", second(w.rotate(p.ID, domain.Rotation{})))
		for _, person := range persons {
			if own, _, err := w.Choices(w.ctx(), p.ID, person); err != nil || len(own) != 2 || own[0].Workshop == own[1].Workshop {
				w.Errorf("%s has %+v, %v", person, own, err)
			}
		}
	})
}
