package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

// auditStreams compares the stopped program's streams with the outboxes: the same events, in the same states.
func (p *program) auditStreams() {
	p.t.Helper()
	server, err := events.Embedded(events.ServerConfig{Dir: filepath.Join(p.dir, "var", "events")})
	if err != nil {
		p.t.Fatal(err)
	}
	defer server.Close()
	bus, err := server.Connect(events.Config{Name: "audit"})
	if err != nil {
		p.t.Fatal(err)
	}
	defer bus.Close()
	for _, service := range audited {
		told := p.told(service)
		streamed := p.listen(bus, service, len(told))
		for id, what := range told {
			if streamed[id] != what {
				p.t.Errorf("stream of %s: event %s is %q, not %q", service, id, streamed[id], what)
			}
		}
		if len(streamed) != len(told) {
			p.t.Errorf("stream of %s: %d events, not %d", service, len(streamed), len(told))
		}
		p.t.Logf("%s: %d events", service, len(told))
	}
}

// told is what the outbox holds, by event.
func (p *program) told(service string) map[string]string {
	p.t.Helper()
	db, err := sql.Open("sqlite", "file:"+p.database(service)+"?mode=ro")
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	type event struct{ id, what string }
	all, err := database.All(p.t.Context(), db, func(scan database.Scan) (e event, err error) {
		return e, scan(&e.id, &e.what)
	}, `SELECT event_id, concat(subject, ' ', aggregate, ' ', aggregate_version, ' ', hex(payload)) FROM outbox`)
	if err != nil {
		p.t.Fatal(err)
	}
	told := map[string]string{}
	for _, e := range all {
		told[e.id] = e.what
	}
	return told
}

// listen reads a stream from its beginning until at least n events were heard.
func (p *program) listen(bus *events.Bus, service string, n int) map[string]string {
	p.t.Helper()
	var mu sync.Mutex
	heard := map[string]string{}
	ctx, cancel := context.WithCancel(p.t.Context())
	defer cancel()
	var listening sync.WaitGroup
	listening.Go(func() {
		err := bus.Consume(ctx, events.Consumer{
			Durable: "audit", Stream: events.StreamName(service), Handle: func(_ context.Context, msg events.Message) error {
				mu.Lock()
				defer mu.Unlock()
				heard[msg.ID] = fmt.Sprintf("%s %s %d %X", msg.Subject, msg.Aggregate, msg.Version, msg.Payload)
				return nil
			},
		})
		if err != nil {
			p.t.Error(err)
		}
	})
	enough := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(heard) >= n
	}
	testkit.Poll(p.t, settling, enough, fmt.Sprintf("%d events in the stream of %s", n, service))
	cancel()
	listening.Wait()
	return heard
}
