package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

var (
	// ErrStreamSettings says that a stream exists with other settings than this program's.
	ErrStreamSettings = errors.New("stream exists with other settings")
	// ErrConsumerSettings says that a consumer exists with other settings than this program's.
	ErrConsumerSettings = errors.New("consumer exists with other settings")
)

// setting is one value as the program wants it, and as the server has it.
type setting struct {
	name       string
	want, have any
}

func differing(settings []setting) (diff []string) {
	for _, s := range settings {
		if want, have := fmt.Sprint(s.want), fmt.Sprint(s.have); want != have {
			diff = append(diff, fmt.Sprintf("%s is %s, not %s", s.name, have, want))
		}
	}
	return diff
}

func streamDifferences(want, have jetstream.StreamConfig) []string {
	return differing([]setting{
		{"subjects", want.Subjects, have.Subjects},
		{"storage", want.Storage, have.Storage},
		{"retention", want.Retention, have.Retention},
		{"discard", want.Discard, have.Discard},
		{"max_msgs", want.MaxMsgs, have.MaxMsgs},
		{"max_msgs_per_subject", want.MaxMsgsPerSubject, have.MaxMsgsPerSubject},
		{"max_bytes", want.MaxBytes, have.MaxBytes},
		{"max_age", want.MaxAge, have.MaxAge},
		{"max_msg_size", want.MaxMsgSize, have.MaxMsgSize},
		{"deny_purge", want.DenyPurge, have.DenyPurge},
		{"persist_mode", want.PersistMode, have.PersistMode},
		{"num_replicas", want.Replicas, have.Replicas},
	})
}

// streamDelays are those with which services work all the same: without batches the relay publishes one message after the other, and
// ids that are remembered longer take the broker's memory.
func streamDelays(want, have jetstream.StreamConfig) []string {
	return differing([]setting{
		{"allow_atomic", want.AllowAtomicPublish, have.AllowAtomicPublish},
		{"duplicate_window", want.Duplicates, have.Duplicates},
	})
}

// withStream is have with this program's settings, and with what an operator chose beside them: placement, compression.
func withStream(have, want jetstream.StreamConfig) jetstream.StreamConfig {
	have.Subjects, have.Storage, have.Retention, have.Discard = want.Subjects, want.Storage, want.Retention, want.Discard
	have.MaxMsgs, have.MaxMsgsPerSubject, have.MaxBytes = want.MaxMsgs, want.MaxMsgsPerSubject, want.MaxBytes
	have.MaxAge, have.MaxMsgSize, have.Duplicates = want.MaxAge, want.MaxMsgSize, want.Duplicates
	have.DenyPurge, have.PersistMode, have.Replicas = want.DenyPurge, want.PersistMode, want.Replicas
	have.AllowAtomicPublish = want.AllowAtomicPublish
	return have
}

// consumerConfig is the same for all consumers but for what they hear.
func (c Consumer) consumerConfig() jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable: c.Durable, FilterSubjects: c.Subjects, DeliverPolicy: jetstream.DeliverAllPolicy,
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: c.ackWait, MaxDeliver: -1, MaxAckPending: maxAckPending,
	}
}

// consumerDifferences are those by which messages would be lost, passed by or emptied: max_deliver gives up by itself, a back-off
// replaces the ack wait, an inactive threshold deletes the consumer.
func consumerDifferences(want, have jetstream.ConsumerConfig) []string {
	return differing([]setting{
		{"filter_subjects", filters(want), filters(have)},
		{"deliver_policy", want.DeliverPolicy, have.DeliverPolicy},
		{"ack_policy", want.AckPolicy, have.AckPolicy},
		{"ack_wait", want.AckWait, have.AckWait},
		{"max_deliver", want.MaxDeliver, have.MaxDeliver},
		{"backoff", want.BackOff, have.BackOff},
		{"max_ack_pending", want.MaxAckPending, have.MaxAckPending},
		{"headers_only", want.HeadersOnly, have.HeadersOnly},
		{"inactive_threshold", want.InactiveThreshold, have.InactiveThreshold},
		{"mem_storage", want.MemoryStorage, have.MemoryStorage},
		{"num_replicas", want.Replicas, have.Replicas},
	})
}

// filters are one or several to the server, in no order.
func filters(c jetstream.ConsumerConfig) []string {
	if c.FilterSubject != "" {
		return []string{c.FilterSubject}
	}
	return slices.Sorted(slices.Values(c.FilterSubjects))
}

// withConsumer is have with this program's settings; what it hears stays.
func withConsumer(have, want jetstream.ConsumerConfig) jetstream.ConsumerConfig {
	have.DeliverPolicy, have.AckPolicy, have.AckWait, have.MaxDeliver = want.DeliverPolicy, want.AckPolicy, want.AckWait, want.MaxDeliver
	have.BackOff, have.MaxAckPending, have.HeadersOnly = want.BackOff, want.MaxAckPending, want.HeadersOnly
	have.InactiveThreshold, have.MemoryStorage, have.Replicas = want.InactiveThreshold, want.MemoryStorage, want.Replicas
	return have
}

// open makes the consumer, or finds it with the settings that it was made with: updating it here would be a tug-of-war between the
// replicas of two versions.
func (w *worker) open(ctx context.Context) (jetstream.Consumer, error) {
	want := w.consumerConfig()
	consumer, err := w.bus.js.Consumer(ctx, w.Stream, w.Durable)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return w.bus.js.CreateConsumer(ctx, w.Stream, want)
	}
	diff := []string{"it pushes"}
	switch {
	case err == nil:
		diff = consumerDifferences(want, consumer.CachedInfo().Config)
	case !errors.Is(err, jetstream.ErrNotPullConsumer):
		return nil, err
	}
	if len(diff) > 0 {
		return nil, fmt.Errorf("%w: %s of %s: %s; provision with --update, or delete the consumer: it begins again, and what it hears twice changes nothing",
			ErrConsumerSettings, w.Durable, w.Stream, strings.Join(diff, ", "))
	}
	return consumer, nil
}
