package store

import (
	"context"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	bookingColumns = `id, resource_kind, resource_id, meeting_id, quantity, starts_at, ends_at, state, cause_id, version, created_at`

	// longestBooking is the domain's: no booking that began earlier can still be in use, so the index is read from there on.
	longestBooking = 31 * 24 * time.Hour
)

func readBooking(scan database.Scan) (b domain.Booking, err error) {
	var start, end, created int64
	err = scan(&b.ID, &b.Kind, &b.ResourceID, &b.MeetingID, &b.Quantity, &start, &end, &b.State, &b.CauseID, &b.Version, &created)
	b.Start, b.End, b.CreateTime = database.Time(start), database.Time(end), database.Time(created)
	return b, err
}

// Booking returns a booking, or domain.ErrBookingNotFound.
func (r reads) Booking(ctx context.Context, id string) (domain.Booking, error) {
	return database.One(ctx, r.q, domain.ErrBookingNotFound, readBooking,
		`SELECT `+bookingColumns+` FROM bookings WHERE id = $1`, id)
}

// Bookings returns a meeting's bookings, oldest first.
func (r reads) Bookings(ctx context.Context, q domain.BookingQuery) ([]domain.Booking, error) {
	created, id := after(q.Page)
	return database.All(ctx, r.q, readBooking,
		`SELECT `+bookingColumns+` FROM bookings WHERE meeting_id = $1 AND (created_at, id) > ($2, $3)
		 ORDER BY created_at, id LIMIT CAST($4 AS BIGINT)`, q.MeetingID, created, id, q.Limit)
}

// BookingsOf returns the bookings that a meeting holds.
func (r reads) BookingsOf(ctx context.Context, meetingID string) ([]domain.Booking, error) {
	return database.All(ctx, r.q, readBooking,
		`SELECT `+bookingColumns+` FROM bookings WHERE meeting_id = $1 AND state = 1 ORDER BY resource_kind, resource_id, id`, meetingID)
}

// BookingsAt returns the bookings that hold a resource somewhen in the period.
func (r reads) BookingsAt(ctx context.Context, kind domain.ResourceKind, resourceID string, start, end time.Time) ([]domain.Booking, error) {
	return database.All(ctx, r.q, readBooking,
		`SELECT `+bookingColumns+` FROM bookings
		 WHERE resource_kind = $1 AND resource_id = $2 AND state = 1 AND starts_at >= $3 AND starts_at < $4 AND ends_at > $5
		 ORDER BY starts_at, id`,
		int(kind), resourceID, database.Micros(start.Add(-longestBooking)), database.Micros(end), database.Micros(start))
}

// LockMeeting holds the meeting's row until the transaction ends.
func (t *tx) LockMeeting(ctx context.Context, id string) (domain.Meeting, error) {
	m, err := database.One(ctx, t.q, domain.ErrMeetingNotFound, readMeeting,
		`UPDATE meetings SET version = version WHERE id = $1 RETURNING `+meetingColumns, id)
	if err != nil {
		return m, err
	}
	seats, err := t.Seats(ctx, id)
	return domain.WithSeats(m, seats), err
}

// LockResource holds the resource's row until the transaction ends; what is read after it has seen every booking before.
func (t *tx) LockResource(ctx context.Context, kind domain.ResourceKind, id string, units int) (int, error) {
	return database.One(ctx, t.q, errs.ErrInternal, func(scan database.Scan) (n int, err error) { return n, scan(&n) },
		`INSERT INTO resources (kind, id, quantity, version) VALUES ($1, $2, $3, 1)
		 ON CONFLICT (kind, id) DO UPDATE SET version = resources.version + 1
		 RETURNING quantity`, int(kind), id, units)
}

// InsertBooking adds a booking.
func (t *tx) InsertBooking(ctx context.Context, b domain.Booking) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO bookings (`+bookingColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		b.ID, int(b.Kind), b.ResourceID, b.MeetingID, b.Quantity, database.Micros(b.Start), database.Micros(b.End), int(b.State),
		b.CauseID, b.Version, database.Micros(b.CreateTime))
	if err != nil {
		return fmt.Errorf("insert booking: %w", database.Explain(err))
	}
	return nil
}

// UpdateBooking stores the next version of a booking.
func (t *tx) UpdateBooking(ctx context.Context, b domain.Booking) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE bookings SET resource_id = $1, starts_at = $2, ends_at = $3, state = $4, version = $5 WHERE id = $6 AND version = $5 - 1`,
		b.ResourceID, database.Micros(b.Start), database.Micros(b.End), int(b.State), b.Version, b.ID))
}
