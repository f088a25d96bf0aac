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

// seats is the most that a meeting may have.
func (l limit) seats() int {
	most := maxCapacity
	if len(l.rooms) > 0 {
		most = min(most, l.inRooms)
	}
	if l.capped {
		most = min(most, l.equipment)
	}
	return most
}

// checkRooms lets a meeting without a room be: it may yet find one, or take place elsewhere.
func (l limit) checkRooms(capacity int, path string) error {
	if len(l.rooms) == 0 || capacity <= l.inRooms {
		return nil
	}
	return ErrRoomTooSmall.At(path).With("seats", strconv.Itoa(l.inRooms)).With("capacity", strconv.Itoa(capacity))
}

func (l limit) checkEquipment(capacity int, path string) error {
	if !l.capped || capacity <= l.equipment {
		return nil
	}
	return ErrEquipmentCapsSeats.At(path).With("seats", strconv.Itoa(l.equipment)).With("capacity", strconv.Itoa(capacity))
}

// keepPlace takes along what a meeting has booked when it moves, and lets it have no more seats than its rooms and its equipment. The meeting
// was saved before, so that it is locked, and what was booked until now is seen.
func keepPlace(ctx context.Context, tx Tx, from, to Meeting, now time.Time) error {
	if err := moveBookings(ctx, tx, from, to, now); err != nil || to.Capacity <= from.Capacity {
		return err
	}
	l, err := limitOf(ctx, tx, to.ID)
	if err != nil {
		return err
	}
	if err := l.checkRooms(to.Capacity, "meeting.capacity"); err != nil {
		return err
	}
	return l.checkEquipment(to.Capacity, "meeting.capacity")
}

// seatsLeft lowers a meeting's seats to what its equipment still serves, once there is less of it; seats that are taken stay.
func seatsLeft(ctx context.Context, tx Tx, m Meeting, now time.Time) error {
	l, err := limitOf(ctx, tx, m.ID)
	if err != nil || !m.TakesRegistrations(now) {
		return err
	}
	if err := l.checkRooms(m.Capacity, "id"); err != nil {
		return err
	}
	fewer := l.checkEquipment(m.Capacity, "id")
	if fewer == nil || l.equipment == 0 {
		return fewer
	}
	_, err = UpdateMeeting(ctx, tx, m, Change{Capacity: &l.equipment}, now)
	if errors.Is(err, ErrCapacityBelowTaken) {
		return errs.From(fewer).With("taken", strconv.Itoa(m.Taken))
	}
	return err
}
