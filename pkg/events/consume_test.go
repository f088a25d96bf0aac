package events_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

const placesSQL = "-- +goose Up\nCREATE TABLE places (id TEXT PRIMARY KEY, version BIGINT NOT NULL CHECK (version < 100), name TEXT NOT NULL);\n"

func places() fstest.MapFS {
	sqlite := strings.ReplaceAll(placesSQL, "BIGINT", "INTEGER")
	return fstest.MapFS{"sqlite/00001_places.sql": {Data: []byte(sqlite)}, "postgres/00001_places.sql": {Data: []byte(placesSQL)}}
}

// project is what a service does with an event: keep the highest version.
func project(db *database.DB) events.Handler {
	return func(ctx context.Context, msg events.Message) error {
		var name wrapperspb.StringValue
		if err := msg.Decode(&name); err != nil {
			return err
		}
		return db.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO places (id, version, name) VALUES ($1, $2, $3)
				ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name
				WHERE places.version < excluded.version`, msg.Aggregate, msg.Version, name.Value)
			return err
		})
	}
}

func version(t *testing.T, db *database.DB, id string) (v int64, name string) {
	t.Helper()
	err := db.Read().QueryRowContext(t.Context(), `SELECT version, name FROM places WHERE id = $1`, id).Scan(&v, &name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatal(err)
	}
	return v, name
}

// Duplicates, late older versions and a failed attempt in between leave the newest state.
func TestNewestStateWins(t *testing.T) {
	noLeak(t)
	testkit.Both(t, places(), func(t *testing.T, db *database.DB) {
		bus, reg := newBus(t)
		provision(t, bus)
		for _, v := range []int64{3, 1, 2, 5, 5, 4, 1} {
			e := place(7)
			e.Version, e.Payload = v, wrapperspb.String(fmt.Sprintf("name %d", v))
			send(t, bus, e, nil)
		}
		apply, failed := project(db), false
		consume(t, bus, events.Consumer{Handle: func(ctx context.Context, msg events.Message) error {
			if msg.Version == 5 && !failed {
				failed = true
				return errFault
			}
			return apply(ctx, msg)
		}})
		testkit.Poll(t, within, func() bool { return value(t, reg, "consumed_total", "meetings-places", "ok") == 7 }, "7 events")
		if v, name := version(t, db, "places/7"); v != 5 || name != "name 5" {
			t.Errorf("places/7 is %q at version %d, want the fifth", name, v)
		}
		if n := value(t, reg, "consumed_total", "meetings-places", "retried"); n != 1 {
			t.Errorf("%v attempts failed, want 1", n)
		}
	})
}

// Messages that can never be applied go to the dead letters, each for its reason, and those around them are applied.
func TestPoison(t *testing.T) {
	noLeak(t)
	testkit.Both(t, places(), func(t *testing.T, db *database.DB) {
		bus, reg := newBus(t)
		provision(t, bus)
		apply := project(db)
		first, last := place(1), place(2)
		send(t, bus, first, nil)
		spoil := map[string]func(*nats.Msg){
			"aggregateversion":             func(m *nats.Msg) { m.Header.Set("ce-aggregateversion", "x") },
			"ce-id":                        func(m *nats.Msg) { m.Header.Del("ce-id") },
			"ce-time":                      func(m *nats.Msg) { m.Header.Set("ce-time", "yesterday") },
			"ce-subject":                   func(m *nats.Msg) { m.Header.Set("ce-subject", "%zz") },
			"decode":                       func(m *nats.Msg) { m.Data = []byte{0xff} },
			"not a google.protobuf.String": func(m *nats.Msg) { m.Header.Set("ce-dataschema", "google.protobuf.Duration") },
			"constraint":                   func(m *nats.Msg) { m.Header.Set("ce-aggregateversion", "100") },
			"unknown type":                 func(m *nats.Msg) { m.Subject = renamed },
			"PLACE_BROKEN":                 func(m *nats.Msg) { m.Header.Set("ce-cause", "broken") },
		}
		for _, change := range spoil {
			send(t, bus, place(3), change)
		}
		send(t, bus, last, nil)
		consume(t, bus, events.Consumer{Handle: func(ctx context.Context, msg events.Message) error {
			switch {
			case msg.Subject == renamed:
				return events.Permanent(fmt.Errorf("unknown type %s", msg.Subject))
			case msg.Cause == "broken":
				return fmt.Errorf("apply: %w", errs.New(errs.Invalid, "PLACE_BROKEN", "Broken.", "Cassé."))
			}
			return apply(ctx, msg)
		}})
		testkit.Poll(t, within, func() bool { v, _ := version(t, db, last.Aggregate); return v == 1 }, "the last event")
		if v, _ := version(t, db, first.Aggregate); v != 1 {
			t.Error("the first event was not applied")
		}
		settled(t, bus, "meetings-places")
		letters, err := bus.DeadLetters(t.Context(), "meetings-places")
		if err != nil || len(letters) != len(spoil) {
			t.Fatalf("%d dead letters, want %d: %v", len(letters), len(spoil), err)
		}
		for reason := range spoil {
			if !slices.ContainsFunc(letters, func(d events.DeadLetter) bool { return strings.Contains(d.Reason, reason) }) {
				t.Errorf("no dead letter says %q: %+v", reason, letters)
			}
		}
		if n := value(t, reg, "deadletter_total", "meetings-places"); n != float64(len(spoil)) {
			t.Errorf("deadletter_total is %v", n)
		}
		if n := value(t, reg, "consumed_total", "meetings-places", "retried"); n > 0 {
			t.Errorf("%v hopeless attempts were repeated", n)
		}
	})
}

// A handler that panics gets eight chances; a replay brings the message back once the bug is repaired.
func TestPanicsThenReplay(t *testing.T) {
	noLeak(t)
	bus, _ := newBus(t)
	provision(t, bus)
	bad, good := place(1), place(2)
	bad.Cause = "l'été"
	send(t, bus, bad, nil)
	send(t, bus, good, nil)
	var repaired atomic.Bool
	var attempts atomic.Int64
	var h heard
	consume(t, bus, events.Consumer{Handle: func(ctx context.Context, msg events.Message) error {
		if msg.ID == bad.ID && !repaired.Load() {
			attempts.Add(1)
			panic("index out of range")
		}
		return h.handle(ctx, msg)
	}})
	var letters []events.DeadLetter
	testkit.Poll(t, within, func() bool {
		letters, _ = bus.DeadLetters(t.Context(), "")
		return len(letters) == 1
	}, "a dead letter")
	d := letters[0]
	if attempts.Load() != events.MaxPanics || d.Attempts != events.MaxPanics || d.ID != bad.ID || d.Subject != bad.Subject ||
		d.Stream != stream || d.Consumer != "meetings-places" || !strings.Contains(d.Reason, "index out of range") {
		t.Errorf("after %d attempts: %+v", attempts.Load(), d)
	}
	if !contains(h.all(), []string{good.ID}) {
		t.Error("the message behind it was not handled meanwhile")
	}
	repaired.Store(true)
	if err := bus.Replay(t.Context(), d.Sequence); err != nil {
		t.Fatal(err)
	}
	h.wait(t, []string{bad.ID, good.ID})
	if letters, err := bus.DeadLetters(t.Context(), "meetings-places"); err != nil || len(letters) != 0 {
		t.Errorf("%d dead letters stayed: %v", len(letters), err)
	}
	if err := bus.Discard(t.Context(), d.Sequence); err == nil {
		t.Error("a letter was discarded after its replay")
	}
}

func TestDiscard(t *testing.T) {
	noLeak(t)
	bus, _ := newBus(t)
	provision(t, bus)
	send(t, bus, place(1), nil)
	var seen atomic.Int64
	consume(t, bus, events.Consumer{Handle: func(context.Context, events.Message) error {
		seen.Add(1)
		return events.Permanent(errFault)
	}})
	var letters []events.DeadLetter
	testkit.Poll(t, within, func() bool {
		letters, _ = bus.DeadLetters(t.Context(), "meetings-places")
		return len(letters) == 1
	}, "a dead letter")
	if err := bus.Discard(t.Context(), letters[0].Sequence); err != nil {
		t.Fatal(err)
	}
	if letters, err := bus.DeadLetters(t.Context(), ""); err != nil || len(letters) != 0 || seen.Load() != 1 {
		t.Errorf("%d letters and %d deliveries after it: %v", len(letters), seen.Load(), err)
	}
}

// A dependency is down: the events come again until it is back, past the number of attempts that panics have, and none is lost.
func TestTransientHeals(t *testing.T) {
	noLeak(t)
	bus, reg := newBus(t)
	provision(t, bus)
	var want []string
	for i := range 5 {
		e := place(i)
		want = append(want, e.ID)
		send(t, bus, e, nil)
	}
	var up atomic.Bool
	var h heard
	consume(t, bus, events.Consumer{Handle: func(ctx context.Context, msg events.Message) error {
		if msg.Delivered > events.MaxPanics+1 {
			up.Store(true)
		}
		if !up.Load() {
			return errs.ErrUnavailable
		}
		return h.handle(ctx, msg)
	}})
	h.wait(t, want)
	if letters, err := bus.DeadLetters(t.Context(), ""); err != nil || len(letters) != 0 {
		t.Errorf("%d dead letters: %v", len(letters), err)
	}
	if n := value(t, reg, "consumed_total", "meetings-places", "retried"); n < events.MaxPanics {
		t.Errorf("consumed_total{retried} is %v", n)
	}
}

// Work that outlasts the ack wait is not given to somebody else, nor are the messages that wait behind it.
func TestLongWork(t *testing.T) {
	noLeak(t)
	bus, _ := newBus(t)
	provision(t, bus)
	one, two := place(1), place(2)
	send(t, bus, one, nil)
	send(t, bus, two, nil)
	const ackWait = 300 * time.Millisecond
	var h heard
	entered := make(chan struct{}, 8)
	replica := events.Consumer{Handle: func(ctx context.Context, msg events.Message) error {
		if msg.ID == one.ID {
			entered <- struct{}{}
			<-time.After(4 * ackWait) // the work itself
		}
		return h.handle(ctx, msg)
	}}.WithAckWait(ackWait)
	consume(t, bus, replica)
	<-entered // it holds both messages
	consume(t, bus, replica)
	h.wait(t, []string{one.ID, two.ID})
	settled(t, bus, "meetings-places")
	c, err := bus.JetStream().Consumer(t.Context(), stream, "meetings-places")
	if err != nil {
		t.Fatal(err)
	}
	if delivered := c.CachedInfo().Delivered.Consumer; delivered != 2 || len(h.all()) != 2 {
		t.Errorf("%d deliveries of 2 messages", delivered)
	}
}

// A consumer that stops in the middle of a message gives it back: another one has it at once.
func TestStopGivesBack(t *testing.T) {
	noLeak(t)
	bus, reg := newBus(t)
	provision(t, bus)
	want := []string{}
	for i := range 3 {
		e := place(i)
		want = append(want, e.ID)
		send(t, bus, e, nil)
	}
	entered := make(chan struct{})
	var once sync.Once
	stop := consume(t, bus, events.Consumer{Handle: func(ctx context.Context, _ events.Message) error {
		once.Do(func() { close(entered) })
		<-ctx.Done()
		return ctx.Err()
	}})
	<-entered
	stop()
	var h heard
	consume(t, bus, events.Consumer{Handle: h.handle})
	h.wait(t, want)
	if n := value(t, reg, "consumed_total", "meetings-places", "retried"); n > 0 {
		t.Errorf("a stop counted as %v failures", n)
	}
}

// A consumer may start before the service it listens to has ever run.
func TestConsumerBeforeStream(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		var h heard
		consume(t, bus, events.Consumer{Subjects: []string{opened}, Handle: h.handle})
		start(t, newRelay(db, bus, nil).Run)
		e := place(1)
		e.Subject = renamed
		commit(t, db, e)
		want := emit(t, db, 1)
		h.wait(t, want)
		if contains(h.all(), []string{e.ID}) {
			t.Error("heard a subject it did not ask for")
		}
	})
}

func TestConsumerMistakes(t *testing.T) {
	bus, _ := newBus(t)
	handle := func(context.Context, events.Message) error { return nil }
	for name, c := range map[string]events.Consumer{
		"no name":    {Stream: stream, Handle: handle},
		"dotted":     {Durable: "a.b", Stream: stream, Handle: handle},
		"no stream":  {Durable: "a", Handle: handle},
		"no handler": {Durable: "a", Stream: stream},
	} {
		if err := bus.Consume(t.Context(), c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// The trace goes on from the transaction that wrote the event to the one that applies it.
func TestTraceGoesOn(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		origin := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
		ctx := trace.ContextWithSpanContext(t.Context(), origin)
		if err := db.Write(ctx, func(tx *sql.Tx) error {
			return events.Append(ctx, tx, db.Engine(), service, place(1))
		}); err != nil {
			t.Fatal(err)
		}
		start(t, newRelay(db, bus, nil).Run)
		got := make(chan trace.TraceID, 1)
		consume(t, bus, events.Consumer{Handle: func(ctx context.Context, _ events.Message) error {
			got <- trace.SpanContextFromContext(ctx).TraceID()
			return nil
		}})
		if id := <-got; id != origin.TraceID() {
			t.Errorf("trace is %s, want %s", id, origin.TraceID())
		}
	})
}

func TestDecodeIsStrict(t *testing.T) {
	msg := events.Message{Schema: "google.protobuf.StringValue", Payload: []byte{10, 1, 'x'}}
	var s wrapperspb.StringValue
	if err := msg.Decode(&s); err != nil || s.Value != "x" {
		t.Errorf("decoded %q: %v", s.Value, err)
	}
	if err := msg.Decode(&durationpb.Duration{}); err == nil {
		t.Error("decoded as another message")
	}
	if events.Permanent(nil) != nil {
		t.Error("no error became one")
	}
}
