package store

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const problemRouteColumns = `id, kind, territory_code, structure_id, place_id, charge, person_id, promised, version, created_at`

func readProblemRoute(scan database.Scan) (r domain.ProblemRoute, err error) {
	var promised, created int64
	err = scan(&r.ID, &r.Kind, &r.Territory, &r.StructureID, &r.PlaceID, &r.Charge, &r.PersonID, &promised, &r.Version, &created)
	r.Promised, r.CreateTime = span(promised), database.Time(created)
	return r, err
}

// ProblemRoutes returns what is in force in these territories.
func (r reads) ProblemRoutes(ctx context.Context, territories []string) ([]domain.ProblemRoute, error) {
	return database.All(ctx, r.q, readProblemRoute,
		`SELECT `+problemRouteColumns+` FROM problem_routes
		 WHERE retired_at = 0 AND `+among("territory_code", 1, territories)+` ORDER BY id`, texts(territories)...)
}

// ProblemRoute returns one that is in force, or domain.ErrProblemRouteNotFound.
func (r reads) ProblemRoute(ctx context.Context, id string) (domain.ProblemRoute, error) {
	return database.One(ctx, r.q, domain.ErrProblemRouteNotFound, readProblemRoute,
		`SELECT `+problemRouteColumns+` FROM problem_routes WHERE id = $1 AND retired_at = 0`, id)
}

// PutProblemRoute adds the next version of a route and takes the one before out of force.
func (t *tx) PutProblemRoute(ctx context.Context, r domain.ProblemRoute) (domain.ProblemRoute, error) {
	version, err := t.supersede(ctx, "problem_routes", r.CreateTime,
		`territory_code = $1 AND place_id = $2 AND structure_id = $3 AND kind = $4`, r.Territory, r.PlaceID, r.StructureID, int(r.Kind))
	if err != nil {
		return r, err
	}
	r.Version = version
	_, err = t.SQL.ExecContext(ctx,
		`INSERT INTO problem_routes (`+problemRouteColumns+`, retired_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)`,
		r.ID, int(r.Kind), r.Territory, r.StructureID, r.PlaceID, int(r.Charge), r.PersonID, r.Promised.Microseconds(), r.Version,
		database.Micros(r.CreateTime))
	return r, twice(err)
}

// RetireProblemRoute takes a route out of force, or returns domain.ErrProblemRouteNotFound.
func (t *tx) RetireProblemRoute(ctx context.Context, id string, now time.Time) (domain.ProblemRoute, error) {
	return database.One(ctx, t.q, domain.ErrProblemRouteNotFound, readProblemRoute,
		`UPDATE problem_routes SET retired_at = $2 WHERE id = $1 AND retired_at = 0 RETURNING `+problemRouteColumns, id, database.Micros(now))
}
