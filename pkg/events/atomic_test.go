package events_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
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

// What waits goes in batches, of a page at most; a few events go one by one.
func TestBatches(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		var acks []events.Ack
		noting := publisher(func(ctx context.Context, stream string, msgs []*nats.Msg) ([]events.Ack, error) {
			some, err := bus.Publish(ctx, stream, msgs)
			acks = append(acks, some...)
			return some, err
		})
		want := emit(t, db, events.BatchMost+events.BatchLeast)
		relay := newRelay(db, bus, noting)
		stop := start(t, relay.Run)
		waitExactly(t, bus, want)
		want = append(want, emit(t, db, events.BatchLeast-1)...)
		relay.Wake()
		waitExactly(t, bus, want)
		stop()
		sizes := append([]int{events.BatchMost, events.BatchLeast}, make([]int, events.BatchLeast-1)...)
		if have := batches(t, bus); !slices.Equal(have, sizes) {
			t.Errorf("batches of %v, want %v", have, sizes)
		}
		for i, ack := range acks {
			if ack != (events.Ack{Sequence: uint64(i + 1)}) {
				t.Fatalf("receipt %d is %+v", i, ack)
			}
		}
	})
}

// Large events make smaller batches.
func TestBatchBytes(t *testing.T) {
	noLeak(t)
	db := testkit.Open(t, testkit.SQLite(t), nil)
	bus, _ := newBus(t)
	var all []events.Event
	var want []string
	const payload = 200 << 10
	for i := range 60 {
		e := place(i)
		e.Payload = wrapperspb.String(strings.Repeat("a", payload))
		all, want = append(all, e), append(want, e.ID)
	}
	commit(t, db, all...)
	start(t, newRelay(db, bus, nil).Run)
	waitExactly(t, bus, want)
	if have := batches(t, bus); !slices.Equal(have, []int{events.BatchBytes / payload, 60 - events.BatchBytes/payload}) {
		t.Errorf("batches of %v", have)
	}
}

// A batch that the server refuses goes one by one at once: everything is stored, in its order, up to what the stream would refuse anyway.
func TestBatchRefused(t *testing.T) {
	noLeak(t)
	const n = 40
	for name, c := range map[string]struct {
		limits    server.JSLimitOpts
		spoil     func(t *testing.T, bus *events.Bus, msgs []*nats.Msg)
		stored    int // of n
		duplicate []int
		again     int // batches that 16 more make
	}{
		"sound":                   {stored: n, again: 1},
		"some are there already":  {spoil: early, stored: n, duplicate: []int{20, 21, 22}, again: 1},
		"the same twice":          {spoil: twice, stored: n, duplicate: []int{30}, again: 1},
		"one is too large":        {spoil: tooLarge, stored: 25, again: 1},
		"the first is too large":  {spoil: firstTooLarge, stored: 0, again: 1},
		"the last is elsewhere":   {spoil: lastElsewhere, stored: n - 1, again: 1},
		"server of small batches": {limits: server.JSLimitOpts{MaxBatchSize: 20}, stored: n, again: 1},
		"others fill the server":  {limits: server.JSLimitOpts{MaxBatchInflightPerStream: 1}, spoil: open, stored: n, again: 0},
		"stream without batches":  {spoil: without, stored: n, again: 0},
	} {
		t.Run(name, func(t *testing.T) {
			bus := busTo(t, broker(t, &server.Options{JetStreamLimits: c.limits}))
			provision(t, bus)
			msgs := messages(n)
			if c.spoil != nil {
				c.spoil(t, bus, msgs)
			}
			before := len(stored(t, bus))
			acks, err := bus.Publish(t.Context(), stream, msgs)
			if len(acks) != c.stored || (err == nil) != (c.stored == n) {
				t.Fatalf("%d receipts and error %v, want %d", len(acks), err, c.stored)
			}
			var want []string
			for i, ack := range acks {
				if ack.Duplicate != slices.Contains(c.duplicate, i) {
					t.Errorf("receipt %d is %+v", i, ack)
				}
				if !ack.Duplicate {
					want = append(want, msgs[i].Header.Get("ce-id"))
				}
			}
			if have := stored(t, bus)[before:]; !slices.Equal(have[:len(want)], want) {
				t.Errorf("stream has %v, want %v", have, want)
			}
			for _, m := range msgs {
				if m.Header.Get("Nats-Batch-Id") != "" {
					t.Error("a message that goes by itself would be one of a batch")
				}
			}
			if _, err := bus.Publish(t.Context(), stream, messages(events.BatchLeast)); err != nil {
				t.Error(err)
			}
			sizes := batches(t, bus)
			if last := sizes[len(sizes)-1]; last != c.again*events.BatchLeast {
				t.Errorf("the next ones were a batch of %d", last)
			}
		})
	}
}

