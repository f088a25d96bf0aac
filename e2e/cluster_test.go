package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // reads the cluster's database
	"github.com/nats-io/nats.go/jetstream"

	"github.com/classcode/maillage/deploy/cluster/fleet"
	"github.com/classcode/maillage/pkg/events"
)

// cluster is the distributed form: PostgreSQL, three NATS servers, and the five programs, mesh and meetings twice.
type cluster struct {
	*site
	*fleet.Fleet
	seasons *seasons // that go on meanwhile
	streams jetstream.JetStream
}

// deploy starts a cluster.
func deploy(t *testing.T, flags ...string) *cluster {
	t.Helper()
	dir := t.TempDir()
	began := time.Now()
	f, err := fleet.Start(t.Context(), fleet.Config{
		Bin: bin(t), Dir: filepath.Join(dir, "cluster"), Replicas: map[string]int{"mesh": 2, "meetings": 2}, Flags: flags,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the cluster is up in %.1f s", time.Since(began).Seconds())
	t.Cleanup(func() {
		f.Stop()
		if t.Failed() {
			said(t, filepath.Join(dir, "cluster"))
		}
	})
	c := &cluster{Fleet: f, site: &site{t: t, http: f.HTTP(), grpc: map[string]string{}, store: schemas{f}, admin: f.Admin("gateway")}}
	for _, service := range services {
		c.grpc[service] = f.GRPC(service)[0]
		c.admin = append(c.admin, f.Admin(service)...)
	}
	return c
}

// said shows the end of every log.
func said(t *testing.T, dir string) {
	const lines = 15
	logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		t.Log(err)
	}
	for _, file := range logs {
		text, err := os.ReadFile(file) //nolint:gosec // the test's own folder
		all := strings.Split(strings.TrimSpace(string(text)), "\n")
		t.Logf("%s: %v\n%s", filepath.Base(file), err, strings.Join(all[max(0, len(all)-lines):], "\n"))
	}
}

// schemas is the cluster's database and streams.
type schemas struct{ *fleet.Fleet }

func (s schemas) open(t *testing.T, _ bool) *tables {
	t.Helper()
	return tablesOf(t, "pgx", s.DSN())
}

func (s schemas) bus(t *testing.T) *events.Bus {
	t.Helper()
	bus, err := events.Connect(t.Context(), events.Config{URL: s.NATSURL(), Name: "audit"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	return bus
}

// await waits until a process, or all that are named, are ready again.
func (c *cluster) await(names ...string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	for _, name := range names {
		if err := c.Await(ctx, name); err != nil {
			c.t.Fatal(err)
		}
	}
}

// must is for what the test itself does to the cluster.
func (c *cluster) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func TestClusterIsTheSame(t *testing.T) {
	spans := collect(t)
	c := deploy(t, "--otlp-endpoint", spans.address)
	c.door()
	c.doorLeaves()
	t.Run("one trace from the request to the commit", func(t *testing.T) { c.traced(t, spans) })
	first, second := c.season(200), c.season(200)
	if len(first.Groups) != len(second.Groups) || first.LeftOut != second.LeftOut {
		t.Errorf("first %d groups and %d left out, then %d and %d", len(first.Groups), first.LeftOut, len(second.Groups), second.LeftOut)
	}
	if n := c.count(`SELECT count(*) FROM mesh.places WHERE source <> ''`); n != 676 {
		t.Errorf("%d places, 676 in the reference data", n)
	}
	c.replicas()
}
