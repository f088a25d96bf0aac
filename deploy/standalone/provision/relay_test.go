package provision

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

const (
	mesh = "MAILLAGE_MESH"
	// electing: servers wait 4 to 9 s before they stand as leaders; a stream's leader, the cluster's and a consumer's come one after
	// another, and on a busy machine a vote may have to be taken again.
	electing = time.Minute
)

// A cluster of an older installation goes on as before. After the update events go to its three copies in batches, and nothing is lost
// while the stream changes its leader, nor when the leader's server is gone.
func TestRelayOnACluster(t *testing.T) {
	c := start(t, sound, sound, sound)
	cfg := c.settings()
	if _, err := provision(t, cfg); err != nil {
		t.Fatal(err)
	}
	db := testkit.Open(t, testkit.SQLite(t), nil)
	w := watch(c)
	s, err := w.js.Stream(t.Context(), mesh)
	if err != nil {
		t.Fatal(err)
	}
	older := s.CachedInfo().Config
	older.AllowAtomicPublish, older.Duplicates = false, time.Hour
	if _, err := w.js.UpdateStream(t.Context(), older); err != nil {
		t.Fatal(err)
	}
	said, err := provision(t, cfg)
	if err != nil || !strings.Contains(said, "plus lent : allow_atomic is false, not true, duplicate_window is 1h0m0s, not 30s") {
		t.Errorf("%v\n%s", err, said)
	}
	stop := w.relay(db)
	want := emit(t, db, 100)
	w.waitStored(want)
	stop()
	if _, batched := w.stored(); batched > 0 {
		t.Errorf("%d events in batches", batched)
	}

	cfg.Update = true
	if said, err = provision(t, cfg); err != nil || !strings.Contains(said, "mis à jour : allow_atomic") {
		t.Errorf("%v\n%s", err, said)
	}
	w.relay(db)
	for range 5 {
		want = append(want, emit(t, db, 700)...)
		leader := w.leader()
		testkit.Poll(t, within, func() bool {
			_, err := w.js.Conn().Request("$JS.API.STREAM.LEADER.STEPDOWN."+mesh, nil, time.Second)
			return err == nil || w.leader() != leader
		}, "another leader")
	}
	w.waitStored(want)
	w.leader().Shutdown()
	want = append(want, emit(t, db, 700)...)
	w.waitStored(want)
	// A batch that met a change of leader unanswered makes events go one by one for ten seconds: batches come again after them.
	testkit.Poll(t, electing, func() bool {
		want = append(want, emit(t, db, 100)...)
		w.waitStored(want)
		_, batched := w.stored()
		return batched > 0
	}, "a batch")
	have, batched := w.stored()
	t.Logf("%d events in the stream, %d of them in batches; %d were emitted", len(have), batched, len(want))
}

// watcher is a client that stays, whichever server goes.
type watcher struct {
	*cluster
	url string
	js  jetstream.JetStream
}

func watch(c *cluster) *watcher {
	c.t.Helper()
	var urls []string
	for _, s := range c.servers {
		urls = append(urls, fmt.Sprintf("nats://maillage:hunter3@%s", s.Addr()))
	}
	w := &watcher{cluster: c, url: strings.Join(urls, ",")}
	conn, err := nats.Connect(w.url, nats.MaxReconnects(-1))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(conn.Close)
	c.t.Cleanup(w.explain)
	if w.js, err = jetstream.New(conn); err != nil {
		c.t.Fatal(err)
	}
	return w
}

// explain says where the stream stood when the test failed.
func (w *watcher) explain() {
	if !w.t.Failed() {
		return
	}
	s, err := w.js.Stream(context.Background(), mesh)
	if err != nil {
		w.t.Logf("%s: %v", mesh, err)
		return
	}
	w.t.Logf("%s: %d messages, the leader is %q", mesh, s.CachedInfo().State.Msgs, s.CachedInfo().Cluster.Leader)
}

// leader is the server that takes what is published.
func (w *watcher) leader() *server.Server {
	w.t.Helper()
	var leader *server.Server
	testkit.Poll(w.t, electing, func() bool {
		s, err := w.js.Stream(w.t.Context(), mesh)
		if err != nil || s.CachedInfo().Cluster == nil {
			return false
		}
		i := slices.IndexFunc(w.servers, func(one *server.Server) bool { return one.Name() == s.CachedInfo().Cluster.Leader })
		if i >= 0 {
			leader = w.servers[i]
		}
		return i >= 0
	}, "a leader")
	return leader
}

// relay publishes the outbox until it is stopped, or the test ends.
func (w *watcher) relay(db *database.DB) (stop func()) {
	w.t.Helper()
	bus, err := events.Connect(w.t.Context(), events.Config{URL: w.url, Log: testkit.Logger(w.t)})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	relay := events.NewRelay(db, bus, events.RelayConfig{Stream: events.StreamConfig{Service: "mesh", Replicas: 3}})
	go func() { done <- relay.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
		bus.Close()
	})
	w.t.Cleanup(stop)
	return stop
}

func emit(t *testing.T, db *database.DB, n int) (ids []string) {
	t.Helper()
	var all []events.Event
	for range n {
		e := events.Event{
			ID: uuid.Must(uuid.NewV7()).String(), Subject: "maillage.mesh.v1.place.opened", Aggregate: "places/1", Version: 1,
			Time: time.Now(), Payload: wrapperspb.String("place"),
		}
		all, ids = append(all, e), append(ids, e.ID)
	}
	err := db.Write(t.Context(), func(tx *sql.Tx) error { return events.Append(t.Context(), tx, db.Engine(), "mesh", all...) })
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// waitStored asks how many messages the stream has before it reads them: reading takes a consumer, which a cluster has to place, and
// which waits for a leader where there is none.
func (w *watcher) waitStored(want []string) {
	w.t.Helper()
	testkit.Poll(w.t, electing, func() bool {
		s, err := w.js.Stream(w.t.Context(), mesh)
		if err != nil || s.CachedInfo().State.Msgs < uint64(len(want)) {
			return false
		}
		have, _ := w.stored()
		return !slices.ContainsFunc(want, func(id string) bool { return have[id] == 0 })
	}, fmt.Sprintf("%d events in the stream", len(want)))
}

// stored counts each event in the stream, and the messages that came in a batch; where the reading breaks off, those before.
func (w *watcher) stored() (have map[string]int, batched int) {
	w.t.Helper()
	have = map[string]int{}
	reader, err := w.js.CreateConsumer(w.t.Context(), mesh, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, HeadersOnly: true, MemoryStorage: true, Replicas: 1, InactiveThreshold: time.Minute,
	})
	if err != nil {
		return have, 0
	}
	defer func() { _ = w.js.DeleteConsumer(context.Background(), mesh, reader.CachedInfo().Name) }()
	for before := -1; before < len(have); {
		before = len(have)
		fetched, err := reader.FetchNoWait(1000)
		if err != nil {
			return have, batched
		}
		for m := range fetched.Messages() {
			have[m.Headers().Get("ce-id")]++
			if m.Headers().Get("Nats-Batch-Id") != "" {
				batched++
			}
		}
	}
	return have, batched
}
