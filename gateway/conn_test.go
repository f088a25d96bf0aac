package gateway

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// What gRPC's own client adds to each call.
var transport = []string{":authority", "content-type", "grpc-accept-encoding", "user-agent", "grpc-timeout"}

func TestOnlyListedHeadersPass(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	res := ask(t, door, "GET", "/v1/places/"+someID, "",
		"Authorization: Bearer abc", "Accept-Language: en", "Idempotency-Key: "+someID,
		"Cookie: session=1", "X-Forwarded-For: 192.0.2.9", "X-Forwarded-Host: evil.example", "Forwarded: for=192.0.2.9",
		"Grpc-Metadata-Authorization: Bearer evil", "Grpc-Metadata-X-Role: national", "Grpc-Metadata-Grpcgateway-Host: evil",
		"X-Role: national", "Person-Id: 1", "Data-Bin: AAAA", "Te: trailers", "Baggage: user=1", "Host: evil.example", "Origin: https://evil.example")
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Body)
	}
	md := fake.last(t).md
	for key, want := range map[string]string{"authorization": "Bearer abc", "accept-language": "en", "idempotency-key": someID} {
		if got := md.Get(key); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q", key, got)
		}
	}
	for key := range md {
		if !slices.Contains(forwarded, key) && !slices.Contains(transport, key) {
			t.Errorf("%s passed: %q", key, md.Get(key))
		}
	}
	for key := range res.Header {
		if len(key) > 4 && key[:4] == "Grpc" {
			t.Errorf("%s came back", key)
		}
	}
}

func TestClientTimeoutIsDropped(t *testing.T) {
	for _, timeout := range []string{"1n", "99999999H", "-1S", "x"} {
		door, fake := open(t, Config{Timeout: 7 * time.Second}, Deps{})
		if res := ask(t, door, "GET", "/v1/places", "", "Grpc-Timeout: "+timeout); res.StatusCode != http.StatusOK {
			t.Fatal(timeout, res.Body)
		}
		deadline, ok := fake.last(t).ctx.Deadline()
		if left := time.Until(deadline); !ok || left > 7*time.Second || left < time.Second {
			t.Errorf("%s: %s left", timeout, left)
		}
	}
}

func TestTraceContextPasses(t *testing.T) {
	provider := sdktrace.NewTracerProvider()
	door, fake := open(t, Config{}, Deps{Tracer: provider.Tracer("")})
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	res := ask(t, door, "GET", "/v1/places", "", "Traceparent: "+parent, "Tracestate: a=b")
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Body)
	}
	md := fake.last(t).md
	got := md.Get("traceparent")
	if len(got) != 1 || got[0][:35] != parent[:35] || got[0] == parent || md.Get("tracestate")[0] != "a=b" {
		t.Errorf("%q: want the same trace, and the door's span", got)
	}
	p := refusal(t, ask(t, door, "GET", "/v1/castles", "", "Traceparent: "+parent), http.StatusNotFound, "ROUTE_NOT_FOUND")
	if p.RequestID != parent[3:35] {
		t.Errorf("request id %q", p.RequestID)
	}
}

func TestIdempotencyKey(t *testing.T) {
	const other = "018f4e4e-3c1a-7cc3-98a4-1f2a3b4c5d6f"
	for name, c := range map[string]struct{ path, body, key, want string }{
		"header only":     {"/v1/series", `{}`, someID, someID},
		"beside a body":   {"/v1/places", `{"name":"x"}`, someID, someID},
		"field only":      {"/v1/series", `{"requestId":"` + other + `"}`, "", other},
		"parameter only":  {"/v1/places?requestId=" + other, `{}`, "", other},
		"both, the same":  {"/v1/series", `{"requestId":"` + someID + `"}`, someID, someID},
		"without a field": {"/v1/attestations:verify", `{}`, someID, ""},
	} {
		door, fake := open(t, Config{}, Deps{})
		var headers []string
		if c.key != "" {
			headers = []string{"Idempotency-Key: " + c.key}
		}
		if res := ask(t, door, "POST", c.path, c.body, headers...); res.StatusCode != http.StatusOK {
			t.Fatal(name, res.Body)
		}
		if got := requestID(fake.last(t).request); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	door, fake := open(t, Config{}, Deps{})
	p := refusal(t, ask(t, door, "POST", "/v1/series", `{"requestId":"`+other+`"}`, "Idempotency-Key: "+someID), http.StatusBadRequest, "REQUEST_ID_CONFLICT")
	expectField(t, p, "requestId")
	for _, bad := range []string{"", "1", "{" + someID + "}", "urn:uuid:" + someID, someID[:35] + "g"} {
		p := refusal(t, ask(t, door, "POST", "/v1/series", `{}`, "Idempotency-Key: "+bad), http.StatusBadRequest, "INVALID_HEADER")
		expectField(t, p, "Idempotency-Key")
	}
	refusal(t, ask(t, door, "POST", "/v1/series", `{}`, "Idempotency-Key: "+someID, "Idempotency-Key: "+other), http.StatusBadRequest, "INVALID_HEADER")
	refusal(t, ask(t, door, "GET", "/v1/series", "", "Authorization: Bearer a", "Authorization: Bearer b"), http.StatusBadRequest, "INVALID_HEADER")
	if len(fake.seen()) != 0 {
		t.Error("a service was called")
	}
}

func requestID(m proto.Message) string {
	switch m := m.(type) {
	case *meetingsv1.CreateSeriesRequest:
		return m.GetRequestId()
	case *meshv1.CreatePlaceRequest:
		return m.GetRequestId()
	}
	return ""
}

// The contract has no streams yet; the allow-list must already hold for them.
func TestStreamsCarryTheSameHeaders(t *testing.T) {
	next := &streams{}
	ctx := metadata.NewOutgoingContext(t.Context(), metadata.Pairs("authorization", "a", "x-forwarded-for", "b"))
	if _, err := (conn{next}).NewStream(ctx, &grpc.StreamDesc{}, "/x"); err != nil {
		t.Fatal(err)
	}
	if len(next.md) != 1 || next.md.Get("authorization")[0] != "a" {
		t.Errorf("%v", next.md)
	}
}

type streams struct {
	grpc.ClientConnInterface
	md metadata.MD
}

func (s *streams) NewStream(ctx context.Context, _ *grpc.StreamDesc, _ string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	s.md, _ = metadata.FromOutgoingContext(ctx)
	return nil, nil
}
