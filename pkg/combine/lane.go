package combine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/classcode/maillage/pkg/errs"
)

// waiting is a command and where its caller waits.
type waiting[Q, A any] struct {
	caller  context.Context
	name    string
	query   Q
	outcome chan Outcome[A]
}

// client is who has commands in a lane, the first come first.
type client[Q, A any] struct {
	name  string
	queue []*waiting[Q, A]
}

// lane is a queue in which clients take turns.
type lane[Q, A any] struct {
	batch, most int

	mu      sync.Mutex
	busy    bool
	count   int
	clients map[string]*client[Q, A]
	turns   []*client[Q, A] // whoever has something, the next first
}

// add queues a command; first says that nobody works on the lane yet, ok that there was room.
func (l *lane[Q, A]) add(name string, one *waiting[Q, A]) (first, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count == l.most {
		return false, false
	}
	l.count++
	c := l.clients[name]
	if c == nil {
		c = &client[Q, A]{name: name}
		l.clients[name] = c
		l.turns = append(l.turns, c)
	}
	c.queue = append(c.queue, one)
	first = !l.busy
	l.busy = true
	return first, true
}

// take gives the next batch, one command of each client in turn, and nil when nothing waits and the work is over.
func (l *lane[Q, A]) take() (batch []*waiting[Q, A]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.turns) > 0 && len(batch) < l.batch {
		c := l.turns[0]
		l.turns = l.turns[1:]
		batch = append(batch, c.queue[0])
		if c.queue = c.queue[1:]; len(c.queue) > 0 {
			l.turns = append(l.turns, c)
		} else {
			delete(l.clients, c.name)
		}
	}
	l.count -= len(batch)
	l.busy = len(batch) > 0
	return batch
}

// outcomes runs a batch. When it fails as a whole for a reason that may be one command's, each is run alone, so that the others do
// not pay for it.
func (w *Writer[Q, A]) outcomes(commands []Command[Q]) []Outcome[A] {
	outcomes := w.guarded(commands)
	if len(commands) == 1 || !broken(outcomes) {
		return outcomes
	}
	for i := range commands {
		outcomes[i] = w.guarded(commands[i : i+1])[0]
	}
	return outcomes
}

// broken tells whether every command failed for a reason of ours: a refusal is one command's, an outage is everyone's.
func broken[A any](outcomes []Outcome[A]) bool {
	for _, o := range outcomes {
		if o.Err == nil || errs.From(o.Err).Kind != errs.Internal {
			return false
		}
	}
	return true
}

// guarded gives as many outcomes as commands, whatever run does.
func (w *Writer[Q, A]) guarded(commands []Command[Q]) (outcomes []Outcome[A]) {
	defer func() {
		err := errors.New("combine: outcomes are missing")
		if p := recover(); p != nil {
			err = fmt.Errorf("combine: panic: %v\n%s", p, debug.Stack())
		}
		if len(outcomes) != len(commands) {
			outcomes = make([]Outcome[A], len(commands))
			for i := range outcomes {
				outcomes[i].Err = err
			}
		}
	}()
	return w.run(context.Background(), commands)
}
