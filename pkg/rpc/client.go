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
	return dial(target, cfg)
}

func dial(target string, cfg ClientConfig, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	if cfg.TLS == nil {
		cfg.TLS = insecure.NewCredentials()
	}
	c := &client{tracing: newTracing(cfg.Telemetry), patience: cmp.Or(cfg.Timeout, defaultPatience)}
	conn, err := grpc.NewClient(target, append([]grpc.DialOption{
		grpc.WithTransportCredentials(cfg.TLS),
		grpc.WithDefaultServiceConfig(serviceConfig()),
		grpc.WithDisableServiceConfig(), // ours, not what a DNS record says
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReply), grpc.MaxCallSendMsgSize(maxRequest)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingEvery, Timeout: 20 * time.Second}),
		grpc.WithChainUnaryInterceptor(c.deadline, c.forward, c.span),
	}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", target, err)
	}
	return conn, nil
}

type client struct {
	tracing
	patience time.Duration
}

func (c *client) deadline(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	until, ok := ctx.Deadline()
	if ok {
		until = until.Add(-deadlineMargin)
	} else {
		until = time.Now().Add(c.patience)
	}
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	return invoke(ctx, method, req, reply, cc, opts...)
}

func (c *client) forward(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	incoming, _ := metadata.FromIncomingContext(ctx)
	outgoing, _ := metadata.FromOutgoingContext(ctx)
	for _, key := range forwarded {
		if values := incoming.Get(key); len(values) > 0 && len(outgoing.Get(key)) == 0 {
			for _, v := range values {
				ctx = metadata.AppendToOutgoingContext(ctx, key, v)
			}
		}
	}
	return invoke(ctx, method, req, reply, cc, opts...)
}

func (c *client) span(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	ctx, span := c.start(ctx, method, trace.SpanKindClient)
	defer span.End()
	outgoing, ok := metadata.FromOutgoingContext(ctx) // a copy
	if !ok {
		outgoing = metadata.MD{}
	}
	c.propagator.Inject(ctx, carrier(outgoing))
	err := invoke(metadata.NewOutgoingContext(ctx, outgoing), method, req, reply, cc, opts...)
	finish(span, status.Code(err), err != nil)
	return err
}
