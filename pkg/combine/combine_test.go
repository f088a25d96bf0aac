package combine_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/classcode/maillage/pkg/combine"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk answers with the query itself, remembers its batches, and waits where it is told to.
type desk struct {
	mu      sync.Mutex
	batches [][]string
	begun   chan struct{} // a value for each batch
	gate    chan struct{} // a value lets one batch through; nil: all pass
}

func (d *desk) run(_ context.Context, batch []combine.Command[string]) []combine.Outcome[string] {
	var names []string
	outcomes := make([]combine.Outcome[string], len(batch))
	for i, c := range batch {
		names = append(names, c.Query)
		outcomes[i].Answer = c.Query
		if c.Query == "refused" {
			outcomes[i] = combine.Outcome[string]{Err: errs.ErrExists}
		}
	}
	d.mu.Lock()
	d.batches = append(d.batches, names)
	d.mu.Unlock()
	if d.gate != nil {
		d.begun <- struct{}{}
		<-d.gate
	}
	return outcomes
}

func (d *desk) seen() [][]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.batches)
}

func gated() *desk { return &desk{begun: make(chan struct{}, 100), gate: make(chan struct{}, 100)} }

// queue has callers wait behind a first one, who is being served; each is in the lane before the next one comes.
func queue(t *testing.T, w *combine.Writer[string, string], d *desk, waiting func() int, who ...[2]string) (answers func() map[string]error) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	got := map[string]error{}
	for i, one := range who {
		all.Go(func() {
			answer, err := w.Do(t.Context(), "lane", one[0], one[1])
			if err == nil && answer != one[1] {
				err = fmt.Errorf("answered %q", answer)
			}
			mu.Lock()
			defer mu.Unlock()
			got[one[1]] = err
		})
		if i == 0 {
			<-d.begun
			continue
		}
		testkit.Poll(t, 5*time.Second, func() bool { return waiting() == i }, "the caller to wait")
	}
	return func() map[string]error { all.Wait(); return got }
}

