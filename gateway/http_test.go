package gateway

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// full answers with a place.
func full(t *testing.T, name string) http.Handler {
	t.Helper()
	door, fake := open(t, Config{}, Deps{})
	fake.answer = func(call) (proto.Message, error) { return &meshv1.Place{Id: someID, Name: name}, nil }
	return door
}

func TestDefaultsAreWritten(t *testing.T) {
	var got map[string]any
	res := ask(t, full(t, "x"), "GET", "/v1/places/"+someID, "")
	if err := json.NewDecoder(strings.NewReader(res.Body)).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got["communeCode"] != "" || got["seats"] != 0.0 || got["status"] != "PLACE_STATUS_UNSPECIFIED" {
		t.Errorf("%v", got)
	}
	if _, ok := got["position"]; ok {
		t.Error("an absent message is written")
	}
	door, _ := open(t, Config{}, Deps{})
	if body := ask(t, door, "GET", "/v1/places", "").Body; body != `{"places":[],"nextPageToken":""}` {
		t.Error(body)
	}
}

func TestETag(t *testing.T) {
	door, target := full(t, "x"), "/v1/places/"+someID
	res := ask(t, door, "GET", target, "")
	tag := res.Header.Get("ETag")
	if len(tag) < 10 || !strings.HasPrefix(tag, `"`) || res.Header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("%v", res.Header)
	}
	for condition, code := range map[string]int{
		tag: 304, `"a", ` + tag: 304, "W/" + tag: 304, "*": 304,
		`"a"`: 200, tag[1 : len(tag)-1]: 200, "": 200,
	} {
		res := ask(t, door, "GET", target, "", "If-None-Match: "+condition)
		if res.StatusCode != code || (code == 304 && (res.Body != "" || res.Header.Get("ETag") != tag)) {
			t.Errorf("%s: %d %v", condition, res.StatusCode, res.Header)
		}
	}
	if other := ask(t, full(t, "y"), "GET", target, "").Header.Get("ETag"); other == tag {
		t.Error("another answer has the same tag")
	}
	if res := ask(t, door, "POST", "/v1/places", `{}`); res.Header.Get("ETag") != "" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("POST: %v", res.Header)
	}
	if res := ask(t, door, "GET", "/v1/castles", ""); res.Header.Get("ETag") != "" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("error: %v", res.Header)
	}
}

func TestCompression(t *testing.T) {
	const zip = "Accept-Encoding: gzip"
	door, target := full(t, strings.Repeat("é", 2000)), "/v1/places/"+someID
	plain := ask(t, door, "GET", target, "").Body
	res := ask(t, door, "GET", target, "", zip)
	if res.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Accept-Encoding") {
		t.Fatalf("%v", res.Header)
	}
	r, err := gzip.NewReader(strings.NewReader(res.Body))
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := io.ReadAll(r)
	if err != nil || string(unzipped) != plain {
		t.Errorf("%v, %d bytes", err, len(unzipped))
	}
	tag := res.Header.Get("ETag")
	if !strings.HasSuffix(tag, `-gzip"`) {
		t.Errorf("tag %s", tag)
	}
	if res := ask(t, door, "GET", target, "", zip, "If-None-Match: "+tag); res.StatusCode != http.StatusNotModified || res.Header.Get("ETag") != tag {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	if res := ask(t, full(t, "x"), "GET", target, "", zip); res.Header.Get("Content-Encoding") != "" {
		t.Error("a small answer is compressed")
	}
}

