package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	problemColumns = `id, meeting_id, place_id, commune_code, structure_id, kind, severity, text, state, reporter_id, charge, responsible_id,
	route_id, promised, promised_at, alerted_at, reopened_count, version, created_at, mended_at`

	// unmended is the condition that a problem waits to be mended.
	unmended = `state IN (1, 2, 5)`
)

func readProblem(scan database.Scan) (p domain.Problem, err error) {
	var promised, until, alerted, created, mended int64
	err = scan(&p.ID, &p.MeetingID, &p.PlaceID, &p.CommuneCode, &p.StructureID, &p.Kind, &p.Severity, &p.Text, &p.State, &p.ReporterID,
		&p.Charge, &p.ResponsibleID, &p.RouteID, &promised, &until, &alerted, &p.ReopenedCount, &p.Version, &created, &mended)
	p.Promised, p.PromiseTime, p.CreateTime = span(promised), database.Time(until), database.Time(created)
	p.AlertTime, p.MendTime = instant(alerted), instant(mended)
	return p, err
}

// Problem returns a problem, or domain.ErrProblemNotFound.
func (r reads) Problem(ctx context.Context, id string) (domain.Problem, error) {
	return database.One(ctx, r.q, domain.ErrProblemNotFound, readProblem, `SELECT `+problemColumns+` FROM problems WHERE id = $1`, id)
}

// Problems returns the problems that concern someone, oldest first: who reported or mends it, the meeting's organiser and referent,
// relays of the structure and coordinators of the territory.
func (r reads) Problems(ctx context.Context, q domain.ProblemQuery) ([]domain.Problem, error) {
	created, id := after(q.Page)
	args := []any{created, id, q.PersonID, q.MeetingID, q.PlaceID, int(q.State), micros(q.LateAt), q.Limit}
	territories := among("territory_code", len(args)+1, q.Territories)
	args = texts(q.Territories, args...)
	structures := among("structure_id", len(args)+1, q.Structures)
	args = texts(q.Structures, args...)
	return database.All(ctx, r.q, readProblem,
		`SELECT `+problemColumns+` FROM problems p
		 WHERE (created_at, id) > ($1, $2) AND (reporter_id = $3 OR responsible_id = $3 OR `+structures+`
		     OR EXISTS (SELECT 1 FROM meetings m WHERE m.id = p.meeting_id AND m.organiser_id = $3)
		     OR EXISTS (SELECT 1 FROM referents f WHERE f.meeting_id = p.meeting_id AND f.person_id = $3 AND f.state = 2)
		     OR commune_code IN (SELECT commune_code FROM commune_territories WHERE `+territories+`))
		   AND ($4 = '' OR meeting_id = $4) AND ($5 = '' OR place_id = $5) AND ($6 = 0 OR state = $6)
		   AND (CAST($7 AS BIGINT) = 0 OR (`+unmended+` AND promised_at <= $7))
		 ORDER BY created_at, id LIMIT CAST($8 AS BIGINT)`, args...)
}

// ProblemCounts counts a meeting's problems that are not mended.
func (r reads) ProblemCounts(ctx context.Context, meetingID string, now time.Time) (domain.ProblemCounts, error) {
	return database.One(ctx, r.q, errs.ErrInternal,
		func(scan database.Scan) (c domain.ProblemCounts, err error) {
			return c, scan(&c.Open, &c.Severe, &c.Late)
		},
		`SELECT count(*), coalesce(sum(CASE WHEN severity = 3 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN promised_at <= $2 THEN 1 ELSE 0 END), 0)
		 FROM problems WHERE meeting_id = $1 AND `+unmended, meetingID, database.Micros(now))
}

// InsertProblem adds a problem.
func (t *tx) InsertProblem(ctx context.Context, p domain.Problem) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO problems (`+problemColumns+`)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		p.ID, p.MeetingID, p.PlaceID, p.CommuneCode, p.StructureID, int(p.Kind), int(p.Severity), p.Text, int(p.State), p.ReporterID,
		int(p.Charge), p.ResponsibleID, p.RouteID, p.Promised.Microseconds(), database.Micros(p.PromiseTime), micros(p.AlertTime),
		p.ReopenedCount, p.Version, database.Micros(p.CreateTime), micros(p.MendTime))
	if err != nil {
		return fmt.Errorf("insert problem: %w", database.Explain(err))
	}
	return nil
}

// UpdateProblem stores the next version of a problem; what was reported, and its route, stay.
func (t *tx) UpdateProblem(ctx context.Context, p domain.Problem) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE problems SET state = $1, responsible_id = $2, promised_at = $3, alerted_at = $4, reopened_count = $5, mended_at = $6, version = $7
		 WHERE id = $8 AND version = $7 - 1`,
		int(p.State), p.ResponsibleID, database.Micros(p.PromiseTime), micros(p.AlertTime), p.ReopenedCount, micros(p.MendTime), p.Version, p.ID))
}

// AlertOverdue marks problems whose promise has passed and returns them. Of two at once, the second finds its condition false once the
// row's turn has come.
func (t *tx) AlertOverdue(ctx context.Context, now time.Time, limit int) ([]domain.Problem, error) {
	const late = unmended + ` AND alerted_at = 0 AND promised_at <= $1`
	found, err := database.All(ctx, t.q, readProblem,
		`UPDATE problems SET alerted_at = $1, version = version + 1
		 WHERE `+late+` AND id IN (SELECT id FROM problems WHERE `+late+` ORDER BY promised_at, id LIMIT CAST($2 AS BIGINT))
		 RETURNING `+problemColumns, database.Micros(now), limit)
	slices.SortFunc(found, func(a, b domain.Problem) int { return strings.Compare(a.ID, b.ID) })
	return found, err
}
