package store

import (
	"context"
	"encoding/json"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

func readPerson(scan database.Scan) (p domain.Person, err error) {
	var created int64
	var personas string
	if err := scan(&p.ID, &personas, &p.Version, &created); err != nil {
		return p, err
	}
	p.CreateTime = database.Time(created)
	return p, json.Unmarshal([]byte(personas), &p.Personas)
}

// Person returns a person, or domain.ErrPersonNotFound.
func (r reads) Person(ctx context.Context, id string) (domain.Person, error) {
	return r.person(ctx, `SELECT id, personas, version, created_at FROM people WHERE id = $1`, id)
}

// PersonOf returns the person behind an identity, or domain.ErrPersonNotFound.
func (r reads) PersonOf(ctx context.Context, i domain.Identity) (domain.Person, error) {
	return r.person(ctx, `SELECT p.id, p.personas, p.version, p.created_at FROM identities i JOIN people p ON p.id = i.person_id
		WHERE i.issuer = $1 AND i.subject = $2`, i.Issuer, i.Subject)
}

func (r reads) person(ctx context.Context, query string, args ...any) (domain.Person, error) {
	p, err := database.One(ctx, r.q, domain.ErrPersonNotFound, readPerson, query, args...)
	if err != nil {
		return domain.Person{}, err
	}
	p.Grants, err = database.All(ctx, r.q, func(scan database.Scan) (g domain.Grant, err error) {
		return g, scan(&g.Role, &g.TerritoryCode, &g.StructureID)
	}, `SELECT role, territory_code, structure_id FROM role_grants WHERE person_id = $1 ORDER BY role, territory_code, structure_id`, p.ID)
	return p, err
}

// StructureHasOrganiser tells whether someone else organises for the structure.
func (r reads) StructureHasOrganiser(ctx context.Context, structureID, otherThan string) (bool, error) {
	return yes(ctx, r.q, `SELECT 1 FROM role_grants WHERE structure_id = $1 AND structure_id <> '' AND role = $2 AND person_id <> $3 LIMIT 1`,
		structureID, int(domain.OrganiserRole), otherThan)
}

// InsertPerson adds a person with an identity; another transaction that took the identity first makes Write run again.
func (t *tx) InsertPerson(ctx context.Context, p domain.Person, i domain.Identity) error {
	if _, err := t.SQL.ExecContext(ctx, `INSERT INTO people (id, personas, version, created_at) VALUES ($1, $2, $3, $4)`,
		p.ID, toJSON(p.Personas), p.Version, database.Micros(p.CreateTime)); err != nil {
		return database.Explain(err)
	}
	if err := database.Updated(t.SQL.ExecContext(ctx,
		`INSERT INTO identities (issuer, subject, person_id) VALUES ($1, $2, $3) ON CONFLICT (issuer, subject) DO NOTHING`,
		i.Issuer, i.Subject, p.ID)); err != nil {
		return err
	}
	return t.insertGrants(ctx, p)
}

// UpdatePerson replaces the grants of a person whose version before is still the current one.
func (t *tx) UpdatePerson(ctx context.Context, p domain.Person) error {
	if err := database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE people SET personas = $2, version = $3 WHERE id = $1 AND version = $3 - 1`, p.ID, toJSON(p.Personas), p.Version)); err != nil {
		return err
	}
	if _, err := t.SQL.ExecContext(ctx, `DELETE FROM role_grants WHERE person_id = $1`, p.ID); err != nil {
		return database.Explain(err)
	}
	return t.insertGrants(ctx, p)
}

func (t *tx) insertGrants(ctx context.Context, p domain.Person) error {
	for _, g := range p.Grants {
		if _, err := t.SQL.ExecContext(ctx,
			`INSERT INTO role_grants (person_id, role, territory_code, structure_id) VALUES ($1, $2, $3, $4)`,
			p.ID, int(g.Role), g.TerritoryCode, g.StructureID); err != nil {
			return database.Explain(err)
		}
	}
	return nil
}
