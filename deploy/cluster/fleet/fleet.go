// Package fleet runs the distributed form on one machine: PostgreSQL, three NATS servers, the four services and the door, each a
// process of its own on a free loopback port, which can be killed and started again.
package fleet

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"github.com/classcode/maillage/pkg/testkit"
)

// Config says what runs, and where.
type Config struct {
	Bin string // folder of the built programs
	Dir string // folder of keys, event streams, logs and pids; what it holds is removed
	// Replicas is how many processes a service has; 1 when it is not named.
	Replicas map[string]int
	// Flags are given to the four services and the door, beside their own.
	Flags []string
	// Progress hears of each part that is ready; may be nil.
	Progress func(name string)
}

// Services are the four, in the order in which they start.
var Services = []string{"catalogue", "mesh", "meetings", "indicators"}

const door = "gateway"

// Fleet is what runs, in the order in which it was started.
type Fleet struct {
	cfg      Config
	nodes    []*node
	stopping atomic.Bool
	ended    chan error

	notes sync.Mutex
	pids  map[string]int

	pg      *testkit.Cluster
	dsn     string
	brokers []broker
	secrets secrets
	http    string // the door's address, known before it is there: the services look for its keys
	grpc    map[string][]string
	admin   map[string][]string
}

// secrets are made anew each time.
type secrets struct{ pageKey, serviceKey, nats, system string }

// Start brings everything up; Stop must be called in any case when there is no error.
func Start(ctx context.Context, cfg Config) (*Fleet, error) {
	f := &Fleet{cfg: cfg, ended: make(chan error, 1), pids: map[string]int{}, grpc: map[string][]string{}, admin: map[string][]string{}}
	for _, step := range []func(context.Context) error{f.prepare, f.startPostgres, f.startBrokers, f.provision, f.startServices, f.startDoor} {
		if err := step(ctx); err != nil {
			f.Stop()
			return nil, err
		}
	}
	return f, nil
}

// HTTP is the door's address.
func (f *Fleet) HTTP() string { return f.http }

// GRPC are the addresses of a service's replicas.
func (f *Fleet) GRPC(service string) []string { return f.grpc[service] }

// Admin are the addresses of their health and measures; the door has one too.
func (f *Fleet) Admin(service string) []string { return f.admin[service] }

// DSN is the database of all services, each in its own schema.
func (f *Fleet) DSN() string { return f.dsn }

// Ended tells which process ended that nobody stopped.
func (f *Fleet) Ended() <-chan error { return f.ended }

func (f *Fleet) prepare(ctx context.Context) (err error) {
	if err := f.empty(); err != nil {
		return err
	}
	f.secrets = secrets{pageKey: random(), serviceKey: random(), nats: random(), system: random()}
	for _, name := range append([]string{door}, Services...) {
		for range max(1, f.cfg.Replicas[name]) {
			at, err := testkit.Address(ctx)
			if err != nil {
				return err
			}
			admin, err := testkit.Address(ctx)
			if err != nil {
				return err
			}
			f.grpc[name], f.admin[name] = append(f.grpc[name], at), append(f.admin[name], admin)
		}
	}
	f.http = f.grpc[door][0]
	return nil
}

// empty removes what an earlier fleet has left, since PostgreSQL begins empty and so must the streams, and nobody else's files.
func (f *Fleet) empty() error {
	left, err := os.ReadDir(f.cfg.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(f.path("pids")); len(left) > 0 && err != nil {
		return fmt.Errorf("%s is not empty, and not of a cluster: name another folder", f.cfg.Dir)
	}
	if err := errors.Join(os.RemoveAll(f.cfg.Dir), os.MkdirAll(f.cfg.Dir, 0o700)); err != nil {
		return err
	}
	return os.WriteFile(f.path("pids"), nil, 0o600)
}

func random() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return hex.EncodeToString(key)
}

func (f *Fleet) ready(name string) {
	if f.cfg.Progress != nil {
		f.cfg.Progress(name)
	}
}

func (f *Fleet) startPostgres(ctx context.Context) (err error) {
	if f.pg, err = testkit.StartCluster(testkit.ClusterConfig{Durable: true}); err != nil {
		return err
	}
	database, err := f.pg.Database(ctx)
	if err != nil {
		return err
	}
	f.dsn = database.DSN
	f.ready("postgres")
	return f.note("postgres", f.pg.PID())
}

// CrashPostgres stops PostgreSQL as a crash would, and keeps its data; RevivePostgres starts it again.
func (f *Fleet) CrashPostgres() error { return errors.Join(f.pg.Crash(), f.note("postgres", 0)) }

// RevivePostgres starts PostgreSQL again, which first recovers what was committed.
func (f *Fleet) RevivePostgres() error {
	if err := f.pg.Start(); err != nil {
		return err
	}
	return f.note("postgres", f.pg.PID())
}

// note keeps the pids where tools find them: a line with name and number for each process that runs.
func (f *Fleet) note(name string, pid int) error {
	f.notes.Lock()
	defer f.notes.Unlock()
	if f.pids[name] = pid; pid == 0 {
		delete(f.pids, name)
	}
	var text []byte
	for _, n := range append([]string{"postgres"}, f.names()...) {
		if pid, ok := f.pids[n]; ok {
			text = fmt.Appendf(text, "%s %d\n", n, pid)
		}
	}
	return os.WriteFile(f.path("pids"), text, 0o600)
}

func (f *Fleet) names() (names []string) {
	for _, n := range f.nodes {
		names = append(names, n.name)
	}
	return names
}
