package gateway

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const someID = "018f4e4e-3c1a-7cc3-98a4-1f2a3b4c5d6e"

// call is what a service saw.
type call struct {
	method  string
	request proto.Message
	md      metadata.MD
	ctx     context.Context
}

// services stands for all four: it notes each call and answers with an empty message, or as told.
type services struct {
	mu     sync.Mutex
	calls  []call
	answer func(call) (proto.Message, error)
}

func (s *services) intercept(ctx context.Context, req any, info *grpc.UnaryServerInfo, _ grpc.UnaryHandler) (any, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	c := call{method: info.FullMethod, request: req.(proto.Message), md: md, ctx: ctx}
	s.mu.Lock()
	s.calls = append(s.calls, c)
	s.mu.Unlock()
	if s.answer != nil {
		return s.answer(c)
	}
	return empty(info.FullMethod)
}

func (s *services) seen() []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// last is the only call since the test began.
func (s *services) last(t *testing.T) call {
	t.Helper()
	calls := s.seen()
	if len(calls) != 1 {
		t.Fatalf("%d calls reached the services", len(calls))
	}
	return calls[0]
}

func empty(fullMethod string) (proto.Message, error) {
	name := strings.ReplaceAll(strings.TrimPrefix(fullMethod, "/"), "/", ".")
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil, err
	}
	output, err := protoregistry.GlobalTypes.FindMessageByName(d.(protoreflect.MethodDescriptor).Output().FullName())
	if err != nil {
		return nil, err
	}
	return output.New().Interface(), nil
}

