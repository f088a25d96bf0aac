package events

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Follow tells hear of each event that is published from now on, in every process that calls it, until ctx ends; nothing is
// acknowledged. It is for memories that an event makes stale: what is published while the broker is away may be missed, so
// what is remembered must also end by itself.
func (b *Bus) Follow(ctx context.Context, stream string, subjects []string, hear func(Message)) error {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		began := time.Now()
		err := b.follow(ctx, stream, subjects, hear)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > 2*maxPause {
			pause = firstPause
		}
		b.log.Warn("following events stopped, and tries again", "stream", stream, "pause", pause, "error", err)
		if !wait(ctx, pause) {
			return nil
		}
	}
}

func (b *Bus) follow(ctx context.Context, stream string, subjects []string, hear func(Message)) error {
	consumer, err := b.js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{
		FilterSubjects: subjects, DeliverPolicy: jetstream.DeliverNewPolicy,
	})
	if err != nil {
		return err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return err
	}
	defer messages.Stop()
	defer context.AfterFunc(ctx, messages.Stop)() // Next does not know the context
	for {
		m, err := messages.Next()
		if err != nil {
			return err
		}
		if msg, err := read(m); err == nil {
			hear(msg)
		}
	}
}
