package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func untilStopped(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func fail(ctx context.Context) error { return io.ErrUnexpectedEOF }

func done(context.Context) error { return nil }

func TestRun(t *testing.T) {
	slow := func(d time.Duration, err error) func(context.Context) error {
		return func(ctx context.Context) error {
			<-ctx.Done()
			<-time.After(d) // synctest's clock: no real time passes
			return err
		}
	}
	type parts = map[string]func(context.Context) error
	for _, c := range []struct {
		name  string
		parts parts
		stop  time.Duration // when the signal comes, 0 for never
		want  string        // a part of the error, "" for none
		took  time.Duration
	}{
		{"nothing to run", parts{}, 0, "", 0},
		{"all done", parts{"a": done, "b": done}, 0, "", 0},
		{"one done, one going on", parts{"a": done, "b": untilStopped}, time.Minute, "", time.Minute},
		{"first error stops all", parts{"a": untilStopped, "relay": fail}, 0, "relay: unexpected EOF", 0},
		{"a part ends itself with Canceled", parts{"a": untilStopped, "b": func(context.Context) error { return context.Canceled }}, 0, "b: context canceled", 0},
		{"wrapped Canceled after the stop", parts{"a": func(ctx context.Context) error { return fmt.Errorf("read: %w", untilStopped(ctx)) }}, time.Second, "", time.Second},
		{"an error while stopping", parts{"a": slow(time.Second, io.ErrClosedPipe)}, time.Second, "a: io: read/write on closed pipe", 2 * time.Second},
		{"slow but in time", parts{"a": slow(9*time.Second, nil)}, time.Second, "", 10 * time.Second},
		{"too slow", parts{"a": done, "relay": slow(time.Minute, nil)}, time.Second, "still running 10s after the stop: relay", 11 * time.Second},
		{"error, then too slow", parts{"a": fail, "relay": slow(time.Minute, nil)}, 0, "a: unexpected EOF\nstill running 10s after the stop: relay", 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.stop > 0 {
					time.AfterFunc(c.stop, cancel)
				}
				var g Group
				for name, run := range c.parts {
					g.Go(name, run)
				}
				start := time.Now()
				err := g.Run(ctx)
				if took := time.Since(start); took != c.took {
					t.Errorf("took %s, want %s", took, c.took)
				}
				if err == nil && c.want != "" || err != nil && (c.want == "" || err.Error() != c.want) {
					t.Errorf("%v, want %q", err, c.want)
				}
				<-time.After(time.Hour) // the bubble must not end before the late parts
			})
		})
	}
}

func TestErrorKeepsItsCause(t *testing.T) {
	var g Group
	g.Go("relay", fail)
	if err := g.Run(t.Context()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
}

func TestSignal(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM)
	defer stop()
	g := Group{Grace: time.Second}
	g.Go("server", untilStopped)
	g.Go("killer", func(context.Context) error { return syscall.Kill(os.Getpid(), syscall.SIGTERM) })
	if err := g.Run(ctx); err != nil {
		t.Errorf("a signal is no error: %v", err)
	}
}

func TestOwnGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := Group{Grace: 2 * time.Second}
		release := make(chan struct{})
		g.Go("stuck", func(context.Context) error { <-release; return nil })
		g.Go("a", fail)
		err := g.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "still running 2s after the stop: stuck") {
			t.Errorf("%v", err)
		}
		close(release)
	})
}
