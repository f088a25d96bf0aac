package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/telemetry"
)

const scope = "github.com/classcode/maillage/pkg/rpc"

// instruments are the server's spans and metrics.
type instruments struct {
	tracing
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

type tracing struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
}

func newTracing(t *telemetry.Telemetry) tracing {
	if t == nil {
		return tracing{noop.NewTracerProvider().Tracer(scope), propagation.TraceContext{}}
	}
	return tracing{t.Tracer(scope), t.Propagator}
}

func newInstruments(t *telemetry.Telemetry) (*instruments, error) {
	i := &instruments{
		tracing: newTracing(t),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rpc_server_duration_seconds",
			Help: "How long calls took, by method and code.",
			// Up to the longest deadline, that of exports.
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "code"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "rpc_server_in_flight",
			Help: "Calls being answered.",
		}),
	}
	if t == nil {
		return i, nil
	}
	var err1, err2 error
	i.duration, err1 = shared(t.Registry, i.duration)
	i.inFlight, err2 = shared(t.Registry, i.inFlight)
	return i, errors.Join(err1, err2)
}

// shared registers a collector, or finds the one that another server of this process has registered.
func shared[C prometheus.Collector](registry prometheus.Registerer, c C) (C, error) {
	err := registry.Register(c)
	if twice, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if existing, ok := twice.ExistingCollector.(C); ok {
			return existing, nil
		}
	}
	if err != nil {
		return c, fmt.Errorf("metrics: %w", err)
	}
	return c, nil
}

func (i *instruments) serve(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	start := time.Now()
	i.inFlight.Inc()
	defer i.inFlight.Dec()
	incoming, _ := metadata.FromIncomingContext(ctx)
	ctx = i.propagator.Extract(ctx, carrier(incoming))
	ctx, span := i.start(ctx, info.FullMethod, trace.SpanKindServer)
	defer span.End()
	reply, err := handler(ctx, req)
	c := status.Code(err)
	finish(span, c, serverFault(c))
	i.duration.WithLabelValues(info.FullMethod, codeName(c)).Observe(time.Since(start).Seconds())
	return reply, err
}

func (t tracing) start(ctx context.Context, method string, kind trace.SpanKind) (context.Context, trace.Span) {
	name := strings.TrimPrefix(method, "/")
	service, rpc, _ := strings.Cut(name, "/")
	return t.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(
		attribute.String("rpc.system", "grpc"),
		attribute.String("rpc.service", service),
		attribute.String("rpc.method", rpc),
	))
}

func finish(span trace.Span, c codes.Code, fault bool) {
	span.SetAttributes(attribute.Int("rpc.grpc.status_code", int(c)))
	if fault {
		span.SetStatus(otelcodes.Error, codeName(c))
	}
}

// serverFault tells our failures from refusals: a NOT_FOUND is no error of the server's.
func serverFault(c codes.Code) bool {
	switch c {
	case codes.Unknown, codes.DeadlineExceeded, codes.Unimplemented, codes.Internal, codes.Unavailable, codes.DataLoss:
		return true
	}
	return false
}

// carrier lets trace context travel in gRPC metadata.
type carrier metadata.MD

// Get implements propagation.TextMapCarrier.
func (c carrier) Get(key string) string {
	if values := metadata.MD(c).Get(key); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Set implements propagation.TextMapCarrier.
func (c carrier) Set(key, value string) { metadata.MD(c).Set(key, value) }

// Keys implements propagation.TextMapCarrier.
func (c carrier) Keys() []string {
	keys := make([]string, 0, len(c))
	for k := range c {
		keys = append(keys, k)
	}
	return keys
}
