package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const searchColumns = `id, meeting_id, commune_code, state, person_id, tags, without_reason, without_text, reopen_cause, lost_count, version, created_at`

func readSearch(scan database.Scan) (s domain.Search, err error) {
	var tags string
	var created int64
	err = scan(&s.ID, &s.MeetingID, &s.CommuneCode, &s.State, &s.PersonID, &tags, &s.WithoutReason, &s.WithoutText, &s.ReopenCause,
		&s.LostCount, &s.Version, &created)
	if err != nil {
		return s, err
	}
	s.CreateTime = database.Time(created)
	return s, json.Unmarshal([]byte(tags), &s.Tags)
}

// Search returns a meeting's search, or domain.ErrSearchNotFound.
func (r reads) Search(ctx context.Context, meetingID string) (domain.Search, error) {
	return database.One(ctx, r.q, domain.ErrSearchNotFound, readSearch,
		`SELECT `+searchColumns+` FROM professional_searches WHERE meeting_id = $1`, meetingID)
}

// SearchCounts counts the searches of a territory by state and reason.
func (r reads) SearchCounts(ctx context.Context, territory string) ([]domain.SearchCount, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (c domain.SearchCount, err error) {
		return c, scan(&c.State, &c.Reason, &c.Count, &c.Lost)
	}, `SELECT s.state, s.without_reason, count(*), sum(s.lost_count) FROM professional_searches s
		JOIN commune_territories t ON t.commune_code = s.commune_code AND t.territory_code = $1
		JOIN meetings m ON m.id = s.meeting_id AND m.state <> 7
		GROUP BY s.state, s.without_reason ORDER BY s.state, s.without_reason`, territory)
}

// DueSearches returns meetings in whose search something is to happen by now.
func (r reads) DueSearches(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (id string, err error) { return id, scan(&id) },
		`SELECT meeting_id FROM asks WHERE state = 2 AND deadline <= $1
		 UNION SELECT a.meeting_id FROM asks a JOIN professional_searches s ON s.id = a.search_id WHERE a.state = 1 AND s.state = 2
		 ORDER BY meeting_id LIMIT CAST($2 AS BIGINT)`, database.Micros(now), limit)
}

// InsertSearch adds a search.
func (t *tx) InsertSearch(ctx context.Context, s domain.Search) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO professional_searches (`+searchColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		s.ID, s.MeetingID, s.CommuneCode, int(s.State), s.PersonID, toJSON(s.Tags), int(s.WithoutReason), s.WithoutText, int(s.ReopenCause),
		s.LostCount, s.Version, database.Micros(s.CreateTime))
	if err != nil {
		return fmt.Errorf("insert search: %w", database.Explain(err))
	}
	return nil
}

// UpdateSearch stores the next version of a search. Its condition is read again once the row's turn has come, so that no two
// professionals are the first to accept.
func (t *tx) UpdateSearch(ctx context.Context, s domain.Search) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE professional_searches SET state = $1, person_id = $2, tags = $3, without_reason = $4, without_text = $5, reopen_cause = $6,
		     lost_count = $7, version = $8
		 WHERE id = $9 AND version = $8 - 1`,
		int(s.State), s.PersonID, toJSON(s.Tags), int(s.WithoutReason), s.WithoutText, int(s.ReopenCause), s.LostCount, s.Version, s.ID))
}

// Engagements returns the bookings that hold one of these professionals in the period, by start.
func (r reads) Engagements(ctx context.Context, personIDs []string, from, to time.Time) ([]domain.Booking, error) {
	if len(personIDs) == 0 {
		return nil, nil
	}
	args := []any{int(domain.ResourceProfessional), database.Micros(from.Add(-longestBooking)), database.Micros(to), database.Micros(from)}
	for _, id := range personIDs {
		args = append(args, id)
	}
	return database.All(ctx, r.q, readBooking,
		`SELECT `+bookingColumns+` FROM bookings
		 WHERE resource_kind = $1 AND state = 1 AND starts_at >= $2 AND starts_at < $3 AND ends_at > $4
		   AND resource_id IN (`+marks(len(args)-len(personIDs)+1, len(personIDs))+`)
		 ORDER BY starts_at, id`, args...)
}
