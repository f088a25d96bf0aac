package database_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	process "os/exec"
	"strings"
	"testing"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

// holder makes this test binary a program that has a file open, idle, until its standard input ends.
const holder = "DATABASE_TEST_HOLDER"

func hold(path string) int {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)")
	if err != nil {
		return 1
	}
	if _, err := db.Exec(`CREATE TABLE IF NOT EXISTS held (id INTEGER)`); err != nil {
		return 1
	}
	_, _ = os.Stdout.WriteString("open\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
	return 0
}

func TestOfflineNeedsTheFileAlone(t *testing.T) {
	cfg := testkit.SQLite(t)
	path := strings.TrimPrefix(cfg.DSN, "sqlite:")
	if _, err := database.Offline(t.Context(), *cfg); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is missing: %v", err)
	}
	db, err := database.Open(t.Context(), *cfg)
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, db, `CREATE TABLE t (x INTEGER)`)
	if _, err := database.Offline(t.Context(), *cfg); !errors.Is(err, database.ErrInUse) {
		t.Errorf("open in this process: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	other := process.CommandContext(t.Context(), os.Args[0])
	other.Env = append(os.Environ(), holder+"="+path)
	in, errIn := other.StdinPipe()
	out, errOut := other.StdoutPipe()
	if err := errors.Join(errIn, errOut, other.Start()); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if _, err := database.Offline(t.Context(), *cfg); !errors.Is(err, database.ErrInUse) {
		t.Errorf("open and idle in another process: %v", err)
	}
	_ = in.Close()
	_ = other.Wait()

	ours, err := database.Offline(t.Context(), *cfg)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := ours.QueryRowContext(t.Context(), `SELECT count(*) FROM t`).Scan(&n); err != nil {
		t.Error(err)
	}
	if late, err := database.Open(t.Context(), *cfg); err == nil {
		t.Error("a program got in meanwhile")
		_ = late.Close()
	}
	if err := ours.Close(); err != nil {
		t.Fatal(err)
	}
	testkit.Open(t, cfg, nil)
}

func TestOfflinePostgres(t *testing.T) {
	ours, err := database.Offline(t.Context(), *testkit.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ours.Close() }()
	var timeout string
	if err := ours.QueryRowContext(t.Context(), `SHOW statement_timeout`).Scan(&timeout); err != nil || timeout != "0" {
		t.Errorf("statement_timeout is %s, %v", timeout, err)
	}
	for _, dsn := range []string{"postgres://u:hunter2@h:port/d", "postgres:host=h password=hunter2", "mysql://hunter2", "postgres://u:hunter2@127.0.0.1:1/d"} {
		if db, err := database.Offline(t.Context(), database.Config{DSN: dsn}); db != nil || err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}
