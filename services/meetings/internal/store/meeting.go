package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const meetingColumns = `id, series_id, group_id, campaign_id, module_id, module_title, position, state, starts_at, ends_at, time_zone,
	place_id, commune_code, structure_id, organiser_id, countersigner_id, cancel_cause, present_count,
	postponed_count, version, created_at, declared_at, attested_at, title, mode, remote_url, cancel_kind, postpone_kind, postpone_cause`

func readMeeting(scan database.Scan) (m domain.Meeting, err error) {
	var start, end, created, declared, attested int64
	var series sql.NullString
	err = scan(&m.ID, &series, &m.GroupID, &m.CampaignID, &m.ModuleID, &m.ModuleTitle, &m.Position, &m.State, &start, &end, &m.TimeZone,
		&m.PlaceID, &m.CommuneCode, &m.StructureID, &m.OrganiserID, &m.CountersignerID, &m.Cancelled.Note, &m.PresentCount,
		&m.PostponedCount, &m.Version, &created, &declared, &attested, &m.Title, &m.Mode, &m.RemoteURL,
		&m.Cancelled.Cause, &m.Postponed.Cause, &m.Postponed.Note)
	m.SeriesID = series.String
	m.Start, m.End, m.CreateTime = database.Time(start), database.Time(end), database.Time(created)
	m.DeclareTime, m.AttestTime = instant(declared), instant(attested)
	return m, err
}

// Meeting returns a meeting with its seats, or domain.ErrMeetingNotFound.
func (r reads) Meeting(ctx context.Context, id string) (domain.Meeting, error) {
	m, err := database.One(ctx, r.q, domain.ErrMeetingNotFound, readMeeting, `SELECT `+meetingColumns+` FROM meetings WHERE id = $1`, id)
	if err != nil {
		return m, err
	}
	seats, err := r.Seats(ctx, id)
	return domain.WithSeats(m, seats), err
}

// Meetings returns meetings by date; drafts only when they are asked for, and only to whoever organises them.
func (r reads) Meetings(ctx context.Context, q domain.MeetingQuery) ([]domain.Meeting, error) {
	start, id := after(q.Page)
	return r.meetings(ctx,
		`SELECT `+meetingColumns+` FROM meetings
		 WHERE (starts_at, id) > ($1, $2) AND ($3 = '' OR group_id = $3) AND ($4 = '' OR campaign_id = $4) AND ($5 = 0 OR state = $5)
		     AND (state <> 1 OR $5 = 1 AND organiser_id = $6)
		 ORDER BY starts_at, id LIMIT CAST($7 AS BIGINT)`, start, id, q.GroupID, q.CampaignID, int(q.State), q.OrganiserID, q.Limit)
}

// meetings reads meetings and their seats.
func (r reads) meetings(ctx context.Context, query string, args ...any) ([]domain.Meeting, error) {
	all, err := database.All(ctx, r.q, readMeeting, query, args...)
	if err != nil || len(all) == 0 {
		return all, err
	}
	ids := make([]string, len(all))
	for i, m := range all {
		ids[i] = m.ID
	}
	seats, err := r.seats(ctx, ids)
	for i, m := range all {
		all[i] = domain.WithSeats(m, seats[m.ID])
	}
	return all, err
}

// UpdateMeeting stores the next version of a meeting; what was copied when it was planned stays, and so do its seats.
func (t *tx) UpdateMeeting(ctx context.Context, m domain.Meeting) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE meetings SET state = $1, starts_at = $2, ends_at = $3, time_zone = $4, organiser_id = $5, countersigner_id = $6,
		     cancel_cause = $7, present_count = $8, postponed_count = $9, declared_at = $10, attested_at = $11, version = $12,
		     title = $14, mode = $15, remote_url = $16, cancel_kind = $17, postpone_kind = $18, postpone_cause = $19, updated_at = $20
		 WHERE id = $13 AND version = $12 - 1`,
		int(m.State), database.Micros(m.Start), database.Micros(m.End), m.TimeZone, m.OrganiserID, m.CountersignerID,
		m.Cancelled.Note, m.PresentCount, m.PostponedCount, micros(m.DeclareTime), micros(m.AttestTime), m.Version, m.ID,
		m.Title, int(m.Mode), m.RemoteURL, int(m.Cancelled.Cause), int(m.Postponed.Cause), m.Postponed.Note, database.Micros(t.now())))
}

// InsertMeeting adds a single meeting.
func (t *tx) InsertMeeting(ctx context.Context, m domain.Meeting) error {
	return t.insertMeetings(ctx, []domain.Meeting{m})
}

func (t *tx) insertMeetings(ctx context.Context, all []domain.Meeting) error {
	rows := make([][]any, len(all))
	var seats []domain.Seats
	for i, m := range all {
		seats = append(seats, m.Seats...)
		rows[i] = []any{
			m.ID, sql.NullString{String: m.SeriesID, Valid: m.SeriesID != ""}, m.GroupID, m.CampaignID, m.ModuleID, m.ModuleTitle,
			m.Position, int(m.State), database.Micros(m.Start), database.Micros(m.End), m.TimeZone, m.PlaceID, m.CommuneCode,
			m.StructureID, m.OrganiserID, m.CountersignerID, m.Cancelled.Note,
			m.PresentCount, m.PostponedCount, m.Version, database.Micros(m.CreateTime), micros(m.DeclareTime), micros(m.AttestTime),
			m.Title, int(m.Mode), m.RemoteURL, int(m.Cancelled.Cause), int(m.Postponed.Cause), m.Postponed.Note,
		}
	}
	if err := t.bulk(ctx, "meetings", meetingColumns, rows); err != nil {
		return err
	}
	return t.SaveSeats(ctx, seats)
}

// KeepCommune replaces what stands above a commune.
func (t *tx) KeepCommune(ctx context.Context, code string, territories []string) error {
	// Without deleting first: two plans for one commune at once meet on the same rows in the same order.
	for _, territory := range territories {
		_, err := t.SQL.ExecContext(ctx, `INSERT INTO commune_territories (commune_code, territory_code) VALUES ($1, $2)
			ON CONFLICT (commune_code, territory_code) DO NOTHING`, code, territory)
		if err != nil {
			return fmt.Errorf("keep commune: %w", database.Explain(err))
		}
	}
	known, err := database.All(ctx, t.q, func(scan database.Scan) (code string, err error) { return code, scan(&code) },
		`SELECT territory_code FROM commune_territories WHERE commune_code = $1 ORDER BY territory_code`, code)
	for _, territory := range known {
		if err == nil && !slices.Contains(territories, territory) {
			_, err = t.SQL.ExecContext(ctx, `DELETE FROM commune_territories WHERE commune_code = $1 AND territory_code = $2`, code, territory)
		}
	}
	return database.Explain(err)
}
