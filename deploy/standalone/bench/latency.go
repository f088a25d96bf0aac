package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const latencyGoal = 25 // ms

// latencies takes the rounds of a latency at a rate.
func (b *bench) latencies(ctx context.Context, r *Row, c *crowd, perSecond float64) error {
	for n := range b.Rounds {
		value, err := b.turn(ctx, func(ctx context.Context, d time.Duration) (float64, error) { return c.latency(ctx, perSecond, d) }, b.Round)
		if err != nil {
			return err
		}
		r.Values = append(r.Values, value)
		say("%s: round %d of %d: %s ms at %s a second", r.Name, n+1, b.Rounds, figure(value), figure(perSecond))
	}
	r.settle()
	return nil
}

// latency registers at a rate, whether or not those before were answered, and gives the 99th percentile in milliseconds. The clock of
// a call starts when it was due: one that had to wait for the others is late, not left out.
func (c *crowd) latency(ctx context.Context, perSecond float64, d time.Duration) (p99 float64, err error) {
	total := int(perSecond * d.Seconds())
	open, err := openMeetings(ctx, c.db, total/persons+1)
	if err != nil {
		return 0, err
	}
	took := make([]float64, total)
	var failed atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for n := range total {
		due := began.Add(time.Duration(float64(n) / perSecond * float64(time.Second)))
		if wait := time.Until(due); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		all.Go(func() {
			meeting, person := hot(n)
			if err := c.register(ctx, open[meeting], person); err != nil {
				failed.Add(1)
			}
			took[n] = float64(time.Since(due).Microseconds()) / 1000
		})
	}
	all.Wait()
	c.done += int64(total) - failed.Load()
	if failed.Load() > 0 {
		return 0, errors.New("registrations failed at half the greatest rate")
	}
	return percentile(took, 99), nil
}
