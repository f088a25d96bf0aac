package events_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestEmbeddedServer(t *testing.T) {
	noLeak(t)
	srv := serve(t, fastDir(t))
	if !srv.NATS().JetStreamConfig().SyncAlways {
		t.Error("messages are acknowledged before they are on disk")
	}
	if addr := srv.NATS().Addr(); addr != nil {
		t.Errorf("a port is open: %s", addr)
	}
	if _, err := events.Embedded(events.ServerConfig{}); err == nil {
		t.Error("started without a folder")
	}
}

func TestStreamSurvivesRestart(t *testing.T) {
	noLeak(t)
	dir := fastDir(t)
	e := place(1)
	for _, fresh := range []bool{true, false} {
		srv, err := events.Embedded(events.ServerConfig{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		bus, _ := connect(t, srv)
		provision(t, bus)
		if fresh {
			send(t, bus, e, nil)
		} else if have := stored(t, bus); len(have) != 1 || have[0] != e.ID {
			t.Errorf("stream has %v after a restart", have)
		}
		bus.Close()
		srv.Close()
	}
}

func TestProvision(t *testing.T) {
	noLeak(t)
	bus, _ := newBus(t)
	provision(t, bus)
	provision(t, bus)
	s, err := bus.JetStream().Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	have := s.CachedInfo().Config
	if have.Storage != jetstream.FileStorage || have.Retention != jetstream.LimitsPolicy || have.Discard != jetstream.DiscardNew ||
		have.MaxBytes != 4<<30 || have.MaxAge != 30*24*time.Hour || have.MaxMsgSize != 256<<10 || have.Duplicates != 30*time.Second ||
		!have.DenyPurge || have.PersistMode != jetstream.DefaultPersistMode || have.Replicas != 1 || len(have.Subjects) != 1 || have.Subjects[0] != "maillage.mesh.>" {
		t.Errorf("stream is set as %+v", have)
	}
	if err := s.Purge(t.Context()); err == nil {
		t.Error("the stream could be purged")
	}
	letters, err := bus.JetStream().Stream(t.Context(), events.DeadStream)
	if err != nil {
		t.Fatal(err)
	}
	if c := letters.CachedInfo().Config; c.MaxAge != 0 || c.Discard != jetstream.DiscardNew {
		t.Errorf("dead letters are set as %+v", c)
	}
	if err := bus.Provision(t.Context(), events.StreamConfig{Service: "Mesh.>"}); err == nil {
		t.Error("a malformed service was accepted")
	}
	err = bus.Provision(t.Context(), events.StreamConfig{Service: service, MaxBytes: 1 << 30, MaxAge: time.Hour})
	if !errors.Is(err, events.ErrStreamSettings) || !strings.Contains(err.Error(), "max_bytes is 4294967296, not 1073741824") ||
		!strings.Contains(err.Error(), "max_age is 720h0m0s, not 1h0m0s") {
		t.Errorf("other settings: %v", err)
	}
}

// A stream that keeps less than it must stops the program, with a line that says why.
func TestRelayRefusesOtherSettings(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		_, err := bus.JetStream().CreateStream(t.Context(), jetstream.StreamConfig{
			Name: stream, Subjects: []string{everyone}, Storage: jetstream.MemoryStorage, MaxBytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		err = newRelay(db, bus, nil).Run(ctx)
		if !errors.Is(err, events.ErrStreamSettings) || !strings.Contains(err.Error(), "storage is Memory, not File") {
			t.Errorf("relay ended with %v", err)
		}
	})
}

// A full stream refuses, and the events wait in the outbox.
func TestFullStream(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		want := emit(t, db, 100)
		relay := events.NewRelay(db, bus, events.RelayConfig{Stream: events.StreamConfig{Service: service, MaxBytes: 8 << 10}})
		start(t, relay.Run)
		testkit.Poll(t, within, func() bool {
			err := relay.Check(t.Context())
			return err != nil && strings.Contains(err.Error(), "maximum bytes exceeded")
		}, "a full stream")
		have := stored(t, bus)
		if len(have) == 0 || len(have) >= len(want) || !contains(want, have) {
			t.Fatalf("stream has %d events", len(have))
		}
		remove(t, bus, 1, 2, 3) // as when old ones end their time
		testkit.Poll(t, within, func() bool { return contains(stored(t, bus), want[3:len(have)+2]) }, "the next events")
	})
}

func TestConnectWithoutServer(t *testing.T) {
	noLeak(t)
	bus, err := events.Connect(t.Context(), events.Config{URL: "nats://127.0.0.1:1"})
	if err != nil {
		t.Fatalf("a service must start without its broker: %v", err)
	}
	t.Cleanup(bus.Close)
	if bus.Check(t.Context()) == nil {
		t.Error("ready without a broker")
	}
	if _, err := events.Connect(t.Context(), events.Config{}); err == nil {
		t.Error("connected to nowhere")
	}
}

// Services in one process share a registry.
func TestMetricsTwice(t *testing.T) {
	reg := prometheus.NewRegistry()
	events.NewMetrics(reg)
	events.NewMetrics(reg)
}
