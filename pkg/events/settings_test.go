package events_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

const durable = "meetings-places"

// as Consume makes it.
func proper() jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable: durable, FilterSubjects: []string{opened}, AckPolicy: jetstream.AckExplicitPolicy, AckWait: events.AckWait,
		MaxDeliver: -1, MaxAckPending: 64,
	}
}

// A consumer that would lose, pass by or empty messages stops the program, with a line that names what differs.
func TestConsumerOfOtherSettings(t *testing.T) {
	noLeak(t)
	bus, _ := newBus(t)
	provision(t, bus)
	js := bus.JetStream()
	for name, c := range map[string]struct {
		change func(*jetstream.ConsumerConfig)
		says   string // empty: it is taken
	}{
		"the same":             {func(*jetstream.ConsumerConfig) {}, ""},
		"one filter":           {func(c *jetstream.ConsumerConfig) { c.FilterSubject, c.FilterSubjects = opened, nil }, ""},
		"a description":        {func(c *jetstream.ConsumerConfig) { c.Description = "an operator's" }, ""},
		"other subject":        {func(c *jetstream.ConsumerConfig) { c.FilterSubjects = []string{renamed} }, "filter_subjects is [" + renamed + "], not [" + opened + "]"},
		"more subjects":        {func(c *jetstream.ConsumerConfig) { c.FilterSubjects = []string{opened, renamed} }, "filter_subjects is"},
		"from now on":          {func(c *jetstream.ConsumerConfig) { c.DeliverPolicy = jetstream.DeliverNewPolicy }, "deliver_policy is new, not all"},
		"no acknowledgement":   {func(c *jetstream.ConsumerConfig) { c.AckPolicy, c.MaxAckPending = jetstream.AckNonePolicy, 0 }, "ack_policy is AckNone, not AckExplicit"},
		"short wait":           {func(c *jetstream.ConsumerConfig) { c.AckWait = time.Second }, "ack_wait is 1s, not " + events.AckWait.String()},
		"gives up":             {func(c *jetstream.ConsumerConfig) { c.MaxDeliver = 5 }, "max_deliver is 5, not -1"},
		"back-off":             {func(c *jetstream.ConsumerConfig) { c.BackOff = []time.Duration{time.Second} }, "backoff is [1s], not []"},
		"one at a time":        {func(c *jetstream.ConsumerConfig) { c.MaxAckPending = 1 }, "max_ack_pending is 1, not 64"},
		"empty messages":       {func(c *jetstream.ConsumerConfig) { c.HeadersOnly = true }, "headers_only is true, not false"},
		"deleted when idle":    {func(c *jetstream.ConsumerConfig) { c.InactiveThreshold = time.Hour }, "inactive_threshold is 1h0m0s"},
		"forgets its place":    {func(c *jetstream.ConsumerConfig) { c.MemoryStorage = true }, "mem_storage is true"},
		"pushes":               {func(c *jetstream.ConsumerConfig) { c.DeliverSubject = "somewhere" }, "it pushes"},
		"two of them together": {func(c *jetstream.ConsumerConfig) { c.MaxDeliver, c.MaxAckPending = 5, 1 }, "max_deliver is 5, not -1, max_ack_pending is 1, not 64;"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := proper()
			c.change(&cfg)
			var err error
			if cfg.DeliverSubject == "" {
				_, err = js.CreateConsumer(t.Context(), stream, cfg)
			} else {
				_, err = js.CreatePushConsumer(t.Context(), stream, cfg)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = js.DeleteConsumer(context.Background(), stream, durable) }()
			h := &heard{}
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				ended <- bus.Consume(ctx, events.Consumer{Durable: durable, Stream: stream, Subjects: []string{opened}, Handle: h.handle})
			}()
			if c.says == "" {
				e := place(1)
				send(t, bus, e, nil)
				h.wait(t, []string{e.ID})
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				return
			}
			if err := <-ended; !errors.Is(err, events.ErrConsumerSettings) || !strings.Contains(err.Error(), c.says) ||
				!strings.Contains(err.Error(), durable+" of "+stream) || len(h.all()) > 0 {
				t.Errorf("ended with %v after %d events, want %q", err, len(h.all()), c.says)
			}
		})
	}
}

