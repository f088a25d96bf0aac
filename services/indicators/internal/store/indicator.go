package store

import (
	"context"
	"strconv"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

const indicatorColumns = `id, title, definition, definition_version, unit, version`

func readIndicator(scan database.Scan) (i domain.Indicator, err error) {
	err = scan(&i.ID, &i.Title, &i.Definition, &i.DefinitionVersion, &i.Unit, &i.Version)
	return i, err
}

// Indicator returns an indicator without its measures, or domain.ErrIndicatorNotFound.
func (r reads) Indicator(ctx context.Context, id string) (domain.Indicator, error) {
	return database.One(ctx, r.q, domain.ErrIndicatorNotFound, readIndicator,
		`SELECT `+indicatorColumns+` FROM definitions WHERE id = $1`, id)
}

// Indicators returns indicators without their measures, in the natural order of their ids.
func (r reads) Indicators(ctx context.Context, q domain.IndicatorQuery) ([]domain.Indicator, error) {
	position, id := 0, ""
	if len(q.After) == 2 {
		position, _ = strconv.Atoi(q.After[0])
		id = q.After[1]
	}
	return database.All(ctx, r.q, readIndicator,
		`SELECT `+indicatorColumns+` FROM definitions WHERE (position, id) > ($1, $2) ORDER BY position, id LIMIT CAST($3 AS BIGINT)`,
		position, id, q.Limit)
}

// SaveIndicator stores the next version of an indicator.
func (t *tx) SaveIndicator(ctx context.Context, i domain.Indicator) error {
	position, err := domain.Rank(i.ID)
	if err != nil {
		return err
	}
	return database.Updated(t.SQL.ExecContext(ctx,
		`INSERT INTO definitions (`+indicatorColumns+`, position) VALUES ($1, $2, $3, $4, $5, $6, $7)
		 ON CONFLICT (id) DO UPDATE SET title = excluded.title, definition = excluded.definition,
		     definition_version = excluded.definition_version, unit = excluded.unit, version = excluded.version
		 WHERE definitions.version = excluded.version - 1`,
		i.ID, i.Title, i.Definition, i.DefinitionVersion, int(i.Unit), i.Version, position))
}