func early(t *testing.T, bus *events.Bus, msgs []*nats.Msg) {
	t.Helper()
	if _, err := bus.Publish(t.Context(), stream, msgs[20:23]); err != nil {
		t.Fatal(err)
	}
}

func twice(_ *testing.T, _ *events.Bus, msgs []*nats.Msg) { msgs[30] = msgs[10] }

func tooLarge(_ *testing.T, _ *events.Bus, msgs []*nats.Msg) { msgs[25].Data = make([]byte, 512<<10) }

func firstTooLarge(_ *testing.T, _ *events.Bus, msgs []*nats.Msg) {
	msgs[0].Data = make([]byte, 512<<10)
}

func lastElsewhere(_ *testing.T, _ *events.Bus, msgs []*nats.Msg) {
	msgs[len(msgs)-1].Subject = "maillage.nowhere.v1.place.opened"
}

// open begins a batch and leaves it.
func open(t *testing.T, bus *events.Bus, _ []*nats.Msg) {
	t.Helper()
	m := messages(1)[0]
	m.Header.Set("Nats-Batch-Id", "left")
	m.Header.Set("Nats-Batch-Sequence", "1")
	if _, err := bus.JetStream().Conn().RequestMsg(m, within); err != nil {
		t.Fatal(err)
	}
}

func without(t *testing.T, bus *events.Bus, _ []*nats.Msg) {
	t.Helper()
	allow(t, bus, false)
}

func allow(t *testing.T, bus *events.Bus, batches bool) {
	t.Helper()
	s, err := bus.JetStream().Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	cfg := s.CachedInfo().Config
	cfg.AllowAtomicPublish = batches
	if _, err := bus.JetStream().UpdateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
}

func messages(n int) (all []*nats.Msg) {
	for range n {
		id := uuid.Must(uuid.NewV7()).String()
		all = append(all, &nats.Msg{Subject: opened, Header: nats.Header{"ce-id": {id}, jetstream.MsgIDHeader: {id}}})
	}
	return all
}

// A stream of an older installation gets its events as before; once it takes batches, it gets some.
func TestStreamWithoutBatches(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		bus.Batches(within, 100*time.Millisecond)
		provision(t, bus)
		allow(t, bus, false)
		relay := newRelay(db, bus, nil)
		start(t, relay.Run)
		want := emit(t, db, 100)
		waitExactly(t, bus, want)
		if have := batches(t, bus); !slices.Equal(have, make([]int, 100)) || relay.Check(t.Context()) != nil {
			t.Errorf("batches of %v, and %v", have, relay.Check(t.Context()))
		}
		allow(t, bus, true)
		testkit.Poll(t, within, func() bool {
			want = append(want, emit(t, db, 20)...)
			waitExactly(t, bus, want)
			return slices.Contains(batches(t, bus), 20)
		}, "a batch")
	})
}

// A batch that never gets an answer does not hold back what is sound in it. The control tries batches only.
func TestBatchUnanswered(t *testing.T) {
	noLeak(t)
	forbidden := &server.Options{Users: []*server.User{{Username: "relay", Password: "hunter2", //nolint:gosec // of a server on loopback
		Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: []string{renamed}}}}}}
	for name, rest := range map[string]time.Duration{"one by one": time.Minute, "control": 0} {
		t.Run(name, func(t *testing.T) {
			db := testkit.Open(t, testkit.SQLite(t), nil)
			bus := busTo(t, broker(t, forbidden))
			bus.Batches(50*time.Millisecond, rest)
			var all []events.Event
			for i := range 20 {
				all = append(all, place(i))
			}
			all[19].Subject = renamed // the commit, which is dropped without a word
			commit(t, db, all...)
			var tries atomic.Int64
			start(t, newRelay(db, bus, publisher(func(ctx context.Context, stream string, msgs []*nats.Msg) ([]events.Ack, error) {
				tries.Add(1)
				return bus.Publish(ctx, stream, msgs)
			})).Run)
			if rest == 0 {
				testkit.Poll(t, within, func() bool { return tries.Load() > 3 }, "more tries")
				if have := stored(t, bus); len(have) > 0 {
					t.Errorf("stream has %d events: the control does not show what it should", len(have))
				}
				return
			}
			var want []string
			for _, e := range all[:19] {
				want = append(want, e.ID)
			}
			waitExactly(t, bus, want)
		})
	}
}

