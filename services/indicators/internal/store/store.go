// Package store keeps indicators, and what they are counted from, in SQLite or PostgreSQL, one file per noun.
package store

import (
	"context"
	"embed"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/transaction"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

//go:embed migrations
var migrations embed.FS

// Store is the service's database.
type Store struct {
	reads
	transaction.Runner[domain.Event]
}

// New migrates db and opens the store in it; encode gives an event the form in which it is published.
func New(ctx context.Context, db *database.DB, now domain.Clock, encode func(domain.Event) (events.Event, error)) (*Store, error) {
	s := &Store{reads{db.Read()}, transaction.Runner[domain.Event]{Service: "indicators", DB: db, Now: now, Encode: encode}}
	return s, s.Migrate(ctx, migrations)
}

// Write runs a use case as one transaction.
func (s *Store) Write(ctx context.Context, use func(domain.Tx) error) error {
	return s.Run(ctx, func(t *transaction.Tx[domain.Event]) error { return use(&tx{reads{t.SQL}, t}) })
}

// reads are the queries, the same in a transaction and outside of one.
type reads struct{ q database.Queryer }

// tx is a use case's transaction.
type tx struct {
	reads
	*transaction.Tx[domain.Event]
}

// upsert runs an INSERT that yields to a row of the same or a higher version, and tells whether it changed anything.
func (t *tx) upsert(ctx context.Context, query string, args ...any) (newer bool, err error) {
	result, err := t.SQL.ExecContext(ctx, query, args...)
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
