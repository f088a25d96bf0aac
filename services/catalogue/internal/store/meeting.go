package store

import (
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

// Meeting returns what was heard of a meeting, or domain.ErrMeetingNotFound.
func (r reads) Meeting(ctx context.Context, id string) (domain.Meeting, error) {
	return database.One(ctx, r.q, domain.ErrMeetingNotFound, func(scan database.Scan) (m domain.Meeting, err error) {
		var held, cancelled int64
		err = scan(&m.ID, &m.OrganiserID, &m.ModuleID, &m.CommuneCode, &m.Date, &held, &cancelled, &m.Version)
		m.Held, m.Cancelled = held != 0, cancelled != 0
		return m, err
	}, `SELECT id, organiser_id, module_id, commune_code, meeting_date, held, cancelled, version FROM meetings WHERE id = $1 AND version > 0`, id)
}

// group is who organises a meeting or holds a seat at it.
const group = `SELECT organiser_id AS person_id FROM meetings WHERE id = $1 AND organiser_id <> ''
	UNION SELECT person_id FROM seats WHERE meeting_id = $1 AND person_id <> ''`

// Group returns who organises a meeting or holds a seat at it.
func (r reads) Group(ctx context.Context, meetingID string) ([]string, error) {
	return database.All(ctx, r.q, readText, group, meetingID)
}

// OfGroup tells whether a person organises a meeting or holds a seat at it.
func (r reads) OfGroup(ctx context.Context, meetingID, personID string) (bool, error) {
	found, err := database.All(ctx, r.q, readText, `SELECT person_id FROM (`+group+`) AS people WHERE person_id = $2`, meetingID, personID)
	return len(found) > 0, err
}

func readText(scan database.Scan) (text string, err error) { return text, scan(&text) }

// HoldMeetings takes the meetings' rows in the order given, and makes them where nothing but a seat was heard: without it a seat and the
// news that its meeting is called off, heard at once, could each miss the other.
func (t *tx) HoldMeetings(ctx context.Context, ids []string) (calledOff []string, err error) {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{id}
	}
	type held struct {
		id        string
		cancelled int64
	}
	err = t.Values(1, []database.Column{database.Text}, rows, func(given database.Table) error {
		all, err := database.All(ctx, t.q, func(scan database.Scan) (h held, err error) { return h, scan(&h.id, &h.cancelled) },
			`INSERT INTO meetings (id, organiser_id, module_id, commune_code, meeting_date, held, cancelled, version)
			 SELECT column1, '', '', '', '', 0, 0, 0 FROM `+given.Text+` AS m WHERE column1 IS NOT NULL
			 ON CONFLICT (id) DO UPDATE SET version = meetings.version RETURNING id, cancelled`, given.Args...)
		for _, h := range all {
			if h.cancelled != 0 {
				calledOff = append(calledOff, h.id)
			}
		}
		return err
	})
	return calledOff, err
}

// SaveMeeting keeps a meeting's state when it is newer than the one that is kept.
func (t *tx) SaveMeeting(ctx context.Context, m domain.Meeting) (bool, error) {
	return changed(t.SQL.ExecContext(ctx,
		`INSERT INTO meetings (id, organiser_id, module_id, commune_code, meeting_date, held, cancelled, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		 ON CONFLICT (id) DO UPDATE SET organiser_id = excluded.organiser_id, module_id = excluded.module_id, commune_code = excluded.commune_code,
		     meeting_date = excluded.meeting_date, held = excluded.held, cancelled = excluded.cancelled, version = excluded.version
		 WHERE meetings.version < excluded.version`,
		m.ID, m.OrganiserID, m.ModuleID, m.CommuneCode, m.Date, flag(m.Held), flag(m.Cancelled), m.Version))
}

// SaveSeats keeps the seats that are newer than what is kept.
func (t *tx) SaveSeats(ctx context.Context, all []domain.Seat) error {
	rows := make([][]any, len(all))
	for i, s := range all {
		rows[i] = []any{s.RegistrationID, s.MeetingID, s.PersonID, s.Version}
	}
	types := []database.Column{database.Text, database.Text, database.Text, database.BigInt}
	return t.Values(1, types, rows, func(given database.Table) error {
		insert := `INSERT INTO seats (registration_id, meeting_id, person_id, version) SELECT * FROM ` + //nolint:gosec // numbered parameters
			given.Text + ` AS s WHERE column1 IS NOT NULL
			 ON CONFLICT (registration_id) DO UPDATE SET person_id = excluded.person_id, version = excluded.version
			 WHERE seats.version < excluded.version`
		_, err := t.SQL.ExecContext(database.AtCommit(ctx), insert, given.Args...)
		return database.Explain(err)
	})
}

// ForgetSeats leaves no person at a meeting's seats.
func (t *tx) ForgetSeats(ctx context.Context, meetingID string) error {
	_, err := t.SQL.ExecContext(ctx, `UPDATE seats SET person_id = '' WHERE meeting_id = $1`, meetingID)
	return database.Explain(err)
}
