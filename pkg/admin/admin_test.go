package admin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func ok(context.Context) error { return nil }

func broken(context.Context) error { return errors.New("connection refused") }

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

func TestReady(t *testing.T) {
	for _, c := range []struct {
		name   string
		checks map[string]Check
		code   int
		want   Report
	}{
		{"no checks", nil, 200, Report{Ready, []Result{}}},
		{"all well", map[string]Check{"b": {Probe: ok}, "a": {Probe: ok, Optional: true}}, 200,
			Report{Ready, []Result{{Name: "a", OK: true}, {Name: "b", OK: true}}}},
		{"optional away", map[string]Check{"database": {Probe: ok}, "nats": {Probe: broken, Optional: true}}, 200,
			Report{Degraded, []Result{{Name: "database", OK: true}, {Name: "nats", Error: "connection refused"}}}},
		{"required away", map[string]Check{"database": {Probe: broken}, "nats": {Probe: ok, Optional: true}}, 503,
			Report{Down, []Result{{Name: "database", Error: "connection refused"}, {Name: "nats", OK: true}}}},
		{"both away", map[string]Check{"a": {Probe: broken}, "z": {Probe: broken, Optional: true}}, 503,
			Report{Down, []Result{{Name: "a", Error: "connection refused"}, {Name: "z", Error: "connection refused"}}}},
		{"panic", map[string]Check{"a": {Probe: func(context.Context) error { panic("nil map") }}}, 503,
			Report{Down, []Result{{Name: "a", Error: "panic: nil map"}}}},
	} {
		health := NewHealth(c.checks)
		health.Started()
		w := get(t, Handler(health, http.NotFoundHandler()), "/readyz")
		var got Report
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if w.Code != c.code || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %d %+v", c.name, w.Code, got)
		}
	}
}

func TestPhases(t *testing.T) {
	health := NewHealth(map[string]Check{"database": {Probe: ok}})
	h := Handler(health, http.NotFoundHandler())
	expect := func(code int, status string) {
		t.Helper()
		w := get(t, h, "/readyz")
		if w.Code != code || !strings.Contains(w.Body.String(), `"status":"`+status+`"`) {
			t.Errorf("%d %s, want %d %s", w.Code, w.Body, code, status)
		}
		if w := get(t, h, "/healthz"); w.Code != http.StatusOK {
			t.Errorf("/healthz is about the process only: %d", w.Code)
		}
	}
	expect(503, Starting)
	health.Started()
	expect(200, Ready)
	health.Stopping()
	expect(503, Down)
	health.Started()
	expect(503, Down)
}

func TestSlowProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		deaf := func(context.Context) error { <-release; return nil }
		health := NewHealth(map[string]Check{"a": {Probe: deaf}, "b": {Probe: deaf}, "c": {Probe: ok}})
		health.Started()
		begin := time.Now()
		r := health.Report(t.Context())
		if took := time.Since(begin); took != probeTimeout {
			t.Errorf("took %s", took)
		}
		if r.Status != Down || r.Checks[0].Error != "no answer: context deadline exceeded" || !r.Checks[2].OK {
			t.Errorf("%+v", r)
		}
		close(release)
	})
}

func TestRoutes(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "up 1\n") })
	server := NewServer("", Handler(NewHealth(nil), metrics))
	for _, c := range []struct {
		method, path, host string
		code               int
	}{
		{"GET", "/metrics", "127.0.0.1", 200},
		{"HEAD", "/healthz", "127.0.0.1", 200},
		{"POST", "/healthz", "127.0.0.1", 405},
		{"DELETE", "/readyz", "127.0.0.1", 405},
		{"GET", "/", "127.0.0.1", 404},
		{"GET", "/debug/pprof/", "127.0.0.1", 200},
		{"GET", "/debug/pprof/goroutine?debug=1", "::1", 200},
		{"GET", "/debug/pprof/cmdline", "127.0.0.1", 404},
		{"GET", "/debug/pprof/", "10.0.0.7", 403},
		{"GET", "/debug/pprof/profile?seconds=60", "10.0.0.7", 403},
		{"GET", "/debug/pprof/heap", "", 403},
	} {
		ctx := t.Context()
		if c.host != "" {
			ctx = context.WithValue(ctx, http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(c.host)})
		}
		w := httptest.NewRecorder()
		server.Handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, c.method, c.path, nil))
		if w.Code != c.code {
			t.Errorf("%s %s on %s: %d", c.method, c.path, c.host, w.Code)
		}
	}
}

func TestServer(t *testing.T) {
	s := NewServer("localhost:0", Handler(NewHealth(nil), http.NotFoundHandler()))
	if s.ReadHeaderTimeout != 5*time.Second || s.ReadTimeout != 15*time.Second || s.IdleTimeout != time.Minute || s.MaxHeaderBytes != 16<<10 {
		t.Errorf("%+v", s)
	}
	s.ReadTimeout = 10 * time.Millisecond // shorter than the trace below, which must not be cut
	lis, err := net.Listen("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(lis) }()
	t.Cleanup(func() { _ = s.Close() })

	begin := time.Now()
	resp, err := http.Get("http://" + lis.Addr().String() + "/debug/pprof/trace?seconds=0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || len(body) == 0 {
		t.Errorf("%d, %d bytes, %v", resp.StatusCode, len(body), err)
	}
	if took := time.Since(begin); took < 100*time.Millisecond {
		t.Errorf("cut short after %s", took)
	}
}
