// Package store keeps meetings, their seats and what is attested of them in SQLite or PostgreSQL, one file per noun.
package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

//go:embed migrations
var migrations embed.FS

// Store is the service's database.
type Store struct {
	reads
	db     *database.DB
	encode func(domain.Event) (events.Event, error)
	now    domain.Clock
	// Committed is called after each transaction that may have left events, to wake the relay; set it before use.
	Committed func()
}

// New migrates db and opens the store in it; encode gives an event the form in which it is published.
func New(ctx context.Context, db *database.DB, now domain.Clock, encode func(domain.Event) (events.Event, error)) (*Store, error) {
	own, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("meetings migrations: %w", err)
	}
	if err := db.Migrate(ctx, own); err != nil {
		return nil, fmt.Errorf("meetings: %w", err)
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
	return events.Append(ctx, t.sql, t.store.db.Engine(), "meetings", encoded...)
}

// bulk inserts rows of a table whose columns are listed as in its queries.
func (t *tx) bulk(ctx context.Context, table, columns string, rows [][]any) error {
	names := strings.Fields(strings.ReplaceAll(columns, ",", " "))
	return database.Explain(t.store.db.BulkInsert(ctx, t.sql, table, names, rows))
}

// after reads the cursor of a list in the order of a time and an id.
func after(p domain.Page) (micros int64, id string) {
	micros = -1 << 63
	if len(p.After) == 2 {
		micros, _ = strconv.ParseInt(p.After[0], 10, 64) // signed by us
		id = p.After[1]
	}
	return micros, id
}

// marks is "$from, …" for n parameters.
func marks(from, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(out, ", ")
}

// micros is 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return database.Micros(t)
}

func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return database.Time(us)
}
