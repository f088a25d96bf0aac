package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/host/process"
)

// provisionPatience is for a cluster that is electing a leader; the relay goes on asking when it ends.
const provisionPatience = 5 * time.Second

func (c Config) stream(service string) events.StreamConfig {
	return events.StreamConfig{Service: service, Replicas: c.StreamReplicas}
}

// connect succeeds while no NATS server answers: the service is degraded, its events wait in the outbox.
func (c Config) connect(ctx context.Context, service string, p *process.Process) (*events.Bus, error) {
	bus, err := events.Connect(ctx, events.Config{
		URL: c.NATSURL, Credentials: c.NATSCredentials, CA: c.NATSCA, Name: service,
		Log: p.Log, Metrics: events.NewMetrics(p.Telemetry.Registry), Tracer: p.Telemetry.TracerProvider,
	})
	if err != nil {
		return nil, fmt.Errorf("--nats-url: %w", err)
	}
	p.OnClose(bus.Close)
	if away := bus.Check(ctx); away != nil {
		p.Log.Warn("event bus is away; events wait for it", "error", away)
		return bus, nil
	}
	ctx, cancel := context.WithTimeout(ctx, provisionPatience)
	defer cancel()
	switch err := bus.Provision(ctx, c.stream(service)); {
	case err == nil:
	case withoutJetStream(err):
		return nil, fmt.Errorf("--nats-url: NATS answers, but without JetStream: %w", err)
	case errors.Is(err, events.ErrStreamSettings):
		return nil, err
	default:
		p.Log.Warn("the event stream is not there yet; the relay asks again", "error", err)
	}
	return bus, nil
}

// withoutJetStream tells a server that will never keep a stream from one that is not ready yet: nobody listens where streams are
// asked for.
func withoutJetStream(err error) bool {
	return errors.Is(err, nats.ErrNoResponders) ||
		errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount)
}
