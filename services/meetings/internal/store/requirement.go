package store

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const requirementColumns = `id, meeting_type, territory_code, code, domain, text_fr, text_en, required, due_before, checked_by, version, created_at`

func readRequirement(scan database.Scan) (r domain.Requirement, err error) {
	var due, created int64
	err = scan(&r.ID, &r.Type, &r.Territory, &r.Code, &r.Domain, &r.FR, &r.EN, &r.Required, &due, &r.CheckedBy, &r.Version, &created)
	r.DueBefore, r.CreateTime = span(due), database.Time(created)
	return r, err
}

// Requirements returns what is in force for a type of meeting in these territories.
func (r reads) Requirements(ctx context.Context, kind domain.MeetingType, territories []string) ([]domain.Requirement, error) {
	return database.All(ctx, r.q, readRequirement,
		`SELECT `+requirementColumns+` FROM requirements
		 WHERE retired_at = 0 AND meeting_type = $1 AND `+among("territory_code", 2, territories)+` ORDER BY id`, texts(territories, int(kind))...)
}

// Requirement returns one that is in force, or domain.ErrRequirementNotFound.
func (r reads) Requirement(ctx context.Context, id string) (domain.Requirement, error) {
	return database.One(ctx, r.q, domain.ErrRequirementNotFound, readRequirement,
		`SELECT `+requirementColumns+` FROM requirements WHERE id = $1 AND retired_at = 0`, id)
}

// PutRequirement adds the next version of a requirement and takes the one before out of force.
func (t *tx) PutRequirement(ctx context.Context, r domain.Requirement) (domain.Requirement, error) {
	version, err := t.supersede(ctx, "requirements", r.CreateTime,
		`territory_code = $1 AND meeting_type = $2 AND code = $3`, r.Territory, int(r.Type), r.Code)
	if err != nil {
		return r, err
	}
	r.Version = version
	_, err = t.SQL.ExecContext(ctx,
		`INSERT INTO requirements (`+requirementColumns+`, retired_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0)`,
		r.ID, int(r.Type), r.Territory, r.Code, int(r.Domain), r.FR, r.EN, flag(r.Required), r.DueBefore.Microseconds(), int(r.CheckedBy),
		r.Version, database.Micros(r.CreateTime))
	return r, twice(err)
}

// RetireRequirement takes a requirement out of force, or returns domain.ErrRequirementNotFound.
func (t *tx) RetireRequirement(ctx context.Context, id string, now time.Time) (domain.Requirement, error) {
	return database.One(ctx, t.q, domain.ErrRequirementNotFound, readRequirement,
		`UPDATE requirements SET retired_at = $2 WHERE id = $1 AND retired_at = 0 RETURNING `+requirementColumns, id, database.Micros(now))
}

// supersede takes the row in force with a key out of force, and returns the number of the version to come. Two at once come to the same
// number: the unique constraint lets one of them through.
func (t *tx) supersede(ctx context.Context, table string, now time.Time, key string, args ...any) (int, error) {
	last, err := database.One(ctx, t.q, errs.ErrInternal, func(scan database.Scan) (n int, err error) { return n, scan(&n) },
		`SELECT coalesce(max(version), 0) FROM `+table+` WHERE `+key, args...)
	if err != nil {
		return 0, err
	}
	query := `UPDATE ` + table + ` SET retired_at = ` + marks(len(args)+1, 1) + ` WHERE retired_at = 0 AND ` + key //nolint:gosec // both are ours
	_, err = t.SQL.ExecContext(ctx, query, append(args, database.Micros(now))...)
	return last + 1, database.Explain(err)
}

// twice lets a use case run again when another one has added the same version.
func twice(err error) error {
	if kind, _ := database.Violation(err); kind == database.Unique {
		return errs.ErrAborted.Because(err)
	}
	return database.Explain(err)
}

// among is the condition that a column is one of n texts, whose parameters begin at from.
func among(column string, from int, all []string) string {
	if len(all) == 0 {
		return "FALSE"
	}
	return column + " IN (" + marks(from, len(all)) + ")"
}

// texts is parameters, and then texts.
func texts(all []string, first ...any) []any {
	for _, one := range all {
		first = append(first, one)
	}
	return first
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func span(us int64) time.Duration { return time.Duration(us) * time.Microsecond }
