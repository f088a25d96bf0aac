package telemetry

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
)

func start(t *testing.T, c Config) *Telemetry {
	t.Helper()
	tel, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = tel.Close(ctx)
	})
	return tel
}

func metrics(t *testing.T, tel *Telemetry) string {
	t.Helper()
	w := httptest.NewRecorder()
	tel.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestIdsWithoutExporter(t *testing.T) {
	tel := start(t, Config{})
	ctx, parent := tel.Tracer("test").Start(t.Context(), "parent")
	_, child := tel.Tracer("test").Start(ctx, "child")
	p, c := parent.SpanContext(), child.SpanContext()
	if !p.IsValid() || !c.IsValid() || p.TraceID() != c.TraceID() || p.SpanID() == c.SpanID() {
		t.Errorf("parent %v, child %v", p, c)
	}
	if parent.IsRecording() {
		t.Error("records what nobody reads")
	}
}

func TestExporterAndPropagation(t *testing.T) {
	exporter := tracetest.NewInMemoryExporter()
	tel := start(t, Config{ServiceName: "mesh", Version: "v1", Exporter: exporter})
	const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	in := propagation.MapCarrier{"traceparent": traceparent, "baggage": "user=someone"}
	ctx, span := tel.Tracer("test").Start(tel.Propagator.Extract(t.Context(), in), "GetPlace")
	span.End()

	spans := exporter.GetSpans()
	if len(spans) != 1 || spans[0].Name != "GetPlace" || spans[0].Parent.SpanID().String() != "b7ad6b7169203331" {
		t.Fatalf("%+v", spans)
	}
	if r := spans[0].Resource.String(); r != "service.name=mesh,service.version=v1" {
		t.Error(r)
	}
	out := propagation.MapCarrier{}
	tel.Propagator.Inject(ctx, out)
	if !strings.HasPrefix(out["traceparent"], traceparent[:36]) || out["baggage"] != "" {
		t.Errorf("%v", out)
	}
}

func TestNothingGlobal(t *testing.T) {
	tel := start(t, Config{Exporter: tracetest.NewInMemoryExporter()})
	_, span := otel.Tracer("test").Start(t.Context(), "global")
	if span.SpanContext().IsValid() {
		t.Error("the global provider was set")
	}
	if tel.Registry == start(t, Config{}).Registry {
		t.Error("two programs share a registry")
	}
}

func TestMetrics(t *testing.T) {
	text := metrics(t, start(t, Config{ServiceName: "mesh", Version: "v1.2.3"}))
	for _, want := range []string{"go_goroutines ", "process_start_time_seconds ", `service="mesh"`, `version="v1.2.3"`, "maillage_build_info{"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestBadEndpoint(t *testing.T) {
	for _, endpoint := range []string{"collector:4317", "ftp://collector:4317", "http://", "http://a b", "://"} {
		if _, err := New(t.Context(), Config{OTLPEndpoint: endpoint}); err == nil || !strings.Contains(err.Error(), "OTLP endpoint") {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}

type sink struct {
	collector.UnimplementedTraceServiceServer
	mu    sync.Mutex
	names []string
}

func (s *sink) Export(_ context.Context, in *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range in.ResourceSpans {
		for _, scope := range r.ScopeSpans {
			for _, span := range scope.Spans {
				s.names = append(s.names, span.Name)
			}
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

func TestCloseFlushesToCollector(t *testing.T) {
	lis, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	received := &sink{}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, received)
	go func() { _ = server.Serve(lis) }()
	t.Cleanup(server.Stop)

	tel := start(t, Config{OTLPEndpoint: "http://" + lis.Addr().String()})
	_, span := tel.Tracer("test").Start(t.Context(), "last", trace.WithSpanKind(trace.SpanKindServer))
	span.End()
	if err := tel.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	received.mu.Lock()
	defer received.mu.Unlock()
	if len(received.names) != 1 || received.names[0] != "last" {
		t.Errorf("received %v", received.names)
	}
}

func TestCollectorAway(t *testing.T) {
	lis, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	address := lis.Addr().String()
	_ = lis.Close()
	told := make(lines, 8)
	tel := start(t, Config{OTLPEndpoint: "http://" + address, Log: slog.New(slog.NewTextHandler(told, nil))})
	_, span := tel.Tracer("test").Start(t.Context(), "x")
	span.End()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := tel.Close(ctx); err == nil {
		t.Error("the loss of the last spans is not told")
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("a collector that is away holds the stop for %s", took)
	}
	select {
	case line := <-told:
		if !strings.Contains(line, `"spans lost" count=1`) {
			t.Error(line)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the export goes on after Close")
	}
	if !strings.Contains(metrics(t, tel), "telemetry_spans_lost_total 1") {
		t.Error("not counted")
	}
}

type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}
