package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const territoryColumns = `t.code, t.kind, t.grid, t.parent_code, t.anchor, t.name, t.latitude, t.longitude, t.precision, t.population,
	t.valid_from, t.valid_to, t.vintage`

func readTerritory(scan database.Scan) (t domain.Territory, err error) {
	var latitude, longitude sql.NullFloat64
	err = scan(&t.Code, &t.Kind, &t.Grid, &t.Parent, &t.Department, &t.Name, &latitude, &longitude, &t.Precision, &t.Population,
		&t.ValidFrom, &t.ValidTo, &t.Vintage)
	t.Position = domain.Position{Latitude: latitude.Float64, Longitude: longitude.Float64}
	if t.Department == t.Code {
		t.Department = ""
	}
	return t, err
}

// Territory returns a territory; a former code leads to its successor.
func (r reads) Territory(ctx context.Context, code string) (domain.Territory, error) {
	t, err := database.One(ctx, r.q, domain.ErrTerritoryNotFound, readTerritory,
		`SELECT `+territoryColumns+` FROM territories t
		 WHERE t.code = coalesce((SELECT current_code FROM territory_aliases WHERE code = $1), $1)`, code)
	if err != nil {
		return domain.Territory{}, err
	}
	t.Ancestors, err = r.above(ctx, t, nil)
	return t, err
}

// Territories returns territories by name.
func (r reads) Territories(ctx context.Context, q domain.TerritoryQuery) ([]domain.Territory, error) {
	name, code := afterText(q.Page)
	var p params
	list, err := database.All(ctx, r.q, readTerritory,
		`SELECT `+territoryColumns+` FROM territories t
		 WHERE (t.name_folded, t.code) > (`+p.add(name)+`, `+p.add(code)+`)
		   AND t.name_folded >= `+p.add(q.Prefix)+` AND t.name_folded < `+p.add(q.Prefix+last)+`
		   AND `+p.optional("t.parent_code", q.Parent)+` AND `+p.kind(q.Kind)+`
		 ORDER BY t.name_folded, t.code `+p.limit(q.Limit), p...)
	known := make(map[string][]string)
	for i := range list {
		if err == nil {
			list[i].Ancestors, err = r.above(ctx, list[i], known)
		}
	}
	return list, err
}

// NearestCommunes returns the communes around a point, nearest first. Few people ask, and there are 35 000: no index is kept for them.
func (r reads) NearestCommunes(ctx context.Context, from domain.Position, radius float64, limit int) ([]domain.NearCommune, error) {
	low, high := from.Around(radius)
	all, err := database.All(ctx, r.q, readTerritory,
		`SELECT `+territoryColumns+` FROM territories t
		 WHERE t.kind = $1 AND t.latitude BETWEEN $2 AND $3 AND t.longitude BETWEEN $4 AND $5`,
		int(domain.Commune), low.Latitude, high.Latitude, low.Longitude, high.Longitude)
	var found []domain.NearCommune
	for _, t := range all {
		if d := from.Distance(t.Position); d <= radius {
			found = append(found, domain.NearCommune{Territory: t, Distance: d})
		}
	}
	slices.SortFunc(found, domain.NearCommune.Compare)
	return found[:min(limit, len(found))], err
}

// last is after every character that a name may have.
const last = "\U0010FFFF"

func (p *params) kind(k domain.TerritoryKind) string {
	if k == 0 {
		return "TRUE"
	}
	return "t.kind = " + p.add(int(k))
}

// above is what stands above a territory; known spares the same question for the communes of one department.
func (r reads) above(ctx context.Context, t domain.Territory, known map[string][]string) (ancestors []string, err error) {
	anchor := t.Department
	if anchor == "" {
		anchor = t.Code
	}
	nodes, ok := known[anchor]
	if !ok {
		nodes, err = database.All(ctx, r.q, func(scan database.Scan) (code string, err error) { return code, scan(&code) },
			`SELECT ancestor FROM territory_ancestors WHERE code = $1 ORDER BY rank`, anchor)
		if known != nil {
			known[anchor] = nodes
		}
	}
	switch {
	case t.Department == "" && len(nodes) > 0:
		return nodes[1:], err // without itself
	case t.Department != t.Parent:
		ancestors = append(ancestors, t.Parent) // an arrondissement's commune
	}
	return append(ancestors, nodes...), err
}

// Ancestors implements access.Territories: the territory itself first, France last.
func (r reads) Ancestors(ctx context.Context, code string) ([]string, error) {
	t, err := r.Territory(ctx, code)
	if err != nil {
		return nil, err
	}
	return append([]string{t.Code}, t.Ancestors...), nil
}
