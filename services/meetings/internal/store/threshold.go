package store

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const thresholdColumns = `id, meeting_type, territory_code, measure, crossed_at, counts_before, recommendation, version, created_at`

func readThreshold(scan database.Scan) (t domain.Threshold, err error) {
	var before, created int64
	err = scan(&t.ID, &t.Type, &t.Territory, &t.Measure, &t.Limit, &before, &t.Recommendation, &t.Version, &created)
	t.Before, t.CreateTime = span(before), database.Time(created)
	return t, err
}

// Thresholds returns what is in force for a type of meeting in these territories.
func (r reads) Thresholds(ctx context.Context, kind domain.MeetingType, territories []string) ([]domain.Threshold, error) {
	return database.All(ctx, r.q, readThreshold,
		`SELECT `+thresholdColumns+` FROM thresholds
		 WHERE retired_at = 0 AND meeting_type = $1 AND `+among("territory_code", 2, territories)+` ORDER BY id`, texts(territories, int(kind))...)
}

// Threshold returns one that is in force, or domain.ErrThresholdNotFound.
func (r reads) Threshold(ctx context.Context, id string) (domain.Threshold, error) {
	return database.One(ctx, r.q, domain.ErrThresholdNotFound, readThreshold,
		`SELECT `+thresholdColumns+` FROM thresholds WHERE id = $1 AND retired_at = 0`, id)
}

// PutThreshold adds the next version of a threshold and takes the one before out of force.
func (t *tx) PutThreshold(ctx context.Context, h domain.Threshold) (domain.Threshold, error) {
	version, err := t.supersede(ctx, "thresholds", h.CreateTime,
		`territory_code = $1 AND meeting_type = $2 AND measure = $3 AND recommendation = $4`,
		h.Territory, int(h.Type), int(h.Measure), int(h.Recommendation))
	if err != nil {
		return h, err
	}
	h.Version = version
	_, err = t.SQL.ExecContext(ctx, `INSERT INTO thresholds (`+thresholdColumns+`, retired_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
		h.ID, int(h.Type), h.Territory, int(h.Measure), h.Limit, h.Before.Microseconds(), int(h.Recommendation), h.Version,
		database.Micros(h.CreateTime))
	return h, twice(err)
}

// RetireThreshold takes a threshold out of force, or returns domain.ErrThresholdNotFound.
func (t *tx) RetireThreshold(ctx context.Context, id string, now time.Time) (domain.Threshold, error) {
	return database.One(ctx, t.q, domain.ErrThresholdNotFound, readThreshold,
		`UPDATE thresholds SET retired_at = $2 WHERE id = $1 AND retired_at = 0 RETURNING `+thresholdColumns, id, database.Micros(now))
}
