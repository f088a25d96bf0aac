package events_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestOrder(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, reg := newBus(t)
		want := append(emit(t, db, 3), emit(t, db, 600)...)
		undone := errors.New("undone")
		if err := db.Write(t.Context(), func(tx *sql.Tx) error {
			return errors.Join(events.Append(t.Context(), tx, db.Engine(), service, place(1)), undone)
		}); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		var sent atomic.Int64
		counting := publisher(func(ctx context.Context, stream string, msgs []*nats.Msg) ([]events.Ack, error) {
			sent.Add(int64(len(msgs)))
			return bus.Publish(ctx, stream, msgs)
		})
		relay := newRelay(db, bus, counting)
		if relay.Check(t.Context()) == nil {
			t.Error("ready before the stream was compared")
		}
		stop := start(t, relay.Run)
		waitStored(t, bus, want)
		want = append(want, emit(t, db, 2)...)
		relay.Wake()
		waitExactly(t, bus, want)
		if err := relay.Check(t.Context()); err != nil {
			t.Errorf("not ready: %v", err)
		}
		stop()
		stop = start(t, newRelay(db, bus, counting).Run)
		want = append(want, emit(t, db, 1)...)
		waitExactly(t, bus, want)
		stop()
		if n := value(t, reg, "published_total", service); n != float64(len(want)) || sent.Load() != int64(len(want)) {
			t.Errorf("published_total is %v after %d were sent, want %d: the cursor was kept", n, sent.Load(), len(want))
		}
	})
}

func TestAppendRefuses(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		for name, spoil := range map[string]func(*events.Event){
			"random id":      func(e *events.Event) { e.ID = uuid.NewString() },
			"no id":          func(e *events.Event) { e.ID = "" },
			"upper case id":  func(e *events.Event) { e.ID = strings.ToUpper(e.ID) },
			"other service":  func(e *events.Event) { e.Subject = "maillage.meetings.v1.place.opened" },
			"wildcard":       func(e *events.Event) { e.Subject = "maillage.mesh.v1.place.*" },
			"short subject":  func(e *events.Event) { e.Subject = "maillage.mesh.v1.place" },
			"no aggregate":   func(e *events.Event) { e.Aggregate = "" },
			"long aggregate": func(e *events.Event) { e.Aggregate = strings.Repeat("a", 513) },
			"long cause":     func(e *events.Event) { e.Cause = strings.Repeat("a", 513) },
			"no version":     func(e *events.Event) { e.Version = 0 },
			"no payload":     func(e *events.Event) { e.Payload = nil },
			"too large":      func(e *events.Event) { e.Payload = wrapperspb.String(strings.Repeat("a", events.MaxPayload)) },
		} {
			e := place(1)
			spoil(&e)
			err := db.Write(t.Context(), func(tx *sql.Tx) error {
				return events.Append(t.Context(), tx, db.Engine(), service, place(0), e)
			})
			if err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
		if n := count(t, db); n != 0 {
			t.Errorf("%d rows stayed behind", n)
		}
	})
}

func TestLargestEventPasses(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		e := place(1)
		e.Aggregate, e.Cause = strings.Repeat("é", 256), strings.Repeat("\n", 512)
		e.Payload = wrapperspb.String(strings.Repeat("a", events.MaxPayload-4))
		commit(t, db, e)
		start(t, newRelay(db, bus, nil).Run)
		got := make(chan events.Message, 1)
		consume(t, bus, events.Consumer{Handle: func(_ context.Context, msg events.Message) error {
			got <- msg
			return nil
		}})
		msg := <-got
		var back wrapperspb.StringValue
		if err := msg.Decode(&back); err != nil {
			t.Fatal(err)
		}
		if back.Value != e.Payload.(*wrapperspb.StringValue).Value || msg.Aggregate != e.Aggregate || msg.Cause != e.Cause ||
			msg.ID != e.ID || msg.Version != 1 || msg.Subject != opened || !msg.Time.Equal(database.Time(database.Micros(e.Time))) ||
			msg.Source != "/maillage/mesh" {
			t.Errorf("got another event: %s %s %d", msg.ID, msg.Aggregate, msg.Version)
		}
	})
}

func count(t *testing.T, db *database.DB) (n int) {
	t.Helper()
	if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM outbox`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
