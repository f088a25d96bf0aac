package domain

import (
	"context"
	"errors"
	"slices"
	"time"
)

// ReleaseBookings gives back what a meeting holds of a kind, or of every kind with 0. Equipment that was handed out stays booked until it
// is returned.
func ReleaseBookings(ctx context.Context, tx Tx, meetingID string, kind ResourceKind) error {
	if _, err := tx.LockMeeting(ctx, meetingID); err != nil {
		return err
	}
	held, err := tx.BookingsOf(ctx, meetingID)
	if err != nil {
		return err
	}
	for _, b := range held {
		if kind != 0 && b.Kind != kind {
			continue
		}
		if _, err := giveBack(ctx, tx, b); err != nil && !errors.Is(err, ErrLoanOut) {
			return err
		}
	}
	return nil
}

// ReleaseBooking gives one of a meeting's bookings back, unless its seats depend on it; one given back before stays so.
func ReleaseBooking(ctx context.Context, tx Tx, b Booking, now time.Time) (Booking, error) {
	if b.Kind == ResourceProfessional {
		return Booking{}, ErrNotARoom.At("id")
	}
	m, err := tx.LockMeeting(ctx, b.MeetingID)
	if err != nil {
		return Booking{}, err
	}
	if b, err = tx.Booking(ctx, b.ID); err != nil || b.State == BookingReleased {
		return b, err
	}
	if b, err = giveBack(ctx, tx, b); err != nil {
		return Booking{}, err
	}
	return b, seatsLeft(ctx, tx, m, now)
}

// giveBack releases a booking with the loan that it is for.
func giveBack(ctx context.Context, tx Tx, b Booking) (Booking, error) {
	if b.Kind == ResourceEquipment && b.CauseID != "" {
		l, err := tx.Loan(ctx, b.CauseID)
		if err != nil {
			return Booking{}, err
		}
		if _, err := l.move(ctx, tx, CancelLoan); err != nil {
			return Booking{}, err
		}
	}
	return release(ctx, tx, b)
}

// release gives a booking back.
func release(ctx context.Context, tx Tx, b Booking) (Booking, error) {
	b.State, b.Version = BookingReleased, b.Version+1
	if err := tx.UpdateBooking(ctx, b); err != nil {
		return Booking{}, err
	}
	return b, tx.Emit(ctx, Event{Name: "booking.released", State: b})
}

// lockBoth locks meetings in one order, so that two who lock the same ones never wait for each other.
func lockBoth(ctx context.Context, tx Tx, ids ...string) (map[string]Meeting, error) {
	locked := make(map[string]Meeting, len(ids))
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		m, err := tx.LockMeeting(ctx, id)
		if err != nil {
			return nil, err
		}
		locked[id] = m
	}
	return locked, nil
}
