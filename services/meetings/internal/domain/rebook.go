package domain

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// What a change of bookings may be refused for.
var (
	ErrNotARoom = errs.New(errs.Invalid, "BOOKING_KIND",
		"This is not possible for a booking of this kind; a professional is released through the search, and only rooms are swapped.",
		"Ce n'est pas possible pour ce type de réservation ; un professionnel se libère par la recherche, et seules les salles s'échangent.")
	ErrBookingReleased = errs.New(errs.Precondition, "BOOKING_RELEASED",
		"This booking was given back; make another one.",
		"Cette réservation a été rendue ; faites-en une autre.")
)

// moveBookings takes a meeting's bookings along when it moves, with the time kept free around it, or refuses with the first conflict.
// The meeting is saved before, so that it is locked.
func moveBookings(ctx context.Context, tx Tx, from, to Meeting, now time.Time) error {
	if from.Start.Equal(to.Start) && from.End.Equal(to.End) {
		return nil
	}
	held, err := tx.BookingsOf(ctx, to.ID)
	if err != nil {
		return err
	}
	for i, b := range held {
		held[i].Start, held[i].End = b.Start.Add(to.Start.Sub(from.Start)), b.End.Add(to.End.Sub(from.End))
		if err := held[i].check(now); err != nil {
			return err
		}
	}
	// Professionals come last, in the order in which resources are locked: theirs gives way instead of holding the meeting up.
	slices.SortFunc(held, func(a, b Booking) int { return cmp.Compare(a.Kind, b.Kind) })
	first := slices.IndexFunc(held, func(b Booking) bool { return b.Kind == ResourceProfessional })
	if first < 0 {
		first = len(held)
	}
	if _, err := rebook(ctx, tx, held[:first], "meeting.start_time"); err != nil {
		return err
	}
	return moveProfessional(ctx, tx, to, held[first:])
}

// rebook stores bookings that changed and then looks whether all of them fit: each may take what another one of them leaves. Resources
// are locked in one order, so that two who rebook never wait for each other.
func rebook(ctx context.Context, tx Tx, changed []Booking, path string) ([]Booking, error) {
	slices.SortFunc(changed, Booking.compare)
	for i, b := range changed {
		if _, err := tx.LockResource(ctx, b.Kind, b.ResourceID, b.Kind.units()); err != nil {
			return nil, err
		}
		b.Version++
		changed[i] = b
	}
	for _, b := range changed {
		if err := tx.UpdateBooking(ctx, b); err != nil {
			return nil, err
		}
	}
	for _, b := range changed {
		if err := lock(ctx, tx, b, path); err != nil {
			return nil, err
		}
		if err := tx.Emit(ctx, Event{Name: "booking.moved", State: b}); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// compare orders by resource.
func (b Booking) compare(other Booking) int {
	return cmp.Or(cmp.Compare(b.Kind, other.Kind), cmp.Compare(b.ResourceID, other.ResourceID), cmp.Compare(b.ID, other.ID))
}

// MoveBooking changes a booking's hours, or its room, which is the one given: there is no moment without one. Zero hours stay as they are.
func MoveBooking(ctx context.Context, tx Tx, b Booking, to Room, hours Slot, now time.Time) (Booking, error) {
	meetings, err := lockBoth(ctx, tx, b.MeetingID)
	if err != nil {
		return Booking{}, err
	}
	if b, err = stillHeld(ctx, tx, b.ID); err != nil {
		return Booking{}, err
	}
	if b.Kind == ResourceProfessional || to.ID != "" && b.Kind != ResourceRoom {
		return Booking{}, ErrNotARoom.At("id")
	}
	if to.ID != "" {
		if err := tx.SaveRoom(ctx, to); err != nil {
			return Booking{}, err
		}
		b.ResourceID = to.ID
	}
	if !hours.Start.IsZero() {
		b.Start = hours.Start
	}
	if !hours.End.IsZero() {
		b.End = hours.End
	}
	moved, err := rebookFor(ctx, tx, meetings, []Booking{b}, b.Kind.field(), now)
	if err != nil {
		return Booking{}, err
	}
	return moved[0], nil
}

// SwapRooms gives each of two meetings the other's room in one transaction: neither is without one in between.
func SwapRooms(ctx context.Context, tx Tx, one, other Booking, now time.Time) (Booking, Booking, error) {
	if one.Kind != ResourceRoom || other.Kind != ResourceRoom || one.MeetingID == other.MeetingID {
		return Booking{}, Booking{}, ErrNotARoom.At("other_booking_id")
	}
	meetings, err := lockBoth(ctx, tx, one.MeetingID, other.MeetingID)
	if err != nil {
		return Booking{}, Booking{}, err
	}
	if one, err = stillHeld(ctx, tx, one.ID); err != nil {
		return Booking{}, Booking{}, err
	}
	if other, err = stillHeld(ctx, tx, other.ID); err != nil {
		return Booking{}, Booking{}, err
	}
	one.ResourceID, other.ResourceID = other.ResourceID, one.ResourceID
	moved, err := rebookFor(ctx, tx, meetings, []Booking{one, other}, "other_booking_id", now)
	if err != nil {
		return Booking{}, Booking{}, err
	}
	if moved[0].ID != one.ID {
		slices.Reverse(moved)
	}
	return moved[0], moved[1], nil
}

// stillHeld reads a booking again, now that its meeting is locked.
func stillHeld(ctx context.Context, tx Tx, id string) (Booking, error) {
	b, err := tx.Booking(ctx, id)
	if err == nil && b.State != BookingHeld {
		err = ErrBookingReleased.At("id")
	}
	return b, err
}

// rebookFor changes bookings of locked meetings, which still fit them afterwards: in hours, place and seats.
func rebookFor(ctx context.Context, tx Tx, meetings map[string]Meeting, changed []Booking, path string, now time.Time) ([]Booking, error) {
	for _, b := range changed {
		if _, err := b.of(meetings[b.MeetingID], now); err != nil {
			return nil, err
		}
		if err := b.check(now); err != nil {
			return nil, err
		}
	}
	moved, err := rebook(ctx, tx, changed, path)
	if err != nil {
		return nil, err
	}
	for _, m := range meetings {
		l, err := limitOf(ctx, tx, m.ID)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(l.rooms, func(r Room) bool { return r.PlaceID != m.PlaceID }) {
			return nil, ErrRoomElsewhere.At(path)
		}
		if err := l.checkRooms(m, path); err != nil {
			return nil, err
		}
	}
	return moved, nil
}
