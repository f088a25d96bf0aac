package database

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

const scope = "github.com/classcode/maillage/pkg/database"

// begin starts the span of a write in the trace of whoever asked for it; without such a trace there is none.
func (db *DB) begin(ctx context.Context) (context.Context, trace.Span) {
	tracer := trace.SpanFromContext(ctx).TracerProvider().Tracer(scope)
	return tracer.Start(ctx, "write", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("db.system.name", db.engine.String())))
}

// end tells whether the write was committed: a refusal that rolled it back is no error.
func end(span trace.Span, err error) {
	span.SetAttributes(attribute.Bool("committed", err == nil))
	span.End()
}
