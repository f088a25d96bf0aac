package events_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

var errFault = errors.New("fault")

// The broker has the events, and the process dies before the cursor is written: they are sent again and stored once.
func TestCrashBeforeCursor(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, reg := newBus(t)
		want := emit(t, db, 600)
		crash := publisher(func(ctx context.Context, stream string, msgs []*nats.Msg) ([]events.Ack, error) {
			_, err := bus.Publish(ctx, stream, msgs)
			return nil, errors.Join(errFault, err)
		})
		stop := start(t, newRelay(db, bus, crash).Run)
		waitStored(t, bus, want[:512])
		stop()
		if n := value(t, reg, "published_total", service); n > 0 {
			t.Fatalf("the cursor moved over %v events", n)
		}
		start(t, newRelay(db, bus, nil).Run)
		waitExactly(t, bus, want)
	})
}

// One event in the middle fails and those behind it are stored: the cursor stays before it.
func TestCursorKeepsPrefix(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		want := emit(t, db, 50)
		var failed atomic.Bool
		hole := publisher(func(ctx context.Context, stream string, msgs []*nats.Msg) ([]events.Ack, error) {
			if len(msgs) < 30 || failed.Swap(true) {
				return bus.Publish(ctx, stream, msgs)
			}
			acks, err := bus.Publish(ctx, stream, msgs[:20])
			_, behind := bus.Publish(ctx, stream, msgs[21:])
			return acks, errors.Join(errFault, err, behind)
		})
		start(t, newRelay(db, bus, hole).Run)
		waitStored(t, bus, want)
		if have := stored(t, bus); len(have) != len(want) || have[len(have)-1] != want[20] {
			t.Errorf("stream has %d events, want %d with the one that failed last", len(have), len(want))
		}
	})
}

// A stop publishes what is committed already.
func TestStopFlushes(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		want := emit(t, db, 5)
		entered := make(chan struct{})
		var once sync.Once
		slow := publisher(func(ctx context.Context, stream string, msgs []*nats.Msg) (acks []events.Ack, err error) {
			once.Do(func() {
				close(entered)
				<-ctx.Done()
				err = ctx.Err()
			})
			if err != nil {
				return nil, err
			}
			return bus.Publish(ctx, stream, msgs)
		})
		stop := start(t, newRelay(db, bus, slow).Run)
		<-entered
		stop()
		waitExactly(t, bus, want)
	})
}

// A broker that refuses keeps the events in the outbox, and the backlog shows.
func TestBrokerRefuses(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, reg := newBus(t)
		want := emit(t, db, 7)
		var heal atomic.Bool
		relay := newRelay(db, bus, publisher(func(ctx context.Context, stream string, msgs []*nats.Msg) ([]events.Ack, error) {
			if !heal.Load() {
				return nil, errFault
			}
			return bus.Publish(ctx, stream, msgs)
		}))
		relay.LookEvery(0)
		start(t, relay.Run)
		testkit.Poll(t, within, func() bool { return errors.Is(relay.Check(t.Context()), errFault) }, "readiness to tell")
		if n := value(t, reg, "outbox_unpublished", service); n != 7 {
			t.Errorf("outbox_unpublished is %v, want 7", n)
		}
		if age := value(t, reg, "outbox_oldest_age_seconds", service); age < 0 || age > 60 {
			t.Errorf("outbox_oldest_age_seconds is %v", age)
		}
		heal.Store(true)
		waitExactly(t, bus, want)
		testkit.Poll(t, within, func() bool { return value(t, reg, "outbox_unpublished", service) == 0 }, "an empty backlog")
		if err := relay.Check(t.Context()); err != nil {
			t.Errorf("not ready: %v", err)
		}
	})
}

// Two replicas: one publishes, the other waits; when the first one's connection is cut or it stops, nothing is lost.
func TestTakeover(t *testing.T) {
	noLeak(t)
	cfg := testkit.Postgres(t)
	one, two := testkit.Open(t, cfg, nil), testkit.Open(t, cfg, nil)
	bus, _ := newBus(t)
	var active sync.Map
	as := func(name string) publisher {
		return func(ctx context.Context, stream string, msgs []*nats.Msg) ([]events.Ack, error) {
			active.Store(name, true)
			return bus.Publish(ctx, stream, msgs)
		}
	}
	first, second := newRelay(one, bus, as("first")), newRelay(two, bus, as("second"))
	stop := start(t, first.Run)
	want := emit(t, one, 3)
	waitStored(t, bus, want)
	start(t, second.Run)
	testkit.Poll(t, within, func() bool { return second.Check(t.Context()) == nil }, "the second to stand by")
	for range 10 { // each of them would be the faster one now and then
		want = append(want, emit(t, two, 3)...)
		waitExactly(t, bus, want)
	}
	if _, ok := active.Load("second"); ok {
		t.Fatal("both were active")
	}
	cut(t, one)
	want = append(want, emit(t, one, 3)...)
	waitExactly(t, bus, want)
	stop()
	want = append(want, emit(t, two, 3)...)
	waitExactly(t, bus, want)
	if _, ok := active.Load("second"); !ok {
		t.Fatal("the second never took over")
	}
}

// cut ends the session that holds the relay's lock.
func cut(t *testing.T, db *database.DB) {
	t.Helper()
	var n int
	err := db.Read().QueryRowContext(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_locks
		WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&n)
	if err != nil || n != 1 {
		t.Fatalf("cut %d sessions: %v", n, err)
	}
}

func TestPublisherPrefix(t *testing.T) {
	noLeak(t)
	bus, _ := newBus(t)
	provision(t, bus)
	var msgs []*nats.Msg
	for i := range 600 {
		m := &nats.Msg{Subject: opened, Header: nats.Header{}}
		if i == 400 {
			m.Subject = "maillage.nowhere.v1.place.opened"
		}
		msgs = append(msgs, m)
	}
	acks, err := bus.Publish(t.Context(), stream, msgs)
	if err == nil || len(acks) != 400 {
		t.Fatalf("%d receipts and error %v, want 400 and one", len(acks), err)
	}
	if !slices.IsSortedFunc(acks, func(a, b events.Ack) int { return int(a.Sequence) - int(b.Sequence) }) {
		t.Error("receipts are out of order")
	}
}
