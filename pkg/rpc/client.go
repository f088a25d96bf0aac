package rpc

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/telemetry"
)

const (
	// What the one who called us needs to send the answer on, or to say that there is none.
	deadlineMargin  = 50 * time.Millisecond
	defaultPatience = 10 * time.Second
	// Servers refuse a client that pings more often than every 30 s.
	pingEvery = time.Minute
)

// The caller's own words, passed on to the next service. A list of what passes, never of what does not.
var forwarded = []string{"authorization", "accept-language", "traceparent", "tracestate"}

// ClientConfig says how to reach a service.
type ClientConfig struct {
	TLS       credentials.TransportCredentials // nil: plain text
	Telemetry *telemetry.Telemetry             // nil: no spans; the caller's trace is passed on as it is
	Timeout   time.Duration                    // of a call whose context has no deadline; 0: 10 s
}

// Dial makes a connection that speaks for the caller whose context a call is made with: it passes on their token and
// language, and leaves time to answer them. It does not wait for the service to be there.
func Dial(target string, cfg ClientConfig) (*grpc.ClientConn, error) {
	target, options := reach(target)
	return dial(target, cfg, options...)
}

func dial(target string, cfg ClientConfig, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	if cfg.TLS == nil {
		cfg.TLS = insecure.NewCredentials()
	}
	conn, err := grpc.NewClient(target, append([]grpc.DialOption{
		grpc.WithTransportCredentials(cfg.TLS),
		grpc.WithDefaultServiceConfig(serviceConfig()),
		grpc.WithDisableServiceConfig(), // ours, not what a DNS record says
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReply), grpc.MaxCallSendMsgSize(maxRequest)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingEvery, Timeout: 20 * time.Second}),
		grpc.WithUnaryInterceptor(newClient(cfg).intercept),
	}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", target, err)
	}
	return conn, nil
}

// client is what a call carries for its caller, whichever way it goes.
type client struct {
	tracing
	patience time.Duration
}

func newClient(cfg ClientConfig) *client {
	return &client{tracing: newTracing(cfg.Telemetry), patience: cmp.Or(cfg.Timeout, defaultPatience)}
}

func (c *client) intercept(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return c.call(ctx, method, func(ctx context.Context, outgoing metadata.MD) error {
		return invoke(metadata.NewOutgoingContext(ctx, outgoing), method, req, reply, cc, opts...)
	})
}

// call bounds a call, gives it a span, and hands invoke the metadata that go with it, which are invoke's to keep.
func (c *client) call(ctx context.Context, method string, invoke func(context.Context, metadata.MD) error) error {
	ctx, cancel := context.WithDeadline(ctx, c.until(ctx))
	defer cancel()
	outgoing := outgoingOf(ctx)
	ctx, span := c.start(ctx, method, trace.SpanKindClient)
	defer span.End()
	c.propagator.Inject(ctx, carrier(outgoing))
	err := invoke(ctx, outgoing)
	finish(span, status.Code(err), err != nil)
	return err
}

func (c *client) until(ctx context.Context) time.Time {
	if until, ok := ctx.Deadline(); ok {
		return until.Add(-deadlineMargin)
	}
	return time.Now().Add(c.patience)
}

// outgoingOf is a copy of what the call says by itself, and what it does not say of the caller's own words.
func outgoingOf(ctx context.Context) metadata.MD {
	outgoing, ok := metadata.FromOutgoingContext(ctx)
	if !ok {
		outgoing = metadata.MD{}
	}
	for _, key := range forwarded {
		if len(outgoing[key]) > 0 {
			continue
		}
		if values := metadata.ValueFromIncomingContext(ctx, key); len(values) > 0 {
			outgoing[key] = values
		}
	}
	return outgoing
}
