package store

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

const enrolmentColumns = `id, module_id, module_version, person_id, level, completed, version, created_at, completed_at`

func readEnrolment(scan database.Scan) (e domain.Enrolment, err error) {
	var steps string
	var created, completed int64
	err = scan(&e.ID, &e.ModuleID, &e.ModuleVersion, &e.PersonID, &e.Level, &steps, &e.Version, &created, &completed)
	e.CreateTime = database.Time(created)
	if completed != 0 {
		e.CompleteTime = database.Time(completed)
	}
	return e, errors.Join(err, json.Unmarshal([]byte(steps), &e.Completed))
}

// Enrolment returns an enrolment, or domain.ErrEnrolmentNotFound.
func (r reads) Enrolment(ctx context.Context, id string) (domain.Enrolment, error) {
	return database.One(ctx, r.q, domain.ErrEnrolmentNotFound, readEnrolment,
		`SELECT `+enrolmentColumns+` FROM enrolments WHERE id = $1`, id)
}

// Enrolments returns a person's enrolments, oldest first.
func (r reads) Enrolments(ctx context.Context, q domain.EnrolmentQuery) ([]domain.Enrolment, error) {
	created, id := int64(0), ""
	if len(q.After) == 2 {
		created, _ = strconv.ParseInt(q.After[0], 10, 64)
		id = q.After[1]
	}
	return database.All(ctx, r.q, readEnrolment,
		`SELECT `+enrolmentColumns+` FROM enrolments WHERE person_id = $1 AND (created_at, id) > ($2, $3)
		 ORDER BY created_at, id LIMIT CAST($4 AS BIGINT)`, q.PersonID, created, id, q.Limit)
}

// InsertEnrolment adds an enrolment; the unique constraint on person and module decides between two at once.
func (t *tx) InsertEnrolment(ctx context.Context, e domain.Enrolment) error {
	result, err := t.SQL.ExecContext(ctx,
		`INSERT INTO enrolments (`+enrolmentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) ON CONFLICT (person_id, module_id) DO NOTHING`,
		e.ID, e.ModuleID, e.ModuleVersion, e.PersonID, int(e.Level), steps(e), e.Version, database.Micros(e.CreateTime))
	if err != nil {
		return database.Explain(err)
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil {
		return err
	}
	known, err := database.One(ctx, t.q, domain.ErrEnrolmentNotFound, readEnrolment,
		`SELECT `+enrolmentColumns+` FROM enrolments WHERE person_id = $1 AND module_id = $2`, e.PersonID, e.ModuleID)
	if err != nil {
		return err
	}
	return domain.ErrAlreadyEnrolled.With("enrolment", known.ID)
}

// UpdateEnrolment stores the next version of an enrolment.
func (t *tx) UpdateEnrolment(ctx context.Context, e domain.Enrolment) error {
	completed := int64(0)
	if !e.CompleteTime.IsZero() {
		completed = database.Micros(e.CompleteTime)
	}
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE enrolments SET completed = $1, version = $2, completed_at = $3 WHERE id = $4 AND version = $2 - 1`,
		steps(e), e.Version, completed, e.ID))
}

func steps(e domain.Enrolment) string {
	if e.Completed == nil {
		return "[]"
	}
	return toJSON(e.Completed)
}
