// Package store keeps the catalogue in SQLite or PostgreSQL, one file per noun.
package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/transaction"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
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
	s := &Store{reads{db.Read()}, transaction.Runner[domain.Event]{Service: "catalogue", DB: db, Now: now, Encode: encode}}
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

func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil { // only lists of plain values come here
		panic(err)
	}
	return string(text)
}

// changed tells whether a statement changed anything.
func changed(result sql.Result, err error) (bool, error) {
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
