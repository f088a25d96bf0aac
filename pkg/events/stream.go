package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// StreamConfig is what may differ between two services' streams; the rest is the same for all, and checked.
type StreamConfig struct {
	Service  string        // catalogue, mesh…: the stream is MAILLAGE_<SERVICE>, its subjects maillage.<service>.>
	MaxBytes int64         // full, the stream refuses and the outbox waits; 0 is 4 GiB
	MaxAge   time.Duration // the outbox must keep its rows longer; 0 is 30 days
	Replicas int           // 3 in a cluster; 0 is 1
}

const (
	streamBytes = 4 << 30
	streamAge   = 30 * 24 * time.Hour
	// maxMessage is headers and payload: an event is one aggregate's public state, a larger one is a design mistake.
	maxMessage = 256 << 10
	// duplicates is how long the broker itself drops a second copy; only an optimisation, consumers are idempotent.
	duplicates = time.Hour

	deadStream = "MAILLAGE_DEAD"
	deadPrefix = "dead."
	deadBytes  = 256 << 20
)

// ErrStreamSettings says that a stream exists with other settings than this program's.
var ErrStreamSettings = errors.New("stream exists with other settings")

// StreamName is the name of a service's stream, for Consumer.Stream.
func StreamName(service string) string { return "MAILLAGE_" + strings.ToUpper(service) }

func (c StreamConfig) stream() jetstream.StreamConfig {
	s := common(StreamName(c.Service), "maillage."+c.Service+".>", max(1, c.Replicas))
	s.Description = "Events of " + c.Service + ", a cache of its outbox"
	s.MaxBytes, s.MaxAge = streamBytes, streamAge
	if c.MaxBytes > 0 {
		s.MaxBytes = c.MaxBytes
	}
	if c.MaxAge > 0 {
		s.MaxAge = c.MaxAge
	}
	return s
}

// dead letters have no age: each waits for somebody to replay or discard it.
func dead(replicas int) jetstream.StreamConfig {
	s := common(deadStream, deadPrefix+">", max(1, replicas))
	s.Description = "Messages a consumer gave up on"
	s.MaxBytes = deadBytes
	s.MaxMsgSize = 2 * maxMessage // a message of full size, and why it is here
	return s
}

func common(name, subject string, replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: name, Subjects: []string{subject}, Replicas: replicas,
		Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxMsgs: -1, MaxMsgsPerSubject: -1, MaxMsgSize: maxMessage, Duplicates: duplicates, DenyPurge: true,
	}
}

// Provision creates the streams, and the one for dead letters, where they are missing; it changes none that exists, and
// returns ErrStreamSettings with each difference for one whose settings are others.
func (b *Bus) Provision(ctx context.Context, configs ...StreamConfig) error {
	for _, c := range configs {
		if !noun.MatchString(c.Service) {
			return fmt.Errorf("provision: %q is not a service's name", c.Service)
		}
		for _, want := range []jetstream.StreamConfig{c.stream(), dead(c.Replicas)} {
			if err := b.provision(ctx, want); err != nil {
				return fmt.Errorf("provision %s: %w", want.Name, err)
			}
		}
	}
	return nil
}

func (b *Bus) provision(ctx context.Context, want jetstream.StreamConfig) error {
	stream, err := b.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = b.js.CreateStream(ctx, want)
	}
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another replica was faster
		stream, err = b.js.Stream(ctx, want.Name)
	}
	if err != nil {
		return err
	}
	if diff := differences(want, stream.CachedInfo().Config); len(diff) > 0 {
		return fmt.Errorf("%w: %s; edit the stream, or delete it: it is filled again from the outbox",
			ErrStreamSettings, strings.Join(diff, ", "))
	}
	return nil
}

func differences(want, have jetstream.StreamConfig) []string {
	var diff []string
	for _, s := range []struct {
		name       string
		want, have any
	}{
		{"storage", want.Storage, have.Storage},
		{"retention", want.Retention, have.Retention},
		{"discard", want.Discard, have.Discard},
		{"max_msgs", want.MaxMsgs, have.MaxMsgs},
		{"max_msgs_per_subject", want.MaxMsgsPerSubject, have.MaxMsgsPerSubject},
		{"max_bytes", want.MaxBytes, have.MaxBytes},
		{"max_age", want.MaxAge, have.MaxAge},
		{"max_msg_size", want.MaxMsgSize, have.MaxMsgSize},
		{"duplicate_window", want.Duplicates, have.Duplicates},
		{"deny_purge", want.DenyPurge, have.DenyPurge},
		{"persist_mode", want.PersistMode, have.PersistMode},
		{"num_replicas", want.Replicas, have.Replicas},
	} {
		if s.want != s.have {
			diff = append(diff, fmt.Sprintf("%s is %v, not %v", s.name, s.have, s.want))
		}
	}
	if !slices.Equal(want.Subjects, have.Subjects) {
		diff = append(diff, fmt.Sprintf("subjects are %v, not %v", have.Subjects, want.Subjects))
	}
	return diff
}
