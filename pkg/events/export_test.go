package events

import (
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
)

// JetStream lets tests damage a stream and see what is in it.
func (b *Bus) JetStream() jetstream.JetStream { return b.js }

// NATS lets tests see how the embedded server is set.
func (s *Server) NATS() *server.Server { return s.nats }

// ReadWith swaps the SQL that reads on, for the controls.
func (r *Relay) ReadWith(query string) { r.reading.next = query }

// LookEvery makes the relay look at its stream more often.
func (r *Relay) LookEvery(d time.Duration) { r.look = d }

// Batches changes how long a batch may remain without an answer, and how long its stream gets none after that.
func (b *Bus) Batches(patience, rest time.Duration) { b.batchPatience, b.batchRest = patience, rest }

// WithAckWait shortens the time after which the server delivers again.
func (c Consumer) WithAckWait(d time.Duration) Consumer {
	c.ackWait = d
	return c
}

// What the tests compare with.
const (
	AckWait    = ackWait
	MaxPanics  = maxPanics
	MaxPayload = maxPayload
	DeadStream = deadStream
	BatchLeast = batchLeast
	BatchMost  = batchMost
	BatchBytes = batchBytes
)
