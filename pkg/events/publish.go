package events

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Ack is a stream's receipt for one message.
type Ack struct {
	Sequence  uint64
	Duplicate bool // the stream already had this Nats-Msg-Id; Sequence is the first one's
}

// Publisher puts messages into a stream; Bus is the one that does, tests of crashes wrap it.
type Publisher interface {
	// Publish sends msgs in their order and returns the receipts of the longest prefix that is stored: all of them, or an error.
	Publish(ctx context.Context, stream string, msgs []*nats.Msg) ([]Ack, error)
}

// Publish implements Publisher, with at most 256 messages in flight.
func (b *Bus) Publish(ctx context.Context, stream string, msgs []*nats.Msg) ([]Ack, error) {
	futures := make([]jetstream.PubAckFuture, 0, len(msgs))
	var failed error
	for _, m := range msgs {
		if failed = ctx.Err(); failed != nil {
			break
		}
		// No attempts by the client itself: they would come behind later messages, and their sequences look like a stream cut short.
		future, err := b.js.PublishMsgAsync(m, jetstream.WithExpectStream(stream), jetstream.WithStallWait(ackDeadline),
			jetstream.WithRetryAttempts(0))
		if err != nil {
			failed = err
			break
		}
		futures = append(futures, future)
	}
	acks, err := collect(ctx, futures)
	if err == nil {
		err = failed
	}
	if err != nil {
		return acks, fmt.Errorf("publish to %s: %w", stream, err)
	}
	return acks, nil
}

// collect stops at the first failure: what was stored behind it is sent again, which the stream or the consumers drop.
func collect(ctx context.Context, futures []jetstream.PubAckFuture) ([]Ack, error) {
	acks := make([]Ack, 0, len(futures))
	for _, f := range futures {
		select {
		case a := <-f.Ok():
			acks = append(acks, Ack{Sequence: a.Sequence, Duplicate: a.Duplicate})
		case err := <-f.Err():
			return acks, err
		case <-ctx.Done():
			return acks, ctx.Err()
		}
	}
	return acks, nil
}