// What became of a batch is unknown: the stream has it, and the relay heard nothing.
func TestBatchAnswerLost(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		want := emit(t, db, 1200)
		var lost atomic.Int64
		start(t, newRelay(db, bus, publisher(func(ctx context.Context, stream string, msgs []*nats.Msg) ([]events.Ack, error) {
			acks, err := bus.Publish(ctx, stream, msgs)
			if lost.Add(1)%2 == 1 {
				return nil, errors.Join(errFault, err)
			}
			return acks, err
		})).Run)
		waitExactly(t, bus, want)
		if have := batches(t, bus); !slices.Equal(have, []int{512, 512, 176}) {
			t.Errorf("batches of %v", have)
		}
	})
}

// A wiped stream is filled again in batches, and so are holes whose ids the server remembers.
func TestFilledInBatches(t *testing.T) {
	noLeak(t)
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		bus, _ := newBus(t)
		stop := start(t, newRelay(db, bus, nil).Run)
		want := emit(t, db, 600)
		waitExactly(t, bus, want)
		stop()
		if err := bus.JetStream().DeleteStream(t.Context(), stream); err != nil {
			t.Fatal(err)
		}
		stop = start(t, newRelay(db, bus, nil).Run)
		waitExactly(t, bus, want)
		if have := batches(t, bus); !slices.Equal(have, []int{512, 88}) {
			t.Errorf("filled in batches of %v", have)
		}
		stop()
		var holes []uint64
		for i := range uint64(30) {
			holes = append(holes, 101+i)
		}
		remove(t, bus, holes...)
		start(t, newRelay(db, bus, nil).Run)
		waitExactly(t, bus, slices.Concat(want[:100], want[130:], want[100:130]))
		if have := batches(t, bus); !slices.Equal(have, []int{482, 88, 30}) {
			t.Errorf("mended in batches of %v", have)
		}
	})
}

// A standalone of an older version finds its streams taking batches.
func TestEmbeddedStreamOfOlderVersion(t *testing.T) {
	noLeak(t)
	dir := fastDir(t)
	srv := serve(t, dir)
	bus, _ := connect(t, srv)
	provision(t, bus)
	allow(t, bus, false)
	bus.Close()
	srv.Close()
	bus, _ = connect(t, serve(t, dir))
	s, err := bus.JetStream().Stream(t.Context(), stream)
	if err != nil || !s.CachedInfo().Config.AllowAtomicPublish {
		t.Errorf("%+v, %v", s.CachedInfo().Config, err)
	}
}

// broker is a server on a port of its own.
func broker(t *testing.T, o *server.Options) *server.Server {
	t.Helper()
	own := o.Clone()
	own.Host, own.Port, own.JetStream, own.StoreDir = "127.0.0.1", server.RANDOM_PORT, true, fastDir(t)
	own.JetStreamMaxStore, own.JetStreamMaxMemory, own.NoSigs, own.NoLog = 20<<30, 1<<20, true, true
	s, err := server.NewServer(own)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	s.Start()
	if !s.ReadyForConnections(within) {
		t.Fatal("the broker does not start")
	}
	return s
}

func busTo(t *testing.T, s *server.Server) *events.Bus {
	t.Helper()
	url := strings.Replace(s.ClientURL(), "nats://", "nats://relay:hunter2@", 1) // a server without users takes anybody
	bus, err := events.Connect(t.Context(), events.Config{URL: url, Log: testkit.Logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	testkit.Poll(t, within, func() bool { return bus.Check(t.Context()) == nil }, "a connection")
	return bus
}
