package jobs_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/jobs"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

var start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const patience = 20 * time.Second

// record counts what was done, by key.
type record struct {
	mu   sync.Mutex
	runs map[string]int
}

func (r *record) add(j jobs.Job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.runs == nil {
		r.runs = map[string]int{}
	}
	r.runs[j.Key]++
}

func (r *record) of(key string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.runs[key]
}

func enqueue(t *testing.T, db *database.DB, all ...jobs.Job) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *sql.Tx) error { return jobs.Enqueue(t.Context(), tx, start, all...) })
	if err != nil {
		t.Fatal(err)
	}
}

// run works in the background until the test ends.
func run(t *testing.T, db *database.DB, cfg jobs.Config) *jobs.Runner {
	t.Helper()
	cfg.Poll, cfg.Log = 5*time.Millisecond, testkit.Logger(t)
	r := jobs.NewRunner(db, cfg)
	ctx, stop := context.WithCancel(t.Context())
	var ended sync.WaitGroup
	ended.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(func() { stop(); ended.Wait() })
	return r
}

// state is a row's state, attempts and reason.
func state(t *testing.T, db *database.DB, key string) (state, attempts int, reason string) {
	t.Helper()
	err := db.Read().QueryRowContext(t.Context(), `SELECT state, attempts, last_error FROM jobs WHERE key = $1`, key).Scan(&state, &attempts, &reason)
	if err != nil {
		t.Fatal(err)
	}
	return state, attempts, reason
}

