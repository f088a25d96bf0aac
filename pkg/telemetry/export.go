package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// newExporter gives nil without an endpoint.
func newExporter(ctx context.Context, c Config, registry prometheus.Registerer) (sdktrace.SpanExporter, error) {
	if c.OTLPEndpoint == "" {
		return nil, nil
	}
	// The exporter itself takes a bad address for localhost and says nothing.
	u, err := url.Parse(c.OTLPEndpoint)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, errors.New("telemetry: want an OTLP endpoint such as http://collector:4317")
	}
	exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(c.OTLPEndpoint))
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	return watch(exporter, c.Log, registry)
}

// watched counts and logs what OpenTelemetry would hand to a global error handler.
type watched struct {
	sdktrace.SpanExporter
	log  *slog.Logger
	lost prometheus.Counter
}

func watch(e sdktrace.SpanExporter, log *slog.Logger, registry prometheus.Registerer) (sdktrace.SpanExporter, error) {
	w := watched{e, log, prometheus.NewCounter(prometheus.CounterOpts{
		Name: "telemetry_spans_lost_total",
		Help: "Spans that could not be exported.",
	})}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	if err := registry.Register(w.lost); err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	return w, nil
}

// ExportSpans never fails: the spans are lost, and this is told.
func (w watched) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := w.SpanExporter.ExportSpans(ctx, spans); err != nil {
		w.lost.Add(float64(len(spans)))
		w.log.WarnContext(ctx, "spans lost", "count", len(spans), "error", err)
	}
	return nil
}