func TestCORS(t *testing.T) {
	const good, evil = "https://maillage.example", "https://evil.example"
	door, fake := open(t, Config{Origins: []string{good}}, Deps{})
	header := func(res answer) string { return res.Header.Get("Access-Control-Allow-Origin") }
	for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
		ask := func(origin string) answer {
			return ask(t, door, "OPTIONS", "/v1/places", "", "Origin: "+origin, "Access-Control-Request-Method: "+method)
		}
		if res := ask(good); res.StatusCode != http.StatusNoContent || header(res) != good {
			t.Errorf("%s: %d %v", method, res.StatusCode, res.Header)
		}
		for _, origin := range []string{evil, "null", "http://maillage.example", good + ".evil.example", good + ":444"} {
			res := ask(origin)
			refusal(t, res, http.StatusForbidden, "ORIGIN_NOT_ALLOWED")
			if header(res) != "" {
				t.Errorf("%s is allowed", origin)
			}
		}
	}
	if len(fake.seen()) != 0 {
		t.Fatal("a preflight reached a service")
	}
	res := ask(t, door, "GET", "/v1/places", "", "Origin: "+good)
	if header(res) != good || res.Header.Get("Access-Control-Allow-Credentials") != "" || !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Origin") {
		t.Errorf("%v", res.Header)
	}
	if res := ask(t, door, "GET", "/v1/places", "", "Origin: "+evil); header(res) != "" {
		t.Errorf("%v", res.Header)
	}
}

func TestSecurityHeaders(t *testing.T) {
	door, _ := open(t, loopback, Deps{DevIssuer: issuer(t)})
	for _, target := range []string{"/", "/docs/", "/openapi.json", "/healthz", "/v1/places", "/v1/x", "/dev/jwks.json"} {
		h := ask(t, door, "GET", target, "").Header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %v", target, h)
		}
	}
}

func TestPanicIsOurs(t *testing.T) {
	var log bytes.Buffer
	h := chain(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }),
		recovery(slog.New(slog.NewTextHandler(&log, nil))))
	p := refusal(t, ask(t, h, "GET", "/", ""), http.StatusInternalServerError, "INTERNAL")
	if strings.Contains(p.Message, "secret") || !strings.Contains(log.String(), "secret") || !strings.Contains(log.String(), "http_test.go") {
		t.Errorf("%+v\n%s", p, &log)
	}
}

func TestPanicBehindAllLayers(t *testing.T) {
	c := panics{}
	registry := prometheus.NewRegistry()
	door, err := New(t.Context(), Config{}, Deps{Catalogue: c, Mesh: c, Meetings: c, Indicators: c, Metrics: registry})
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"GET", "POST"} {
		refusal(t, ask(t, door, method, "/v1/places", "", "Accept-Encoding: gzip"), http.StatusInternalServerError, "INTERNAL")
	}
	if n, err := testutil.GatherAndCount(registry, "http_server_duration_seconds"); n != 2 || err != nil {
		t.Errorf("%d series, %v", n, err)
	}
}

type panics struct{ grpc.ClientConnInterface }

func (panics) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { panic("secret") }

func TestPanicAfterTheAnswerBegan(t *testing.T) {
	h := recovery(slog.New(slog.DiscardHandler))(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		panic("late")
	}))
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("got %v: the client would take half an answer for a whole one", err)
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
}

func TestObserved(t *testing.T) {
	var log bytes.Buffer
	registry := prometheus.NewRegistry()
	door, _ := open(t, loopback, Deps{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), Metrics: registry, DevIssuer: issuer(t)})
	ask(t, door, "GET", "/v1/places/"+someID, "")
	ask(t, door, "BREW", "/v1/castles/secret", "")
	ask(t, door, "GET", "/dev/token?persona=learner&subject=secret", "")
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "method=GET route=/v1/places/{id} code=200 duration=") ||
		!strings.Contains(lines[1], `method=OTHER route="" code=404`) || strings.Contains(log.String(), "secret") {
		t.Errorf("%s", &log)
	}
	if n, err := testutil.GatherAndCount(registry, "http_server_duration_seconds"); n != 3 || err != nil {
		t.Errorf("%d series, %v", n, err)
	}
}

func TestServerLimits(t *testing.T) {
	s := NewServer(http.NotFoundHandler(), nil)
	if s.ReadHeaderTimeout != 5*time.Second || s.ReadTimeout != 15*time.Second || s.IdleTimeout != time.Minute || s.MaxHeaderBytes != 16<<10 || s.WriteTimeout == 0 {
		t.Errorf("%+v", s)
	}
}
