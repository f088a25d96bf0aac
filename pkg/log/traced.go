package log

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/trace"
)

// traced adds the span's ids at the top of a line, where a log store looks for them, even under WithGroup.
type traced struct {
	root    slog.Handler                      // before the first group
	after   []func(slog.Handler) slog.Handler // the first group and what followed it
	current slog.Handler                      // root with after applied
}

// Enabled is part of slog.Handler.
func (h traced) Enabled(ctx context.Context, level slog.Level) bool {
	return h.current.Enabled(ctx, level)
}

// Handle is part of slog.Handler.
func (h traced) Handle(ctx context.Context, record slog.Record) error {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsValid() {
		return h.current.Handle(ctx, record)
	}
	next := h.root.WithAttrs([]slog.Attr{
		slog.String("trace_id", span.TraceID().String()),
		slog.String("span_id", span.SpanID().String()),
	})
	for _, f := range h.after {
		next = f(next)
	}
	return next.Handle(ctx, record)
}

// WithAttrs is part of slog.Handler.
func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.then(func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) }, false)
}

// WithGroup is part of slog.Handler.
func (h traced) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.then(func(next slog.Handler) slog.Handler { return next.WithGroup(name) }, true)
}

func (h traced) then(f func(slog.Handler) slog.Handler, group bool) traced {
	if len(h.after) == 0 && !group {
		h.root = f(h.root)
		h.current = h.root
		return h
	}
	// A clone: two loggers made from one must not share a backing array.
	h.after = append(slices.Clone(h.after), f)
	h.current = f(h.current)
	return h
}