// A standalone that is upgraded gives its own consumers the new settings: nobody else can reach its server.
func TestEmbeddedConsumerOfOlderVersion(t *testing.T) {
	noLeak(t)
	dir := fastDir(t)
	older := proper()
	older.AckWait, older.MaxAckPending = 3*events.AckWait, 7
	srv := serve(t, dir)
	bus, _ := connect(t, srv)
	provision(t, bus)
	if _, err := bus.JetStream().CreateConsumer(t.Context(), stream, older); err != nil {
		t.Fatal(err)
	}
	e := place(1)
	send(t, bus, e, nil)
	bus.Close()
	srv.Close()
	bus, _ = connect(t, serve(t, dir))
	h := &heard{}
	consume(t, bus, events.Consumer{Durable: durable, Subjects: []string{opened}, Handle: h.handle})
	h.wait(t, []string{e.ID})
}

// What a program that is upgraded wants of its streams and consumers, the provisioning command gives them; what is heard stays.
func TestArrange(t *testing.T) {
	noLeak(t)
	bus, _ := newBus(t)
	js := bus.JetStream()
	arrange := func(update bool, maxAge time.Duration) map[string]events.Finding {
		t.Helper()
		found, err := bus.Arrange(t.Context(), update, events.StreamConfig{Service: service, MaxAge: maxAge}, events.StreamConfig{Service: "meetings"})
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]events.Finding{}
		for _, f := range found {
			all[f.Name] = f
		}
		return all
	}
	states := func(found map[string]events.Finding, want events.State) {
		t.Helper()
		for name, f := range found {
			if f.State != want {
				t.Errorf("%s %s (%v), want it %s", name, f.State, f.Differences, want)
			}
		}
	}
	first := arrange(false, 0)
	if states(first, events.Created); len(first) != 4 { // two services', dead letters, advisories
		t.Errorf("%d streams: %v", len(first), first)
	}
	states(arrange(false, 0), events.Exists)

	for _, change := range []func(*jetstream.ConsumerConfig){
		func(c *jetstream.ConsumerConfig) { c.MaxDeliver, c.AckWait = 5, time.Second },
		func(c *jetstream.ConsumerConfig) { c.Durable, c.AckPolicy = "meetings-all", jetstream.AckAllPolicy },
		func(c *jetstream.ConsumerConfig) { c.Durable, c.MaxDeliver = "somebody", 1 },
	} {
		c := proper()
		change(&c)
		if _, err := js.CreateConsumer(t.Context(), stream, c); err != nil {
			t.Fatal(err)
		}
	}
	differ := arrange(false, time.Hour)
	if f := differ[stream]; f.State != events.Differs || !slices.Equal(f.Differences, []string{"max_age is 720h0m0s, not 1h0m0s"}) {
		t.Errorf("stream: %+v", f)
	}
	if f := differ[stream+"/"+durable]; f.State != events.Differs || len(f.Differences) != 2 {
		t.Errorf("consumer: %+v", f)
	}
	if _, there := differ[stream+"/somebody"]; there {
		t.Error("an operator's own reader is none of our business")
	}
	states(map[string]events.Finding{"again": arrange(false, time.Hour)[stream]}, events.Differs) // nothing was changed

	mended := arrange(true, 2*time.Hour)
	if mended[stream].State != events.Updated || mended[stream+"/"+durable].State != events.Updated {
		t.Errorf("update: %+v", mended)
	}
	if f := mended[stream+"/meetings-all"]; f.State != events.Differs || !strings.Contains(strings.Join(f.Differences, " "), "ack policy can not be updated") {
		t.Errorf("what cannot be updated: %+v", f)
	}
	if err := js.DeleteConsumer(t.Context(), stream, "meetings-all"); err != nil {
		t.Fatal(err)
	}
	states(arrange(false, 2*time.Hour), events.Exists)
	c, err := js.Consumer(t.Context(), stream, durable)
	if err != nil || !slices.Contains(append(c.CachedInfo().Config.FilterSubjects, c.CachedInfo().Config.FilterSubject), opened) {
		t.Errorf("what the consumer hears was changed: %+v, %v", c.CachedInfo().Config, err)
	}
}

// The server says it only once that a message was given up: a stream keeps that.
func TestAdvisoriesAreKept(t *testing.T) {
	noLeak(t)
	bus, _ := newBus(t)
	provision(t, bus)
	send(t, bus, place(1), nil)
	consume(t, bus, events.Consumer{Handle: func(context.Context, events.Message) error { return events.Permanent(errFault) }})
	testkit.Poll(t, within, func() bool {
		s, err := bus.JetStream().Stream(t.Context(), "ADVISORIES")
		return err == nil && s.CachedInfo().State.Msgs == 1
	}, "the server's word")
}
