package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const minutesColumns = `meeting_id, state, modality, report, author_id, closer_id, version, created_at, updated_at, closed_at`

func readMinutes(scan database.Scan) (m domain.Minutes, err error) {
	var report string
	var created, updated, closed int64
	if err := scan(&m.MeetingID, &m.State, &m.Modality, &report, &m.AuthorID, &m.CloserID, &m.Version, &created, &updated, &closed); err != nil {
		return m, err
	}
	m.CreateTime, m.UpdateTime, m.CloseTime = database.Time(created), database.Time(updated), instant(closed)
	if err := json.Unmarshal([]byte(report), &m.MinutesReport); err != nil {
		return m, fmt.Errorf("read minutes: %w", err)
	}
	return m, nil
}

// Minutes returns a meeting's minutes, or domain.ErrMinutesNotFound.
func (r reads) Minutes(ctx context.Context, meetingID string) (domain.Minutes, error) {
	m, err := database.One(ctx, r.q, domain.ErrMinutesNotFound, readMinutes, `SELECT `+minutesColumns+` FROM minutes WHERE meeting_id = $1`, meetingID)
	if err != nil {
		return m, err
	}
	m.Reopenings, err = database.All(ctx, r.q, func(scan database.Scan) (o domain.MinutesReopening, err error) {
		var created int64
		err = scan(&o.PersonID, &o.Reason, &created)
		o.CreateTime = database.Time(created)
		return o, err
	}, `SELECT person_id, reason, created_at FROM minutes_reopenings WHERE meeting_id = $1 ORDER BY version`, meetingID)
	return m, err
}

// InsertMinutes adds minutes.
func (t *tx) InsertMinutes(ctx context.Context, m domain.Minutes) error {
	report, err := json.Marshal(m.MinutesReport)
	if err != nil {
		return fmt.Errorf("write minutes: %w", err)
	}
	return t.bulk(ctx, "minutes", minutesColumns, [][]any{{
		m.MeetingID, int(m.State), int(m.Modality), string(report), m.AuthorID, m.CloserID, m.Version, micros(m.CreateTime),
		micros(m.UpdateTime), micros(m.CloseTime),
	}})
}

// UpdateMinutes stores the next version of minutes.
func (t *tx) UpdateMinutes(ctx context.Context, m domain.Minutes) error {
	report, err := json.Marshal(m.MinutesReport)
	if err != nil {
		return fmt.Errorf("write minutes: %w", err)
	}
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE minutes SET state = $1, modality = $2, report = $3, author_id = $4, closer_id = $5, version = $6, updated_at = $7, closed_at = $8
		 WHERE meeting_id = $9 AND version = $6 - 1`,
		int(m.State), int(m.Modality), string(report), m.AuthorID, m.CloserID, m.Version, micros(m.UpdateTime), micros(m.CloseTime), m.MeetingID))
}

// InsertReopening keeps that minutes were opened again, which are at the version after.
func (t *tx) InsertReopening(ctx context.Context, m domain.Minutes, r domain.MinutesReopening) error {
	return t.bulk(ctx, "minutes_reopenings", `meeting_id, version, person_id, reason, created_at`,
		[][]any{{m.MeetingID, m.Version, r.PersonID, r.Reason, database.Micros(r.CreateTime)}})
}
