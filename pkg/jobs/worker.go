package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// worker does the jobs of one kind.
type worker struct {
	*Runner
	Kind
	wake   chan struct{}
	places chan struct{} // one is held for each job at work
	free   time.Time     // when the next job may begin
}

// run takes what is due whenever a place is free, until ctx ends.
func (w *worker) run(ctx, working context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	poll := time.NewTicker(w.cfg.Poll)
	defer poll.Stop()
	for {
		select {
		case w.places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		<-w.places // there is one; nobody else takes places
		some := w.next(ctx)
		for _, j := range some {
			w.places <- struct{}{}
			w.pace(ctx)
			all.Go(func() {
				defer func() { <-w.places }()
				w.do(ctx, working, j)
			})
		}
		if len(some) > 0 {
			continue
		}
		select {
		case <-w.wake:
		case <-poll.C:
		case <-ctx.Done():
			return
		}
	}
}

// pace spreads the jobs of a kind that has a rate.
func (w *worker) pace(ctx context.Context) {
	if w.Rate <= 0 {
		return
	}
	wait := time.Until(w.free)
	w.free = time.Now().Add(max(wait, 0) + time.Second/time.Duration(w.Rate))
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// next leases as many jobs as there are places.
func (w *worker) next(ctx context.Context) []Job {
	now := w.cfg.Now()
	found, err := w.due(ctx, w.Name, now)
	var some []Job
	if err == nil && found {
		some, err = w.take(ctx, w.Name, cap(w.places)-len(w.places), now, now.Add(w.Lease))
	}
	if err != nil && ctx.Err() == nil {
		w.cfg.Log.Warn("jobs cannot be taken, and are looked for again", "kind", w.Name, "error", err)
	}
	return some
}

// do runs a job and keeps its outcome.
func (w *worker) do(ctx, working context.Context, j Job) {
	// A third of the lease is left for the outcome: who is late must not end what another replica has taken.
	limited, cancel := context.WithTimeout(working, w.Lease*2/3)
	err := w.attempt(limited, j)
	cancel()
	// The outcome of work that was done is worth more than a punctual stop; a write is bounded by itself.
	result, ours, failed := w.keep(context.WithoutCancel(working), j, err, ctx.Err() != nil)
	switch {
	case failed != nil:
		w.cfg.Log.Warn("the outcome of a job is not kept; it comes again after its lease", "kind", w.Name, "key", j.Key, "error", failed)
	case !ours:
		result = resultLost
		w.cfg.Log.Warn("a job took longer than its lease", "kind", w.Name, "key", j.Key)
	case result == resultDead:
		w.cfg.Log.Error("job given up", "kind", w.Name, "key", j.Key, "id", j.ID, "attempts", j.Attempt, "error", err)
	case result == resultRetried:
		w.cfg.Log.Warn("job failed, and is tried again", "kind", w.Name, "key", j.Key, "attempts", j.Attempt, "error", err)
	}
	w.cfg.Metrics.run.WithLabelValues(w.Name, result).Inc()
}

var errExhausted = errors.New("every attempt ended without an outcome: the process may have died of this job")

// attempt calls the handler, unless all its attempts ended in silence, and tells GaveUp of the end.
func (w *worker) attempt(ctx context.Context, j Job) (err error) {
	if j.Attempt > w.Attempts {
		err = Permanent(errExhausted)
	} else {
		err = w.call(func() error { return w.Handle(ctx, j) })
	}
	_, later := errors.AsType[laterError](err)
	if err == nil || errors.Is(err, ErrFinished) || later || w.GaveUp == nil || !permanent(err) && j.Attempt < w.Attempts {
		return err
	}
	if failed := w.call(func() error { return w.GaveUp(ctx, j, err) }); failed != nil {
		return fmt.Errorf("give up: %w", failed) // and tried again, as long as it fails
	}
	return Permanent(err)
}

func (w *worker) call(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}

// keep writes what an attempt came to.
func (w *worker) keep(ctx context.Context, j Job, err error, stopping bool) (result string, ours bool, failed error) {
	now := w.cfg.Now()
	later, putOff := errors.AsType[laterError](err)
	switch {
	case errors.Is(err, ErrFinished):
		return resultDone, true, nil
	case err == nil:
		ours, failed = w.finish(ctx, j, done, "", now)
		return resultDone, ours, failed
	case putOff:
		ours, failed = w.release(ctx, j, j.Attempt-1, "", later.at)
		return resultLater, ours, failed
	case permanent(err) || j.Attempt >= w.Attempts && w.GaveUp == nil:
		ours, failed = w.finish(ctx, j, dead, clip(err), now)
		return resultDead, ours, failed
	case stopping: // cut off by us: another replica may have it at once
		ours, failed = w.release(ctx, j, j.Attempt-1, clip(err), now)
	default:
		ours, failed = w.release(ctx, j, j.Attempt, clip(err), now.Add(pause(j.Attempt)))
	}
	return resultRetried, ours, failed
}

// clip keeps a reason readable in a list.
func clip(err error) string {
	const most = 500
	text := []rune(err.Error())
	return string(text[:min(len(text), most)])
}
