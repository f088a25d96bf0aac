package events

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	scanBatch = 500
	// scanIdle removes the reader's consumer from the server when this process dies while reading.
	scanIdle = time.Minute
	// scanTries ends the reading where messages are announced and cannot be given: blocks that are damaged.
	scanTries = 3
)

// scan calls fn with each message's headers, from the first to the last that the stream can give.
func (b *Bus) scan(ctx context.Context, stream, subject string, fn func(jetstream.Msg) error) error {
	consumer, err := b.js.CreateConsumer(ctx, stream, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, DeliverPolicy: jetstream.DeliverAllPolicy, FilterSubject: subject,
		HeadersOnly: true, MemoryStorage: true, InactiveThreshold: scanIdle, Replicas: 1,
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", stream, err)
	}
	defer func() { _ = b.js.DeleteConsumer(context.WithoutCancel(ctx), stream, consumer.CachedInfo().Name) }()
	for empty := 0; empty < scanTries; {
		n, err := each(ctx, consumer, fn)
		if err != nil {
			return fmt.Errorf("read %s: %w", stream, err)
		}
		if n > 0 {
			empty = 0
			continue
		}
		info, err := consumer.Info(ctx)
		if err != nil {
			return fmt.Errorf("read %s: %w", stream, err)
		}
		if info.NumPending == 0 {
			return nil
		}
		empty++
	}
	return nil
}

func each(ctx context.Context, consumer jetstream.Consumer, fn func(jetstream.Msg) error) (n int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	batch, err := consumer.FetchNoWait(scanBatch)
	if err != nil {
		return 0, err
	}
	for m := range batch.Messages() {
		if n++; err == nil {
			err = fn(m)
		}
	}
	if err != nil {
		return n, err
	}
	return n, batch.Error()
}

// eventIDs is the set of events in a stream: some 100 bytes each, 100 MB for a million.
func (b *Bus) eventIDs(ctx context.Context, stream string) (map[string]struct{}, error) {
	ids := make(map[string]struct{})
	err := b.scan(ctx, stream, "", func(m jetstream.Msg) error {
		ids[m.Headers().Get(headerID)] = struct{}{}
		return nil
	})
	return ids, err
}
