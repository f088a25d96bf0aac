package domain

import (
	"context"
	"slices"
)

// follow gives a meeting the seats of its mode: those of a mode in which it is no longer held go over, with everyone on them, to the
// seats of the same role of the mode that it has.
func (s *Seating) follow(ctx context.Context, mode MeetingMode) error {
	for _, from := range slices.Clone(s.pools) {
		if mode.seats(from.Mode) || from.Capacity == 0 {
			continue
		}
		to := from.Pool
		to.Mode = mode.usual()
		if err := s.carry(ctx, from.Pool, to); err != nil {
			return err
		}
	}
	return nil
}

// carry takes everyone from one pool to another, with the seats: who has one, or is offered one, keeps it, and who waits stands
// behind those who waited there already, with new numbers. The pool that is left stays without seats, since the registrations that
// have ended stand on it.
func (s *Seating) carry(ctx context.Context, from, to Pool) error {
	if s.pool(to) == nil { // before the registrations that refer to it
		if err := s.tx.SaveSeats(ctx, []Seats{*s.poolOrNew(to)}); err != nil {
			return err
		}
	}
	all, err := s.tx.LiveOn(ctx, from)
	if err != nil {
		return err
	}
	left, taken := s.pool(from), s.pool(to)
	for i := range all {
		if all[i].Mode, all[i].Ticket = to.Mode, 0; all[i].State == RegistrationWaitlisted {
			taken.Tickets++
			all[i].Ticket = taken.Tickets
		}
	}
	if err := s.putAll(ctx, all, "registration.updated"); err != nil {
		return err
	}
	taken.Capacity, taken.Taken, taken.Waiting = taken.Capacity+left.Capacity, taken.Taken+left.Taken, taken.Waiting+left.Waiting
	left.Capacity, left.Taken, left.Waiting = 0, 0, 0
	return s.promote(ctx, taken)
}

// sole is the seats of a meeting that has them of one kind only.
func (s *Seating) sole() (p Pool, ok bool) {
	for _, own := range s.pools {
		if own.Capacity == 0 {
			continue
		}
		if ok {
			return p, false
		}
		p, ok = own.Pool, true
	}
	return p, ok
}

// seatedInMode reports whether all of the meeting's seats are of its mode.
func (m Meeting) seatedInMode() bool {
	return !slices.ContainsFunc(m.Seats, func(s Seats) bool { return s.Capacity > 0 && !m.Mode.seats(s.Mode) })
}

// leavePlace gives back the room and what is reserved for people at the place, once nobody comes there; equipment that was handed out
// stays booked until it is returned.
func (m Meeting) leavePlace(ctx context.Context, tx Tx) error {
	if m.Mode.atPlace() {
		return nil
	}
	if err := ReleaseBookings(ctx, tx, m.ID, ResourceRoom); err != nil {
		return err
	}
	return ReleaseBookings(ctx, tx, m.ID, ResourceEquipment)
}
