// Package store keeps the mesh in SQLite or PostgreSQL, one file per noun.
package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

//go:embed migrations
var migrations embed.FS

// Store is the mesh's database.
type Store struct {
	reads
	db     *database.DB
	encode func(domain.Event) (events.Event, error)
	now    domain.Clock
	// Committed is called after each Write that took effect, so that its events leave at once.
	Committed func()
}

// New migrates db and opens the mesh in it; encode gives an event the form in which it is published.
func New(ctx context.Context, db *database.DB, now domain.Clock, encode func(domain.Event) (events.Event, error)) (*Store, error) {
	own, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("mesh migrations: %w", err)
	}
	if err := db.Migrate(ctx, own); err != nil {
		return nil, fmt.Errorf("mesh: %w", err)
	}
	return &Store{reads: reads{db.Read()}, db: db, encode: encode, now: now, Committed: func() {}}, nil
}

// Write runs a use case as one transaction.
func (s *Store) Write(ctx context.Context, use func(domain.Tx) error) error {
	err := s.db.Write(ctx, func(sqlTx *sql.Tx) error {
		return use(&tx{reads: reads{sqlTx}, SQLLedger: idempotent.NewLedger(sqlTx, s.now), sql: sqlTx, store: s})
	})
	if err == nil {
		s.Committed()
	}
	return err
}

// reads are the queries, the same in a transaction and outside of one.
type reads struct{ q database.Queryer }

// tx is a use case's transaction.
type tx struct {
	reads
	*idempotent.SQLLedger
	sql   *sql.Tx
	store *Store
}

// Emit leaves the events in the outbox, in the same transaction as the change.
func (t *tx) Emit(ctx context.Context, all ...domain.Event) error {
	encoded := make([]events.Event, len(all))
	for i, e := range all {
		var err error
		if encoded[i], err = t.store.encode(e); err != nil {
			return err
		}
		encoded[i].ID, encoded[i].Time = uuid.Must(uuid.NewV7()).String(), t.store.now()
	}
	return events.Append(ctx, t.sql, t.store.db.Engine(), "mesh", encoded...)
}

// inserted tells whether an INSERT … ON CONFLICT DO NOTHING found its place free.
func inserted(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, database.Explain(err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// yes reads whether a query has a row.
func yes(ctx context.Context, q database.Queryer, query string, args ...any) (bool, error) {
	rows, err := database.All(ctx, q, func(scan database.Scan) (one int, err error) { return one, scan(&one) }, query, args...)
	return len(rows) > 0, err
}

func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil { // only lists of plain values come here
		panic(err)
	}
	return string(text)
}
