package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const badgeColumns = `id, claim_id, person_id, category, level, peers, commune_code, credential, credential_json, status_list, status_index,
	created_at, revoked_at, revoked_by, revoke_reason`

func readBadge(scan database.Scan) (b domain.Badge, err error) {
	var created, revoked int64
	err = scan(&b.ID, &b.ClaimID, &b.PersonID, &b.Category, &b.Level, &b.Peers, &b.CommuneCode, &b.JWT, &b.JSON, &b.Status.List, &b.Status.Index,
		&created, &revoked, &b.Revoked.PersonID, &b.Revoked.Reason)
	b.CreateTime, b.Revoked.Time = database.Time(created), instant(revoked)
	return b, err
}

// Badge returns a badge, or domain.ErrBadgeNotFound.
func (r reads) Badge(ctx context.Context, id string) (domain.Badge, error) {
	return database.One(ctx, r.q, domain.ErrBadgeNotFound, readBadge, `SELECT `+badgeColumns+` FROM badges WHERE id = $1`, id)
}

// Badges returns a person's badges, oldest first.
func (r reads) Badges(ctx context.Context, q domain.BadgeQuery) ([]domain.Badge, error) {
	created, id := after(q.Page)
	return database.All(ctx, r.q, readBadge,
		`SELECT `+badgeColumns+` FROM badges WHERE person_id = $1 AND (created_at, id) > ($2, $3)
		 ORDER BY created_at, id LIMIT CAST($4 AS BIGINT)`, q.PersonID, created, id, q.Limit)
}

// HoldsBadge tells whether a person has a badge that was not revoked.
func (t *tx) HoldsBadge(ctx context.Context, personID string, s domain.Standing) (bool, error) {
	found, err := database.All(ctx, t.q, readBadge,
		`SELECT `+badgeColumns+` FROM badges WHERE person_id = $1 AND category = $2 AND level = $3 AND revoked_at = 0`,
		personID, int(s.Category), int(s.Level))
	return len(found) > 0, err
}

// InsertBadge adds a badge, or returns domain.ErrBadgeHeld.
func (t *tx) InsertBadge(ctx context.Context, b domain.Badge) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO badges (id, claim_id, person_id, category, level, peers, commune_code, credential, credential_json, status_list, status_index,
		     created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		b.ID, b.ClaimID, b.PersonID, int(b.Category), int(b.Level), b.Peers, b.CommuneCode, b.JWT, b.JSON, b.Status.List, b.Status.Index,
		database.Micros(b.CreateTime))
	if kind, name := database.Violation(err); kind == database.Unique && name != "badges_status_list_status_index_key" {
		return domain.ErrBadgeHeld.Because(err)
	}
	return database.Explain(err)
}

// RevokeBadge writes down the revocation, and that the list has changed.
func (t *tx) RevokeBadge(ctx context.Context, b domain.Badge) error {
	at := database.Micros(b.Revoked.Time)
	err := database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE badges SET revoked_at = $1, revoked_by = $2, revoke_reason = $3 WHERE id = $4 AND revoked_at = 0`,
		at, b.Revoked.PersonID, b.Revoked.Reason, b.ID))
	if errors.Is(err, errs.ErrAborted) {
		return domain.ErrBadgeRevoked
	}
	if err != nil {
		return err
	}
	if _, err := t.SQL.ExecContext(ctx, `UPDATE badge_recognitions SET live = 0 WHERE claim_id = $1`, b.ClaimID); err != nil {
		return fmt.Errorf("recognitions: %w", database.Explain(err))
	}
	return t.changeList(ctx, b.Status.List, at)
}
