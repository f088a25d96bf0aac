package events

import (
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
	// duplicates is how long the broker itself drops a second copy; only an optimisation, consumers are idempotent. A relay that was not
	// answered, or took over, asks again within seconds; the broker holds every id of that time in memory.
	duplicates = 30 * time.Second

	deadStream = "MAILLAGE_DEAD"
	deadPrefix = "dead."
	deadBytes  = 256 << 20

	// The server only tells that a consumer gave a message up, on subjects that no stream keeps by default.
	advisoryStream = "ADVISORIES"
	advisoryPrefix = "$JS.EVENT.ADVISORY.CONSUMER."
	advisoryBytes  = 64 << 20
)

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

// advisories is what the server says of messages that a consumer gave up; the newest matter, and nothing fills it again.
func advisories(replicas int) jetstream.StreamConfig {
	s := common(advisoryStream, advisoryPrefix+"MAX_DELIVERIES.>", max(1, replicas))
	s.Subjects = append(s.Subjects, advisoryPrefix+"MSG_TERMINATED.>")
	s.Description = "What the server says of messages that a consumer gave up"
	s.MaxBytes, s.MaxAge, s.Discard = advisoryBytes, streamAge, jetstream.DiscardOld
	return s
}

func common(name, subject string, replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: name, Subjects: []string{subject}, Replicas: replicas,
		Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxMsgs: -1, MaxMsgsPerSubject: -1, MaxMsgSize: maxMessage, Duplicates: duplicates, DenyPurge: true,
		AllowAtomicPublish: true,
	}
}
