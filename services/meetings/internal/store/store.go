// Package store keeps meetings, their seats and what is attested of them in SQLite or PostgreSQL, one file per noun.
package store

import (
	"context"
	"embed"
	"strconv"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/transaction"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

//go:embed migrations
var migrations embed.FS

// Store is the service's database.
type Store struct {
	reads
	transaction.Runner[domain.Event]
	// Scheduled is called after each transaction that left tasks, so that they need not wait for a poll; may be nil.
	Scheduled func()
}

// New migrates db and opens the store in it; encode gives an event the form in which it is published.
func New(ctx context.Context, db *database.DB, now domain.Clock, encode func(domain.Event) (events.Event, error)) (*Store, error) {
	s := &Store{reads: reads{db.Read()}, Runner: transaction.Runner[domain.Event]{Service: "meetings", DB: db, Now: now, Encode: encode}}
	return s, s.Migrate(ctx, migrations)
}

// Write runs a use case as one transaction.
func (s *Store) Write(ctx context.Context, use func(domain.Tx) error) error {
	scheduled := false
	err := s.Run(ctx, func(t *transaction.Tx[domain.Event]) error {
		x := &tx{reads: reads{t.SQL}, Tx: t, now: s.Now}
		err := use(x)
		scheduled = x.scheduled
		return err
	})
	if err == nil && scheduled && s.Scheduled != nil {
		s.Scheduled()
	}
	return err
}

// reads are the queries, the same in a transaction and outside of one.
type reads struct{ q database.Queryer }

// tx is a use case's transaction.
type tx struct {
	reads
	*transaction.Tx[domain.Event]
	now       domain.Clock
	scheduled bool // tasks were left
}

// bulk inserts rows of a table whose columns are listed as in its queries.
func (t *tx) bulk(ctx context.Context, table, columns string, rows [][]any) error {
	names := strings.Fields(strings.ReplaceAll(columns, ",", " "))
	return t.BulkInsert(ctx, table, names, rows)
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
