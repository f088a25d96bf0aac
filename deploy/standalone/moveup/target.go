package moveup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
)

// staging is the schema of a service until everything is verified.
func staging(service string) string { return "moving_" + service }

// openTarget looks that nobody lives there, and clears away what an attempt left that was interrupted.
func (m *move) openTarget(ctx context.Context) error {
	pool, err := database.Offline(ctx, database.Config{DSN: m.DatabaseDSN.Reveal(), ApplicationName: "maillage-move-up"})
	if err != nil {
		return err
	}
	m.onClose(func() { _ = pool.Close() })
	if m.target, err = pool.Conn(ctx); err != nil { // one connection to the end: it holds the lock
		return err
	}
	m.onClose(func() { _ = m.target.Close() })
	var ours bool
	if err := m.target.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, lockKey()).Scan(&ours); err != nil {
		return database.Explain(err)
	}
	if !ours {
		return errors.New("another move into this database is under way")
	}
	const present = `SELECT coalesce(string_agg(nspname, ', ' ORDER BY nspname), '') FROM pg_namespace WHERE nspname = ANY(string_to_array($1, ','))`
	var taken string
	if err := m.target.QueryRowContext(ctx, present, strings.Join(services, ",")).Scan(&taken); err != nil {
		return database.Explain(err)
	}
	if taken != "" {
		return fmt.Errorf("the database is not empty, it has the schemas %s: give a new one", taken)
	}
	return m.clear(ctx)
}

func lockKey() int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("maillage/move-up"))
	return int64(h.Sum64()) //nolint:gosec // any 64 bits will do
}

// continueSequences lets the next row of an outbox come behind all that ever were there, those that are deleted since included: an
// id is part of the relay's cursor.
func (m *move) continueSequences(ctx context.Context, tx *sql.Tx, service string) error {
	columns, err := database.All(ctx, tx, func(scan database.Scan) (c [2]string, err error) { return c, scan(&c[0], &c[1]) },
		`SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = $1 AND is_identity = 'YES' AND table_name NOT IN ('floor_version', 'goose_db_version')`, staging(service))
	if err != nil {
		return err
	}
	for _, c := range columns {
		var last int64
		err := m.sources[service].QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = $1`, c[0]).Scan(&last)
		if err != nil {
			return fmt.Errorf("sequence of %s: %w", c[0], err)
		}
		if last == 0 {
			continue // no row ever
		}
		const set = `SELECT setval(pg_get_serial_sequence($1, $2), $3)`
		if _, err := tx.ExecContext(ctx, set, staging(service)+"."+c[0], c[1], last); err != nil {
			return fmt.Errorf("sequence of %s: %w", c[0], err)
		}
	}
	return nil
}

// appear is the moment at which the services have their data.
func (m *move) appear(ctx context.Context) error {
	tx, err := m.target.BeginTx(ctx, nil)
	if err != nil {
		return database.Explain(err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, service := range services {
		if _, err := tx.ExecContext(ctx, `SET LOCAL search_path = `+staging(service)); err != nil {
			return err
		}
		if err := m.settle(ctx, tx, service); err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		if _, err := events.Relocate(ctx, tx); err != nil {
			return fmt.Errorf("%s: epoch: %w", service, err)
		}
		if _, err := tx.ExecContext(ctx, `ALTER SCHEMA `+staging(service)+` RENAME TO `+service); err != nil {
			return fmt.Errorf("%s: a service was started on the database meanwhile, or: %w", service, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return database.Explain(err)
	}
	return nil
}
