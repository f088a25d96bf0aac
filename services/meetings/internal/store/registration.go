package store

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const registrationColumns = `id, meeting_id, person_id, campaign_id, state, version, created_at, mode, role, ticket, offer_expires_at, reason, name_shared`

var registrationTypes = []database.Column{
	database.Text, database.Text, database.Text, database.Text, database.BigInt, database.BigInt, database.BigInt, database.BigInt,
	database.BigInt, database.BigInt, database.BigInt, database.Text, database.BigInt,
}

func readRegistration(scan database.Scan) (r domain.Registration, err error) {
	var created, expires int64
	err = scan(&r.ID, &r.MeetingID, &r.PersonID, &r.CampaignID, &r.State, &r.Version, &created, &r.Mode, &r.Role, &r.Ticket, &expires,
		&r.Reason, &r.NameShared)
	r.CreateTime, r.OfferExpires = database.Time(created), instant(expires)
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

// WaitingPositions returns the ranks of those who wait for a meeting.
func (r reads) WaitingPositions(ctx context.Context, meetingID string) (map[string]int, error) {
	type rank struct {
		id       string
		position int
	}
	all, err := database.All(ctx, r.q, func(scan database.Scan) (w rank, err error) { return w, scan(&w.id, &w.position) },
		`SELECT id, row_number() OVER (PARTITION BY mode, role ORDER BY ticket) FROM registrations WHERE meeting_id = $1 AND state = 6`, meetingID)
	ranks := make(map[string]int, len(all))
	for _, w := range all {
		ranks[w.id] = w.position
	}
	return ranks, err
}

// RegistrationsOf returns what those of the persons have who have a registration.
func (t *tx) RegistrationsOf(ctx context.Context, meetingID string, persons []string) ([]domain.Registration, error) {
	return database.In(ctx, t.q, readRegistration, persons, 2,
		`SELECT `+registrationColumns+` FROM registrations WHERE meeting_id = $1 AND person_id`, ``, meetingID)
}

// PutRegistrations adds registrations, or revives under its own id what had ended; who has a live one is left out.
func (t *tx) PutRegistrations(ctx context.Context, all []domain.Registration) (stored []domain.Registration, err error) {
	rows := make([][]any, len(all))
	put := make(map[[2]string]domain.Registration, len(all))
	for i, r := range all {
		put[[2]string{r.MeetingID, r.PersonID}] = r
		rows[i] = []any{
			r.ID, r.MeetingID, r.PersonID, r.CampaignID, int(r.State), r.Version, database.Micros(r.CreateTime), int(r.Mode), int(r.Role),
			r.Ticket, micros(r.OfferExpires), r.Reason, number(r.NameShared),
		}
	}
	// Only what a revived one keeps is read back: thousands at a time come this way.
	kept := func(scan database.Scan) (r domain.Registration, err error) {
		var id, campaign string
		var version, created int64
		var who [2]string
		err = scan(&id, &who[0], &who[1], &campaign, &version, &created)
		r = put[who]
		r.ID, r.CampaignID, r.Version, r.CreateTime = id, campaign, version, database.Time(created)
		return r, err
	}
	err = t.Values(1, registrationTypes, rows, func(given database.Table) error {
		part, err := database.All(ctx, t.q, kept,
			`INSERT INTO registrations (`+registrationColumns+`) SELECT * FROM `+given.Text+` AS r WHERE column1 IS NOT NULL
			 ON CONFLICT (meeting_id, person_id) DO UPDATE SET state = excluded.state, version = registrations.version + 1,
			     mode = excluded.mode, role = excluded.role, ticket = excluded.ticket, offer_expires_at = excluded.offer_expires_at,
			     reason = excluded.reason, name_shared = excluded.name_shared
			 WHERE registrations.state IN (2, 8, 9)
			 RETURNING id, meeting_id, person_id, campaign_id, version, created_at`, given.Args...)
		stored = append(stored, part...)
		return err
	})
	return stored, err
}

// UpdateRegistration stores the next version of a registration.
func (t *tx) UpdateRegistration(ctx context.Context, r domain.Registration) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE registrations SET state = $1, version = $2, mode = $3, role = $4, ticket = $5, offer_expires_at = $6, reason = $7, name_shared = $8
		 WHERE id = $9 AND version = $2 - 1`,
		int(r.State), r.Version, int(r.Mode), int(r.Role), r.Ticket, micros(r.OfferExpires), r.Reason, number(r.NameShared), r.ID))
}

// UpdateRegistrations stores the next versions of registrations. They are named twice, as meetings are by TakeSeats.
func (t *tx) UpdateRegistrations(ctx context.Context, all []domain.Registration) error {
	rows := make([][]any, len(all))
	for i, r := range all {
		rows[i] = []any{
			r.ID, int(r.State), r.Version, int(r.Mode), int(r.Role), r.Ticket, micros(r.OfferExpires), r.Reason, number(r.NameShared),
		}
	}
	types := []database.Column{
		database.Text, database.BigInt, database.BigInt, database.BigInt, database.BigInt, database.BigInt, database.BigInt, database.Text,
		database.BigInt,
	}
	stored := int64(0)
	err := t.Values(1, types, rows, func(given database.Table) error {
		update := `UPDATE registrations SET state = w.column2, ` + //nolint:gosec // numbered parameters
			`version = w.column3, mode = w.column4, role = w.column5, ticket = w.column6, offer_expires_at = w.column7, reason = w.column8,
			    name_shared = w.column9
			 FROM ` + given.Text + ` AS w WHERE id ` + given.Among + ` AND id = w.column1 AND version = w.column3 - 1`
		result, err := t.SQL.ExecContext(ctx, update, given.Args...)
		if err != nil {
			return database.Explain(err)
		}
		n, err := result.RowsAffected()
		stored += n
		return err
	})
	if err == nil && stored != int64(len(all)) {
		err = errs.ErrAborted // someone else has updated one of them before
	}
	return err
}

// LiveOn returns the live registrations on a pool.
func (t *tx) LiveOn(ctx context.Context, p domain.Pool) ([]domain.Registration, error) {
	return database.All(ctx, t.q, readRegistration,
		`SELECT `+registrationColumns+` FROM registrations WHERE meeting_id = $1 AND mode = $2 AND role = $3 AND state IN (1, 3, 4, 5, 6, 7)
		 ORDER BY ticket, created_at, id`, p.MeetingID, int(p.Mode), int(p.Role))
}

// Roll returns the registrations that hold a seat for good.
func (r reads) Roll(ctx context.Context, meetingID string) ([]domain.Registration, error) {
	return database.All(ctx, r.q, readRegistration,
		`SELECT `+registrationColumns+` FROM registrations WHERE meeting_id = $1 AND state IN (1, 3, 4, 5) ORDER BY created_at, id`, meetingID)
}

// FirstWaiting returns the next in the waiting list of a pool.
func (t *tx) FirstWaiting(ctx context.Context, p domain.Pool, n int) ([]domain.Registration, error) {
	return database.All(ctx, t.q, readRegistration,
		`SELECT `+registrationColumns+` FROM registrations WHERE meeting_id = $1 AND mode = $2 AND role = $3 AND state = 6
		 ORDER BY ticket LIMIT CAST($4 AS BIGINT)`, p.MeetingID, int(p.Mode), int(p.Role), n)
}

// DueOffers returns the offers in meetings whose deadline has come.
func (t *tx) DueOffers(ctx context.Context, meetingIDs []string, now time.Time) ([]domain.Registration, error) {
	return database.In(ctx, t.q, readRegistration, meetingIDs, 2,
		`SELECT `+registrationColumns+` FROM registrations WHERE state = 7 AND offer_expires_at <= $1 AND meeting_id`,
		` ORDER BY meeting_id, ticket`, database.Micros(now))
}

// OffersAfter returns the offers of a meeting that last beyond an instant.
func (t *tx) OffersAfter(ctx context.Context, meetingID string, until time.Time) ([]domain.Registration, error) {
	return database.All(ctx, t.q, readRegistration,
		`SELECT `+registrationColumns+` FROM registrations WHERE state = 7 AND meeting_id = $1 AND offer_expires_at > $2 ORDER BY ticket`,
		meetingID, database.Micros(until))
}

// number is a truth as both engines store it.
func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
