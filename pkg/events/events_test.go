package events_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

const (
	service  = "mesh"
	stream   = "MAILLAGE_MESH"
	within   = 10 * time.Second
	opened   = "maillage.mesh.v1.place.opened"
	renamed  = "maillage.mesh.v1.place.renamed"
	everyone = "maillage.mesh.>"
)

// noLeak fails the test when anything still runs after it and all its cleanups.
func noLeak(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

func serve(t testing.TB, dir string) *events.Server {
	t.Helper()
	srv, err := events.Embedded(events.ServerConfig{Dir: dir, Log: testkit.Logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	return srv
}

// fastDir is in memory where there is such a place: with each message flushed, a disk would take most of the tests' time.
func fastDir(t testing.TB) string {
	t.Helper()
	const memory = "/dev/shm"
	if _, err := os.Stat(memory); err != nil {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "maillage-events-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func connect(t testing.TB, srv *events.Server) (*events.Bus, *prometheus.Registry) {
	t.Helper()
	reg := prometheus.NewRegistry()
	bus, err := srv.Connect(events.Config{Name: t.Name(), Log: testkit.Logger(t), Metrics: events.NewMetrics(reg)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	return bus, reg
}

func newBus(t testing.TB) (*events.Bus, *prometheus.Registry) {
	t.Helper()
	return connect(t, serve(t, fastDir(t)))
}

func place(n int) events.Event {
	return events.Event{
		ID: uuid.Must(uuid.NewV7()).String(), Subject: opened, Aggregate: fmt.Sprintf("places/%d", n), Version: 1,
		Time: time.Now(), Payload: wrapperspb.String(fmt.Sprintf("place %d", n)),
	}
}

// emit commits n events in one transaction and returns their ids.
func emit(t testing.TB, db *database.DB, n int) []string {
	t.Helper()
	var all []events.Event
	var ids []string
	for i := range n {
		e := place(i)
		all, ids = append(all, e), append(ids, e.ID)
	}
	commit(t, db, all...)
	return ids
}

func commit(t testing.TB, db *database.DB, all ...events.Event) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *sql.Tx) error {
		return events.Append(t.Context(), tx, db.Engine(), service, all...)
	}); err != nil {
		t.Fatal(err)
	}
}

// start runs fn until stop is called or the test ends.
func start(t testing.TB, fn func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- fn(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("stopped with %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func newRelay(db *database.DB, bus *events.Bus, publisher events.Publisher) *events.Relay {
	return events.NewRelay(db, bus, events.RelayConfig{Stream: events.StreamConfig{Service: service}, Publisher: publisher})
}

// stored lists the event ids in the stream, in its order; a stream that is not there has none.
func stored(t *testing.T, bus *events.Bus) (ids []string) {
	t.Helper()
	for _, h := range headers(t, bus) {
		ids = append(ids, h.Get("ce-id"))
	}
	return ids
}

// batches lists how many messages each batch in the stream has, in its order; 0 is a message that came by itself.
func batches(t *testing.T, bus *events.Bus) (sizes []int) {
	t.Helper()
	last := ""
	for _, h := range headers(t, bus) {
		id := h.Get("Nats-Batch-Id")
		switch {
		case id == "":
			sizes = append(sizes, 0)
		case id != last:
			sizes = append(sizes, 1)
		default:
			sizes[len(sizes)-1]++
		}
		last = id
	}
	return sizes
}

func headers(t *testing.T, bus *events.Bus) (all []nats.Header) {
	t.Helper()
	ctx := context.Background()
	c, err := bus.JetStream().CreateConsumer(ctx, stream, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, HeadersOnly: true, MemoryStorage: true, InactiveThreshold: time.Minute})
	if err != nil {
		return nil
	}
	defer func() { _ = bus.JetStream().DeleteConsumer(ctx, stream, c.CachedInfo().Name) }()
	for before := -1; before < len(all); {
		before = len(all)
		batch, err := c.FetchNoWait(1000)
		if err != nil {
			return nil
		}
		for m := range batch.Messages() {
			all = append(all, m.Headers())
		}
	}
	return all
}

func waitStored(t *testing.T, bus *events.Bus, want []string) {
	t.Helper()
	testkit.Poll(t, within, func() bool {
		s, err := bus.JetStream().Stream(context.Background(), stream)
		return err == nil && s.CachedInfo().State.Msgs >= uint64(len(want)) && contains(stored(t, bus), want)
	}, fmt.Sprintf("%d events in the stream", len(want)))
}

func contains(have, want []string) bool {
	set := make(map[string]bool, len(have))
	for _, id := range have {
		set[id] = true
	}
	for _, id := range want {
		if !set[id] {
			return false
		}
	}
	return true
}

func waitExactly(t *testing.T, bus *events.Bus, want []string) {
	t.Helper()
	waitStored(t, bus, want)
	if have := stored(t, bus); !slices.Equal(have, want) {
		t.Fatalf("stream has %d events %v, want %d in this order %v", len(have), have, len(want), want)
	}
}

func provision(t testing.TB, bus *events.Bus) {
	t.Helper()
	if err := bus.Provision(t.Context(), events.StreamConfig{Service: service}); err != nil {
		t.Fatal(err)
	}
}

func value(t *testing.T, reg *prometheus.Registry, name string, labels ...string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			var have []string
			for _, l := range m.GetLabel() {
				have = append(have, l.GetValue())
			}
			if slices.Equal(have, labels) {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return -1
}

// publisher wraps the bus with a fault.
type publisher func(ctx context.Context, stream string, msgs []*nats.Msg) ([]events.Ack, error)

func (p publisher) Publish(ctx context.Context, stream string, msgs []*nats.Msg) ([]events.Ack, error) {
	return p(ctx, stream, msgs)
}

// heard collects what a consumer got.
type heard struct {
	mu  sync.Mutex
	ids []string
}

func (h *heard) handle(_ context.Context, msg events.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ids = append(h.ids, msg.ID)
	return nil
}

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.ids)
}

func (h *heard) wait(t *testing.T, want []string) {
	t.Helper()
	testkit.Poll(t, within, func() bool { return contains(h.all(), want) }, fmt.Sprintf("%d events at the consumer", len(want)))
}

func consume(t *testing.T, bus *events.Bus, c events.Consumer) (stop func()) {
	t.Helper()
	c.Stream = stream
	if c.Durable == "" {
		c.Durable = "meetings-places"
	}
	c.Retry = time.Millisecond
	return start(t, func(ctx context.Context) error { return bus.Consume(ctx, c) })
}

// send puts a message straight into the stream, as a relay would.
func send(t *testing.T, bus *events.Bus, e events.Event, change func(*nats.Msg)) {
	t.Helper()
	text := e.Payload.(*wrapperspb.StringValue)
	m := &nats.Msg{Subject: e.Subject, Data: append([]byte{10, byte(len(text.Value))}, text.Value...), Header: nats.Header{
		"ce-id": {e.ID}, "ce-time": {e.Time.Format(time.RFC3339Nano)}, "ce-subject": {strings.ReplaceAll(e.Aggregate, "/", "%2F")},
		"ce-aggregateversion": {fmt.Sprint(e.Version)}, "ce-dataschema": {"google.protobuf.StringValue"},
	}}
	if change != nil {
		change(m)
	}
	if _, err := bus.JetStream().PublishMsg(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}
