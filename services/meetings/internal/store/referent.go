package store

import (
	"context"
	"errors"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func readReferent(scan database.Scan) (r domain.Referent, err error) {
	var named, answered int64
	err = scan(&r.MeetingID, &r.PersonID, &r.State, &r.Version, &named, &answered)
	r.NameTime, r.AnswerTime = instant(named), instant(answered)
	return r, err
}

// Referent returns who was named for a meeting, or the zero Referent.
func (r reads) Referent(ctx context.Context, meetingID string) (domain.Referent, error) {
	named, err := database.One(ctx, r.q, domain.ErrReferentNotFound, readReferent,
		`SELECT meeting_id, person_id, state, version, named_at, answered_at FROM referents WHERE meeting_id = $1`, meetingID)
	if errors.Is(err, domain.ErrReferentNotFound) {
		return domain.Referent{}, nil
	}
	return named, err
}

// SaveReferent stores the next version of a referent, the first one included.
func (t *tx) SaveReferent(ctx context.Context, r domain.Referent) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`INSERT INTO referents (meeting_id, person_id, state, version, named_at, answered_at) VALUES ($1, $2, $3, $4, $5, $6)
		 ON CONFLICT (meeting_id) DO UPDATE SET person_id = excluded.person_id, state = excluded.state, version = excluded.version,
		     named_at = excluded.named_at, answered_at = excluded.answered_at
		 WHERE referents.version = excluded.version - 1`,
		r.MeetingID, r.PersonID, int(r.State), r.Version, micros(r.NameTime), micros(r.AnswerTime)))
}
