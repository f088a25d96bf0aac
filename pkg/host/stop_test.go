package host

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/admin"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

// Calls in flight are answered, callers that go on calling hear UNAVAILABLE and nothing else, and the last events are published.
func TestStopUnderLoad(t *testing.T) {
	const callers = 16
	cfg := settings(t)
	cfg.NATSURL = broker(t, nil)
	s := &tiny{inside: make(chan struct{}, callers), leave: make(chan struct{})}
	r := start(t, cfg, s)
	r.awaitState(admin.Ready)

	var answered atomic.Int64
	var load sync.WaitGroup
	for range callers {
		load.Go(func() {
			for first := true; ; first = false {
				switch err := r.call(context.Background()); status.Code(err) {
				case codes.OK:
					answered.Add(1)
				case codes.Unavailable:
					if first {
						t.Error("a call in flight was cut")
					}
					return
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	for range callers { // all are in flight
		<-s.inside
	}
	go func() {
		for range s.inside { // nobody looks any more: the others must not wait to be seen
		}
	}()
	began := time.Now()
	r.stop()
	testkit.Poll(t, 5*time.Second, func() bool { code, report := r.ready(); return code == 503 && report.Status == admin.Down }, "readiness to say down")
	close(s.leave)
	if err := <-r.ended; err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("ended with %v after %v", err, time.Since(began))
	}
	load.Wait()
	close(s.inside)
	if n := answered.Load(); n < callers || n != int64(stored(t, cfg.NATSURL)) {
		t.Errorf("%d calls were answered, %d events are in the stream", n, stored(t, cfg.NATSURL))
	}
}

func stored(t *testing.T, url string) uint64 {
	t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), events.StreamName("tiny"))
	if err != nil {
		t.Fatal(err)
	}
	return stream.CachedInfo().State.Msgs
}

func TestDrain(t *testing.T) {
	cfg := settings(t)
	cfg.Process.DrainWait = 2 * time.Second // as long as the test takes, so short; a loaded machine has room in it
	r := start(t, cfg, &tiny{})
	if err := r.call(t.Context()); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r.stop()
	testkit.Poll(t, cfg.Process.DrainWait, func() bool { return r.health() == healthv1.HealthCheckResponse_NOT_SERVING }, "NOT_SERVING")
	if code, report := r.ready(); code != http.StatusServiceUnavailable {
		t.Errorf("readiness while it drains: %d %+v", code, report)
	}
	if err := r.call(t.Context()); err != nil {
		t.Errorf("a call while it drains: %v", err)
	}
	if err := <-r.ended; err != nil || time.Since(began) < cfg.Process.DrainWait {
		t.Errorf("ended with %v after %v", err, time.Since(began))
	}
}
