package rpc_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/rpc"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

func TestRunUntilDone(t *testing.T) {
	issuer := accesstest.New(t)
	s, err := rpc.NewServer(rpc.ServerConfig{Verifier: issuer.Verifier(), Guard: guard(t)})
	if err != nil {
		t.Fatal(err)
	}
	cataloguev1.RegisterCatalogueServiceServer(s, &catalogue{})
	lis, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, lis) }()
	conn, err := rpc.Dial(lis.Addr().String(), rpc.ClientConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	h := &house{CatalogueServiceClient: cataloguev1.NewCatalogueServiceClient(conn), issuer: issuer}
	if err := list(h.as(t, "ada"), h); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	if err := list(h.as(t, "ada"), h); status.Code(err) != codes.Unavailable {
		t.Errorf("after the end: %v", err)
	}
}

func TestStopWaitsForCalls(t *testing.T) { everyWay(t, testStopWaitsForCalls) }

func testStopWaitsForCalls(t *testing.T, w way) {
	synctest.Test(t, func(t *testing.T) {
		inside, leave := make(chan struct{}), make(chan struct{})
		h := open(t, w, &catalogue{do: func(context.Context) error { close(inside); <-leave; return nil }})
		answer := make(chan error, 1)
		go func() { answer <- module(t.Context(), h) }()
		<-inside
		begin := time.Now()
		stopped := make(chan struct{})
		go func() { h.server.Stop(); close(stopped) }()
		<-time.After(4 * time.Second)
		if err := module(t.Context(), h); status.Code(err) != codes.Unavailable {
			t.Errorf("a call that comes after the stop: %v", err)
		}
		close(leave)
		if err := <-answer; err != nil {
			t.Errorf("the call in flight: %v", err)
		}
		<-stopped
		if took := time.Since(begin); took < 4*time.Second || took > 5*time.Second {
			t.Errorf("stopped after %v", took)
		}
	})
}

// Streams are dialled; this one would hold the stop until it is cut.
func TestStopLetsWatchersGo(t *testing.T) {
	h := open(t, network, &catalogue{})
	watch, err := healthv1.NewHealthClient(h.conn).Watch(t.Context(), &healthv1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := watch.Recv(); err != nil || r.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		t.Fatalf("%v %v", r, err)
	}
	stopped := make(chan struct{})
	begin := time.Now()
	go func() { h.server.Stop(); close(stopped) }()
	for err == nil { // until the watcher has been told, or let go
		var r *healthv1.HealthCheckResponse
		if r, err = watch.Recv(); err == nil && r.GetStatus() == healthv1.HealthCheckResponse_SERVING {
			t.Error("still SERVING")
		}
	}
	<-stopped
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("a watcher holds the stop: %v", took)
	}
}

func TestStopCutsWhatDoesNotEnd(t *testing.T) { everyWay(t, testStopCutsWhatDoesNotEnd) }

func testStopCutsWhatDoesNotEnd(t *testing.T, w way) {
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		h := open(t, w, &catalogue{do: func(ctx context.Context) error { close(stuck); <-ctx.Done(); return ctx.Err() }},
			func(cfg *rpc.ServerConfig) { cfg.Deadline = time.Minute })
		answer := make(chan error, 1)
		go func() { answer <- module(t.Context(), h) }()
		<-stuck
		begin := time.Now()
		h.server.Stop()
		if took := time.Since(begin); took != 6*time.Second {
			t.Errorf("stopped after %v", took)
		}
		if err := <-answer; status.Code(err) != codes.Unavailable {
			t.Errorf("the call: %v", err)
		}
	})
}

// A handler that ignores its context is left behind: the program has other things to close.
func TestStopLeavesTheDeaf(t *testing.T) { everyWay(t, testStopLeavesTheDeaf) }

func testStopLeavesTheDeaf(t *testing.T, w way) {
	synctest.Test(t, func(t *testing.T) {
		inside, leave := make(chan struct{}), make(chan struct{})
		h := open(t, w, &catalogue{do: func(context.Context) error { close(inside); <-leave; return nil }},
			func(cfg *rpc.ServerConfig) { cfg.Deadline = time.Minute })
		answer := make(chan error, 1)
		go func() { answer <- module(t.Context(), h) }()
		<-inside
		begin := time.Now()
		h.server.Stop()
		if took := time.Since(begin); took < 6*time.Second || took > 7*time.Second {
			t.Errorf("stopped after %v", took)
		}
		if err := <-answer; status.Code(err) != codes.Unavailable {
			t.Errorf("the call: %v", err)
		}
		close(leave)
	})
}

func TestServing(t *testing.T) { everyWay(t, testServing) }

func testServing(t *testing.T, w way) {
	h := open(t, w, &catalogue{})
	health := healthv1.NewHealthClient(h.conn)
	for _, c := range []struct {
		set  bool
		want healthv1.HealthCheckResponse_ServingStatus
	}{{true, healthv1.HealthCheckResponse_SERVING}, {false, healthv1.HealthCheckResponse_NOT_SERVING}} {
		h.server.SetServing(c.set)
		for _, service := range []string{"", "maillage.catalogue.v1.CatalogueService"} {
			r, err := health.Check(t.Context(), &healthv1.HealthCheckRequest{Service: service})
			if err != nil || r.GetStatus() != c.want {
				t.Errorf("%q: %v %v", service, r, err)
			}
		}
	}
}
