package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const roomColumns = `id, place_id, name, seats, wheelchair_access, network, fixtures, opening_rules, version, created_at`

func readRoom(scan database.Scan) (r domain.Room, err error) {
	var created int64
	var wheelchair int
	var network, fixtures string
	if err := scan(&r.ID, &r.PlaceID, &r.Name, &r.Seats, &wheelchair, &network, &fixtures, &r.OpeningRules, &r.Version, &created); err != nil {
		return r, err
	}
	r.WheelchairAccess, r.CreateTime = wheelchair == 1, database.Time(created)
	return r, errors.Join(json.Unmarshal([]byte(network), &r.Network), json.Unmarshal([]byte(fixtures), &r.Fixtures))
}

// Room returns a room, or domain.ErrRoomNotFound.
func (r reads) Room(ctx context.Context, id string) (domain.Room, error) {
	return database.One(ctx, r.q, domain.ErrRoomNotFound, readRoom, `SELECT `+roomColumns+` FROM rooms WHERE id = $1`, id)
}

// Rooms returns a place's rooms by name.
func (r reads) Rooms(ctx context.Context, q domain.RoomQuery) ([]domain.Room, error) {
	name, id := afterText(q.Page)
	return database.All(ctx, r.q, readRoom,
		`SELECT `+roomColumns+` FROM rooms WHERE place_id = $1 AND (name_folded, id) > ($2, $3) AND seats >= $4
		 ORDER BY name_folded, id LIMIT CAST($5 AS BIGINT)`, q.PlaceID, name, id, q.MinSeats, q.Limit)
}

// InsertRoom adds a room, or returns domain.ErrRoomExists.
func (t *tx) InsertRoom(ctx context.Context, r domain.Room) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO rooms (`+roomColumns+`, name_folded) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.ID, r.PlaceID, r.Name, r.Seats, oneIf(r.WheelchairAccess), toJSON(r.Network), toJSON(r.Fixtures), r.OpeningRules, r.Version,
		database.Micros(r.CreateTime), database.Fold(r.Name))
	return sameName(database.Explain(err))
}

// UpdateRoom changes a room whose version before is still the current one, or returns domain.ErrRoomExists.
func (t *tx) UpdateRoom(ctx context.Context, r domain.Room) error {
	return sameName(database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE rooms SET name = $2, name_folded = $3, seats = $4, wheelchair_access = $5, network = $6, fixtures = $7, opening_rules = $8,
		     version = $9
		 WHERE id = $1 AND version = $9 - 1`,
		r.ID, r.Name, database.Fold(r.Name), r.Seats, oneIf(r.WheelchairAccess), toJSON(r.Network), toJSON(r.Fixtures), r.OpeningRules,
		r.Version)))
}

func sameName(err error) error {
	if kind, _ := database.Violation(err); kind == database.Unique {
		return domain.ErrRoomExists.At("room.name").Because(err)
	}
	return err
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
