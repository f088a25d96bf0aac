// Package database opens a service's store, SQLite or PostgreSQL, behind one SQL text: queries are written once with $1
// parameters, and what differs between the engines (opening, transactions with retry, migrations, violations) stays here.
//
// A list ends in LIMIT CAST($n AS BIGINT): SQLite plans by the value of a bare parameter there, and so parses a statement that it
// had ready once more whenever one is bound.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Engine is the database behind a DB; the few statements that cannot be shared choose on it.
type Engine uint8

// The engines.
const (
	SQLite Engine = iota + 1
	Postgres
)

// String is the engine's name, and the name of its folder of migrations.
func (e Engine) String() string {
	if e == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// Config says where a service keeps its data; the DSN alone is enough.
type Config struct {
	DSN string // "sqlite:PATH", "postgres://…" or "postgresql://…"
	// Schema is PostgreSQL only: services may share a database, each in its own schema, created when missing. Empty: the server's search_path.
	Schema string
	// MaxConns bounds the connections of one process, half for writes and half for reads; 0 is twice the cores. On SQLite: the readers.
	MaxConns int
	// ApplicationName names the service in PostgreSQL's pg_stat_activity and logs.
	ApplicationName string
}

// DB is an open store: one pool that writes, one that only reads.
type DB struct {
	engine   Engine
	config   Config
	deadline time.Duration // of a write: writeDeadline, shorter in tests
	writer   *sql.DB
	reader   *sql.DB
	relay    *sql.DB
	migrate  func() *sql.DB // a pool for one migration run, without the statement timeout; the caller closes it
}

// errDSN never carries the text it was given: that may hold a password.
var errDSN = errs.New(errs.Invalid, "DATABASE_DSN_INVALID",
	`The database address must be "sqlite:PATH" or "postgres://USER:PASSWORD@HOST:PORT/DATABASE" (or "postgresql://…").`,
	`L'adresse de la base doit être « sqlite:CHEMIN » ou « postgres://UTILISATEUR:MOTDEPASSE@HÔTE:PORT/BASE » (ou « postgresql://… »).`)

// openDeadline bounds the first connection; quick_check reads the whole SQLite file, some 300 MB a second on a plain disk.
const openDeadline = 60 * time.Second

// Open opens the store named by the DSN, checks that it answers and is sound, and leaves its tables to Migrate.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	ctx, cancel := context.WithTimeout(ctx, openDeadline)
	defer cancel()
	scheme, rest, found := strings.Cut(cfg.DSN, ":")
	switch {
	case found && scheme == "sqlite":
		return openSQLite(ctx, cfg, rest)
	case found && (scheme == "postgres" || scheme == "postgresql") && strings.HasPrefix(rest, "//"):
		return openPostgres(ctx, cfg)
	}
	return nil, errDSN
}

// Engine tells which database is behind.
func (db *DB) Engine() Engine { return db.engine }

// Read is the pool for queries; a statement that would write fails on both engines.
func (db *DB) Read() *sql.DB { return db.reader }

// Relay is the event relay's own pool, so that requests cannot starve it: it holds its advisory lock on one connection and
// reads the outbox on another. Its cursor is written through Write. On SQLite it is the readers' pool.
func (db *DB) Relay() *sql.DB { return db.relay }

// Ping asks the store for an answer, for readiness.
func (db *DB) Ping(ctx context.Context) error {
	// A plain SELECT 1 would not touch SQLite's file; counting tables reads it, on both engines.
	const query = `SELECT count(*) FROM requests WHERE key = ''`
	var n int
	if err := db.reader.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return fmt.Errorf("ping %s: %w", db.engine, Explain(err))
	}
	return nil
}

// Close closes the pools; readers first, so that SQLite's last connection is the writer, which folds the WAL into the file.
func (db *DB) Close() error {
	var all []error
	if db.relay != db.reader {
		all = append(all, db.relay.Close())
	}
	all = append(all, db.reader.Close(), db.writer.Close())
	return errors.Join(all...)
}

// conns is MaxConns, or twice the cores: more active connections than that only add context switches on the server.
func (c Config) conns() int {
	if c.MaxConns > 0 {
		return c.MaxConns
	}
	return max(4, 2*runtime.NumCPU())
}

func bound(pool *sql.DB, conns int, life time.Duration) *sql.DB {
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns) // the default of 2 would reopen connections all day under load
	pool.SetConnMaxLifetime(life)
	return pool
}
