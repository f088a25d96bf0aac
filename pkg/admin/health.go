package admin

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// The states /readyz may tell.
const (
	Ready    = "ready"
	Degraded = "degraded" // works, without something it can do without: send the traffic
	Down     = "down"
	Starting = "starting"
)

// probeTimeout leaves an answer inside the 3 s that probes are usually given.
const probeTimeout = 2 * time.Second

// Check is one thing a program needs.
type Check struct {
	Probe    func(ctx context.Context) error
	Optional bool // its failure degrades instead of stopping the traffic
}

// Result is what a check found.
type Result struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

// Report is the answer of /readyz.
type Report struct {
	Status string   `json:"status"`
	Checks []Result `json:"checks"`
}

// OK reports whether traffic may come.
func (r Report) OK() bool { return r.Status == Ready || r.Status == Degraded }

// Health knows whether a program can take traffic. It is starting until Started and down from Stopping on.
type Health struct {
	mu     sync.RWMutex
	phase  phase
	checks map[string]Check
}

type phase uint8

const (
	starting phase = iota
	serving
	stopping
)

// NewHealth makes the health of a program from its checks by name, such as "catalogue.database".
func NewHealth(checks map[string]Check) *Health {
	return &Health{checks: maps.Clone(checks)}
}

// Started says that loading is done; from now on the checks decide.
func (h *Health) Started() { h.enter(serving) }

// Stopping turns traffic away while the last requests end; there is no way back.
func (h *Health) Stopping() { h.enter(stopping) }

func (h *Health) enter(p phase) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.phase = max(h.phase, p)
}

// Report runs the checks, all at once; none is run while starting, when what they look at may not be there yet.
func (h *Health) Report(ctx context.Context) Report {
	h.mu.RLock()
	now := h.phase
	h.mu.RUnlock()
	switch now {
	case starting:
		return Report{Status: Starting, Checks: []Result{}}
	case stopping:
		return Report{Status: Down, Checks: []Result{{Name: "shutdown", Error: "the program is stopping"}}}
	}
	return h.probe(ctx)
}

func (h *Health) probe(ctx context.Context) Report {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	names := slices.Sorted(maps.Keys(h.checks))
	report := Report{Status: Ready, Checks: make([]Result, len(names))}
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { report.Checks[i] = run(ctx, name, h.checks[name]) })
	}
	wg.Wait()
	for _, r := range report.Checks {
		switch {
		case r.OK:
		case !h.checks[r.Name].Optional:
			report.Status = Down
		case report.Status == Ready:
			report.Status = Degraded
		}
	}
	return report
}

// run gives up on a probe that does not heed its context: /readyz must answer whatever a driver does.
func run(ctx context.Context, name string, c Check) Result {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("panic: %v", p)
			}
		}()
		done <- c.Probe(ctx)
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = fmt.Errorf("no answer: %w", ctx.Err())
	}
	if err != nil {
		return Result{Name: name, Error: err.Error()}
	}
	return Result{Name: name, OK: true}
}