func count(t *testing.T, db *database.DB, state int) (n int) {
	t.Helper()
	if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM jobs WHERE state = $1`, state).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSameKeySameJob(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		var done record
		enqueue(t, db, jobs.Job{Kind: "mail", Key: "a", Due: start}, jobs.Job{Kind: "mail", Key: "a", Due: start.Add(time.Hour)})
		run(t, db, jobs.Config{Now: testkit.NewClock(start).Now, Kinds: []jobs.Kind{{Name: "mail", Handle: func(_ context.Context, j jobs.Job) error {
			done.add(j)
			return nil
		}}}})
		testkit.Poll(t, patience, func() bool { return count(t, db, 2) == 1 }, "the job to be done")
		enqueue(t, db, jobs.Job{Kind: "mail", Key: "a", Due: start}) // the event came again, after the mail
		if n := count(t, db, 1); n != 0 || done.of("a") != 1 {
			t.Fatalf("%d waiting, done %d times", n, done.of("a"))
		}
	})
}

func TestRolledBack(t *testing.T) {
	db := testkit.Open(t, testkit.SQLite(t), nil)
	wrong := errors.New("wrong")
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		if err := jobs.Enqueue(t.Context(), tx, start, jobs.Job{Kind: "mail", Key: "a", Due: start}); err != nil {
			return err
		}
		return wrong
	})
	if !errors.Is(err, wrong) || count(t, db, 1) != 0 {
		t.Fatalf("%v, %d jobs", err, count(t, db, 1))
	}
	err = db.Write(t.Context(), func(tx *sql.Tx) error { return jobs.Enqueue(t.Context(), tx, start, jobs.Job{Kind: "mail"}) })
	if err == nil {
		t.Fatal("a job without a key")
	}
}

// Not before its hour, at its hour, and again after a failure, later each time.
func TestHours(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		clock := testkit.NewClock(start)
		var done record
		handle := func(_ context.Context, j jobs.Job) error {
			done.add(j)
			switch {
			case j.Key == "late" && clock.Now().Before(start.Add(3*time.Hour)):
				return jobs.Later(start.Add(3 * time.Hour))
			case j.Key == "shy" && j.Attempt < 3:
				return errors.New("not yet")
			}
			return nil
		}
		enqueue(t, db, jobs.Job{Kind: "mail", Key: "late", Due: start.Add(time.Hour)}, jobs.Job{Kind: "mail", Key: "shy", Due: start})
		run(t, db, jobs.Config{Now: clock.Now, Kinds: []jobs.Kind{{Name: "mail", Handle: handle}}})
		testkit.Poll(t, patience, func() bool { return done.of("shy") == 1 }, "the first attempt")
		for range 2 { // the pauses are of 2.5 s to 10 s
			testkit.Poll(t, patience, func() bool { _, _, reason := state(t, db, "shy"); return reason == "not yet" }, "the failure to be kept")
			before := done.of("shy")
			testkit.Poll(t, patience, func() bool { clock.Advance(time.Second); return done.of("shy") > before }, "another attempt")
		}
		testkit.Poll(t, patience, func() bool { return count(t, db, 2) == 1 }, "the shy job to be done")
		if done.of("late") != 0 {
			t.Fatal("done before its hour")
		}
		clock.Set(start.Add(time.Hour))
		testkit.Poll(t, patience, func() bool { return done.of("late") == 1 }, "its hour")
		clock.Set(start.Add(3 * time.Hour))
		testkit.Poll(t, patience, func() bool { s, attempts, _ := state(t, db, "late"); return s == 2 && attempts == 1 }, "the hour that it was put off to")
	})
}

func TestGivenUp(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		clock := testkit.NewClock(start)
		var told record
		handle := func(_ context.Context, j jobs.Job) error {
			switch j.Key {
			case "refused":
				return jobs.Permanent(errors.New("no such mailbox"))
			case "panics":
				panic("of its own")
			}
			return errors.New("away")
		}
		first := true
		gaveUp := func(_ context.Context, j jobs.Job, _ error) error {
			if first && j.Key == "refused" {
				first = false
				return errors.New("could not be told")
			}
			told.add(j)
			return nil
		}
		for _, key := range []string{"refused", "panics", "fails"} {
			enqueue(t, db, jobs.Job{Kind: "mail", Key: key, Due: start, Payload: []byte(key)})
		}
		run(t, db, jobs.Config{Now: clock.Now, Kinds: []jobs.Kind{{Name: "mail", Handle: handle, GaveUp: gaveUp, Attempts: 3, Concurrency: 1}}})
		testkit.Poll(t, patience, func() bool { clock.Advance(time.Second); return count(t, db, 3) == 3 }, "all to be given up")
		dead, err := jobs.ListDead(t.Context(), db, 10)
		if err != nil || len(dead) != 3 || dead[0].Reason == "" || told.of("refused") != 1 || told.of("fails") != 1 || told.of("panics") != 1 {
			t.Fatalf("%+v, %v, told %v", dead, err, told.runs)
		}
		if _, attempts, reason := state(t, db, "refused"); attempts != 2 || reason != "no such mailbox" {
			t.Fatalf("refused after %d: %q", attempts, reason)
		}
		if ok, err := jobs.Revive(t.Context(), db, dead[0].ID, clock.Now()); !ok || err != nil {
			t.Fatalf("revived %t, %v", ok, err)
		}
		if ok, err := jobs.Revive(t.Context(), db, "unknown", clock.Now()); ok || err != nil {
			t.Fatalf("revived %t, %v", ok, err)
		}
	})
}

// A job of which the process died each time it was tried is given up like any other.
func TestPoison(t *testing.T) {
	db := testkit.Open(t, testkit.SQLite(t), nil)
	enqueue(t, db, jobs.Job{Kind: "mail", Key: "poison", Due: start})
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE jobs SET attempts = 3, lease_owner = 'killed'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var done record
	run(t, db, jobs.Config{Now: testkit.NewClock(start).Now, Kinds: []jobs.Kind{{Name: "mail", Attempts: 3, Handle: func(_ context.Context, j jobs.Job) error {
		done.add(j)
		return nil
	}}}})
	testkit.Poll(t, patience, func() bool { return count(t, db, 3) == 1 }, "the job to be given up")
	if done.of("poison") != 0 {
		t.Fatal("tried once more")
	}
}

// ticking is a clock that shows start, and goes on from there.
func ticking() func() time.Time {
	began := time.Now()
	return func() time.Time { return start.Add(time.Since(began)) }
}

// meeting gives a channel for each key, closed when the key is asked for a second time.
func meeting() func(key string) <-chan struct{} {
	var mu sync.Mutex
	met := map[string]chan struct{}{}
	return func(key string) <-chan struct{} {
		mu.Lock()
		defer mu.Unlock()
		if c, ok := met[key]; ok {
			select {
			case <-c:
			default:
				close(c)
			}
			return c
		}
		met[key] = make(chan struct{})
		return met[key]
	}
}

// Two replicas with many jobs, half of them asked for twice: each is done once. Without the lease they do them twice.
func TestTwoRunnersConcurrent(t *testing.T) {
	for name, c := range map[string]struct {
		lease time.Duration
		many  int // the control's find a place at both replicas
		once  bool
	}{"leased": {time.Minute, 100, true}, "control: a lease that has run out at once": {time.Nanosecond, 4, false}} {
		t.Run(name, func(t *testing.T) {
			testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
				var done record
				others := meeting()
				handle := func(_ context.Context, j jobs.Job) error {
					done.add(j)
					if !c.once { // long enough for the other one to look
						select {
						case <-others(j.Key):
						case <-time.After(patience):
						}
					}
					return nil
				}
				for i := range c.many {
					enqueue(t, db, jobs.Job{Kind: "mail", Key: fmt.Sprint(i), Due: start}, jobs.Job{Kind: "mail", Key: fmt.Sprint(i / 2), Due: start})
				}
				for range 2 {
					run(t, db, jobs.Config{Now: ticking(), Kinds: []jobs.Kind{{Name: "mail", Handle: handle, Lease: c.lease}}})
				}
				if !c.once {
					testkit.Poll(t, patience, func() bool { return done.of("0") > 1 }, "a job to be done twice")
					return
				}
				testkit.Poll(t, patience, func() bool { return count(t, db, 2) == c.many }, "all to be done")
				for i := range c.many {
					if n := done.of(fmt.Sprint(i)); n != 1 {
						t.Errorf("%d done %d times", i, n)
					}
				}
			})
		})
	}
}

// Ten thousand of one kind do not hold up the others, and no more are at work than there are places.
func TestKindsDoNotWaitForEachOther(t *testing.T) {
	db := testkit.Open(t, testkit.SQLite(t), nil)
	var done record
	var mu sync.Mutex
	working, most := 0, 0
	release := make(chan struct{})
	slow := func(context.Context, jobs.Job) error {
		mu.Lock()
		working++
		most = max(most, working)
		mu.Unlock()
		<-release
		mu.Lock()
		working--
		mu.Unlock()
		return nil
	}
	for i := range 20 {
		enqueue(t, db, jobs.Job{Kind: "slow", Key: fmt.Sprint(i), Due: start})
	}
	r := run(t, db, jobs.Config{Now: ticking(), Kinds: []jobs.Kind{
		{Name: "slow", Handle: slow, Concurrency: 3},
		{Name: "quick", Handle: func(_ context.Context, j jobs.Job) error { done.add(j); return nil }},
	}})
	enqueue(t, db, jobs.Job{Kind: "quick", Key: "quick", Due: start})
	r.Wake()
	testkit.Poll(t, patience, func() bool { return done.of("quick") == 1 }, "the quick one")
	close(release)
	testkit.Poll(t, patience, func() bool { return count(t, db, 2) == 21 }, "the slow ones")
	if most > 3 {
		t.Fatalf("%d at work at once", most)
	}
}

// What is at work when the program stops ends, and its outcome is kept; nothing new is taken.
func TestStop(t *testing.T) {
	db := testkit.Open(t, testkit.SQLite(t), nil)
	enqueue(t, db, jobs.Job{Kind: "mail", Key: "a", Due: start}, jobs.Job{Kind: "mail", Key: "b", Due: start})
	ctx, stop := context.WithCancel(t.Context())
	r := jobs.NewRunner(db, jobs.Config{Now: ticking(), Kinds: []jobs.Kind{{Name: "mail", Concurrency: 1, Handle: func(ctx context.Context, _ jobs.Job) error {
		stop()
		return ctx.Err()
	}}}})
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if n, left := count(t, db, 2), count(t, db, 1); n != 1 || left != 1 {
		t.Fatalf("%d done, %d left", n, left)
	}
}

func TestPruned(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		clock := testkit.NewClock(start)
		handle := func(_ context.Context, j jobs.Job) error {
			if j.Key == "dead" {
				return jobs.Permanent(errors.New("dead"))
			}
			return nil
		}
		kinds := []jobs.Kind{{Name: "mail", Handle: handle}}
		enqueue(t, db, jobs.Job{Kind: "mail", Key: "done", Due: start}, jobs.Job{Kind: "mail", Key: "dead", Due: start},
			jobs.Job{Kind: "mail", Key: "to come", Due: start.Add(365 * 24 * time.Hour)})
		run(t, db, jobs.Config{Now: clock.Now, Kinds: kinds})
		testkit.Poll(t, patience, func() bool { return count(t, db, 1) == 1 }, "both to end")
		clock.Advance(15 * 24 * time.Hour)
		run(t, db, jobs.Config{Now: clock.Now, Kinds: kinds}) // sweeps at its start
		testkit.Poll(t, patience, func() bool { return count(t, db, 2) == 0 }, "what was done to be removed")
		if count(t, db, 1) != 1 || count(t, db, 3) != 1 {
			t.Fatal("more than that was removed")
		}
	})
}

// A handler may mark its job as done with what it changed; a kind with a rate does not hurry.
func TestFinishedAndPaced(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		const many, rate = 6, 50
		var done record
		for i := range many {
			enqueue(t, db, jobs.Job{Kind: "mail", Key: fmt.Sprint(i), Due: start})
		}
		handle := func(ctx context.Context, j jobs.Job) error {
			done.add(j)
			err := db.Write(ctx, func(tx *sql.Tx) error { return jobs.Finish(ctx, tx, j.ID, j.Lease, start) })
			if err != nil {
				return err
			}
			return jobs.ErrFinished
		}
		began := time.Now()
		run(t, db, jobs.Config{Now: ticking(), Kinds: []jobs.Kind{{Name: "mail", Handle: handle, Rate: rate}}})
		testkit.Poll(t, patience, func() bool { return count(t, db, 2) == many }, "all to be done")
		if took := time.Since(began); took < (many-1)*time.Second/rate {
			t.Fatalf("done in %v", took)
		}
		for i := range many {
			if n := done.of(fmt.Sprint(i)); n != 1 {
				t.Errorf("%d done %d times", i, n)
			}
		}
	})
}

func TestMistakes(t *testing.T) {
	db := testkit.Open(t, testkit.SQLite(t), nil)
	if err := jobs.NewRunner(db, jobs.Config{Kinds: []jobs.Kind{{Name: "mail"}}}).Run(t.Context()); err == nil {
		t.Fatal("a kind without a handler")
	}
}
