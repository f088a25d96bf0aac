package store

import (
	"context"
	"encoding/json"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

const structureColumns = `id, name, sphere, commune_code, external_ids, version, created_at`

func readStructure(scan database.Scan) (s domain.Structure, err error) {
	var created int64
	var external string
	if err := scan(&s.ID, &s.Name, &s.Sphere, &s.CommuneCode, &external, &s.Version, &created); err != nil {
		return s, err
	}
	s.CreateTime = database.Time(created)
	return s, json.Unmarshal([]byte(external), &s.ExternalIDs)
}

// Structure returns a structure, or domain.ErrStructureNotFound.
func (r reads) Structure(ctx context.Context, id string) (domain.Structure, error) {
	return database.One(ctx, r.q, domain.ErrStructureNotFound, readStructure, `SELECT `+structureColumns+` FROM structures WHERE id = $1`, id)
}

// Structures returns structures by name.
func (r reads) Structures(ctx context.Context, p domain.Page) ([]domain.Structure, error) {
	name, id := afterText(p)
	return database.All(ctx, r.q, readStructure,
		`SELECT `+structureColumns+` FROM structures WHERE (name_folded, id) > ($1, $2) ORDER BY name_folded, id LIMIT CAST($3 AS BIGINT)`, name, id, p.Limit)
}

// InsertStructure adds a structure; one that exists stays as it is.
func (t *tx) InsertStructure(ctx context.Context, s domain.Structure) error {
	_, err := t.SQL.ExecContext(ctx,
		`INSERT INTO structures (`+structureColumns+`, name_folded) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
		s.ID, s.Name, s.Sphere, s.CommuneCode, toJSON(s.ExternalIDs), s.Version, database.Micros(s.CreateTime), database.Fold(s.Name))
	return database.Explain(err)
}
