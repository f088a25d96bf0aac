package database_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestBadDSN(t *testing.T) {
	for _, dsn := range []string{
		"", "sqlite", "sqlite:", "sqlite::memory:", "var/catalogue.db", "mysql://u:hunter2@h/d", "postgres:host=h password=hunter2",
		"hunter2", "postgres://u:hunter2@h:port/d", "postgres://u:hunter2@%zz/d", "postgres://u:hunter2@h/d?sslmode=hunter2",
		"postgres://u:hunter2@h/d?default_query_exec_mode=simple_protocol",
	} {
		db, err := database.Open(t.Context(), database.Config{DSN: dsn})
		if db != nil || err == nil {
			t.Errorf("%q was opened", dsn)
			continue
		}
		e := errs.From(err)
		if e.Reason != "DATABASE_DSN_INVALID" || !strings.Contains(e.EN, "sqlite:") || !strings.Contains(e.FR, "postgres://") {
			t.Errorf("%q: %v", dsn, err)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the password shows in %v", dsn, err)
		}
	}
}

func TestUnreachableIsUnavailable(t *testing.T) {
	_, err := database.Open(t.Context(), database.Config{DSN: "postgres://u:hunter2@127.0.0.1:1/d?sslmode=disable"})
	if e := errs.From(err); e == nil || e.Kind != errs.Unavailable || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestSQLiteSettings(t *testing.T) {
	cfg := testkit.SQLite(t)
	path := filepath.Join(filepath.Dir(strings.TrimPrefix(cfg.DSN, "sqlite:")), "deep", "a?b #%41.db")
	db := testkit.Open(t, &database.Config{DSN: "sqlite:" + path}, nil)
	for pragma, want := range map[string]int64{
		"synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "trusted_schema": 0, "secure_delete": 1, "cell_size_check": 1,
		"mmap_size": 0, "query_only": 1,
	} {
		if got := number(t, db, "PRAGMA "+pragma); got != want {
			t.Errorf("%s is %d, want %d", pragma, got, want)
		}
	}
	var mode string
	if err := db.Read().QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Errorf("journal_mode is %q, %v", mode, err)
	}
	for _, file := range []string{path, path + "-wal"} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info, err)
		}
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	page := bytes.Repeat([]byte("not a page "), 500)
	damage := map[string]func([]byte) []byte{
		"not a database": func([]byte) []byte { return page },
		"a page":         func(b []byte) []byte { copy(b[len(b)-4096:], page); return b },
	}
	for name, change := range damage {
		cfg := testkit.SQLite(t)
		path := strings.TrimPrefix(cfg.DSN, "sqlite:")
		db, err := database.Open(t.Context(), *cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Migrate(t.Context(), nil), db.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the WAL was not folded in at close: %v", name, err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, change(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := database.Open(t.Context(), *cfg); err == nil || errs.From(err).Reason != "DATABASE_CORRUPT" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPostgresSettings(t *testing.T) {
	cfg := testkit.Postgres(t)
	cfg.ApplicationName = "catalogue"
	db := testkit.Open(t, cfg, nil)
	for setting, want := range map[string]string{
		"statement_timeout": "5s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "10s", "application_name": "catalogue",
		"synchronous_commit": "on", "TimeZone": "UTC", "default_transaction_isolation": "read committed",
		"default_transaction_read_only": "on",
	} {
		var got string
		if err := db.Read().QueryRowContext(t.Context(), "SHOW "+setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", setting, got, err, want)
		}
	}
}

func TestSchemasShareADatabase(t *testing.T) {
	shared := testkit.Postgres(t)
	mesh := testkit.Open(t, &database.Config{DSN: shared.DSN, Schema: "mesh"}, migrations(t))
	meetings := testkit.Open(t, &database.Config{DSN: shared.DSN, Schema: "meetings"}, migrations(t))
	mustExec(t, mesh, `INSERT INTO rooms (id, place, name) VALUES ('r1', 'p', 'n')`)
	if a, b := number(t, mesh, `SELECT count(*) FROM mesh.rooms`), number(t, meetings, `SELECT count(*) FROM rooms`); a != 1 || b != 0 {
		t.Errorf("mesh has %d, meetings has %d", a, b)
	}
	if _, err := database.Open(t.Context(), database.Config{DSN: shared.DSN, Schema: `x"; DROP`}); err == nil {
		t.Error("a quoted schema name was accepted")
	}
}

func TestMigrateTogether(t *testing.T) {
	cfg := testkit.Postgres(t)
	cfg.Schema = "shared"
	all := migrations(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			db, err := database.Open(t.Context(), *cfg)
			if err == nil {
				err = errors.Join(db.Migrate(t.Context(), all), db.Ping(context.Background()), db.Close())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestNewerSchemaIsRefused(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		if err := db.Migrate(t.Context(), migrations(t)); err != nil {
			t.Errorf("the same level again: %v", err)
		}
		for _, table := range []string{"floor_version", "goose_db_version"} {
			mustExec(t, db, `INSERT INTO `+table+` (version_id, is_applied) VALUES (99, `+truth(db)+`)`)
			err := db.Migrate(t.Context(), migrations(t))
			if e := errs.From(err); e == nil || e.Reason != "SCHEMA_NEWER" || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v", table, err)
			}
			mustExec(t, db, `DELETE FROM `+table+` WHERE version_id = 99`)
		}
		if err := db.Migrate(t.Context(), fstest.MapFS{}); err == nil {
			t.Error("a folder without migrations was accepted")
		}
	})
}

func truth(db *database.DB) string {
	if db.Engine() == database.Postgres {
		return "true"
	}
	return "1"
}

// TestFloorsAreAlike compares what the two migrations of the floor made.
func TestFloorsAreAlike(t *testing.T) {
	columns := map[database.Engine]string{
		database.SQLite: `SELECT m.name || '.' || p.name || ' ' || p.type FROM sqlite_master m, pragma_table_info(m.name) p
			WHERE m.type = 'table' AND m.name IN ('outbox', 'relay', 'requests') ORDER BY m.name, p.cid`,
		database.Postgres: `SELECT table_name || '.' || column_name || ' ' ||
			CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'bytea' THEN 'BLOB' ELSE upper(data_type) END
			FROM information_schema.columns WHERE table_name IN ('outbox', 'relay', 'requests') ORDER BY table_name, ordinal_position`,
	}
	found := map[database.Engine]string{}
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		rows, err := db.Read().QueryContext(t.Context(), columns[db.Engine()])
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var column string
			if err := rows.Scan(&column); err != nil {
				t.Fatal(err)
			}
			found[db.Engine()] += column + "\n"
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	})
	if found[database.SQLite] == "" || found[database.SQLite] != found[database.Postgres] {
		t.Errorf("sqlite:\n%s\npostgres:\n%s", found[database.SQLite], found[database.Postgres])
	}
}

func TestOutboxDefaults(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		mustExec(t, db, `INSERT INTO outbox (event_id, subject, aggregate, aggregate_version, schema, payload, created_at)
			VALUES ('e', 's', 'a', 1, 'm', $1, 2)`, []byte{1})
		txid := number(t, db, `SELECT txid FROM outbox`)
		if postgres := db.Engine() == database.Postgres; postgres != (txid > 0) {
			t.Errorf("txid %d", txid)
		}
	})
}
