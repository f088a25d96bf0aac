package events

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime/debug"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Consumer is one reader of a stream: what it hears, and what it does with it.
type Consumer struct {
	// Durable is its name, <service>-<what it hears>: the server keeps its place under it; replicas share it, and old ones go on
	// beside new ones during an upgrade. So other Subjects need another name: it begins at the first message, where the old one
	// would have passed by what it did not listen to.
	Durable  string
	Stream   string   // StreamName of the service that is listened to
	Subjects []string // empty: all of the stream
	Handle   Handler
	// Batch applies several events in one transaction, when several are there: the same as Handle does with each, which has its turn
	// when Batch fails. Nil: one after the other.
	Batch func(ctx context.Context, all []Message) error
	Retry time.Duration // pause before a second attempt, doubled up to a minute; 0 is 100 ms

	ackWait time.Duration // shorter in tests
}

const (
	// ackWait is how long what a killed replica had taken is kept from the others.
	ackWait = 10 * time.Second
	// beats renew that wait three times before it ends.
	beats = 4
	// maxAckPending bounds what replicas hold together, messages that wait for another attempt included.
	maxAckPending = 64
	// fetchSize: a larger fetch ages in the client before it is handled.
	fetchSize = 10
	// batchSize is worth a transaction; no more are delivered without an answer.
	batchSize = maxAckPending
	// fetchWait bounds how long a fetch that the server forgot, by a restart, holds a consumer up.
	fetchWait = 5 * time.Second

	firstRetry = 100 * time.Millisecond
	maxRetry   = time.Minute
	// maxPanics: a bug does not heal, but a panic may come from a state that does.
	maxPanics = 8
)

var durable = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

// worker is a running Consumer.
type worker struct {
	Consumer
	bus    *Bus
	panics map[uint64]int // by stream sequence, of messages this process has not settled
}

// Consume handles messages one after the other until ctx ends, and then returns nil; it waits for a stream that does not exist yet
// and survives one that is wiped. An error is a mistake in c, or ErrConsumerSettings.
func (b *Bus) Consume(ctx context.Context, c Consumer) error {
	if !durable.MatchString(c.Durable) || c.Stream == "" || c.Handle == nil {
		return fmt.Errorf("consumer %q of %q: name, stream or handler is missing or malformed", c.Durable, c.Stream)
	}
	if c.Retry <= 0 {
		c.Retry = firstRetry
	}
	if c.ackWait <= 0 {
		c.ackWait = ackWait
	}
	w := &worker{Consumer: c, bus: b, panics: make(map[uint64]int)}
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		progress, err := w.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, ErrConsumerSettings) {
			return err
		}
		if progress {
			pause = firstPause
		}
		b.log.Warn("event consumer stopped, and tries again", "consumer", c.Durable, "stream", c.Stream, "pause", pause, "error", err)
		if !wait(ctx, pause) {
			return nil
		}
	}
}

// session returns when the consumer cannot be read any more, and whether it ever could.
func (w *worker) session(ctx context.Context) (progress bool, err error) {
	consumer, err := w.open(ctx)
	if err != nil {
		return false, err
	}
	for idle := false; ctx.Err() == nil; progress = true {
		messages, err := w.fetch(ctx, consumer, idle)
		w.batch(ctx, messages)
		if err != nil {
			return progress, err
		}
		idle = len(messages) == 0
	}
	return progress, ctx.Err()
}

// fetch takes what is there, or, after it found nothing, waits for one message: a fetch of ten would wait for all ten.
func (w *worker) fetch(ctx context.Context, consumer jetstream.Consumer, idle bool) (messages []jetstream.Msg, err error) {
	size := fetchSize
	if w.Batch != nil {
		size = batchSize
	}
	var batch jetstream.MessageBatch
	if idle {
		limited, cancel := context.WithTimeout(ctx, fetchWait)
		defer cancel()
		batch, err = consumer.Fetch(1, jetstream.FetchContext(limited))
	} else {
		batch, err = consumer.FetchNoWait(size)
	}
	if err != nil {
		return nil, err
	}
	for m := range batch.Messages() {
		messages = append(messages, m)
	}
	if err = batch.Error(); errors.Is(err, context.DeadlineExceeded) {
		err = nil // nothing came
	}
	return messages, err
}

