package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Loaded is the fingerprint of what was loaded last under a name; empty before.
func (s *Store) Loaded(ctx context.Context, name string) (string, error) {
	return database.One(ctx, s.q, nil, func(scan database.Scan) (text string, err error) { return text, scan(&text) },
		`SELECT fingerprint FROM loads WHERE name = $1`, name)
}

// SetLoaded notes that everything of this fingerprint is loaded.
func (s *Store) SetLoaded(ctx context.Context, name, fingerprint string) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO loads (name, fingerprint) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint`, name, fingerprint)
		return err
	})
}

// ReplaceTerritories makes the territories those given, sorted by code.
func (s *Store) ReplaceTerritories(ctx context.Context, all []domain.Territory, progress func(done int)) error {
	columns := []string{"code", "kind", "grid", "parent_code", "anchor", "name", "name_folded", "latitude", "longitude", "precision",
		"population", "valid_from", "valid_to", "vintage"}
	return replace(ctx, s.DB, "territories", columns, all, territoryRow, progress)
}

func territoryRow(t domain.Territory) []any {
	latitude := sql.NullFloat64{Float64: t.Position.Latitude, Valid: t.Located()}
	longitude := sql.NullFloat64{Float64: t.Position.Longitude, Valid: t.Located()}
	anchor := t.Department
	if anchor == "" {
		anchor = t.Code
	}
	return []any{t.Code, int(t.Kind), int(t.Grid), t.Parent, anchor, t.Name, database.Fold(t.Name), latitude, longitude, int(t.Precision),
		t.Population, t.ValidFrom, t.ValidTo, t.Vintage}
}

// ReplaceAncestors makes the ancestors those given, sorted by code: all in one transaction, as a code has several rows.
func (s *Store) ReplaceAncestors(ctx context.Context, all []domain.Ancestor) error {
	rows := make([][]any, len(all))
	for i, a := range all {
		rows[i] = []any{a.Code, a.Ancestor, a.Rank}
	}
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM territory_ancestors`); err != nil {
			return err
		}
		return s.DB.BulkInsert(ctx, tx, "territory_ancestors", []string{"code", "ancestor", "rank"}, rows)
	})
}

// ReplaceAliases makes the aliases those given, sorted by code.
func (s *Store) ReplaceAliases(ctx context.Context, all []domain.Alias, progress func(done int)) error {
	return replace(ctx, s.DB, "territory_aliases", []string{"code", "current_code"}, all,
		func(a domain.Alias) []any { return []any{a.Code, a.Current} }, progress)
}

// replace puts rows sorted by code in the place of those that stand between the first and the last of each chunk: what is not
// in them goes, and readers never find a table half empty.
func replace[T any](ctx context.Context, db *database.DB, table string, columns []string, all []T, row func(T) []any, progress func(int)) error {
	after, done := "", 0
	for chunk := range slices.Chunk(all, database.BulkRows) {
		rows := make([][]any, len(chunk))
		for i, item := range chunk {
			rows[i] = row(item)
		}
		done += len(chunk)
		upto, _ := rows[len(rows)-1][0].(string)
		if done == len(all) {
			upto = last
		}
		err := db.Write(ctx, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE code > $1 AND code <= $2`, after, upto); err != nil { //nolint:gosec // the name of the table is ours
				return err
			}
			return db.BulkInsert(ctx, tx, table, columns, rows)
		})
		if err != nil {
			return fmt.Errorf("load %s: %w", table, err)
		}
		after = upto
		progress(done)
	}
	return nil
}
