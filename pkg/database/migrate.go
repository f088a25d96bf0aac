package database

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"hash/fnv"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/classcode/maillage/pkg/errs"
)

//go:embed migrations
var floor embed.FS

// floorTable counts the floor's own migrations apart, so that a service numbers its own from 1.
const floorTable = "floor_version"

var errSchemaNewer = errs.New(errs.Precondition, "SCHEMA_NEWER",
	"The database was migrated by a newer version of this program; start that version.",
	"La base a été migrée par une version plus récente de ce programme ; lancez cette version.")

// Migrate brings the schema to this code's level: first the floor's tables, then those of migrations (folders "sqlite" and
// "postgres"; nil: none). A schema newer than the code is refused with reason SCHEMA_NEWER. Replicas that start together wait
// for each other.
func (db *DB) Migrate(ctx context.Context, migrations fs.FS) error {
	own, err := fs.Sub(floor, "migrations")
	if err != nil {
		return fmt.Errorf("floor migrations: %w", err)
	}
	pool := db.migrate()
	if pool != db.writer {
		defer func() { _ = pool.Close() }()
	}
	if err := db.up(ctx, pool, own, floorTable); err != nil {
		return err
	}
	if migrations == nil {
		return nil
	}
	return db.up(ctx, pool, migrations, goose.DefaultTablename)
}

func (db *DB) up(ctx context.Context, pool *sql.DB, migrations fs.FS, table string) error {
	provider, err := db.provider(pool, migrations, table)
	if err != nil {
		return fmt.Errorf("migrations of %s: %w", table, err)
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read %s: %w", table, Explain(err))
	}
	if current > target {
		return errSchemaNewer.Because(fmt.Errorf("%s is %d, this program knows %d", table, current, target))
	}
	for attempt := 0; ; attempt++ {
		if _, err = provider.Up(ctx); err == nil {
			return nil
		}
		// A lock_timeout of two seconds lets the traffic pass that a waiting ALTER TABLE holds back; then it asks again.
		if !conflict(err) || attempt == maxRetries || !pause(ctx, writeDeadline) {
			return fmt.Errorf("migrate %s: %w", table, Explain(err))
		}
	}
}

func (db *DB) provider(pool *sql.DB, migrations fs.FS, table string) (*goose.Provider, error) {
	sub, err := fs.Sub(migrations, db.engine.String())
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithTableName(table), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger())}
	if db.engine == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, pool, sub, options...)
	}
	// Replicas ask once a second, for at most ten minutes: a first index on a large table.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(db.lockID()), lock.WithLockTimeout(1, 600))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, pool, sub, append(options, goose.WithSessionLocker(locker))...)
}

// lockID differs by schema: advisory locks belong to the whole database, which services may share.
func (db *DB) lockID() int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("maillage/migrate/" + db.config.Schema))
	return int64(h.Sum64())
}