// batch settles each message, and tells the server meanwhile that all of them are being worked on.
func (w *worker) batch(ctx context.Context, messages []jetstream.Msg) {
	if len(messages) == 0 {
		return
	}
	done := make(chan struct{})
	var keeper sync.WaitGroup
	keeper.Go(func() { keep(messages, w.ackWait/beats, done) })
	if !w.together(ctx, messages) {
		for _, m := range messages {
			w.settle(ctx, m)
		}
	}
	close(done)
	keeper.Wait()
}

// together applies several messages at once; false when they have to go one after the other, to find out which of them fails.
func (w *worker) together(ctx context.Context, messages []jetstream.Msg) (done bool) {
	if w.Batch == nil || len(messages) < 2 || ctx.Err() != nil {
		return false
	}
	all := make([]Message, len(messages))
	var err error
	for i, m := range messages {
		if all[i], err = read(m); err != nil {
			return false
		}
	}
	if err := w.apply(ctx, messages, all); err != nil {
		w.bus.log.Debug("events not applied together, each has its turn", "consumer", w.Durable, "count", len(all), "error", err)
		return false
	}
	for _, m := range messages {
		w.count(resultOK)
		_ = m.Ack()
	}
	return true
}

// apply calls Batch within a span that is linked to the traces in which the events were written, and turns a panic into an error.
func (w *worker) apply(ctx context.Context, messages []jetstream.Msg, all []Message) (err error) {
	links := make([]trace.Link, len(messages))
	for i, m := range messages {
		links[i] = trace.LinkFromContext(trail.Extract(ctx, propagation.MapCarrier{headerTrace: m.Headers().Get(headerTrace)}))
	}
	ctx, span := w.bus.tracer.Start(ctx, "consume "+w.Stream, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(links...), trace.WithAttributes(
		attribute.String("messaging.system", "nats"), attribute.String("messaging.consumer.group.name", w.Durable),
		attribute.Int("messaging.batch.message_count", len(all))))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}()
	return w.Batch(ctx, all)
}

func keep(messages []jetstream.Msg, every time.Duration, done <-chan struct{}) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			for _, m := range messages {
				_ = m.InProgress() // refused for those that are settled
			}
		}
	}
}

// settle answers the server for one message. An answer that gets lost means another delivery, which changes nothing.
func (w *worker) settle(ctx context.Context, m jetstream.Msg) {
	if ctx.Err() != nil {
		_ = m.Nak() // another replica may have it now
		return
	}
	msg, err := read(m)
	if err == nil {
		err = w.handle(ctx, m, msg)
	}
	switch {
	case err == nil:
		delete(w.panics, msg.Sequence)
		w.count(resultOK)
		_ = m.Ack()
	case ctx.Err() != nil:
		_ = m.Nak()
	case permanent(err) || w.panics[msg.Sequence] >= maxPanics:
		w.bury(ctx, m, msg, err)
	default:
		w.retry(m, msg, err)
	}
}

func (w *worker) retry(m jetstream.Msg, msg Message, err error) {
	delay := w.Retry << min(max(msg.Delivered, 1)-1, 16)
	w.count(resultRetried)
	w.bus.log.Warn("event not applied, it comes again", "consumer", w.Durable, "subject", msg.Subject, "id", msg.ID,
		"delivered", msg.Delivered, "error", err)
	_ = m.NakWithDelay(min(delay, maxRetry))
}

// handle calls the handler within a span of the trace in which the event was written, and turns a panic into an error.
func (w *worker) handle(ctx context.Context, m jetstream.Msg, msg Message) (err error) {
	ctx = trail.Extract(ctx, propagation.MapCarrier{headerTrace: m.Headers().Get(headerTrace)})
	ctx, span := w.bus.tracer.Start(ctx, "consume "+msg.Subject, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("messaging.system", "nats"), attribute.String("messaging.consumer.group.name", w.Durable),
		attribute.String("messaging.destination.name", msg.Subject), attribute.String("messaging.message.id", msg.ID)))
	defer func() {
		if p := recover(); p != nil {
			w.panics[msg.Sequence]++
			err = fmt.Errorf("panic %d of %d: %v", w.panics[msg.Sequence], maxPanics, p)
			w.bus.log.Error("event handler panicked", "consumer", w.Durable, "id", msg.ID, "panic", p, "stack", string(debug.Stack()))
		}
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}()
	return w.Handle(ctx, msg)
}

func (w *worker) count(result string) {
	w.bus.metrics.consumed.WithLabelValues(w.Durable, result).Inc()
}
