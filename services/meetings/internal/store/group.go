package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func readGroup(scan database.Scan) (g domain.Group, err error) {
	return g, scan(&g.ID, &g.OrganiserID, &g.Version)
}

// Group returns what was last heard of a group, or the zero Group.
func (r reads) Group(ctx context.Context, id string) (domain.Group, error) {
	g, err := database.One(ctx, r.q, errs.ErrNotFound, readGroup,
		`SELECT group_id, organiser_id, version FROM group_organisers WHERE group_id = $1`, id)
	if errors.Is(err, errs.ErrNotFound) {
		return domain.Group{}, nil
	}
	return g, err
}

// LockGroup holds the group's row until the transaction ends, made for it when nothing was heard of the group.
func (t *tx) LockGroup(ctx context.Context, id string) (domain.Group, error) {
	return database.One(ctx, t.q, errs.ErrInternal, readGroup,
		`INSERT INTO group_organisers (group_id, organiser_id, version) VALUES ($1, '', 0)
		 ON CONFLICT (group_id) DO UPDATE SET version = group_organisers.version
		 RETURNING group_id, organiser_id, version`, id)
}

// SaveGroup keeps a group unless this version or a later one was heard of before.
func (t *tx) SaveGroup(ctx context.Context, g domain.Group) (bool, error) {
	result, err := t.SQL.ExecContext(ctx,
		`INSERT INTO group_organisers (group_id, organiser_id, version) VALUES ($1, $2, $3)
		 ON CONFLICT (group_id) DO UPDATE SET organiser_id = excluded.organiser_id, version = excluded.version
		 WHERE group_organisers.version < excluded.version`, g.ID, g.OrganiserID, g.Version)
	if err != nil {
		return false, fmt.Errorf("keep group: %w", database.Explain(err))
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// WithOtherOrganiser returns the group's meetings to come that someone else organises, or nobody.
func (t *tx) WithOtherOrganiser(ctx context.Context, g domain.Group) ([]domain.Meeting, error) {
	return t.meetings(ctx,
		`SELECT `+meetingColumns+` FROM meetings WHERE group_id = $1 AND state IN (1, 2, 3) AND organiser_id <> $2 ORDER BY starts_at, id`,
		g.ID, g.OrganiserID)
}
