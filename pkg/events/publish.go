package events

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// Publish implements Publisher: in atomic batches where enough messages wait, one by one where the stream takes no batch.
func (b *Bus) Publish(ctx context.Context, stream string, msgs []*nats.Msg) ([]Ack, error) {
	acks := make([]Ack, 0, len(msgs))
	for len(acks) < len(msgs) {
		some, err := b.publish(ctx, stream, batchOf(msgs[len(acks):]))
		acks = append(acks, some...)
		if err != nil {
			return acks, fmt.Errorf("publish to %s: %w", stream, err)
		}
	}
	return acks, nil
}

// publish falls back on singly at once when the server refused the batch. When nobody knows what became of it, the messages come again
// from the outbox, and then one by one: the receipts of those that are stored already say so.
func (b *Bus) publish(ctx context.Context, stream string, msgs []*nats.Msg) ([]Ack, error) {
	if len(msgs) < batchLeast || b.rests(stream) {
		return b.singly(ctx, stream, msgs)
	}
	acks, err := b.together(ctx, stream, msgs)
	if err == nil {
		return acks, nil
	}
	refused := errors.Is(err, errRefused)
	if !refused && ctx.Err() == nil || errors.Is(err, errNoBatches) {
		b.resting.Store(stream, time.Now())
	}
	if !refused {
		return nil, err
	}
	b.log.Info("events go one by one", "stream", stream, "events", len(msgs), "error", err)
	return b.singly(ctx, stream, msgs)
}

// singly has at most 256 messages in flight.
func (b *Bus) singly(ctx context.Context, stream string, msgs []*nats.Msg) ([]Ack, error) {
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
	return acks, err
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
