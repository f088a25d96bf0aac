package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// LockPlace takes the place's row by a change that changes nothing: without it two meetings that together make a place sustained
// could each be counted without the other.
func (t *tx) LockPlace(ctx context.Context, id string) error {
	_, err := t.SQL.ExecContext(ctx, `UPDATE places SET version = version WHERE id = $1`, id)
	return database.Explain(err)
}

// SaveMeeting keeps a meeting's state when it is newer than the one that is kept.
func (t *tx) SaveMeeting(ctx context.Context, m domain.Meeting) (bool, error) {
	held := 0
	if m.Held {
		held = 1
	}
	return inserted(t.SQL.ExecContext(ctx,
		`INSERT INTO place_meetings (meeting_id, version, place_id, held_at, held) VALUES ($1, $2, $3, $4, $5)
		 ON CONFLICT (meeting_id) DO UPDATE SET version = excluded.version, place_id = excluded.place_id, held_at = excluded.held_at,
		     held = excluded.held
		 WHERE place_meetings.version < excluded.version`,
		m.ID, m.Version, m.PlaceID, database.Micros(m.HeldAt), held))
}

// HeldAt returns when the first and the last held meeting of a place took place.
func (t *tx) HeldAt(ctx context.Context, placeID string) (first, last time.Time, err error) {
	type span struct{ first, last sql.NullInt64 }
	s, err := database.One(ctx, t.SQL, nil, func(scan database.Scan) (s span, err error) { return s, scan(&s.first, &s.last) },
		`SELECT min(held_at), max(held_at) FROM place_meetings WHERE place_id = $1 AND held = 1`, placeID)
	if err != nil || !s.first.Valid {
		return time.Time{}, time.Time{}, err
	}
	return database.Time(s.first.Int64), database.Time(s.last.Int64), nil
}
