package process

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/classcode/maillage/pkg/admin"
	"github.com/classcode/maillage/pkg/run"
)

// A stop has ten seconds, a drain left out. Calls in flight have six of them (rpc.Server's own patience); what runs beside them is
// told to stop when the last one is answered, or after two seconds, because a relay in front of a database that hangs needs up to
// six. Two are left to let go of the bus and of the last spans.
const (
	callPatience = 6 * time.Second
	partPatience = 2 * time.Second
	grace        = 8 * time.Second
)

// Work is what a process does between its start and its stop.
type Work struct {
	Checks map[string]admin.Check                    // for readiness
	Load   func(context.Context) error               // before anybody is answered; may be nil
	Serve  func(context.Context, net.Listener) error // answers until its context ends, then finishes the calls in flight
	// Leaving is told when the stop begins, before the drain; may be nil.
	Leaving func()
	Parts   []Part // beside it all, and a little longer than the calls, whose last events they publish
}

// Part is something that runs until its context ends.
type Part struct {
	Name string
	Run  func(context.Context) error
}

// Run does the work until ctx ends or a part of it fails.
func (p *Process) Run(ctx context.Context, w Work) error {
	r := &running{Process: p, work: w, health: admin.NewHealth(w.Checks), loaded: make(chan struct{}), answered: make(chan struct{})}
	group := run.Group{Grace: p.cfg.DrainWait + grace}
	group.Go("load", r.load)
	group.Go("serve", r.serve)
	group.Go("admin", func(ctx context.Context) error {
		defer context.AfterFunc(ctx, r.health.Stopping)()
		ctx, cancel := outlive(ctx, p.cfg.DrainWait+callPatience, r.answered)
		defer cancel()
		return HTTP(admin.NewServer("", admin.Handler(r.health, p.Telemetry.Metrics())))(ctx, p.Admin)
	})
	for _, part := range w.Parts {
		group.Go(part.Name, func(ctx context.Context) error {
			ctx, cancel := outlive(ctx, p.cfg.DrainWait+partPatience, r.answered)
			defer cancel()
			return part.Run(ctx)
		})
	}
	return group.Run(ctx)
}

type running struct {
	*Process
	work             Work
	health           *admin.Health
	loaded, answered chan struct{}
}

func (r *running) load(ctx context.Context) error {
	if r.work.Load != nil {
		if err := r.work.Load(ctx); err != nil {
			return err
		}
		// What reference data is read from is several times what stays, and the runtime would give it back over minutes.
		debug.FreeOSMemory()
	}
	r.health.Started()
	close(r.loaded)
	r.Log.InfoContext(ctx, "ready", "service", r.name, "listen", r.Listener.Addr().String(), "admin", r.Process.Admin.Addr().String())
	return nil
}

func (r *running) serve(ctx context.Context) error {
	defer close(r.answered)
	select {
	case <-r.loaded:
	case <-ctx.Done():
		return nil
	}
	if r.work.Leaving != nil {
		defer context.AfterFunc(ctx, r.work.Leaving)()
	}
	ctx, cancel := outlive(ctx, r.cfg.DrainWait, nil)
	defer cancel()
	return r.work.Serve(ctx, r.Listener)
}

// outlive gives a context that ends after ctx: when done is closed, at the latest after patience.
func outlive(ctx context.Context, patience time.Duration, done <-chan struct{}) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
		case <-longer.Done():
		}
		cancel()
	})
	return longer, func() { stop(); cancel() }
}

// HTTP is Work.Serve of an HTTP server, with TLS when it is configured: http.Server.Serve itself returns before the requests in
// flight are answered.
func HTTP(server *http.Server) func(context.Context, net.Listener) error {
	return func(ctx context.Context, l net.Listener) error {
		ended := make(chan error, 1)
		go func() {
			if server.TLSConfig == nil {
				ended <- server.Serve(l)
			} else {
				ended <- server.ServeTLS(l, "", "")
			}
		}()
		select {
		case err := <-ended:
			return fmt.Errorf("serve: %w", err)
		case <-ctx.Done():
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callPatience)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			_ = server.Close() // cuts what is still under way
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	}
}
