package events

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// What a dead letter carries beside the headers of the message it was.
const (
	headerReason   = "maillage-reason"
	headerConsumer = "maillage-consumer"
	headerStream   = "maillage-stream"
	headerSequence = "maillage-sequence"
	headerAttempts = "maillage-attempts"

	// maxReason keeps an error that quotes its input from outgrowing the message.
	maxReason = 2000
)

// DeadLetter is a message a consumer gave up on.
type DeadLetter struct {
	Sequence uint64 // its own number: Replay and Discard take it
	Consumer string
	Stream   string
	Subject  string
	ID       string // of the event
	Reason   string
	Attempts uint64
	Time     time.Time // when it was given up
}

// bury stores the message with its reason, and only then ends its delivery; a stream that is full keeps it coming.
func (w *worker) bury(ctx context.Context, m jetstream.Msg, msg Message, cause error) {
	letter := &nats.Msg{Subject: deadPrefix + w.Durable + "." + m.Subject(), Header: nats.Header{}, Data: m.Data()}
	for name, values := range m.Headers() {
		if strings.HasPrefix(name, "ce-") || name == headerTrace || name == headerContent {
			letter.Header[name] = values
		}
	}
	reason := cause.Error()
	reason = strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "")
	letter.Header.Set(headerReason, url.PathEscape(reason))
	letter.Header.Set(headerConsumer, w.Durable)
	letter.Header.Set(headerStream, w.Stream)
	letter.Header.Set(headerSequence, strconv.FormatUint(msg.Sequence, 10))
	letter.Header.Set(headerAttempts, strconv.FormatUint(msg.Delivered, 10))
	// The same delivery buried twice, because the end of it got lost, is one letter.
	id := fmt.Sprintf("%s/%s/%d", w.Durable, m.Headers().Get(jetstream.MsgIDHeader), msg.Sequence)
	ack, err := w.bus.js.PublishMsg(ctx, letter, jetstream.WithMsgID(id), jetstream.WithExpectStream(deadStream))
	if err != nil {
		w.retry(m, msg, fmt.Errorf("dead letter: %w, for: %w", err, cause))
		return
	}
	delete(w.panics, msg.Sequence)
	w.count(resultDead)
	w.bus.metrics.dead.WithLabelValues(w.Durable).Inc()
	w.bus.log.Error("event given up, it is a dead letter", "consumer", w.Durable, "letter", ack.Sequence, "subject", msg.Subject,
		"id", msg.ID, "delivered", msg.Delivered, "error", cause)
	_ = m.TermWithReason("dead letter " + strconv.FormatUint(ack.Sequence, 10))
}

// DeadLetters lists what a consumer gave up on, oldest first; an empty name lists all consumers'.
func (b *Bus) DeadLetters(ctx context.Context, consumer string) ([]DeadLetter, error) {
	subject := deadPrefix + ">"
	if consumer != "" {
		subject = deadPrefix + consumer + ".>"
	}
	var letters []DeadLetter
	err := b.scan(ctx, deadStream, subject, func(m jetstream.Msg) error {
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		letters = append(letters, deadLetter(m.Subject(), m.Headers(), meta.Sequence.Stream, meta.Timestamp))
		return nil
	})
	return letters, err
}

func deadLetter(subject string, h nats.Header, sequence uint64, at time.Time) DeadLetter {
	d := DeadLetter{
		Sequence: sequence, Consumer: h.Get(headerConsumer), Stream: h.Get(headerStream), ID: h.Get(headerID), Time: at,
	}
	d.Subject = strings.TrimPrefix(subject, deadPrefix+d.Consumer+".")
	d.Attempts, _ = strconv.ParseUint(h.Get(headerAttempts), 10, 64)
	d.Reason, _ = url.PathUnescape(h.Get(headerReason))
	return d
}

// Replay puts dead letters back into their stream, where every consumer sees them once more, and removes them here.
func (b *Bus) Replay(ctx context.Context, sequences ...uint64) error {
	return b.take(ctx, sequences, func(m *jetstream.RawStreamMsg) error {
		d := deadLetter(m.Subject, m.Header, m.Sequence, m.Time)
		back := &nats.Msg{Subject: d.Subject, Header: nats.Header{}, Data: m.Data}
		for name, values := range m.Header {
			if !strings.HasPrefix(name, "maillage-") && !strings.HasPrefix(name, "Nats-") {
				back.Header[name] = values
			}
		}
		id := fmt.Sprintf("%s/replay/%d", d.ID, d.Sequence)
		_, err := b.js.PublishMsg(ctx, back, jetstream.WithMsgID(id), jetstream.WithExpectStream(d.Stream))
		b.log.Info("dead letter replayed", "letter", d.Sequence, "consumer", d.Consumer, "id", d.ID, "error", err)
		return err
	})
}

// Discard removes dead letters for good.
func (b *Bus) Discard(ctx context.Context, sequences ...uint64) error {
	return b.take(ctx, sequences, func(m *jetstream.RawStreamMsg) error {
		d := deadLetter(m.Subject, m.Header, m.Sequence, m.Time)
		b.log.Info("dead letter discarded", "letter", d.Sequence, "consumer", d.Consumer, "id", d.ID, "reason", d.Reason)
		return nil
	})
}

func (b *Bus) take(ctx context.Context, sequences []uint64, fn func(*jetstream.RawStreamMsg) error) error {
	stream, err := b.js.Stream(ctx, deadStream)
	if err != nil {
		return fmt.Errorf("dead letters: %w", err)
	}
	for _, sequence := range sequences {
		m, err := stream.GetMsg(ctx, sequence)
		if err == nil {
			err = fn(m)
		}
		if err == nil {
			err = stream.DeleteMsg(ctx, sequence)
		}
		if err != nil {
			return fmt.Errorf("dead letter %d: %w", sequence, err)
		}
	}
	return nil
}
