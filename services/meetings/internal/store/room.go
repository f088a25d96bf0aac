package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func readRoom(scan database.Scan) (r domain.Room, err error) {
	var network, fixtures string
	if err := scan(&r.ID, &r.PlaceID, &r.Seats, &network, &fixtures, &r.Version); err != nil {
		return r, err
	}
	return r, errors.Join(json.Unmarshal([]byte(network), &r.Network), json.Unmarshal([]byte(fixtures), &r.Fixtures))
}

// RoomsOf returns the rooms that a meeting holds.
func (r reads) RoomsOf(ctx context.Context, meetingID string) ([]domain.Room, error) {
	return database.All(ctx, r.q, readRoom,
		`SELECT id, place_id, seats, network, fixtures, version FROM rooms
		 WHERE id IN (SELECT resource_id FROM bookings WHERE meeting_id = $1 AND resource_kind = 1 AND state = 1) ORDER BY id`, meetingID)
}

// SaveRoom keeps a room unless a later version is known.
func (t *tx) SaveRoom(ctx context.Context, r domain.Room) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO rooms (id, place_id, seats, network, fixtures, version) VALUES ($1, $2, $3, $4, $5, $6)
		 ON CONFLICT (id) DO UPDATE SET seats = excluded.seats, network = excluded.network, fixtures = excluded.fixtures, version = excluded.version
		 WHERE rooms.version < excluded.version`,
		r.ID, r.PlaceID, r.Seats, toJSON(r.Network), toJSON(r.Fixtures), r.Version)
	if err != nil {
		return fmt.Errorf("keep room: %w", database.Explain(err))
	}
	return nil
}

func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil { // only lists and records of plain values come here
		panic(err)
	}
	return string(text)
}
