package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Config says how to reach a NATS server; for Server.Connect the addresses stay empty.
type Config struct {
	URL         string // nats://host:4222 or tls://host:4222, several separated by commas
	Credentials string // path of a .creds file; empty: none
	CA          string // path of the PEM file of the authority that signed the servers; empty: the system's
	Name        string // of the service, as the server's monitoring shows it

	Log     *slog.Logger         // nil: nothing is logged
	Metrics *Metrics             // nil: counted, shown nowhere
	Tracer  trace.TracerProvider // nil: no spans
}

const (
	// window is how many messages wait for their acknowledgement at once when they go one by one: past that a broker that flushes
	// each of them gains nothing.
	window = 256
	// ackDeadline is how long a publication waits before it counts as failed, and is sent again.
	ackDeadline = 5 * time.Second
	// reconnectWait keeps an outage of the broker from becoming a storm of connections; jitter is the client's.
	reconnectWait = 500 * time.Millisecond
)

// Bus is a connection to NATS with JetStream; it reconnects by itself, for ever.
type Bus struct {
	conn       *nats.Conn
	js         jetstream.JetStream
	log        *slog.Logger
	metrics    *Metrics
	tracer     trace.Tracer
	reconnects atomic.Uint64 // the relay looks at its stream again when this has moved
	resting    sync.Map      // streams that get no batches for now, since when

	batchPatience, batchRest time.Duration
}

// Connect returns a bus at once, even while no server answers: a service works without its broker, behind on its events.
func Connect(_ context.Context, cfg Config) (*Bus, error) {
	options, err := cfg.options()
	if err != nil {
		return nil, err
	}
	return connect(cfg, options...)
}

// Reach is Connect for a command: it fails when no server answers, or each refuses.
func Reach(cfg Config) (*Bus, error) {
	options, err := cfg.options()
	if err != nil {
		return nil, err
	}
	return connect(cfg, append(options, nats.RetryOnFailedConnect(false))...)
}

func (c Config) options() ([]nats.Option, error) {
	if c.URL == "" {
		return nil, errors.New("connect to nats: no address given")
	}
	var options []nats.Option
	if c.Credentials != "" {
		options = append(options, nats.UserCredentials(c.Credentials))
	}
	if c.CA != "" {
		options = append(options, nats.RootCAs(c.CA))
	}
	return options, nil
}

func connect(cfg Config, options ...nats.Option) (*Bus, error) {
	b := &Bus{log: orDiscard(cfg.Log), metrics: cfg.Metrics, batchPatience: ackDeadline, batchRest: batchRest}
	if b.metrics == nil {
		b.metrics = NewMetrics(nil)
	}
	if cfg.Tracer == nil {
		cfg.Tracer = noop.NewTracerProvider()
	}
	b.tracer = cfg.Tracer.Tracer("github.com/classcode/maillage/pkg/events")
	conn, err := nats.Connect(cfg.URL, append(b.options(cfg.Name), options...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to nats: %w", err)
	}
	b.conn = conn
	b.js, err = jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(window), jetstream.WithPublishAsyncTimeout(ackDeadline))
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("connect to nats: %w", err)
	}
	return b, nil
}

func (b *Bus) options(name string) []nats.Option {
	return []nats.Option{
		nats.Name(name),
		nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true),
		nats.IgnoreAuthErrorAbort(), // credentials are rotated under a running service
		nats.ReconnectWait(reconnectWait),
		// Nothing may be published after a reconnection before the relay has looked at what is left of its stream.
		nats.ReconnectBufSize(-1),
		nats.ReconnectHandler(func(*nats.Conn) {
			b.reconnects.Add(1)
			b.log.Info("event bus reconnected")
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // nil: we closed it
				b.log.Warn("event bus disconnected", "error", err)
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { b.log.Warn("event bus", "error", err) }),
	}
}

// Check tells whether the broker is there, for readiness; without it a service is degraded, not dead.
func (b *Bus) Check(context.Context) error {
	if !b.conn.IsConnected() {
		return fmt.Errorf("event bus: %s", b.conn.Status())
	}
	return nil
}

// Close sends what is still buffered, acknowledgements above all, and closes the connection.
func (b *Bus) Close() {
	if b.conn.IsConnected() {
		_ = b.conn.FlushTimeout(time.Second) // a broker that leaves meanwhile redelivers: nothing is lost
	}
	b.conn.Close()
}

// wait pauses for d and tells whether ctx is still alive.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
