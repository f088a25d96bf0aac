package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func readNeeds(scan database.Scan) (n domain.Needs, err error) {
	var equipment, network string
	var caps int
	if err := scan(&n.MeetingID, &equipment, &network, &caps, &n.Version); err != nil {
		return n, err
	}
	n.EquipmentCapsSeats = caps == 1
	return n, errors.Join(json.Unmarshal([]byte(equipment), &n.Equipment), json.Unmarshal([]byte(network), &n.Network))
}

// Needs returns what was said of a meeting, or the zero Needs of it.
func (r reads) Needs(ctx context.Context, meetingID string) (domain.Needs, error) {
	all, err := database.All(ctx, r.q, readNeeds,
		`SELECT meeting_id, equipment, network, equipment_caps_seats, version FROM meeting_needs WHERE meeting_id = $1`, meetingID)
	if err != nil || len(all) == 0 {
		return domain.Needs{MeetingID: meetingID}, err
	}
	return all[0], nil
}

// SaveNeeds stores the next version of a meeting's needs.
func (t *tx) SaveNeeds(ctx context.Context, n domain.Needs) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`INSERT INTO meeting_needs (meeting_id, equipment, network, equipment_caps_seats, version) VALUES ($1, $2, $3, $4, $5)
		 ON CONFLICT (meeting_id) DO UPDATE SET equipment = excluded.equipment, network = excluded.network,
		     equipment_caps_seats = excluded.equipment_caps_seats, version = excluded.version
		 WHERE meeting_needs.version = excluded.version - 1`,
		n.MeetingID, toJSON(n.Equipment), toJSON(n.Network), oneIf(n.EquipmentCapsSeats), n.Version))
}
