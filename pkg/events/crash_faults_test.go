package events_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
)

// fault is a way to do it wrong: a control, for which the check must fail.
type fault string

const (
	none          fault = ""
	withoutOutbox fault = "published after the commit, without an outbox"
	simpleRelay   fault = "simple relay" // no fault yet, and nothing that would heal one
	cursorFirst   fault = "simple relay, cursor saved before the ack"
	deleteOnAck   fault = "outbox rows deleted on ack"
	unguarded     fault = "no version guard in the consumer"
)

// simple tells whether events leave without the relay, which compares the stream with the outbox and heals some faults by that.
func (f fault) simple() bool { return f == withoutOutbox || f == simpleRelay || f == cursorFirst }

// leave puts an event into the outbox, in the transaction of its change.
func (s *tiny) leave(ctx context.Context, tx *sql.Tx, e events.Event) error {
	if s.Fault == withoutOutbox {
		return nil
	}
	return events.Append(ctx, tx, s.db.Engine(), service, e)
}

// committed is what follows a commit; e has no version when the command had been done before.
func (s *tiny) committed(ctx context.Context, e events.Event) error {
	switch {
	case s.relay != nil:
		s.relay.Wake()
	case s.Fault == withoutOutbox && e.Version > 0:
		payload, err := proto.Marshal(e.Payload)
		if err != nil {
			return err
		}
		_, err = s.bus.Publish(ctx, stream, []*nats.Msg{envelope(e, payload)})
		return err
	}
	return nil
}

// send runs what publishes the outbox.
func (s *tiny) send(ctx context.Context) error {
	if s.relay != nil {
		return s.relay.Run(ctx)
	}
	for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
		if err := s.simply(ctx); err != nil {
			return err
		}
	}
}

// simply is a relay as one writes it first: read behind the cursor, publish, save the cursor.
func (s *tiny) simply(ctx context.Context) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	last, msgs, err := s.unsent(ctx)
	if err != nil || len(msgs) == 0 {
		return err
	}
	steps := []func() error{
		func() error { _, err := s.bus.Publish(ctx, stream, msgs); return err },
		func() error { return s.save(ctx, last) },
	}
	if s.Fault == cursorFirst {
		slices.Reverse(steps)
	}
	if err := steps[0](); err != nil {
		return err
	}
	s.pass(halfway)
	return steps[1]()
}

// envelope is an event as the relay would publish it.
func envelope(e events.Event, payload []byte) *nats.Msg {
	return &nats.Msg{Subject: e.Subject, Data: payload, Header: nats.Header{
		"Nats-Msg-Id": {e.ID}, "ce-id": {e.ID}, "ce-subject": {url.PathEscape(e.Aggregate)}, "ce-aggregateversion": {fmt.Sprint(e.Version)},
		"ce-time": {e.Time.Format(time.RFC3339Nano)}, "ce-dataschema": {"google.protobuf.Int64Value"},
	}}
}

func (s *tiny) unsent(ctx context.Context) (last int64, msgs []*nats.Msg, err error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT id, event_id, subject, aggregate, aggregate_version, created_at, payload FROM outbox
		WHERE id > (SELECT coalesce(max(id), 0) FROM relay WHERE name = $1) ORDER BY id LIMIT 100`, service)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e events.Event
		var at int64
		var payload []byte
		if err := rows.Scan(&last, &e.ID, &e.Subject, &e.Aggregate, &e.Version, &at, &payload); err != nil {
			return 0, nil, err
		}
		e.Time = database.Time(at)
		msgs = append(msgs, envelope(e, payload))
	}
	return last, msgs, rows.Err()
}

func (s *tiny) save(ctx context.Context, last int64) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO relay (name, id) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET id = excluded.id`,
			service, last)
		return err
	})
}

// forget deletes the rows that the stream has acknowledged.
func (s *tiny) forget(ctx context.Context, msgs []*nats.Msg) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		for _, m := range msgs {
			if _, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE event_id = $1`, m.Header.Get("ce-id")); err != nil {
				return err
			}
		}
		return nil
	})
}
