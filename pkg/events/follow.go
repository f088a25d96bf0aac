package events

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// Follow calls hear for each event on a subject as it is published, in every process that calls it, until ctx ends; nothing is
// acknowledged. It calls missed once it hears, at first and after each loss of the connection: what was published before may not have
// been heard. It is for memories that an event makes stale; a message between two servers may still be lost, so what is remembered
// must also end by itself.
//
// It hears the subject itself and not the stream: no server needs to lead one, and there is no consumer to be made again.
func (b *Bus) Follow(ctx context.Context, subject string, missed func(), hear func(Message)) error {
	connected := b.conn.StatusChanged(nats.CONNECTED)
	defer b.conn.RemoveStatusListener(connected)
	subscription, err := b.conn.Subscribe(subject, func(m *nats.Msg) {
		if msg, err := parse(m.Subject, m.Header, m.Data); err == nil {
			hear(msg)
		}
	})
	if err != nil {
		return fmt.Errorf("follow %s: %w", subject, err)
	}
	defer func() { _ = subscription.Unsubscribe() }()
	for {
		var again <-chan time.Time
		// The server answers once it knows the subscription.
		if err := b.conn.FlushTimeout(ackDeadline); err == nil {
			missed()
		} else {
			again = time.After(maxPause)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-connected:
		case <-again:
		}
	}
}
