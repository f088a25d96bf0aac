// Package run starts the parts of a program together and stops them together.
package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// defaultGrace is what orchestrators grant before they kill: Kubernetes 30 s, systemd 90 s, compose 10 s.
const defaultGrace = 10 * time.Second

// Group is a set of parts that live and die together; the zero value works. A Group runs once.
type Group struct {
	Grace time.Duration // how long to wait for the parts after the stop, 10 s when zero

	parts []part
}

type part struct {
	name string
	run  func(context.Context) error
}

type ending struct {
	index int
	err   error
}

// Go adds a part, to be started by Run. It returns nil when its work is done, which stops nobody, and returns soon after
// its context ends.
func (g *Group) Go(name string, run func(context.Context) error) {
	g.parts = append(g.parts, part{name, run})
}

// Run starts all parts and returns when all have ended. The first error, or the end of ctx (a signal, with
// signal.NotifyContext), stops all. The error names its part; a stop that was asked for is no error.
func (g *Group) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan ending, len(g.parts)) // holds all, so that a part that is too late does not hang for ever
	for i, p := range g.parts {
		go func() { ended <- ending{i, p.run(ctx)} }()
	}
	return g.wait(ctx, cancel, ended)
}

func (g *Group) wait(ctx context.Context, cancel context.CancelFunc, ended <-chan ending) error {
	var failures []error
	var late <-chan time.Time
	stop := ctx.Done()
	running := make([]bool, len(g.parts))
	for i := range running {
		running[i] = true
	}
	for slices.Contains(running, true) {
		select {
		case <-stop:
			stop = nil
			timer := time.NewTimer(g.grace())
			defer timer.Stop()
			late = timer.C
		case e := <-ended:
			running[e.index] = false
			if e.err != nil && (ctx.Err() == nil || !errors.Is(e.err, context.Canceled)) {
				failures = append(failures, fmt.Errorf("%s: %w", g.parts[e.index].name, e.err))
				cancel()
			}
		case <-late:
			return errors.Join(append(failures, g.tooLate(running))...)
		}
	}
	return errors.Join(failures...)
}

func (g *Group) grace() time.Duration {
	if g.Grace > 0 {
		return g.Grace
	}
	return defaultGrace
}

func (g *Group) tooLate(running []bool) error {
	var names []string
	for i, p := range g.parts {
		if running[i] {
			names = append(names, p.name)
		}
	}
	return fmt.Errorf("still running %s after the stop: %s", g.grace(), strings.Join(names, ", "))
}
