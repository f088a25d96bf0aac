package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// side is one of the two programs: it works for the duration and says how much it did a second.
type side func(ctx context.Context, d time.Duration) (perSecond float64, err error)

// alternate lets the two programs take turns, after a short turn of each that does not count.
func (b *bench) alternate(ctx context.Context, r *Row, ours, theirs side) error {
	r.Medium, r.Rounds, r.Round = b.Medium, b.Rounds, b.Round.Seconds()
	if _, err := b.turn(ctx, ours, min(b.Round, time.Second)); err != nil {
		return err
	}
	if _, err := b.turn(ctx, theirs, min(b.Round, time.Second)); err != nil {
		return err
	}
	r.Failed = 0
	for n := range b.Rounds {
		value, err := b.turn(ctx, ours, b.Round)
		if err != nil {
			return err
		}
		baseline, err := b.turn(ctx, theirs, b.Round)
		if err != nil {
			return err
		}
		r.Values, r.Baselines = append(r.Values, value), append(r.Baselines, baseline)
		say("%s: round %d of %d: %s against %s, %.2f times", r.Name, n+1, b.Rounds, figure(value), figure(baseline), ratio(value, baseline))
	}
	r.settle()
	return nil
}

func (b *bench) turn(ctx context.Context, s side, d time.Duration) (float64, error) {
	if err := b.quiet(ctx); err != nil {
		return 0, err
	}
	return s(ctx, d)
}

const (
	quietWindow   = 100 * time.Millisecond
	quietShare    = 0.1 // of one core; four services at rest take less than a hundredth
	quietPatience = 30 * time.Second
)

// quiet waits until this process and those that it launched have nothing left to do, such as events that are still to be
// published, so that no turn pays for the one before.
func (b *bench) quiet(ctx context.Context) error {
	runtime.GC()
	began, calm := time.Now(), 0
	for calm < 2 {
		before := b.busy()
		select {
		case <-time.After(quietWindow):
		case <-ctx.Done():
			return ctx.Err()
		}
		calm++
		if b.busy()-before > time.Duration(quietShare*float64(quietWindow)) {
			calm = 0
		}
		if time.Since(began) > quietPatience {
			return fmt.Errorf("still at work %s after the load ended", quietPatience)
		}
	}
	if waited := time.Since(began); waited > time.Second {
		say("  %.1f s until the work that was left behind was done", waited.Seconds())
	}
	return nil
}

// busy is the processor time that this process and those that it launched have used.
func (b *bench) busy() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	all := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	for _, p := range b.processes {
		all += p.busy()
	}
	return all
}

// tally is what a drive came to.
type tally struct {
	perSecond    float64
	done, failed int64
	first        error // of the failures
}

// strict takes no failure.
func (t tally) strict() (float64, error) { return t.perSecond, t.first }

// tolerant takes one failure in a hundred calls.
func (t tally) tolerant() (float64, error) {
	if t.failed*100 > t.done {
		return 0, fmt.Errorf("%d calls failed, %d did not: %w", t.failed, t.done, t.first)
	}
	return t.perSecond, nil
}

var (
	errNothing = errors.New("nothing was done in the time")
	// errEnough is what a call returns when there is no more to do; it is no failure.
	errEnough = errors.New("enough")
)

// drive keeps inFlight calls at work for d; the last ones are waited for, and count with the time that they take.
func drive(ctx context.Context, inFlight int, d time.Duration, call func(ctx context.Context, worker int) error) tally {
	var done, failed atomic.Int64
	var first error
	var once sync.Once
	var all sync.WaitGroup
	began := time.Now()
	for worker := range inFlight {
		all.Go(func() {
			for time.Since(began) < d && ctx.Err() == nil {
				switch err := call(ctx, worker); {
				case err == nil:
					done.Add(1)
				case errors.Is(err, errEnough):
					return
				default:
					failed.Add(1)
					once.Do(func() { first = err })
				}
			}
		})
	}
	all.Wait()
	if done.Load() == 0 && first == nil {
		first = errNothing
	}
	return tally{float64(done.Load()) / time.Since(began).Seconds(), done.Load(), failed.Load(), first}
}
