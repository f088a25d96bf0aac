package e2e

import (
	"context"
	"encoding/hex"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"

	"github.com/classcode/maillage/pkg/testkit"
)

// collector is where the processes send their spans.
type collector struct {
	collectorv1.UnimplementedTraceServiceServer
	address string
	mu      sync.Mutex
	spans   []span
}

// span is one, and the process it comes from.
type span struct {
	*tracev1.Span
	process string
}

func collect(t *testing.T) *collector {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed by Stop
	if err != nil {
		t.Fatal(err)
	}
	c, server := &collector{address: "http://" + l.Addr().String()}, grpc.NewServer()
	collectorv1.RegisterTraceServiceServer(server, c)
	go func() { _ = server.Serve(l) }() // ends with Stop
	t.Cleanup(server.Stop)
	return c
}

// Export is what an OTLP exporter calls.
func (c *collector) Export(_ context.Context, request *collectorv1.ExportTraceServiceRequest) (*collectorv1.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range request.GetResourceSpans() {
		process := ""
		for _, a := range r.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				process = a.GetValue().GetStringValue()
			}
		}
		for _, s := range r.GetScopeSpans() {
			for _, one := range s.GetSpans() {
				c.spans = append(c.spans, span{one, process})
			}
		}
	}
	return &collectorv1.ExportTraceServiceResponse{}, nil
}

// ways are a trace's spans, each as the way that leads to it from the outermost.
func (c *collector) ways(trace string) (ways []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	byID := map[string]span{}
	for _, s := range c.spans {
		if hex.EncodeToString(s.GetTraceId()) == trace {
			byID[string(s.GetSpanId())] = s
		}
	}
	for _, s := range byID {
		var way []string
		for known := true; known; s, known = byID[string(s.GetParentSpanId())] {
			way = append([]string{s.process + ": " + s.GetName()}, way...)
		}
		ways = append(ways, strings.Join(way, " > "))
	}
	return ways
}

// One trace leads from the HTTP request to the commit of a consumer in another process.
func (s *site) traced(t *testing.T, c *collector) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	site := s.in(t)
	code, answer := site.ask(http.MethodPost, "/v1/places", site.token("coordinator", "traced"), `{"name":"Salle suivie",`+lyon+`}`,
		"Traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, answer)
	}
	const want = "gateway: POST /v1/places > gateway: maillage.mesh.v1.MeshService/CreatePlace > mesh: maillage.mesh.v1.MeshService/CreatePlace" +
		" > indicators: consume maillage.mesh.v1.place.created > indicators: write"
	var ways []string
	defer func() {
		if t.Failed() {
			t.Log(strings.Join(ways, "\n"))
		}
	}()
	testkit.Poll(t, 30*time.Second, func() bool {
		ways = c.ways(trace)
		for _, way := range ways {
			if way == want {
				return true
			}
		}
		return false
	}, "the way from the request to the consumer's commit")
}
