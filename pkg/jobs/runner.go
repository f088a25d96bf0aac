package jobs

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/classcode/maillage/pkg/database"
)

const (
	defaultAttempts    = 60 // about a day, at half an hour each
	defaultConcurrency = 4
	defaultLease       = time.Minute
	defaultPoll        = 2 * time.Second
	// defaultKeep remembers the keys of done jobs longer than any event is delivered again.
	defaultKeep = 14 * 24 * time.Hour
	keepDead    = 90 * 24 * time.Hour
	// sweep is how often what has had its time is removed.
	sweep = time.Hour
	// watch is how often the backlog is measured.
	watch = 15 * time.Second
	// grace is what a handler that is at work has when the program stops; the program has ten seconds.
	grace = 5 * time.Second
)

// Kind is one sort of jobs, and who does them. Each has its own places, so that ten thousand of one do not hold up the others.
type Kind struct {
	Name string
	// Handle does the job: nil when it is done or there is nothing left to do, ErrFinished, Later, Permanent, or an error to be tried
	// again after.
	// Its context ends before the lease does.
	Handle func(ctx context.Context, j Job) error
	// GaveUp hears of a job before it is dead, and may be called again when it fails itself; nil: nobody needs to know.
	GaveUp      func(ctx context.Context, j Job, reason error) error
	Attempts    int           // 0: 60, about a day
	Concurrency int           // jobs at work at the same time in this process; 0: 4
	Rate        int           // jobs begun a second by this process at most; 0: as many as can be
	Lease       time.Duration // 0: a minute; what a killed process had taken waits so long
}

// Config says what a Runner does, and how; Kinds are enough.
type Config struct {
	Kinds   []Kind
	Now     func() time.Time // nil: the clock
	Log     *slog.Logger     // nil: silent
	Metrics *Metrics         // nil: counted nowhere
	Poll    time.Duration    // how often what is due is looked for without a Wake; 0: 2 s
	Keep    time.Duration    // how long a done job's key is remembered; 0: 14 days
}

// Runner does the jobs of one service's database, together with those of other replicas.
type Runner struct {
	table
	cfg   Config
	wakes []chan struct{} // one for each kind
}

// NewRunner prepares a runner; Run makes it work.
func NewRunner(db *database.DB, cfg Config) *Runner {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	cfg.Poll, cfg.Keep = cmp.Or(cfg.Poll, defaultPoll), cmp.Or(cfg.Keep, defaultKeep)
	r := &Runner{table: table{db}, cfg: cfg}
	for range cfg.Kinds {
		r.wakes = append(r.wakes, make(chan struct{}, 1))
	}
	return r
}

// Wake says that jobs may have come; it is called after a commit and never waits.
func (r *Runner) Wake() {
	for _, wake := range r.wakes {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// Run works until ctx ends, and returns once what was at work has ended as well. Its error is a mistake in the configuration.
func (r *Runner) Run(ctx context.Context) error {
	for _, k := range r.cfg.Kinds {
		if k.Name == "" || k.Handle == nil {
			return fmt.Errorf("jobs: the kind %q has no name or no handler", k.Name)
		}
	}
	// Work outlives the stop by a moment: a mail that is cut off in the middle may have been sent all the same.
	working, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cut) })()
	var all sync.WaitGroup
	for i, k := range r.cfg.Kinds {
		k.Attempts, k.Concurrency = cmp.Or(k.Attempts, defaultAttempts), cmp.Or(k.Concurrency, defaultConcurrency)
		k.Lease = cmp.Or(k.Lease, defaultLease)
		w := &worker{Runner: r, Kind: k, wake: r.wakes[i], places: make(chan struct{}, k.Concurrency)}
		all.Go(func() { w.run(ctx, working) })
	}
	all.Go(func() { r.every(ctx, watch, r.measure) })
	all.Go(func() { r.every(ctx, sweep, r.sweep) })
	all.Wait()
	return nil
}

func (r *Runner) every(ctx context.Context, d time.Duration, do func(context.Context)) {
	ticker := time.NewTicker(d)
	defer ticker.Stop()
	for {
		do(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (r *Runner) measure(ctx context.Context) {
	for _, k := range r.cfg.Kinds {
		due, deadCount, oldest, err := r.backlog(ctx, k.Name, r.cfg.Now())
		if err != nil {
			continue // a database that is away shows in readiness
		}
		r.cfg.Metrics.waiting.WithLabelValues(k.Name).Set(float64(due))
		r.cfg.Metrics.oldest.WithLabelValues(k.Name).Set(oldest.Seconds())
		r.cfg.Metrics.dead.WithLabelValues(k.Name).Set(float64(deadCount))
	}
}

func (r *Runner) sweep(ctx context.Context) {
	for state, keep := range map[int]time.Duration{done: r.cfg.Keep, dead: keepDead} {
		if err := r.prune(ctx, state, r.cfg.Now().Add(-keep)); err != nil && ctx.Err() == nil {
			r.cfg.Log.Warn("jobs that ended are not removed yet", "error", err)
		}
	}
}
