package testkit

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/classcode/maillage/pkg/database"
)

// One cluster of each kind a test binary: starting one takes a second, a database in it some 50 ms.
var fast, durable shared

type shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

func (s *shared) get(cfg ClusterConfig) (*Cluster, error) {
	s.once.Do(func() { s.cluster, s.err = StartCluster(cfg) })
	return s.cluster, s.err
}

func (s *shared) stop() error {
	if s.cluster == nil {
		return nil
	}
	return s.cluster.Stop()
}

// Postgres is a fresh, empty PostgreSQL database, dropped when the test ends; a machine without PostgreSQL fails the test.
func Postgres(t testing.TB) *database.Config {
	t.Helper()
	return fresh(t, &fast, ClusterConfig{})
}

// PostgresDurable is Postgres with fsync on and the data on disk, for benchmarks. A test that crashes its server starts its own Cluster.
func PostgresDurable(t testing.TB) *database.Config {
	t.Helper()
	return fresh(t, &durable, ClusterConfig{Durable: true})
}

func fresh(t testing.TB, from *shared, cfg ClusterConfig) *database.Config {
	t.Helper()
	cluster, err := from.get(cfg)
	if err != nil {
		t.Fatalf("PostgreSQL for tests: %v", err)
	}
	made, err := cluster.Database(t.Context())
	if err != nil {
		t.Fatalf("PostgreSQL for tests: %v", err)
	}
	t.Cleanup(func() {
		// Not the test's context: that one is cancelled before cleanups run.
		if err := cluster.Drop(context.Background(), made); err != nil {
			t.Errorf("PostgreSQL for tests: %v", err)
		}
	})
	return made
}

// Main runs the tests and stops the clusters before it exits: func TestMain(m *testing.M) { testkit.Main(m) }. Without it the
// watchdogs do the same, a moment after the end.
func Main(m *testing.M) {
	code := m.Run()
	if err := errors.Join(fast.stop(), durable.stop()); err != nil {
		_, _ = os.Stderr.WriteString("stop PostgreSQL: " + err.Error() + "\n")
		code = max(code, 1)
	}
	os.Exit(code)
}
