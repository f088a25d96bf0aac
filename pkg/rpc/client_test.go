package rpc_test

import (
	"context"
	"net"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/telemetry"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

// serve gives a server of plain gRPC, with nothing of ours, and a connection of ours to it.
func serve(t *testing.T, register func(*grpc.Server), cfg rpc.ClientConfig) *grpc.ClientConn {
	t.Helper()
	lis, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	register(s)
	go func() { _ = s.Serve(lis) }()
	conn, err := rpc.Dial(lis.Addr().String(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(); s.Stop() })
	return conn
}

func TestForwarded(t *testing.T) { everyWay(t, testForwarded) }

func testForwarded(t *testing.T, w way) {
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	var seen metadata.MD
	var left time.Duration
	second := &catalogue{do: func(ctx context.Context) error {
		seen, _ = metadata.FromIncomingContext(ctx)
		until, _ := ctx.Deadline()
		left = time.Until(until)
		return nil
	}}
	conn := serve(t, func(s *grpc.Server) { cataloguev1.RegisterCatalogueServiceServer(s, second) }, rpc.ClientConfig{})
	next := cataloguev1.NewCatalogueServiceClient(conn)
	h := open(t, w, &catalogue{do: func(ctx context.Context) error {
		_, err := next.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: anyID})
		return err
	}}, func(cfg *rpc.ServerConfig) { cfg.Deadline = 2 * time.Second })
	ctx := h.as(t, "ada", "accept-language", "en", "traceparent", parent, "x-other", "1", "grpc-trace-bin", "x")
	if err := module(ctx, h); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"authorization": "Bearer ", "accept-language": "en", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-"} {
		if v := seen.Get(key); len(v) != 1 || !strings.HasPrefix(v[0], want) {
			t.Errorf("%s: %q", key, v)
		}
	}
	if len(seen.Get("x-other"))+len(seen.Get("grpc-trace-bin")) > 0 {
		t.Errorf("passed on what nobody asked for: %v", seen)
	}
	if left <= time.Second || left > 2*time.Second-50*time.Millisecond {
		t.Errorf("deadline %v", left)
	}
}

func TestOwnMetadataWins(t *testing.T) {
	var seen metadata.MD
	c := &catalogue{do: func(ctx context.Context) error { seen, _ = metadata.FromIncomingContext(ctx); return nil }}
	conn := serve(t, func(s *grpc.Server) { cataloguev1.RegisterCatalogueServiceServer(s, c) }, rpc.ClientConfig{})
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("authorization", "Bearer caller"))
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer own")
	if _, err := cataloguev1.NewCatalogueServiceClient(conn).GetModule(ctx, &cataloguev1.GetModuleRequest{Id: anyID}); err != nil {
		t.Fatal(err)
	}
	if v := seen.Get("authorization"); len(v) != 1 || v[0] != "Bearer own" {
		t.Errorf("%q", v)
	}
}

func TestRetries(t *testing.T) {
	calls := 0
	c := &catalogue{do: func(context.Context) error {
		calls++
		if calls < 3 {
			return status.Error(codes.Unavailable, "restarting")
		}
		return nil
	}}
	conn := serve(t, func(s *grpc.Server) { cataloguev1.RegisterCatalogueServiceServer(s, c) }, rpc.ClientConfig{})
	client := cataloguev1.NewCatalogueServiceClient(conn)
	if _, err := client.GetModule(t.Context(), &cataloguev1.GetModuleRequest{}); err != nil || calls != 3 {
		t.Errorf("a read: %d calls, %v", calls, err)
	}
	calls = 0
	if _, err := client.CreateResource(t.Context(), &cataloguev1.CreateResourceRequest{}); status.Code(err) != codes.Unavailable || calls != 1 {
		t.Errorf("a command: %d calls, %v", calls, err)
	}
}

// A server of ours has tried by itself: its UNAVAILABLE is not asked for again.
func TestOneLayerRetries(t *testing.T) { everyWay(t, testOneLayerRetries) }

func testOneLayerRetries(t *testing.T, w way) {
	calls := 0
	h := open(t, w, &catalogue{do: func(context.Context) error { calls++; return errs.ErrUnavailable }})
	if err := module(t.Context(), h); status.Code(err) != codes.Unavailable || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestNobodyThere(t *testing.T) { everyWay(t, testNobodyThere) }

func testNobodyThere(t *testing.T, w way) {
	lis, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = lis.Close()
	conn, err := rpc.Dial(lis.Addr().String(), rpc.ClientConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	h := open(t, w, &catalogue{do: func(ctx context.Context) error {
		_, err := cataloguev1.NewCatalogueServiceClient(conn).GetModule(ctx, &cataloguev1.GetModuleRequest{Id: anyID})
		return err
	}})
	if a := read(module(t.Context(), h)); a.code != codes.Unavailable || a.reason != "UNAVAILABLE" || a.retry == nil {
		t.Errorf("%+v", a)
	}
}

func TestTelemetry(t *testing.T) { everyWay(t, testTelemetry) }

func testTelemetry(t *testing.T, w way) {
	exporter := tracetest.NewInMemoryExporter()
	tel, err := telemetry.New(t.Context(), telemetry.Config{ServiceName: "test", Exporter: exporter})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tel.Close(context.Background()) }()
	with := func(cfg *rpc.ServerConfig) { cfg.Telemetry = tel }
	open(t, w, &catalogue{}, with) // a second server of the same process
	h := open(t, w, &catalogue{}, with)
	if err := module(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	if err := list(t.Context(), h); err == nil {
		t.Fatal("listed without token")
	}
	if err := module(h.as(t, "", "x", "y"), h); err != nil {
		t.Fatal(err)
	}

	page := httptest.NewRecorder()
	tel.Metrics().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	const service = `method="/maillage\.catalogue\.v1\.CatalogueService/`
	for _, want := range []string{
		`rpc_server_duration_seconds_count\{code="OK",` + service + `GetModule"\} 2`,
		`rpc_server_duration_seconds_count\{code="UNAUTHENTICATED",` + service + `ListEnrolments"\} 1`,
		`rpc_server_in_flight 0`,
	} {
		if !regexp.MustCompile(want).MatchString(page.Body.String()) {
			t.Errorf("no %s in\n%s", want, page.Body)
		}
	}
	spans := exporter.GetSpans()
	if len(spans) != 6 {
		t.Fatalf("%d spans", len(spans))
	}
	server, client := spans[0], spans[1] // the server's ends first
	if server.Name != "maillage.catalogue.v1.CatalogueService/GetModule" || server.SpanKind.String() != "server" ||
		server.Parent.SpanID() != client.SpanContext.SpanID() || server.SpanContext.TraceID() != client.SpanContext.TraceID() {
		t.Errorf("%+v\n%+v", server, client)
	}
}
