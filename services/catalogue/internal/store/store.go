// Package store keeps the catalogue in SQLite or PostgreSQL, one file per noun.
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
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

//go:embed migrations
var migrations embed.FS

// Store is the catalogue's database.
type Store struct {
	reads
	db     *database.DB
	encode func(domain.Event) (events.Event, error)
	now    domain.Clock
	// Committed is called after each transaction that may have left events, to wake the relay; set it before use.
	Committed func()
}

// New migrates db and opens the catalogue in it; encode gives an event the form in which it is published.
func New(ctx context.Context, db *database.DB, now domain.Clock, encode func(domain.Event) (events.Event, error)) (*Store, error) {
	own, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("catalogue migrations: %w", err)
	}
	if err := db.Migrate(ctx, own); err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
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

// Emit leaves the event in the outbox, in the same transaction as the change.
func (t *tx) Emit(ctx context.Context, e domain.Event) error {
	encoded, err := t.store.encode(e)
	if err != nil {
		return err
	}
	encoded.ID, encoded.Time = uuid.Must(uuid.NewV7()).String(), t.store.now()
	return events.Append(ctx, t.sql, t.store.db.Engine(), "catalogue", encoded)
}

func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil { // only lists of plain values come here
		panic(err)
	}
	return string(text)
}