func TestWhatWaitsIsCombined(t *testing.T) {
	d := gated()
	w := combine.New(combine.Config{}, d.run)
	answers := queue(t, w, d, func() int { return combine.Waiting(w, "lane") },
		[2]string{"a", "1"}, [2]string{"b", "2"}, [2]string{"c", "refused"}, [2]string{"d", "4"})
	d.gate <- struct{}{}
	d.gate <- struct{}{}
	for query, err := range answers() {
		if (query == "refused") != errors.Is(err, errs.ErrExists) || query != "refused" && err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	if got := fmt.Sprint(d.seen()); got != "[[1] [2 refused 4]]" {
		t.Errorf("batches %s", got)
	}
}

func TestBusy(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	w := combine.New(combine.Config{}, func(_ context.Context, batch []combine.Command[int]) []combine.Outcome[int] {
		close(begun)
		<-release
		return make([]combine.Outcome[int], len(batch))
	})
	if w.Busy() {
		t.Fatal("busy before anybody came")
	}
	served := make(chan error)
	go func() {
		_, err := w.Do(t.Context(), "m", "c", 1)
		served <- err
	}()
	<-begun
	if !w.Busy() {
		t.Fatal("not busy while somebody is served")
	}
	close(release)
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	for w.Busy() { // the lane ends a moment after its last answer
		runtime.Gosched()
	}
}

func TestBatchesAreSortedByName(t *testing.T) {
	d := gated()
	w := combine.New(combine.Config{Lanes: 1}, d.run)
	var all sync.WaitGroup
	for i, name := range []string{"x", "c", "a", "b"} {
		all.Go(func() {
			if _, err := w.Do(t.Context(), name, name, name); err != nil {
				t.Error(err)
			}
		})
		if i == 0 {
			<-d.begun
			continue
		}
		testkit.Poll(t, 5*time.Second, func() bool { return combine.Waiting(w, name) == i }, "the caller to wait")
	}
	d.gate <- struct{}{}
	d.gate <- struct{}{}
	all.Wait()
	if got := fmt.Sprint(d.seen()); got != "[[x] [a b c]]" {
		t.Errorf("batches %s", got)
	}
}

func TestClientsTakeTurns(t *testing.T) {
	d := gated()
	w := combine.New(combine.Config{Batch: 2}, d.run)
	answers := queue(t, w, d, func() int { return combine.Waiting(w, "lane") },
		[2]string{"greedy", "g1"}, [2]string{"greedy", "g2"}, [2]string{"greedy", "g3"}, [2]string{"greedy", "g4"}, [2]string{"late", "l1"})
	for range 3 {
		d.gate <- struct{}{}
	}
	answers()
	if got := fmt.Sprint(d.seen()); got != "[[g1] [g2 l1] [g3 g4]]" {
		t.Errorf("batches %s", got)
	}
}

func TestTooMany(t *testing.T) {
	d := gated()
	w := combine.New(combine.Config{Queue: 2}, d.run)
	answers := queue(t, w, d, func() int { return combine.Waiting(w, "lane") }, [2]string{"a", "1"}, [2]string{"b", "2"}, [2]string{"c", "3"})
	_, err := w.Do(t.Context(), "lane", "d", "4")
	if e := errs.From(err); e.Kind != errs.Exhausted || e.RetryAfter == 0 {
		t.Errorf("the one too many: %v", err)
	}
	d.gate <- struct{}{}
	d.gate <- struct{}{}
	for query, err := range answers() {
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestWhoLeavesBeforeItsTurnChangesNothing(t *testing.T) {
	d := gated()
	w := combine.New(combine.Config{}, d.run)
	answers := queue(t, w, d, func() int { return combine.Waiting(w, "lane") }, [2]string{"a", "1"})
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := w.Do(ctx, "lane", "b", "2")
		left <- err
	}()
	testkit.Poll(t, 5*time.Second, func() bool { return combine.Waiting(w, "lane") == 1 }, "the caller to wait")
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("left with %v", err)
	}
	d.gate <- struct{}{}
	answers()
	testkit.Poll(t, 5*time.Second, func() bool { return combine.Waiting(w, "lane") == 0 }, "the lane to be empty")
	if got := fmt.Sprint(d.seen()); got != "[[1]]" {
		t.Errorf("batches %s", got)
	}
}

// One command that breaks its transaction, or panics, is alone with it.
func TestOneBreaksNobodyElse(t *testing.T) {
	for _, breaks := range []func() []combine.Outcome[string]{
		func() []combine.Outcome[string] { panic("broken") },
		func() []combine.Outcome[string] { return nil },
	} {
		d := gated()
		w := combine.New(combine.Config{}, func(ctx context.Context, batch []combine.Command[string]) []combine.Outcome[string] {
			outcomes := d.run(ctx, batch)
			if slices.ContainsFunc(batch, func(c combine.Command[string]) bool { return c.Query == "bad" }) {
				return breaks()
			}
			return outcomes
		})
		answers := queue(t, w, d, func() int { return combine.Waiting(w, "lane") }, [2]string{"a", "1"}, [2]string{"b", "bad"}, [2]string{"c", "3"})
		for range 4 { // the first, the two together, and each alone
			d.gate <- struct{}{}
		}
		for query, err := range answers() {
			if (query == "bad") != (err != nil) {
				t.Errorf("%s: %v", query, err)
			}
		}
	}
}

func TestConcurrentCallersAllHearTheirOwn(t *testing.T) {
	d := &desk{}
	w := combine.New(combine.Config{Lanes: 3, Batch: 7}, d.run)
	var all sync.WaitGroup
	for i := range 500 {
		all.Go(func() {
			query := fmt.Sprint(i)
			if answer, err := w.Do(t.Context(), fmt.Sprint(i%11), fmt.Sprint(i%5), query); answer != query || err != nil {
				t.Errorf("%s was answered %q, %v", query, answer, err)
			}
		})
	}
	all.Wait()
	n := 0
	for _, batch := range d.seen() {
		n += len(batch)
	}
	if n != 500 {
		t.Errorf("%d commands were run", n)
	}
}