// connect serves the fakes in memory.
func (s *services) connect(t *testing.T) *grpc.ClientConn {
	t.Helper()
	server := grpc.NewServer(grpc.UnaryInterceptor(s.intercept))
	cataloguev1.RegisterCatalogueServiceServer(server, cataloguev1.UnimplementedCatalogueServiceServer{})
	cataloguev1.RegisterPracticeSheetServiceServer(server, cataloguev1.UnimplementedPracticeSheetServiceServer{})
	indicatorsv1.RegisterIndicatorsServiceServer(server, indicatorsv1.UnimplementedIndicatorsServiceServer{})
	meetingsv1.RegisterMeetingsServiceServer(server, meetingsv1.UnimplementedMeetingsServiceServer{})
	meetingsv1.RegisterNoticeServiceServer(server, meetingsv1.UnimplementedNoticeServiceServer{})
	meshv1.RegisterContactServiceServer(server, meshv1.UnimplementedContactServiceServer{})
	meetingsv1.RegisterPollServiceServer(server, meetingsv1.UnimplementedPollServiceServer{})
	meetingsv1.RegisterProgrammeServiceServer(server, meetingsv1.UnimplementedProgrammeServiceServer{})
	meetingsv1.RegisterCalendarServiceServer(server, meetingsv1.UnimplementedCalendarServiceServer{})
	meetingsv1.RegisterProfessionalSearchServiceServer(server, meetingsv1.UnimplementedProfessionalSearchServiceServer{})
	meetingsv1.RegisterAttestationServiceServer(server, meetingsv1.UnimplementedAttestationServiceServer{})
	meetingsv1.RegisterAttestationShareServiceServer(server, meetingsv1.UnimplementedAttestationShareServiceServer{})
	meetingsv1.RegisterSwapServiceServer(server, meetingsv1.UnimplementedSwapServiceServer{})
	meetingsv1.RegisterBadgeServiceServer(server, meetingsv1.UnimplementedBadgeServiceServer{})
	meetingsv1.RegisterFeedbackServiceServer(server, meetingsv1.UnimplementedFeedbackServiceServer{})
	meetingsv1.RegisterKitServiceServer(server, meetingsv1.UnimplementedKitServiceServer{})
	meetingsv1.RegisterReadinessServiceServer(server, meetingsv1.UnimplementedReadinessServiceServer{})
	meetingsv1.RegisterAttendanceServiceServer(server, meetingsv1.UnimplementedAttendanceServiceServer{})
	meshv1.RegisterMeshServiceServer(server, meshv1.UnimplementedMeshServiceServer{})
	meshv1.RegisterFormingServiceServer(server, meshv1.UnimplementedFormingServiceServer{})
	meshv1.RegisterProfessionalServiceServer(server, meshv1.UnimplementedProfessionalServiceServer{})
	meetingsv1.RegisterLogisticsServiceServer(server, meetingsv1.UnimplementedLogisticsServiceServer{})
	meshv1.RegisterRoomServiceServer(server, meshv1.UnimplementedRoomServiceServer{})
	lis := bufconn.Listen(1 << 16)
	go func() { _ = server.Serve(lis) }()
	t.Cleanup(server.Stop)
	dial := func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }
	conn, err := grpc.NewClient("passthrough:///fake", grpc.WithContextDialer(dial), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// open gives a door in front of fakes.
func open(t *testing.T, cfg Config, deps Deps) (http.Handler, *services) {
	t.Helper()
	fake := &services{}
	c := fake.connect(t)
	deps.Catalogue, deps.Mesh, deps.Meetings, deps.Indicators = c, c, c, c
	door, err := New(t.Context(), cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	return door, fake
}

// ask sends one request; headers are "Name: value".
func ask(t *testing.T, door http.Handler, method, target, body string, headers ...string) answer {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, target, reader)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	return answerOf(w)
}

// answer is what came back, read to its end.
type answer struct {
	StatusCode int
	Header     http.Header
	Body       string
}

func answerOf(w *httptest.ResponseRecorder) answer {
	return answer{w.Code, w.Header(), w.Body.String()}
}

// refusal reads an error and checks its shape.
func refusal(t *testing.T, res answer, code int, reason string) problem {
	t.Helper()
	var got struct {
		Error *problem `json:"error"`
	}
	d := json.NewDecoder(strings.NewReader(res.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil || got.Error == nil {
		t.Fatalf("%d, not an error of ours: %v\n%s", res.StatusCode, err, res.Body)
	}
	p := *got.Error
	if res.StatusCode != code || p.Code != code || p.Reason != reason {
		t.Fatalf("got %d %s, want %d %s\n%s", res.StatusCode, p.Reason, code, reason, res.Body)
	}
	if p.Status == "" || p.Message == "" || p.Fields == nil || p.Metadata == nil || res.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("incomplete: %s", res.Body)
	}
	return p
}

func TestEveryRouteReachesItsRPC(t *testing.T) {
	rs, err := contractRoutes()
	if err != nil {
		t.Fatal(err)
	}
	if len(rs.all) < 40 {
		t.Fatalf("only %d routes", len(rs.all))
	}
	for _, r := range rs.all {
		door, fake := open(t, Config{}, Deps{})
		path, body := variable.ReplaceAllString(r.pattern, someID), ""
		if r.body != "" {
			body = "{}"
		}
		res := ask(t, door, r.method, path, body)
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s %s: %d %s", r.method, r.pattern, res.StatusCode, res.Body)
			continue
		}
		c := fake.last(t)
		if c.request.ProtoReflect().Descriptor() != r.input.Descriptor() {
			t.Errorf("%s %s reached %s", r.method, r.pattern, c.method)
		}
		if allowed := rs.methods(path); !slices.Contains(allowed, r.method) {
			t.Errorf("%s %s: allowed %v", r.method, r.pattern, allowed)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	c := (&services{}).connect(t)
	all := Deps{Catalogue: c, Mesh: c, Meetings: c, Indicators: c}
	missing, dev := all, all
	missing.Mesh = nil
	dev.DevIssuer = issuer(t)
	for name, try := range map[string]struct {
		cfg  Config
		deps Deps
	}{
		"missing service":          {Config{}, missing},
		"dev without listeners":    {Config{}, dev},
		"dev on all interfaces":    {Config{Listeners: []string{"localhost:8080", ":9090"}}, dev},
		"dev on another interface": {Config{Listeners: []string{"192.0.2.1:8080"}}, dev},
		"any origin":               {Config{Origins: []string{"*"}}, all},
		"null origin":              {Config{Origins: []string{"null"}}, all},
		"origin with a path":       {Config{Origins: []string{"https://a.example/"}}, all},
	} {
		if _, err := New(t.Context(), try.cfg, try.deps); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
