// Package telemetry gives a program its traces and metrics. Nothing is global: two services in one process keep apart,
// and so do two tests.
package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Config says what to call the program and where its spans go. The zero value exports nothing and still gives spans
// their ids, so that log lines of one request can be found together.
type Config struct {
	ServiceName  string
	Version      string                // as built; from Go's build information when empty
	OTLPEndpoint string                // http://collector:4317, or https://… for TLS; "" exports nothing
	Exporter     sdktrace.SpanExporter // for tests: gets each span when it ends
	Log          *slog.Logger          // told when spans cannot be exported; silent when nil
}

// Telemetry holds what interceptors, handlers and the admin port need.
type Telemetry struct {
	TracerProvider trace.TracerProvider
	Propagator     propagation.TextMapPropagator // W3C trace context only: baggage would let any caller put text into our logs
	Registry       *prometheus.Registry

	provider *sdktrace.TracerProvider
	exporter sdktrace.SpanExporter // nil without an endpoint
}

// New starts telemetry. An unreachable collector is no error: telemetry never keeps a service from starting.
func New(ctx context.Context, c Config) (*Telemetry, error) {
	registry, err := newRegistry(c)
	if err != nil {
		return nil, err
	}
	exporter, err := newExporter(ctx, c, registry)
	if err != nil {
		return nil, err
	}
	provider := newProvider(c, exporter)
	return &Telemetry{
		TracerProvider: provider,
		Propagator:     propagation.TraceContext{},
		Registry:       registry,
		provider:       provider,
		exporter:       exporter,
	}, nil
}

// Tracer gives the tracer of one package, named by its import path.
func (t *Telemetry) Tracer(name string) trace.Tracer { return t.TracerProvider.Tracer(name) }

// Metrics serves the registry in Prometheus' formats.
func (t *Telemetry) Metrics() http.Handler {
	return promhttp.HandlerFor(t.Registry, promhttp.HandlerOpts{
		Registry: t.Registry,
		// One broken collector must not hide the others.
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: 4,
		Timeout:             10 * time.Second, // Prometheus' own scrape timeout
	})
}

// Close exports the spans that are left; ctx bounds the wait.
func (t *Telemetry) Close(ctx context.Context) error {
	err := t.provider.Shutdown(ctx)
	if err == nil {
		return nil
	}
	if t.exporter != nil && ctx.Err() != nil {
		// The provider leaves an export running in the background; this ends it at once.
		_ = t.exporter.Shutdown(ctx)
	}
	return fmt.Errorf("telemetry: last spans: %w", err)
}

func newProvider(c Config, exporter sdktrace.SpanExporter) *sdktrace.TracerProvider {
	sampler := sdktrace.ParentBased(sdktrace.AlwaysSample())
	if exporter == nil && c.Exporter == nil {
		sampler = sdktrace.NeverSample() // ids, without the cost of recording what nobody reads
	}
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithSampler(sampler),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", c.ServiceName),
			attribute.String("service.version", c.version()),
		)),
	}
	if exporter != nil {
		options = append(options, sdktrace.WithBatcher(exporter))
	}
	if c.Exporter != nil {
		options = append(options, sdktrace.WithSyncer(c.Exporter))
	}
	return sdktrace.NewTracerProvider(options...)
}
