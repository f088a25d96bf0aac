// Package transaction runs a service's use cases: each is one database transaction, which holds the ledger of requests and the
// outbox as well, so that a change, its answer and its events stand or fall together.
package transaction

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/idempotent"
)

// Runner runs the use cases of one service; E is an event as the service's domain has it.
type Runner[E any] struct {
	Service string // its name in subjects
	DB      *database.DB
	Now     func() time.Time
	Encode  func(E) (events.Event, error) // the form in which an event is published, without id and time
	// Committed is called after each transaction that took effect, so that its events leave at once; nil: they wait for a poll.
	Committed func()
}

// Migrate brings the service's tables to this code's level; migrations holds a folder "migrations" with one per engine.
func (r *Runner[E]) Migrate(ctx context.Context, migrations fs.FS) error {
	own, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("%s migrations: %w", r.Service, err)
	}
	if err := r.DB.Migrate(ctx, own); err != nil {
		return fmt.Errorf("%s: %w", r.Service, err)
	}
	return nil
}

// Run runs a use case as one transaction; after a conflict it runs it again, so it must leave nothing behind but rows.
func (r *Runner[E]) Run(ctx context.Context, use func(*Tx[E]) error) error {
	err := r.DB.Write(ctx, func(tx *sql.Tx) error {
		t := &Tx[E]{SQLLedger: idempotent.NewLedger(tx, r.DB.Engine(), r.Now), SQL: tx, runner: r}
		if err := use(t); err != nil {
			return err
		}
		return events.Append(ctx, tx, r.DB.Engine(), r.Service, t.told...)
	})
	if err == nil && r.Committed != nil {
		r.Committed()
	}
	return err
}

// Tx is a use case's transaction; a store's own Tx embeds it.
type Tx[E any] struct {
	*idempotent.SQLLedger
	SQL    *sql.Tx
	runner *Runner[E]
	told   []events.Event
}

// Emit leaves events in the outbox, in the order given and in the trace of ctx: at the end of the transaction, all of them at once.
func (t *Tx[E]) Emit(ctx context.Context, all ...E) error {
	trace := events.Trace(ctx)
	for _, e := range all {
		encoded, err := t.runner.Encode(e)
		if err != nil {
			return err
		}
		encoded.ID, encoded.Time, encoded.Trace = uuid.Must(uuid.NewV7()).String(), t.runner.Now(), trace
		t.told = append(t.told, encoded)
	}
	return nil
}

// Values calls use with rows as tables of a query; see database.Values.
func (t *Tx[E]) Values(from int, columns []database.Column, rows [][]any, use func(database.Table) error) error {
	return database.Values(t.runner.DB.Engine(), from, columns, rows, use)
}

// BulkInsert inserts many rows with few statements; table and columns come from code, never from a caller.
func (t *Tx[E]) BulkInsert(ctx context.Context, table string, columns []string, rows [][]any) error {
	return database.Explain(t.runner.DB.BulkInsert(ctx, t.SQL, table, columns, rows))
}
