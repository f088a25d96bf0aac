package testkit

import (
	"bufio"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
)

const childEnv = "MAILLAGE_TESTKIT_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child()
	}
	Main(m)
}

// child starts a cluster, tells where, and waits to be killed.
func child() {
	c, err := StartCluster(ClusterConfig{})
	if err != nil {
		_, _ = os.Stdout.WriteString("error " + err.Error() + "\n")
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString(c.dir + "\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
	os.Exit(0)
}

func TestNoServerOutlivesItsTest(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	dir := strings.TrimSpace(line)
	if err != nil || !filepath.IsAbs(dir) {
		t.Fatalf("child said %q: %v", line, err)
	}
	pid, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	server, _, _ := strings.Cut(string(pid), "\n")
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	Poll(t, 20*time.Second, func() bool {
		_, folder := os.Stat(dir)
		return errors.Is(folder, fs.ErrNotExist) && !postgresAlive(server)
	}, "the server to stop and its folder to go")
}

// postgresAlive reads the process's name, as another process may have been given the number.
func postgresAlive(pid string) bool {
	name, err := os.ReadFile("/proc/" + pid + "/comm")
	return err == nil && strings.HasPrefix(string(name), "postgres")
}

func TestCrashKeepsCommits(t *testing.T) {
	c, err := StartCluster(ClusterConfig{Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	}()
	cfg, err := c.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	db := Open(t, cfg, nil)
	insert := func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO requests (key, created_at) VALUES ('a', 1)`)
		return err
	}
	if err := db.Write(t.Context(), insert); err != nil {
		t.Fatal(err)
	}
	if err := c.Crash(); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(t.Context()); err == nil {
		t.Fatal("answered while stopped")
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM requests`).Scan(&n); err != nil || n != 1 {
		t.Fatalf("after the crash: %d rows, %v", n, err)
	}
}

func TestDatabasesAreApart(t *testing.T) {
	Both(t, nil, func(t *testing.T, a *database.DB) {
		config := SQLite
		if a.Engine() == database.Postgres {
			config = Postgres
		}
		b := Open(t, config(t), nil)
		if _, err := a.Read().ExecContext(t.Context(), `INSERT INTO requests (key, created_at) VALUES ('a', 1)`); err == nil {
			t.Error("the readers' pool wrote")
		}
		err := a.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), `INSERT INTO requests (key, created_at) VALUES ('a', 1)`)
			return err
		})
		var n int
		if err := errors.Join(err, b.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM requests`).Scan(&n)); err != nil || n != 0 {
			t.Errorf("the other database has %d rows, %v", n, err)
		}
	})
}

func TestClock(t *testing.T) {
	start := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)
	c := NewClock(start)
	c.Advance(time.Hour)
	if got := c.Now().Sub(start); got != time.Hour {
		t.Errorf("advanced %v", got)
	}
	c.Set(start)
	if !c.Now().Equal(start) {
		t.Errorf("set to %v", c.Now())
	}
}
