// Package store keeps indicators, and what they are counted from, in SQLite or PostgreSQL, one file per noun.
package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

//go:embed migrations
var migrations embed.FS

// Store is the database of the indicators.
type Store struct {
	reads
	db     *database.DB
	encode func(domain.Event) (events.Event, error)
	now    domain.Clock
	// Committed is called after each transaction that may have left events, to wake the relay; set it before use.
	Committed func()
}

// New migrates db and opens the indicators in it; encode gives an event the form in which it is published.
func New(ctx context.Context, db *database.DB, now domain.Clock, encode func(domain.Event) (events.Event, error)) (*Store, error) {
	own, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("indicators migrations: %w", err)
	}
	if err := db.Migrate(ctx, own); err != nil {
		return nil, fmt.Errorf("indicators: %w", err)
	}
	return &Store{reads: reads{db.Read()}, db: db, encode: encode, now: now, Committed: func() {}}, nil
}

// Write runs a use case as one transaction.
func (s *Store) Write(ctx context.Context, use func(domain.Tx) error) error {
	err := s.db.Write(ctx, func(sqlTx *sql.Tx) error {
		return use(&tx{reads: reads{sqlTx}, sql: sqlTx, store: s})
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
	sql   *sql.Tx
	store *Store
}

// Emit leaves the event in the outbox, in the same transaction as the change.
func (t *tx) Emit(ctx context.Context, e domain.Event) error {
	encoded, err := t.store.encode(e)
	if err != nil {
		return err
	}
	encoded.ID, encoded.Time = uuid.Must(uuid.NewV7()).String(), t.store.now()
	return events.Append(ctx, t.sql, t.store.db.Engine(), "indicators", encoded)
}

// upsert runs an INSERT that yields to a row of the same or a higher version, and tells whether it changed anything.
func (t *tx) upsert(ctx context.Context, query string, args ...any) (newer bool, err error) {
	result, err := t.sql.ExecContext(ctx, query, args...)
	if err != nil {
		return false, database.Explain(err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// flag is how both engines keep a boolean.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
