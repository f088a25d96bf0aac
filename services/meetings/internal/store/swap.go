package store

import (
	"context"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const swapColumns = `s.id, s.registration_id, s.person_id, s.meeting_id, s.wanted_meeting_id, s.state, s.accepted_by, s.version, s.created_at,
	s.expires_at, s.ended_at`

func readSwap(scan database.Scan) (s domain.Swap, err error) {
	var created, expires, ended int64
	err = scan(&s.ID, &s.RegistrationID, &s.PersonID, &s.MeetingID, &s.WantedMeetingID, &s.State, &s.AcceptedBy, &s.Version, &created,
		&expires, &ended)
	s.CreateTime, s.Expires, s.EndTime = database.Time(created), database.Time(expires), instant(ended)
	return s, err
}

// Swap returns a swap, or domain.ErrSwapNotFound.
func (r reads) Swap(ctx context.Context, id string) (domain.Swap, error) {
	return database.One(ctx, r.q, domain.ErrSwapNotFound, readSwap, `SELECT `+swapColumns+` FROM swaps s WHERE s.id = $1`, id)
}

// Swaps returns a person's swaps, and those that are open to a seat of the person's and whose own seat is still there; oldest first.
func (r reads) Swaps(ctx context.Context, q domain.SwapQuery) ([]domain.Swap, error) {
	created, id := after(q.Page)
	return database.All(ctx, r.q, readSwap,
		`SELECT `+swapColumns+` FROM swaps s
		 WHERE (s.created_at, s.id) > ($1, $2) AND (s.person_id = $3 OR s.accepted_by = $3 OR s.state = 1
		     AND EXISTS (SELECT 1 FROM registrations r WHERE r.meeting_id = s.wanted_meeting_id AND r.person_id = $3 AND r.state = 1)
		     AND EXISTS (SELECT 1 FROM registrations r WHERE r.id = s.registration_id AND r.state = 1))
		 ORDER BY s.created_at, s.id LIMIT CAST($4 AS BIGINT)`, created, id, q.PersonID, q.Limit)
}

// DueSwaps returns some that nobody accepted in time.
func (r reads) DueSwaps(ctx context.Context, now time.Time, limit int) ([]domain.Swap, error) {
	return database.All(ctx, r.q, readSwap,
		`SELECT `+swapColumns+` FROM swaps s WHERE s.state = 1 AND s.expires_at <= $1 ORDER BY s.expires_at, s.id LIMIT CAST($2 AS BIGINT)`,
		database.Micros(now), limit)
}

// OpenSwap returns a person's open proposal, or domain.ErrSwapNotFound.
func (t *tx) OpenSwap(ctx context.Context, personID string) (domain.Swap, error) {
	return database.One(ctx, t.q, domain.ErrSwapNotFound, readSwap,
		`SELECT `+swapColumns+` FROM swaps s WHERE s.person_id = $1 AND s.state = 1`, personID)
}

// Swapped returns what registrations became by swaps.
func (r reads) Swapped(ctx context.Context, registrationIDs []string) (map[domain.RegistrationVersion]string, error) {
	const some = 100
	found := map[domain.RegistrationVersion]string{}
	for part := range slices.Chunk(registrationIDs, some) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		_, err := database.All(ctx, r.q, func(scan database.Scan) (none struct{}, err error) {
			var of domain.RegistrationVersion
			var swapID string
			err = scan(&of.ID, &of.Version, &swapID)
			found[of] = swapID
			return none, err
		}, `SELECT registration_id, version, swap_id FROM swapped_seats WHERE registration_id IN (`+marks(1, len(part))+`)`, args...)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// KeepSwapped remembers which versions of registrations a swap has made.
func (t *tx) KeepSwapped(ctx context.Context, swapID string, all []domain.Registration) error {
	rows := make([][]any, len(all))
	for i, r := range all {
		rows[i] = []any{r.ID, r.Version, swapID}
	}
	return t.bulk(ctx, "swapped_seats", `registration_id, version, swap_id`, rows)
}

// InsertSwap adds a proposal; another one of the person's that came first makes Write run again.
func (t *tx) InsertSwap(ctx context.Context, s domain.Swap) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`INSERT INTO swaps (id, registration_id, person_id, meeting_id, wanted_meeting_id, state, accepted_by, version, created_at, expires_at, ended_at)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
		s.ID, s.RegistrationID, s.PersonID, s.MeetingID, s.WantedMeetingID, int(s.State), s.AcceptedBy, s.Version,
		database.Micros(s.CreateTime), database.Micros(s.Expires), micros(s.EndTime)))
}

// UpdateSwap stores the next version of a swap.
func (t *tx) UpdateSwap(ctx context.Context, s domain.Swap) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE swaps SET state = $2, accepted_by = $3, ended_at = $4, version = $5 WHERE id = $1 AND version = $5 - 1`,
		s.ID, int(s.State), s.AcceptedBy, micros(s.EndTime), s.Version))
}
