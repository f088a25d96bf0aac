package e2e

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
)

// auditStreams compares the streams with the outboxes: the same events, in the same states. Those that are missing have some time
// to come.
func (s *site) auditStreams(within time.Duration) (wrong []string) {
	s.t.Helper()
	bus := s.store.bus(s.t)
	for _, service := range services {
		told := s.told(service)
		streamed := s.listen(bus, service, len(told), within)
		if len(streamed) != len(told) {
			wrong = append(wrong, fmt.Sprintf("stream of %s: %d events, not %d", service, len(streamed), len(told)))
			continue
		}
		for id, what := range told {
			if streamed[id] != what {
				wrong = append(wrong, fmt.Sprintf("stream of %s: event %s is %q, not %q", service, id, streamed[id], what))
			}
		}
		s.t.Logf("%s: %d events", service, len(told))
	}
	return wrong
}

// told is what the outbox holds, by event.
func (s *site) told(service string) map[string]string {
	s.t.Helper()
	tables := s.store.open(s.t, false)
	defer tables.close()
	type event struct{ id, what string }
	all, err := database.All(s.t.Context(), tables, func(scan database.Scan) (e event, err error) {
		var subject, aggregate string
		var version int64
		var payload []byte
		err = scan(&e.id, &subject, &aggregate, &version, &payload)
		e.what = fmt.Sprintf("%s %s %d %X", subject, aggregate, version, payload)
		return e, err
	}, `SELECT event_id, subject, aggregate, aggregate_version, payload FROM `+service+`.outbox`)
	if err != nil {
		s.t.Fatal(err)
	}
	told := map[string]string{}
	for _, e := range all {
		told[e.id] = e.what
	}
	return told
}

// listen reads a stream from its beginning until n events were heard, or the time is over.
func (s *site) listen(bus *events.Bus, service string, n int, within time.Duration) map[string]string {
	s.t.Helper()
	heard := map[string]string{}
	ctx, cancel := context.WithTimeout(s.t.Context(), within)
	defer cancel()
	err := bus.Consume(ctx, events.Consumer{
		// Another reader each time: it begins at the beginning.
		Durable: "audit-" + uuid.NewString(), Stream: events.StreamName(service),
		Handle: func(_ context.Context, msg events.Message) error {
			heard[msg.ID] = fmt.Sprintf("%s %s %d %X", msg.Subject, msg.Aggregate, msg.Version, msg.Payload)
			if len(heard) >= n {
				cancel()
			}
			return nil
		},
	})
	if err != nil && ctx.Err() == nil {
		s.t.Error(err)
	}
	return heard
}
