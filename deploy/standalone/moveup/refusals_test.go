package moveup

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/classcode/maillage/pkg/testkit"
)

func refusals(t *testing.T, made folder) {
	full, _ := moved(t, string(made))
	for name, r := range map[string]struct {
		damage func(dir string)
		dsn    string // empty: a new database
		says   string
	}{
		"no folder":      {func(dir string) { _ = os.RemoveAll(dir) }, "", "--data: stat "},
		"a file":         {func(dir string) { _ = os.RemoveAll(dir); _ = os.WriteFile(dir, nil, 0o600) }, "", "is not a folder"},
		"a database out": {func(dir string) { _ = os.Remove(filepath.Join(dir, "meetings.db")) }, "", "meetings.db is missing"},
		"an empty file":  {func(dir string) { _ = os.WriteFile(filepath.Join(dir, "mesh.db"), nil, 0o600) }, "", "mesh.db is not a database of this program"},
		"no database": {func(dir string) {
			_ = os.WriteFile(filepath.Join(dir, "mesh.db"), []byte("junk, and more junk"), 0o600)
		}, "", "mesh.db: "},
		"older": {func(dir string) {
			change(t, dir, "mesh", `UPDATE goose_db_version SET version_id = 0`)
		}, "", "mesh.db is of an older version (goose_db_version 0, this program has "},
		"newer": {func(dir string) {
			change(t, dir, "meetings", `INSERT INTO floor_version (version_id, is_applied) VALUES (99, 1)`)
		}, "", "meetings.db was written by a newer version (floor_version 99"},
		"another table":  {func(dir string) { change(t, dir, "mesh", `CREATE TABLE extra (id TEXT PRIMARY KEY) STRICT`) }, "", "it has extra.id TEXT"},
		"a column less":  {func(dir string) { change(t, dir, "mesh", `ALTER TABLE places DROP COLUMN seats`) }, "", "it lacks places.seats INTEGER"},
		"not empty":      {func(string) {}, full, "it has the schemas catalogue, indicators, meetings, mesh"},
		"SQLite":         {func(string) {}, "sqlite:x.db", "not into SQLite"},
		"nobody home":    {func(string) {}, "postgres://u:hunter2@127.0.0.1:1/x", "--database-dsn: "},
		"an odd address": {func(string) {}, "postgres://u:hunter2@%zz/x", "--database-dsn: "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := made.copy(t)
			r.damage(dir)
			dsn := r.dsn
			if dsn == "" {
				dsn = testkit.Postgres(t).DSN
			}
			err := Run(t.Context(), configOf(dir, dsn), io.Discard)
			if err == nil || !strings.Contains(err.Error(), r.says) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v; want an error with %q", err, r.says)
			}
			if r.dsn != "" {
				return
			}
			if have := schemas(t, dsn); have != "" {
				t.Errorf("left behind: %s", have)
			}
		})
	}
}

// What an attempt leaves that was cut off carries no service's name, and the next attempt clears it away.
func interrupted(t *testing.T, made folder) {
	dsn := testkit.Postgres(t).DSN
	m := newMove(configOf(string(made), dsn), io.Discard)
	cut := errors.New("cut")
	m.copied = func(context.Context) error { return cut }
	if err := errors.Join(m.openSources(t.Context()), m.openTarget(t.Context())); err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), configOf(made.copy(t), dsn), io.Discard); err == nil || !strings.Contains(err.Error(), "another move") {
		t.Errorf("beside another: %v", err)
	}
	if err := m.fill(t.Context()); !errors.Is(err, cut) {
		t.Fatal(err)
	}
	m.close() // as a kill would, without clearing away
	if have := schemas(t, dsn); have != "moving_catalogue moving_indicators moving_meetings moving_mesh" {
		t.Errorf("an attempt that was cut off left %s", have)
	}
	if err := Run(t.Context(), configOf(string(made), dsn), io.Discard); err != nil {
		t.Errorf("the next attempt: %v", err)
	}
	if have := schemas(t, dsn); have != "catalogue indicators meetings mesh" {
		t.Errorf("there are %s", have)
	}
}

// A service that is started too early makes its own schema: then nothing is moved at all.
func startedMeanwhile(t *testing.T, made folder) {
	dsn := testkit.Postgres(t).DSN
	m := newMove(configOf(string(made), dsn), io.Discard)
	defer m.close()
	m.copied = func(ctx context.Context) error {
		_, err := m.target.ExecContext(ctx, `CREATE SCHEMA indicators`)
		return err
	}
	if err := m.run(t.Context()); err == nil || !strings.Contains(err.Error(), "a service was started") {
		t.Errorf("%v", err)
	}
	if have := schemas(t, dsn); have != "indicators" {
		t.Errorf("there are %s", have)
	}
}

func inUse(t *testing.T, made folder) {
	dir, dsn := made.copy(t), testkit.Postgres(t).DSN
	p := serve(t, dir, "")
	if err := Run(t.Context(), configOf(dir, dsn), io.Discard); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("under a running program: %v", err)
	}
	if have := schemas(t, dsn); have != "" {
		t.Errorf("written: %s", have)
	}
	p.stop()
	if err := Run(t.Context(), configOf(dir, dsn), io.Discard); err != nil {
		t.Errorf("when it has stopped: %v", err)
	}
}
