package events_test

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

// A message disappears inside the stream, while the server still takes its id for a duplicate: it is published again.
func TestGapIsFilled(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, reg := newBus(t)
		relay := newRelay(db, bus, nil)
		relay.LookEvery(0)
		start(t, relay.Run)
		want := emit(t, db, 5)
		waitExactly(t, bus, want)
		remove(t, bus, 3)
		waitStored(t, bus, want)
		if have := stored(t, bus); len(have) != 5 || have[4] != want[2] {
			t.Errorf("stream is %v, want the third of %v last", have, want)
		}
		remove(t, bus, 1, 2) // the head: older than MaxAge looks the same, and is no gap
		emitted := emit(t, db, 1)
		waitStored(t, bus, emitted)
		if n := value(t, reg, "stream_gap_total", service); n != 1 {
			t.Errorf("stream_gap_total is %v, want 1", n)
		}
	})
}

// A bit flips while nothing runs: only the comparison at the start can tell.
func TestGapBeforeStart(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		stop := start(t, newRelay(db, bus, nil).Run)
		want := emit(t, db, 5)
		waitExactly(t, bus, want)
		stop()
		remove(t, bus, 2)
		relay := newRelay(db, bus, nil)
		start(t, relay.Run)
		waitStored(t, bus, want)
	})
}

func remove(t *testing.T, bus *events.Bus, sequences ...uint64) {
	t.Helper()
	s, err := bus.JetStream().Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	for _, seq := range sequences {
		if err := s.DeleteMsg(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
}

// The stream is deleted under a running relay and a running consumer: both make theirs again.
func TestWipedStreamIsFilled(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, reg := newBus(t)
		relay := newRelay(db, bus, nil)
		start(t, relay.Run)
		want := emit(t, db, 300)
		var early, late heard
		consume(t, bus, events.Consumer{Handle: early.handle})
		early.wait(t, want)
		if err := bus.JetStream().DeleteStream(t.Context(), stream); err != nil {
			t.Fatal(err)
		}
		more := emit(t, db, 2)
		relay.Wake()
		waitExactly(t, bus, append(slices.Clone(want), more...))
		early.wait(t, more)
		consume(t, bus, events.Consumer{Durable: "late", Handle: late.handle})
		late.wait(t, append(want, more...))
		if n := value(t, reg, "stream_gap_total", service); n != 1 {
			t.Errorf("stream_gap_total is %v, want 1", n)
		}
	})
}

// A stream with the same name and more messages takes the old one's place: only its time of creation tells.
func TestReplacedStreamIsFilled(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, reg := newBus(t)
		relay := newRelay(db, bus, nil)
		relay.LookEvery(500 * time.Millisecond)
		start(t, relay.Run)
		want := emit(t, db, 3)
		waitExactly(t, bus, want)
		if err := bus.JetStream().DeleteStream(t.Context(), stream); err != nil {
			t.Fatal(err)
		}
		provision(t, bus)
		for i := range 5 {
			send(t, bus, place(i), nil)
		}
		waitStored(t, bus, want)
		testkit.Poll(t, within, func() bool { return value(t, reg, "stream_gap_total", service) == 1 }, "the metric")
	})
}

// What is older than the stream keeps is not put back.
func TestRefillLeavesOldEvents(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		old, fresh := place(1), place(2)
		old.Time = time.Now().AddDate(0, 0, -31)
		commit(t, db, old, fresh)
		stop := start(t, newRelay(db, bus, nil).Run)
		waitExactly(t, bus, []string{old.ID, fresh.ID}) // the first time, age does not matter
		stop()
		if err := bus.JetStream().DeleteStream(t.Context(), stream); err != nil {
			t.Fatal(err)
		}
		start(t, newRelay(db, bus, nil).Run)
		waitExactly(t, bus, []string{fresh.ID})
	})
}

// A power cut takes the end of the stream, and leaves a consumer's place beyond it: the events are published again, at sequences
// the consumer takes for handled, and it hears them all the same.
func TestCutStreamIsFilled(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		dir := fastDir(t)
		blocks := filepath.Join(dir, "jetstream", "$G", "streams", stream, "msgs")
		var want []string
		session := func(n int, after func()) {
			srv, err := events.Embedded(events.ServerConfig{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			bus, reg := connect(t, srv)
			stop := start(t, newRelay(db, bus, nil).Run)
			var h heard
			idle := consume(t, bus, events.Consumer{Handle: h.handle})
			fresh := emit(t, db, n)
			want = append(want, fresh...)
			waitStored(t, bus, want)
			h.wait(t, fresh)
			if after == nil {
				h.wait(t, want)
				if n := value(t, reg, "stream_gap_total", service); n != 1 {
					t.Errorf("stream_gap_total is %v, want 1", n)
				}
			}
			settled(t, bus, "meetings-places")
			idle()
			stop()
			bus.Close()
			srv.Close()
			if after != nil {
				after()
			}
		}
		saved := t.TempDir()
		session(10, func() { replace(t, saved, blocks) })
		session(10, func() { replace(t, blocks, saved) })
		session(3, nil)
	})
}

// settled waits until the server has all of a consumer's acknowledgements.
func settled(t *testing.T, bus *events.Bus, name string) {
	t.Helper()
	testkit.Poll(t, within, func() bool {
		c, err := bus.JetStream().Consumer(t.Context(), stream, name)
		return err == nil && c.CachedInfo().NumAckPending == 0 && c.CachedInfo().NumPending == 0
	}, "acknowledgements")
}

func replace(t *testing.T, to, from string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// The broker is replaced by an empty one: after the reconnection the relay and the consumer build everything up again.
func TestReconnectToAnEmptyBroker(t *testing.T) {
	noLeak(t)
	db := testkit.Open(t, testkit.SQLite(t), nil)
	broker := brokers(t)
	first := broker()
	bus := dial(t, first)
	start(t, newRelay(db, bus, nil).Run)
	var h heard
	consume(t, bus, events.Consumer{Handle: h.handle})
	want := emit(t, db, 20)
	waitExactly(t, bus, want)
	h.wait(t, want)
	leave(t, first, bus)
	more := emit(t, db, 5)
	broker()
	waitExactly(t, bus, append(slices.Clone(want), more...))
	h.wait(t, more)
}

// brokers returns what starts an empty broker, each time at the same address.
func brokers(t *testing.T) func() *server.Server {
	port := -1 // any that is free
	return func() *server.Server {
		t.Helper()
		s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: fastDir(t),
			JetStreamMaxStore: 20 << 30, JetStreamMaxMemory: 1 << 20, NoSigs: true, NoLog: true})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() {
			s.Shutdown()
			s.WaitForShutdown()
		})
		if !s.ReadyForConnections(within) {
			t.Fatal("the broker does not start")
		}
		port = s.Addr().(*net.TCPAddr).Port
		return s
	}
}

func dial(t *testing.T, broker *server.Server) *events.Bus {
	t.Helper()
	bus, err := events.Connect(t.Context(), events.Config{URL: broker.ClientURL(), Log: testkit.Logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	return bus
}

// leave stops a broker, and returns once its bus knows.
func leave(t *testing.T, broker *server.Server, bus *events.Bus) {
	t.Helper()
	broker.Shutdown()
	broker.WaitForShutdown()
	testkit.Poll(t, within, func() bool { return bus.Check(t.Context()) != nil }, "the bus to notice")
}
