// Package combine lets commands that wait at the same time share one transaction. Nobody waits for company: a lane takes what is
// queued when it becomes free, be it one command or a hundred, and each command has its own outcome.
package combine

import (
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

const (
	defaultLanes = 16
	// defaultBatch: beyond it a commit costs little of a command, and the last one's answer waits for all of them.
	defaultBatch = 128
	// defaultQueue is as many as a server lets in at a time.
	defaultQueue = 1000
)

// Config bounds a Writer; zero values are defaults.
type Config struct {
	Lanes int // transactions that run side by side; 0: 16
	Batch int // commands of a transaction; 0: 128
	Queue int // commands that wait in a lane before the next one is refused; 0: 1000
}

// Outcome is a command's answer, or why there is none.
type Outcome[A any] struct {
	Answer A
	Err    error
}

// Command is what waits in a lane.
type Command[Q any] struct {
	// Context is its caller's, for what is written in its name; it does not end with the caller's patience.
	Context context.Context
	Query   Q
}

// Run does a batch, and gives one outcome for each of its commands. They come sorted by their names: two transactions that lock what
// the names stand for do not wait for each other in a circle.
type Run[Q, A any] func(ctx context.Context, batch []Command[Q]) []Outcome[A]

// Writer combines commands in lanes: those of one lane name run one batch after the other, in the order in which they came.
type Writer[Q, A any] struct {
	run   Run[Q, A]
	lanes []*lane[Q, A]
}

// New makes a writer; it has nothing to close, as a lane ends when it is empty.
func New[Q, A any](cfg Config, run Run[Q, A]) *Writer[Q, A] {
	w := &Writer[Q, A]{run: run, lanes: make([]*lane[Q, A], cmp.Or(cfg.Lanes, defaultLanes))}
	for i := range w.lanes {
		w.lanes[i] = &lane[Q, A]{batch: cmp.Or(cfg.Batch, defaultBatch), most: cmp.Or(cfg.Queue, defaultQueue), clients: map[string]*client[Q, A]{}}
	}
	return w
}

// Do waits for a command's turn and gives its outcome. Commands of the same name are never done side by side; those of one
// client wait behind each other, not in front of another client's. A caller who leaves before its turn has changed nothing; one who
// leaves later cannot know.
func (w *Writer[Q, A]) Do(ctx context.Context, name, client string, query Q) (A, error) {
	l := w.lanes[number(name, len(w.lanes))]
	waiting := &waiting[Q, A]{caller: ctx, name: name, query: query, outcome: make(chan Outcome[A], 1)}
	var none A
	first, ok := l.add(client, waiting)
	if !ok {
		return none, errs.ErrExhausted.Retry(time.Second)
	}
	if first {
		go w.work(l)
	}
	select {
	case o := <-waiting.outcome:
		return o.Answer, o.Err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// Busy tells whether somebody waits, or is being served: what can wait may do so meanwhile.
func (w *Writer[Q, A]) Busy() bool {
	return slices.ContainsFunc(w.lanes, func(l *lane[Q, A]) bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.busy
	})
}

// work empties a lane.
func (w *Writer[Q, A]) work(l *lane[Q, A]) {
	for batch := l.take(); batch != nil; batch = l.take() {
		w.batch(batch)
	}
}

// batch does what has not been given up; a panic is its commands' error, not the end of the program.
func (w *Writer[Q, A]) batch(all []*waiting[Q, A]) {
	here := slices.DeleteFunc(all, func(one *waiting[Q, A]) bool { return one.caller.Err() != nil })
	if len(here) == 0 {
		return
	}
	slices.SortStableFunc(here, func(a, b *waiting[Q, A]) int { return cmp.Compare(a.name, b.name) })
	commands := make([]Command[Q], len(here))
	for i, one := range here {
		commands[i] = Command[Q]{context.WithoutCancel(one.caller), one.query}
	}
	outcomes := w.outcomes(commands)
	for i, one := range here {
		one.outcome <- outcomes[i]
	}
}

func number(name string, lanes int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))          // never fails
	return int(h.Sum32() % uint32(lanes)) //nolint:gosec // a few lanes
}
