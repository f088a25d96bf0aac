package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/classcode/maillage/pkg/errs"
)

var errSchemaName = errs.New(errs.Invalid, "DATABASE_SCHEMA_INVALID",
	"The schema's name must be lower-case letters, digits and underscores, 63 at most.",
	"Le nom du schéma doit être fait de minuscules, de chiffres et de soulignés, 63 au plus.")

// identifier is what both engines take unquoted; 63 bytes is PostgreSQL's limit.
var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

const (
	pgConnLife    = 30 * time.Minute // so that a pool follows a failover or a new DNS answer
	pgDialTimeout = 5 * time.Second
)

func openPostgres(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.Schema != "" && !identifier.MatchString(cfg.Schema) {
		return nil, errSchemaName
	}
	base, err := pgx.ParseConfig(cfg.DSN)
	if err != nil || base.DefaultQueryExecMode == pgx.QueryExecModeSimpleProtocol {
		// The parser's error quotes the DSN. The simple protocol puts values into the SQL text (CVE-2026-41889's path).
		return nil, errDSN
	}
	settings(base, cfg)
	half := max(1, cfg.conns()/2)
	db := &DB{
		engine: Postgres, config: cfg, deadline: writeDeadline,
		// A use case finds its rows by their keys. Statements are planned once, perhaps while a table was empty and reading all of
		// it was cheap; the plan stays when the table has grown, until somebody counts its rows again. An index gives rows in its order:
		// two transactions that lock the same ones never wait for each other, as they would in the order of the heap.
		writer: bound(sql.OpenDB(pipelining{connector(base, "enable_seqscan", "off", "enable_bitmapscan", "off")}), half, pgConnLife),
		reader: bound(pgPool(base, "default_transaction_read_only", "on"), half, pgConnLife),
		relay:  bound(pgPool(base), 2, 0), // no lifetime: closing the connection would drop the relay's lock
		migrate: func() *sql.DB {
			return bound(pgPool(base, "statement_timeout", "0", "idle_in_transaction_session_timeout", "0"), 1, 0)
		},
	}
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// settings are sent when a connection opens, so that they hold behind any pool of ours and for every statement.
func settings(c *pgx.ConnConfig, cfg Config) {
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = pgDialTimeout
	}
	set := c.RuntimeParams
	set["statement_timeout"] = "5000" // milliseconds, all three
	set["lock_timeout"] = "2000"
	set["idle_in_transaction_session_timeout"] = "10000"
	set["default_transaction_isolation"] = "read committed"
	set["synchronous_commit"] = "on" // a role or a DSN that turns it off would lose acknowledged changes
	set["timezone"] = "UTC"
	set["jit"] = "off" // compiling takes longer than any query of ours
	if cfg.ApplicationName != "" {
		set["application_name"] = cfg.ApplicationName
	}
	if cfg.Schema != "" {
		set["search_path"] = pgx.Identifier{cfg.Schema}.Sanitize()
	}
}

func pgPool(base *pgx.ConnConfig, pairs ...string) *sql.DB {
	return sql.OpenDB(connector(base, pairs...))
}

func connector(base *pgx.ConnConfig, pairs ...string) driver.Connector {
	c := base.Copy()
	for i := 0; i < len(pairs); i += 2 {
		c.RuntimeParams[pairs[i]] = pairs[i+1]
	}
	return stdlib.GetConnector(*c)
}

func (db *DB) prepare(ctx context.Context) error {
	var encoding string
	if err := db.reader.QueryRowContext(ctx, `SHOW server_encoding`).Scan(&encoding); err != nil {
		return fmt.Errorf("open postgres: %w", Explain(err))
	}
	if encoding != "UTF8" {
		return fmt.Errorf("open postgres: the database's encoding is %s, it must be UTF8", encoding)
	}
	if db.config.Schema == "" {
		return nil
	}
	exists, err := db.schemaExists(ctx)
	if err != nil || exists {
		return err
	}
	_, err = db.writer.ExecContext(ctx, `CREATE SCHEMA `+pgx.Identifier{db.config.Schema}.Sanitize())
	if err == nil {
		return nil
	}
	// Another replica may have created it at the same moment.
	if exists, again := db.schemaExists(ctx); again == nil && exists {
		return nil
	}
	return fmt.Errorf("create schema: %w", Explain(err))
}

// schemaExists is asked first: CREATE SCHEMA IF NOT EXISTS needs a right on the database even when there is nothing to create.
func (db *DB) schemaExists(ctx context.Context) (exists bool, err error) {
	const query = `SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)`
	if err := db.reader.QueryRowContext(ctx, query, db.config.Schema).Scan(&exists); err != nil {
		return false, fmt.Errorf("look for schema: %w", Explain(err))
	}
	return exists, nil
}
