// Package testkit gives tests real things: a PostgreSQL cluster of their own, both engines behind one call, a clock that stands
// still, and waiting without sleeping.
package testkit

import (
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
)

// Both runs test once on SQLite and once on PostgreSQL, each on a fresh database with the floor's tables and those of migrations.
func Both(t *testing.T, migrations fs.FS, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	engines := []struct {
		name   string
		config func(testing.TB) *database.Config
	}{{"sqlite", SQLite}, {"postgres", Postgres}}
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			test(t, Open(t, engine.config(t), migrations))
		})
	}
}

// Open opens and migrates a database and closes it when the test ends.
func Open(t testing.TB, cfg *database.Config, migrations fs.FS) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), *cfg)
	if err != nil {
		t.Fatalf("open database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	if err := db.Migrate(t.Context(), migrations); err != nil {
		t.Fatalf("migrate database: %v", err)
	}
	return db
}

// SQLite is a fresh file, in memory-backed storage where there is some: each commit waits for the disk otherwise.
func SQLite(t testing.TB) *database.Config {
	t.Helper()
	dir, err := os.MkdirTemp(fastDir(), "maillage-sqlite-")
	if err != nil {
		t.Fatalf("sqlite folder: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return &database.Config{DSN: "sqlite:" + dir + "/test.db"}
}

// Poll waits until cond holds, and fails the test when it does not within the time; what says what was awaited.
func Poll(t testing.TB, within time.Duration, cond func() bool, what string) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited %v for %s", within, what)
		}
	}
}

// Clock is a clock that moves only when told to; safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that shows at.
func NewClock(at time.Time) *Clock { return &Clock{now: at} }

// Now is the time shown.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock to at.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

// Advance moves the clock on by d.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Logger writes to the test's log, shown when it fails.
func Logger(t testing.TB) *slog.Logger {
	out := &output{t: t}
	t.Cleanup(out.close)
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// output falls silent when the test ends: a goroutine that logs later would panic the binary.
type output struct {
	mu    sync.Mutex
	t     testing.TB
	ended bool
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ended {
		o.t.Logf("%s", p)
	}
	return len(p), nil
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
}
