package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const statusListColumns = `id, issued, changed_at`

func readStatusList(scan database.Scan) (l domain.StatusList, err error) {
	var changed int64
	err = scan(&l.ID, &l.Issued, &changed)
	l.ChangeTime = database.Time(changed)
	return l, err
}

func readIndex(scan database.Scan) (at int, err error) { return at, scan(&at) }

// StatusList returns a list with what was revoked in it, or domain.ErrStatusListNotFound.
func (r reads) StatusList(ctx context.Context, id int) (domain.StatusList, error) {
	l, err := database.One(ctx, r.q, domain.ErrStatusListNotFound, readStatusList, `SELECT `+statusListColumns+` FROM status_lists WHERE id = $1`, id)
	if err != nil {
		return l, err
	}
	l.Revoked, err = database.All(ctx, r.q, readIndex,
		`SELECT status_index FROM attestations WHERE status_list = $1 AND revoked_at > 0
		 UNION ALL SELECT status_index FROM badges WHERE status_list = $1 AND revoked_at > 0 ORDER BY status_index`, id)
	return l, err
}

// GrowStatusList counts n more places in the newest list, and holds it until the transaction ends.
func (t *tx) GrowStatusList(ctx context.Context, n int) (domain.StatusList, error) {
	l, err := database.One(ctx, t.q, domain.ErrStatusListNotFound, readStatusList,
		`UPDATE status_lists SET issued = issued + $1 WHERE id = (SELECT max(id) FROM status_lists) RETURNING `+statusListColumns, n)
	if errors.Is(err, domain.ErrStatusListNotFound) {
		return domain.StatusList{}, nil
	}
	return l, err
}

// InsertStatusList begins a list; of two who begin the same one, the second tries again.
func (t *tx) InsertStatusList(ctx context.Context, l domain.StatusList) error {
	result, err := t.SQL.ExecContext(ctx, `INSERT INTO status_lists (`+statusListColumns+`) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
		l.ID, l.Issued, database.Micros(l.ChangeTime))
	return database.Updated(result, err)
}

// TakenIndexes returns which of the places in a list are given.
func (t *tx) TakenIndexes(ctx context.Context, list int, indexes []int) ([]int, error) {
	args := []any{list}
	for _, at := range indexes {
		args = append(args, at)
	}
	return database.All(ctx, t.q, readIndex,
		`SELECT status_index FROM attestations WHERE status_list = $1 AND status_index IN (`+marks(2, len(indexes))+`)
		 UNION ALL SELECT status_index FROM badges WHERE status_list = $1 AND status_index IN (`+marks(2, len(indexes))+`)`, args...)
}

// RevokeAttestation writes down the revocation, and that the list has changed.
func (t *tx) RevokeAttestation(ctx context.Context, a domain.Attestation) error {
	at := database.Micros(a.Revoked.Time)
	err := database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE attestations SET revoked_at = $1, revoked_by = $2, revoke_reason = $3 WHERE id = $4 AND revoked_at = 0`,
		at, a.Revoked.PersonID, a.Revoked.Reason, a.ID))
	if errors.Is(err, errs.ErrAborted) {
		return domain.ErrAttestationRevoked
	}
	if err != nil {
		return err
	}
	return t.changeList(ctx, a.Status.List, at)
}

// changeList notes when a list has changed.
func (t *tx) changeList(ctx context.Context, list int, at int64) error {
	_, err := t.SQL.ExecContext(ctx, `UPDATE status_lists SET changed_at = $1 WHERE id = $2`, at, list)
	if err != nil {
		return fmt.Errorf("status list: %w", database.Explain(err))
	}
	return nil
}
