package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/classcode/maillage/gateway/internal/jsonout"
)

// exchange is what the layers learn about one request, for those outside of them.
type exchange struct {
	name  string // the route's pattern or the page; "" for an unknown address
	route *route
	body  []byte
	cause error // of the door's own error
	draft *jsonout.Writer
}

type exchangeKey struct{}

// exchangeFrom never gives nil.
func exchangeFrom(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{}
}

// observer gives each request a span, a measure and a line in the log.
type observer struct {
	log      *slog.Logger
	tracer   trace.Tracer
	duration *prometheus.HistogramVec
}

func newObserver(deps Deps) (*observer, error) {
	o := &observer{log: deps.Log, tracer: deps.Tracer, duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_server_duration_seconds",
		Help: "Time to answer, by method, route and status code.",
	}, []string{"method", "route", "code"})}
	return o, deps.Metrics.Register(o.duration)
}

func (o *observer) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		x := &exchange{}
		ctx := context.WithValue(r.Context(), exchangeKey{}, x)
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
		ctx, span := o.tracer.Start(ctx, knownMethod(r.Method), trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		answer := &recorder{ResponseWriter: w, code: http.StatusOK}
		next.ServeHTTP(answer, r.WithContext(ctx))
		if !answer.broken { // else the connection may still be reading it
			x.recycle()
		}
		o.record(ctx, r, x, answer.code, time.Since(begin))
	})
}

func (o *observer) record(ctx context.Context, r *http.Request, x *exchange, code int, took time.Duration) {
	method := knownMethod(r.Method)
	span := trace.SpanFromContext(ctx)
	span.SetName(method + " " + x.name)
	span.SetAttributes(
		attribute.String("http.request.method", method),
		attribute.String("http.route", x.name),
		attribute.Int("http.response.status_code", code),
	)
	if code >= http.StatusInternalServerError {
		span.SetStatus(otelcodes.Error, http.StatusText(code))
	}
	o.duration.WithLabelValues(method, x.name, strconv.Itoa(code)).Observe(took.Seconds())
	attrs := []slog.Attr{ // the route, never the address: it may hold a subject or a token
		slog.String("method", method), slog.String("route", x.name), slog.Int("code", code), slog.Duration("duration", took),
	}
	if x.cause != nil {
		attrs = append(attrs, slog.Any("error", x.cause))
	}
	level := slog.LevelDebug // metrics count what goes well, and what callers get wrong
	if code >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	o.log.LogAttrs(ctx, level, "request", attrs...)
}

// knownMethod bounds the number of time series: a method is any word that the client likes.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "OTHER"
}

// recorder remembers the status code.
type recorder struct {
	http.ResponseWriter
	code   int
	wrote  bool
	broken bool
}

// WriteHeader is part of http.ResponseWriter.
func (w *recorder) WriteHeader(code int) {
	if !w.wrote && code >= http.StatusOK { // 1xx precede the answer
		w.code, w.wrote = code, true
	}
	w.ResponseWriter.WriteHeader(code)
}

// Write is part of http.ResponseWriter.
func (w *recorder) Write(b []byte) (int, error) {
	w.wrote = true
	n, err := w.ResponseWriter.Write(b)
	w.broken = w.broken || err != nil
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
