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

// HoldMeeting takes the meeting's row, and makes it where nothing but a seat was heard: without it a seat and the news that the
// meeting is called off, heard at once, could each miss the other.
func (t *tx) HoldMeeting(ctx context.Context, id string) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO meetings (id, organiser_id, module_id, commune_code, meeting_date, held, cancelled, version) VALUES ($1, '', '', '', '', 0, 0, 0)
		 ON CONFLICT (id) DO UPDATE SET version = meetings.version`, id)
	return database.Explain(err)
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

// SaveSeat keeps who holds a seat when it is newer than what is kept.
func (t *tx) SaveSeat(ctx context.Context, s domain.Seat) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO seats (registration_id, meeting_id, person_id, version) VALUES ($1, $2, $3, $4)
		 ON CONFLICT (registration_id) DO UPDATE SET person_id = excluded.person_id, version = excluded.version
		 WHERE seats.version < excluded.version`, s.RegistrationID, s.MeetingID, s.PersonID, s.Version)
	return database.Explain(err)
}

// ForgetSeats leaves no person at a meeting's seats.
func (t *tx) ForgetSeats(ctx context.Context, meetingID string) error {
	_, err := t.SQL.ExecContext(ctx, `UPDATE seats SET person_id = '' WHERE meeting_id = $1`, meetingID)
	return database.Explain(err)
}
