package events

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/classcode/maillage/pkg/database"
)

// keyPage is how many ids are compared at a time; they weigh some 100 bytes each.
const keyPage = 5000

// reconcile looks whether the stream still holds what the cursor says it holds, and fills it again where it does not. A look
// costs one or two requests. Every id is compared when something is wrong, and once in the life of a process: a bit that flipped
// on the disk hides a message without a trace in the stream's figures.
func (t *tenure) reconcile(ctx context.Context) error {
	r := t.relay
	stream, err := r.bus.js.Stream(ctx, r.stream)
	if err != nil {
		return err
	}
	furthest, err := furthest(ctx, stream)
	if err != nil {
		return err
	}
	info, err := stream.Info(ctx) // after the consumers: somebody else may be publishing, a replay for instance
	if err != nil {
		return err
	}
	created := database.Micros(info.Created)
	replaced := t.position.created != 0 && t.position.created != created
	cut := r.regressed || furthest > info.State.LastSeq || !replaced && info.State.LastSeq < t.position.seq
	holes := info.State.NumDeleted > r.holes && r.verified // what was deleted before this process is found below
	if replaced || cut || holes {
		r.bus.metrics.gaps.WithLabelValues(r.service).Inc()
		r.bus.log.Warn("stream is damaged, filling it again from the outbox", "stream", r.stream,
			"replaced", replaced, "cut", cut, "holes", info.State.NumDeleted)
	}
	if cut { // before anything is published: their places are beyond the end, and what follows would be skipped
		if err := r.bus.rewind(ctx, stream); err != nil {
			return err
		}
	}
	last := info.State.LastSeq
	if replaced || cut || holes || !r.verified {
		filled, err := t.refill(ctx, info.Config)
		if err != nil {
			return err // nothing is noted: the next look finds the same damage
		}
		last = max(last, filled)
	}
	// Figures from before the refill: what was damaged meanwhile has to show at the next look.
	r.verified, r.regressed, r.holes = true, false, info.State.NumDeleted
	t.unsaved = t.unsaved || t.position.created != created || t.position.seq != last
	t.position.created, t.position.seq = created, last
	return nil
}

// refill publishes the events up to the cursor that are missing in the stream, those it would have dropped by age left out, and
// tells the last sequence it got.
func (t *tenure) refill(ctx context.Context, stream jetstream.StreamConfig) (last uint64, err error) {
	r := t.relay
	present, err := r.bus.eventIDs(ctx, r.stream)
	if err != nil {
		return 0, err
	}
	var horizon int64
	if stream.MaxAge > 0 {
		// The stream counts from the publication, by its own clock: in the last hundredth of the age an event may be gone already.
		horizon = database.Micros(r.now().Add(stream.MaxAge/100 - stream.MaxAge))
	}
	filled := 0
	for after := (cursor{}); ; {
		keys, err := t.keys(ctx, after, t.position.cursor, keyPage)
		if err != nil {
			return 0, err
		}
		if len(keys) == 0 {
			break
		}
		var missing []string
		for _, k := range keys {
			if _, there := present[k.eventID]; !there && k.createdAt >= horizon {
				missing = append(missing, k.eventID)
			}
		}
		sequence, err := t.republish(ctx, missing)
		if err != nil {
			return 0, err
		}
		last = max(last, sequence)
		filled += len(missing)
		after = keys[len(keys)-1].cursor
	}
	if filled > 0 {
		r.bus.log.Warn("stream filled again", "stream", r.stream, "events", filled)
	}
	return last, nil
}

func (t *tenure) republish(ctx context.Context, ids []string) (last uint64, err error) {
	for len(ids) > 0 {
		n := min(len(ids), page)
		rows, err := t.byID(ctx, ids[:n])
		if err != nil {
			return 0, err
		}
		ids = ids[n:]
		messages := t.relay.messages(rows)
		acks, err := t.relay.publisher.Publish(ctx, t.relay.stream, messages)
		if err != nil {
			return 0, err
		}
		if acks, err = t.insist(ctx, messages, acks); err != nil {
			return 0, err
		}
		for _, ack := range acks {
			last = max(last, ack.Sequence)
		}
	}
	return last, nil
}

// insist publishes under another Nats-Msg-Id what the stream calls a duplicate although it lost it: a server remembers the ids of
// messages that it cannot give any more.
func (t *tenure) insist(ctx context.Context, messages []*nats.Msg, acks []Ack) ([]Ack, error) {
	var again []*nats.Msg
	for i, ack := range acks {
		if ack.Duplicate {
			messages[i].Header.Set(jetstream.MsgIDHeader, messages[i].Header.Get(headerID)+"/"+nuid.Next())
			again = append(again, messages[i])
		}
	}
	if len(again) == 0 {
		return acks, nil
	}
	return t.relay.publisher.Publish(ctx, t.relay.stream, again)
}

// furthest is the highest sequence that a consumer was given: beyond the stream's end, the stream lost it.
func furthest(ctx context.Context, stream jetstream.Stream) (seq uint64, err error) {
	list := stream.ListConsumers(ctx)
	for c := range list.Info() {
		seq = max(seq, c.Delivered.Stream)
	}
	return seq, list.Err()
}

// rewind sends all durable consumers back to the first message; they keep the highest version of what they see again.
func (b *Bus) rewind(ctx context.Context, stream jetstream.Stream) error {
	name := stream.CachedInfo().Config.Name
	list := stream.ListConsumers(ctx)
	var all error
	for c := range list.Info() {
		if c.Config.Durable == "" || c.Config.DeliverPolicy != jetstream.DeliverAllPolicy {
			continue // not one of Consume's: an operator's reader
		}
		if _, err := b.js.ResetConsumerToSequence(ctx, name, c.Name, 1); err != nil {
			all = errors.Join(all, fmt.Errorf("rewind %s: %w", c.Name, err))
		}
	}
	return errors.Join(all, list.Err())
}
