package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"modernc.org/sqlite"
)

// ErrInUse says that a program has the SQLite file open, be it idle.
var ErrInUse = errors.New("the database is in use: stop the program first")

// Offline opens a store for a command that works while no service does, on one connection: a SQLite file that nobody else has open,
// and that nobody else gets into before Close; PostgreSQL without a service's limits of time, whose relays wait for a long write all
// over the server. The file must exist.
func Offline(ctx context.Context, cfg Config) (*sql.DB, error) {
	scheme, rest, _ := strings.Cut(cfg.DSN, ":")
	if scheme == "sqlite" {
		return seize(ctx, rest)
	}
	base, err := pgx.ParseConfig(cfg.DSN)
	if err != nil || !strings.HasPrefix(rest, "//") {
		return nil, errDSN // the parser's error quotes the DSN
	}
	settings(base, cfg)
	pool := bound(pgPool(base, "statement_timeout", "0", "lock_timeout", "10000", "idle_in_transaction_session_timeout", "0"), 1, 0)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open postgres: %w", Explain(err)), pool.Close())
	}
	return pool, nil
}

// seize relies on a lock that every connection to a file in WAL mode holds for as long as it is open: exclusive locking, asked for
// before the file is touched, needs it alone.
func seize(ctx context.Context, path string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite path: %w", err)
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s: %w", path, fs.ErrNotExist))
	}
	q := url.Values{
		"mode":    {"rw"}, // never creates
		"_txlock": {"exclusive"},
		"_dqs":    {"0"},
		"_pragma": {"busy_timeout(0)", "locking_mode(exclusive)", "trusted_schema(off)", "cell_size_check(on)", "mmap_size(0)"},
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	connector, err := sqlite.NewConnector(u.String())
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	pool := bound(sql.OpenDB(connector), 1, 0)
	if err := alone(ctx, pool); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), pool.Close())
	}
	return pool, nil
}

func alone(ctx context.Context, pool *sql.DB) error {
	tx, err := pool.BeginTx(ctx, nil)
	if conflict(err) {
		return ErrInUse
	}
	if err != nil {
		return err
	}
	if err := tx.Rollback(); err != nil {
		return err
	}
	return quickCheck(ctx, pool)
}
