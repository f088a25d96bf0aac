package domain

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Who came first has it: what the other one is told says with what, as far as anyone may know.
var (
	ErrRoomTaken = errs.New(errs.Precondition, "ROOM_TAKEN",
		"This room is taken at that time; choose another room or another time.",
		"Cette salle est prise à ce moment ; choisissez une autre salle ou un autre moment.")
	ErrEquipmentShort = errs.New(errs.Precondition, "EQUIPMENT_SHORT",
		"Not as many units are free at that time; ask for fewer, for others, or for another time.",
		"Il n'y a pas autant d'unités libres à ce moment ; demandez-en moins, d'autres, ou un autre moment.")
	ErrProfessionalTaken = errs.New(errs.Precondition, "PROFESSIONAL_TAKEN",
		"This professional is engaged elsewhere at that time; ask another one.",
		"Ce professionnel est engagé ailleurs à ce moment ; demandez-en un autre.")
)

// fits says whether a booking finds room among the others that hold the resource, itself left aside; path is the field that asked for it.
func (b Booking) fits(others []Booking, quantity int, path string) error {
	others = slices.DeleteFunc(slices.Clone(others), func(o Booking) bool { return o.ID == b.ID })
	used, at := peak(others, b.Start, b.End)
	if used+b.Quantity <= quantity {
		return nil
	}
	refusal := ErrEquipmentShort
	switch b.Kind {
	case ResourceRoom:
		refusal = ErrRoomTaken
	case ResourceProfessional:
		refusal = ErrProfessionalTaken
	default:
		refusal = refusal.With("free", strconv.Itoa(max(quantity-used, 0))).With("wanted", strconv.Itoa(b.Quantity))
	}
	return inTheWay(refusal.At(path), others, at)
}

// inTheWay names a booking of that instant: meetings are public, but where a professional is engaged is not.
func inTheWay(refusal *errs.Error, others []Booking, at time.Time) error {
	i := slices.IndexFunc(others, func(o Booking) bool { return !o.Start.After(at) && o.End.After(at) })
	if i < 0 { // the stock alone is too small
		return refusal
	}
	o := others[i]
	if o.MeetingID != "" && o.Kind != ResourceProfessional {
		refusal = refusal.With("meeting", o.MeetingID)
	}
	return refusal.With("start_time", o.Start.UTC().Format(time.RFC3339)).With("end_time", o.End.UTC().Format(time.RFC3339))
}

// peak is the greatest number of units in use at any instant of [start, end), and the first instant at which they are. A booking that
// ends at an instant is not in use at it.
func peak(bookings []Booking, start, end time.Time) (most int, at time.Time) {
	type step struct {
		at    time.Time
		units int
	}
	var steps []step
	for _, b := range bookings {
		if b.Start.Before(end) && b.End.After(start) {
			steps = append(steps, step{later(b.Start, start), b.Quantity}, step{b.End, -b.Quantity})
		}
	}
	slices.SortFunc(steps, func(a, b step) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.units, b.units)) // at one instant, what ends before what begins
	})
	used := 0
	for _, s := range steps {
		if used += s.units; used > most {
			most, at = used, s.at
		}
	}
	return most, at
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
