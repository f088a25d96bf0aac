package store

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	registrationColumns = `id, meeting_id, person_id, campaign_id, state, version, created_at`

	// open is the condition under which a meeting's seats change; $2 is now.
	open = `state IN (2, 3) AND starts_at > $2`
)

func readRegistration(scan database.Scan) (r domain.Registration, err error) {
	var created int64
	err = scan(&r.ID, &r.MeetingID, &r.PersonID, &r.CampaignID, &r.State, &r.Version, &created)
	r.CreateTime = database.Time(created)
	return r, err
}

// Registration returns a registration, or domain.ErrRegistrationNotFound.
func (r reads) Registration(ctx context.Context, id string) (domain.Registration, error) {
	return database.One(ctx, r.q, domain.ErrRegistrationNotFound, readRegistration,
		`SELECT `+registrationColumns+` FROM registrations WHERE id = $1`, id)
}

// Registrations returns a meeting's registrations, oldest first.
func (r reads) Registrations(ctx context.Context, q domain.RegistrationQuery) ([]domain.Registration, error) {
	created, id := after(q.Page)
	return database.All(ctx, r.q, readRegistration,
		`SELECT `+registrationColumns+` FROM registrations
		 WHERE meeting_id = $1 AND ($2 = '' OR person_id = $2) AND (created_at, id) > ($3, $4)
		 ORDER BY created_at, id LIMIT CAST($5 AS BIGINT)`, q.MeetingID, q.PersonID, created, id, q.Limit)
}

// TakeSeat takes a seat and returns the meeting, or domain.ErrMeetingFull. Its condition is read again once the row's turn has
// come, so that no two transactions take the last seat.
func (t *tx) TakeSeat(ctx context.Context, meetingID string, now time.Time) (domain.Meeting, error) {
	return database.One(ctx, t.q, domain.ErrMeetingFull, readMeeting,
		`UPDATE meetings SET taken = taken + 1 WHERE id = $1 AND taken < capacity AND `+open+` RETURNING `+meetingColumns,
		meetingID, database.Micros(now))
}

// FreeSeat gives a seat back, or returns domain.ErrMeetingClosed.
func (t *tx) FreeSeat(ctx context.Context, meetingID string, now time.Time) error {
	result, err := t.SQL.ExecContext(ctx, `UPDATE meetings SET taken = taken - 1 WHERE id = $1 AND `+open, meetingID, database.Micros(now))
	if err != nil {
		return database.Explain(err)
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil {
		return err
	}
	return domain.ErrMeetingClosed
}

// RegistrationOf returns a person's registration for a meeting, or domain.ErrRegistrationNotFound.
func (t *tx) RegistrationOf(ctx context.Context, meetingID, personID string) (domain.Registration, error) {
	return database.One(ctx, t.q, domain.ErrRegistrationNotFound, readRegistration,
		`SELECT `+registrationColumns+` FROM registrations WHERE meeting_id = $1 AND person_id = $2`, meetingID, personID)
}

// PutRegistration adds a registration, or revives the person's cancelled one under its own id, or returns domain.ErrAlreadyRegistered.
func (t *tx) PutRegistration(ctx context.Context, r domain.Registration) (domain.Registration, error) {
	return database.One(ctx, t.q, domain.ErrAlreadyRegistered, readRegistration,
		`INSERT INTO registrations (`+registrationColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		 ON CONFLICT (meeting_id, person_id) DO UPDATE SET state = excluded.state, version = registrations.version + 1
		 WHERE registrations.state = 2
		 RETURNING `+registrationColumns,
		r.ID, r.MeetingID, r.PersonID, r.CampaignID, int(r.State), r.Version, database.Micros(r.CreateTime))
}

// UpdateRegistration stores the next version of a registration.
func (t *tx) UpdateRegistration(ctx context.Context, r domain.Registration) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE registrations SET state = $1, version = $2 WHERE id = $3 AND version = $2 - 1`, int(r.State), r.Version, r.ID))
}

// Roll returns the registrations that hold a seat.
func (t *tx) Roll(ctx context.Context, meetingID string) ([]domain.Registration, error) {
	return database.All(ctx, t.q, readRegistration,
		`SELECT `+registrationColumns+` FROM registrations WHERE meeting_id = $1 AND state <> 2 ORDER BY created_at, id`, meetingID)
}
