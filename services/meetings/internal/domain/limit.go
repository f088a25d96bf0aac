package domain

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// ErrEquipmentCapsSeats says that a meeting at which nobody is to be without equipment has more seats than its equipment serves.
var ErrEquipmentCapsSeats = errs.New(errs.Precondition, "EQUIPMENT_CAPS_SEATS",
	"The equipment booked serves fewer people than the meeting would seat; book more, or let seats go without equipment.",
	"Le matériel réservé sert à moins de personnes que le temps de rencontre n'aurait de places ; réservez-en plus, ou acceptez des places sans matériel.")

// limit is how many people a meeting's rooms hold and its equipment serves.
type limit struct {
	rooms     []Room
	inRooms   int
	capped    bool // the equipment limits the seats
	equipment int
}

func limitOf(ctx context.Context, tx Tx, meetingID string) (l limit, err error) {
	if l.rooms, err = tx.RoomsOf(ctx, meetingID); err != nil {
		return l, err
	}
	for _, r := range l.rooms {
		l.inRooms += r.Seats
	}
	needs, err := tx.Needs(ctx, meetingID)
	if err != nil || !needs.EquipmentCapsSeats {
		return l, err
	}
	units, err := tx.EquipmentOf(ctx, meetingID)
	l.capped, l.equipment = true, needs.serves(with(units, l.rooms))
	return l, err
}

// spare is how many more learners there could be in the rooms, each with equipment.
func (l limit) spare(m Meeting) int {
	if !m.Mode.atPlace() {
		return 0
	}
	more := maxCapacity - m.Capacity
	if len(l.rooms) > 0 {
		more = min(more, l.inRooms-m.onSite())
	}
	if l.capped {
		more = min(more, l.equipment-m.learnersOnSite())
	}
	return more
}

// onSite is how many seats a meeting's rooms must have.
func (m Meeting) onSite() (n int) {
	for _, s := range m.Seats {
		if s.Mode == InPerson {
			n += s.Capacity
		}
	}
	return n
}

// learnersOnSite is how many people equipment must serve.
func (m Meeting) learnersOnSite() (n int) {
	for _, s := range m.Seats {
		if s.Mode == InPerson && s.Role == LearnerSeat {
			n += s.Capacity
		}
	}
	return n
}

// checkRooms lets a meeting without a room be: it may yet find one, or take place elsewhere.
func (l limit) checkRooms(m Meeting, path string) error {
	if len(l.rooms) == 0 || m.onSite() <= l.inRooms {
		return nil
	}
	return ErrRoomTooSmall.At(path).With("seats", strconv.Itoa(l.inRooms)).With("capacity", strconv.Itoa(m.onSite()))
}

func (l limit) checkEquipment(m Meeting, path string) error {
	if !l.capped || m.learnersOnSite() <= l.equipment {
		return nil
	}
	return ErrEquipmentCapsSeats.At(path).With("seats", strconv.Itoa(l.equipment)).With("capacity", strconv.Itoa(m.learnersOnSite()))
}

// keepPlace takes along what a meeting has booked when it moves, and lets it have no more seats than its rooms and its equipment; path is the
// capacity's in the request. The meeting was saved before, so that it is locked, and what was booked until now is seen.
func keepPlace(ctx context.Context, tx Tx, from, to Meeting, now time.Time, path string) error {
	if err := moveBookings(ctx, tx, from, to, now); err != nil {
		return err
	}
	if to.onSite() <= from.onSite() && to.learnersOnSite() <= from.learnersOnSite() {
		return nil
	}
	l, err := limitOf(ctx, tx, to.ID)
	if err != nil {
		return err
	}
	if err := l.checkRooms(to, path); err != nil {
		return err
	}
	return l.checkEquipment(to, path)
}

// resizeLearners changes the learners' seats on site by so many; those that are added go to whoever waits.
func resizeLearners(ctx context.Context, tx Tx, m Meeting, by int, now time.Time) (Meeting, error) {
	return SetSeats(ctx, tx, m, Pool{Mode: InPerson, Role: LearnerSeat}, m.learnersOnSite()+by, now)
}

// seatsLeft lowers a meeting's seats to what its equipment still serves, once there is less of it; seats that are taken stay.
func seatsLeft(ctx context.Context, tx Tx, m Meeting, now time.Time) error {
	l, err := limitOf(ctx, tx, m.ID)
	if err != nil || !m.TakesRegistrations(now) {
		return err
	}
	if err := l.checkRooms(m, "id"); err != nil {
		return err
	}
	fewer := l.checkEquipment(m, "id")
	if fewer == nil || l.equipment == 0 {
		return fewer
	}
	_, err = resizeLearners(ctx, tx, m, l.equipment-m.learnersOnSite(), now)
	if errors.Is(err, ErrCapacityBelowTaken) {
		return errs.From(fewer).With("taken", strconv.Itoa(m.Taken))
	}
	return err
}
