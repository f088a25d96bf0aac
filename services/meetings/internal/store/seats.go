package store

import (
	"context"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const seatColumns = `meeting_id, mode, role, campaign_id, capacity, taken, waiting, tickets, closes_at`

var seatTypes = []database.Column{
	database.Text, database.BigInt, database.BigInt, database.Text, database.BigInt, database.BigInt, database.BigInt, database.BigInt,
	database.BigInt,
}

func readSeats(scan database.Scan) (s domain.Seats, err error) {
	var closes int64
	err = scan(&s.MeetingID, &s.Mode, &s.Role, &s.CampaignID, &s.Capacity, &s.Taken, &s.Waiting, &s.Tickets, &closes)
	s.Closes = instant(closes)
	return s, err
}

func readTaken(scan database.Scan) (t domain.Taken, err error) {
	t.Seats, err = readSeats(func(columns ...any) error { return scan(append(columns, &t.Workshop)...) })
	return t, err
}

// Seats returns the seats of a meeting, by mode and role.
func (r reads) Seats(ctx context.Context, meetingID string) ([]domain.Seats, error) {
	return database.All(ctx, r.q, readSeats, `SELECT `+seatColumns+` FROM seats WHERE meeting_id = $1 ORDER BY mode, role`, meetingID)
}

// seats returns the seats of meetings, by meeting, mode and role.
func (r reads) seats(ctx context.Context, meetingIDs []string) (map[string][]domain.Seats, error) {
	found, err := database.In(ctx, r.q, readSeats, meetingIDs, 1, `SELECT `+seatColumns+` FROM seats WHERE meeting_id`, ` ORDER BY meeting_id, mode, role`)
	by := make(map[string][]domain.Seats, len(meetingIDs))
	for _, s := range found {
		by[s.MeetingID] = append(by[s.MeetingID], s)
	}
	return by, err
}

// NextDue returns meetings that have offers whose deadline has come, while their seats may change.
func (r reads) NextDue(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (id string, err error) { return id, scan(&id) },
		`SELECT DISTINCT r.meeting_id FROM registrations r
		 JOIN seats s ON s.meeting_id = r.meeting_id AND s.mode = r.mode AND s.role = r.role
		 WHERE r.state = 7 AND r.offer_expires_at <= $1 AND s.closes_at > 0
		 ORDER BY r.meeting_id LIMIT CAST($2 AS BIGINT)`, database.Micros(now), limit)
}

// TakeSeats takes seats where all that are wanted of a pool are free. The conditions are read again once a row's turn has come, so
// that no two transactions take the last seat. Its meetings are named twice: by the list, an engine finds their rows whatever it
// thinks of the size of the tables. A meeting is a workshop from its first hour, or never.
func (t *tx) TakeSeats(ctx context.Context, wanted []domain.Wanted, now time.Time) (taken []domain.Taken, err error) {
	rows := make([][]any, len(wanted))
	for i, w := range wanted {
		rows[i] = []any{w.MeetingID, int(w.Mode), int(w.Role), w.Count}
	}
	types := []database.Column{database.Text, database.BigInt, database.BigInt, database.BigInt}
	err = t.Values(2, types, rows, func(given database.Table) error {
		part, err := database.All(ctx, t.q, readTaken,
			`UPDATE seats SET taken = taken + w.column4 FROM `+given.Text+` AS w
			 WHERE meeting_id `+given.Among+` AND meeting_id = w.column1 AND mode = w.column2 AND role = w.column3
			   AND waiting = 0 AND taken + w.column4 <= capacity AND closes_at > $1
			 RETURNING `+seatColumns+`, EXISTS (SELECT 1 FROM workshops AS x WHERE x.meeting_id = seats.meeting_id)`, slices.Concat([]any{database.Micros(now)}, given.Args)...)
		taken = append(taken, part...)
		return err
	})
	return taken, err
}

// LockSeats writes the seats as they are: whoever else wants them waits until the transaction ends. What it returns is what the
// last one before has left. A mode that has lost its seats has left them to another one, whose row may be as young as that: PostgreSQL
// shows it to the next statement.
func (t *tx) LockSeats(ctx context.Context, meetingIDs []string) ([]domain.Seats, error) {
	lock := func() ([]domain.Seats, error) {
		return database.In(ctx, t.q, readSeats, meetingIDs, 1, `UPDATE seats SET tickets = tickets WHERE meeting_id`, ` RETURNING `+seatColumns)
	}
	locked, err := lock()
	if err == nil && slices.ContainsFunc(locked, func(s domain.Seats) bool { return s.Capacity == 0 }) {
		locked, err = lock()
	}
	slices.SortFunc(locked, func(a, b domain.Seats) int { return domain.ComparePools(a.Pool, b.Pool) })
	return locked, err
}

// SaveSeats stores seats, or returns domain.ErrCapacityBelowTaken.
func (t *tx) SaveSeats(ctx context.Context, all []domain.Seats) error {
	rows := make([][]any, len(all))
	for i, s := range all {
		rows[i] = []any{s.MeetingID, int(s.Mode), int(s.Role), s.CampaignID, s.Capacity, s.Taken, s.Waiting, s.Tickets, micros(s.Closes)}
	}
	return t.Values(1, seatTypes, rows, func(given database.Table) error {
		insert := `INSERT INTO seats (` + //nolint:gosec // numbered parameters
			seatColumns + `) SELECT * FROM ` + given.Text + ` AS s WHERE column1 IS NOT NULL
			ON CONFLICT (meeting_id, mode, role) DO UPDATE SET capacity = excluded.capacity, taken = excluded.taken,
			    waiting = excluded.waiting, tickets = excluded.tickets, closes_at = excluded.closes_at`
		_, err := t.SQL.ExecContext(ctx, insert, given.Args...)
		if kind, name := database.Violation(err); kind == database.Check && name == "seats_taken" {
			return domain.ErrCapacityBelowTaken.Because(err)
		}
		return database.Explain(err)
	})
}
