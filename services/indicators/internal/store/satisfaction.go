package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

// SaveFeedback stores a meeting's counts, unless a version as high is there.
func (t *tx) SaveFeedback(ctx context.Context, f domain.Feedback) (newer bool, err error) {
	return t.upsert(ctx,
		`INSERT INTO feedback (meeting_id, part, version, campaign_id, commune, wave, asked, answered, satisfied)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		 ON CONFLICT (meeting_id, part) DO UPDATE SET version = excluded.version, campaign_id = excluded.campaign_id,
		     commune = excluded.commune, wave = excluded.wave, asked = excluded.asked, answered = excluded.answered, satisfied = excluded.satisfied
		 WHERE feedback.version < excluded.version`,
		f.MeetingID, f.Part, f.Version, f.CampaignID, f.Commune, f.Wave, f.Asked, f.Answered, f.Satisfied)
}

// Waves adds up what was answered in an area, by wave and part; a part without answers is left out.
func (r reads) Waves(ctx context.Context, a domain.Area) ([]domain.Wave, error) {
	var q query
	// PostgreSQL's sum of BIGINT is another type.
	q.text.WriteString(`SELECT p.part, p.wave, CAST(sum(p.asked) AS BIGINT), CAST(sum(p.answered) AS BIGINT), CAST(sum(p.satisfied) AS BIGINT) FROM `)
	q.in("feedback", a)
	if a.Campaign != "" {
		q.add(` AND p.campaign_id = `, a.Campaign)
	}
	q.text.WriteString(` GROUP BY p.wave, p.part HAVING sum(p.answered) > 0 ORDER BY p.wave, p.part`)
	return database.All(ctx, r.q, func(scan database.Scan) (w domain.Wave, err error) {
		return w, scan(&w.Part, &w.Name, &w.Asked, &w.Answered, &w.Satisfied)
	}, q.text.String(), q.args...)
}
