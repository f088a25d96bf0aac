package store

import (
	"context"
	"slices"
	"strings"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const placeColumns = `places.id, places.name, places.commune_code, places.latitude, places.longitude, places.status, places.opening_hours,
	places.structure_id, places.source, places.source_id, places.seats, places.address, places.version, places.created_at`

func readPlace(scan database.Scan) (p domain.Place, err error) {
	var created int64
	err = scan(&p.ID, &p.Name, &p.CommuneCode, &p.Position.Latitude, &p.Position.Longitude, &p.Status, &p.OpeningHours,
		&p.StructureID, &p.Source, &p.SourceID, &p.Seats, &p.Address, &p.Version, &created)
	p.CreateTime = database.Time(created)
	return p, err
}

// Place returns a place, or domain.ErrPlaceNotFound.
func (r reads) Place(ctx context.Context, id string) (domain.Place, error) {
	return database.One(ctx, r.q, domain.ErrPlaceNotFound, readPlace, `SELECT `+placeColumns+` FROM places WHERE id = $1`, id)
}

// Places returns places by name.
func (r reads) Places(ctx context.Context, q domain.PlaceQuery) ([]domain.Place, error) {
	name, id := afterText(q.Page)
	var p params
	return database.All(ctx, r.q, readPlace,
		`SELECT `+placeColumns+` FROM places
		 WHERE (name_folded, id) > (`+p.add(name)+`, `+p.add(id)+`) AND status >= `+p.add(int(q.Status))+`
		   AND `+p.optionalWithin("places.commune_code", q.Territory)+`
		 ORDER BY name_folded, id `+p.limit(q.Limit), p...)
}

// The search for the nearest begins in a town and grows by four, so that it reads few places where there are many.
const (
	firstRadius  = 2_000
	radiusGrowth = 4
	maxRanges    = 8
)

// NearestPlaces returns the places around a point, nearest first.
func (r reads) NearestPlaces(ctx context.Context, from domain.Position, radius float64, limit int) ([]domain.NearPlace, error) {
	for reach := min(firstRadius, radius); ; reach = min(reach*radiusGrowth, radius) {
		near, err := r.placesAround(ctx, from, reach)
		if err != nil || len(near) >= limit || reach >= radius {
			return near[:min(limit, len(near))], err
		}
	}
}

// placesAround returns all places within reach: those whose cells are in one of a few ranges, measured exactly.
func (r reads) placesAround(ctx context.Context, from domain.Position, reach float64) ([]domain.NearPlace, error) {
	var p params
	places, err := database.All(ctx, r.q, readPlace,
		p.near(covering(from, reach))+`
		 SELECT `+placeColumns+` FROM near JOIN places ON places.cell BETWEEN near.low AND near.high`, p...)
	var found []domain.NearPlace
	for _, place := range places {
		if d := from.Distance(place.Position); d <= reach {
			found = append(found, domain.NearPlace{Place: place, Distance: d})
		}
	}
	slices.SortFunc(found, domain.NearPlace.Compare)
	return found, err
}

// near begins a query with the ranges of some cells, as the table near (low, high).
func (p *params) near(cells s2.CellUnion) string {
	ranges := make([]string, len(cells))
	for i, cell := range cells {
		ranges[i] = `(CAST(` + p.add(int64(cell.RangeMin())) + ` AS BIGINT), CAST(` + p.add(int64(cell.RangeMax())) + ` AS BIGINT))` //nolint:gosec // a cell's 64 bits keep their order within a face
	}
	return `WITH near (low, high) AS (VALUES ` + strings.Join(ranges, ", ") + `)`
}

// covering is at most eight cells that hold the cap around a point.
func covering(from domain.Position, reach float64) s2.CellUnion {
	const earthRadius = 6371008.8
	// A thousandth more: S2 and we measure with other formulas, and what lies on the edge counts.
	angle := s1.Angle(reach/earthRadius)*1.001 + 1e-9
	region := s2.CapFromCenterAngle(s2.PointFromLatLng(latLng(from)), angle)
	return (&s2.RegionCoverer{MaxLevel: s2.MaxLevel, MaxCells: maxRanges}).Covering(region)
}

func latLng(p domain.Position) s2.LatLng { return s2.LatLngFromDegrees(p.Latitude, p.Longitude) }

func cellOf(p domain.Position) int64 {
	return int64(s2.CellIDFromLatLng(latLng(p))) //nolint:gosec // the same bits; ranges never cross a face
}

// Sites returns all places as grouping sees them.
func (r reads) Sites(ctx context.Context) ([]domain.Site, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (s domain.Site, err error) {
		return s, scan(&s.ID, &s.Position.Latitude, &s.Position.Longitude, &s.CommuneCode, &s.StructureID)
	}, `SELECT id, latitude, longitude, commune_code, structure_id FROM places`)
}

// InsertPlace adds a place.
func (t *tx) InsertPlace(ctx context.Context, p domain.Place) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO places (id, name, name_folded, commune_code, latitude, longitude, cell, status, opening_hours, structure_id, source,
		     source_id, seats, address, version, created_at)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		p.ID, p.Name, database.Fold(p.Name), p.CommuneCode, p.Position.Latitude, p.Position.Longitude, cellOf(p.Position), int(p.Status),
		p.OpeningHours, p.StructureID, p.Source, p.SourceID, p.Seats, p.Address, p.Version, database.Micros(p.CreateTime))
	return database.Explain(err)
}

// UpdatePlace changes a place whose version before is still the current one.
func (t *tx) UpdatePlace(ctx context.Context, p domain.Place) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE places SET name = $2, name_folded = $3, commune_code = $4, latitude = $5, longitude = $6, cell = $7, status = $8,
		     opening_hours = $9, structure_id = $10, seats = $11, address = $12, version = $13
		 WHERE id = $1 AND version = $13 - 1`,
		p.ID, p.Name, database.Fold(p.Name), p.CommuneCode, p.Position.Latitude, p.Position.Longitude, cellOf(p.Position), int(p.Status),
		p.OpeningHours, p.StructureID, p.Seats, p.Address, p.Version))
}
