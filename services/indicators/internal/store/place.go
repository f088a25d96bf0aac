package store

import (
	"context"

	"github.com/classcode/maillage/services/indicators/internal/domain"
)

// SavePlace stores a place, unless a version as high is there.
func (t *tx) SavePlace(ctx context.Context, p domain.Place) (newer bool, err error) {
	return t.upsert(ctx,
		`INSERT INTO places (id, version, commune, status) VALUES ($1, $2, $3, $4)
		 ON CONFLICT (id) DO UPDATE SET version = excluded.version, commune = excluded.commune, status = excluded.status
		 WHERE places.version < excluded.version`,
		p.ID, p.Version, p.Commune, int(p.Status))
}

// SaveMeeting stores a meeting, unless a version as high is there.
func (t *tx) SaveMeeting(ctx context.Context, m domain.Meeting) (newer bool, err error) {
	return t.upsert(ctx,
		`INSERT INTO meetings (id, version, campaign_id, place_id, commune, state) VALUES ($1, $2, $3, $4, $5, $6)
		 ON CONFLICT (id) DO UPDATE SET version = excluded.version, campaign_id = excluded.campaign_id,
		     place_id = excluded.place_id, commune = excluded.commune, state = excluded.state
		 WHERE meetings.version < excluded.version`,
		m.ID, m.Version, m.CampaignID, m.PlaceID, m.Commune, m.State)
}
