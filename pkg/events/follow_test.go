package events_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

// follower counts how often it was told that it may have missed something.
type follower struct {
	heard
	missed atomic.Int32
}

func (f *follower) follow(t *testing.T, bus *events.Bus) {
	t.Helper()
	start(t, func(ctx context.Context) error {
		return bus.Follow(ctx, everyone, func() { f.missed.Add(1) }, func(m events.Message) { _ = f.handle(ctx, m) })
	})
}

// Whoever was told that they may have missed something hears everything from then on.
func TestFollowHearsInEveryProcess(t *testing.T) {
	noLeak(t)
	bus, _ := newBus(t)
	provision(t, bus)
	var want []string
	followers := make([]follower, 2)
	for i := range followers {
		f := &followers[i]
		f.follow(t, bus)
		testkit.Poll(t, within, func() bool { return f.missed.Load() == 1 }, "the follower to hear")
	}
	for n := range 20 {
		e := place(n)
		send(t, bus, e, nil)
		want = append(want, e.ID)
	}
	for i := range followers {
		followers[i].wait(t, want)
		if got := followers[i].all(); !slices.Equal(got, want) {
			t.Errorf("follower %d heard %v, not %v", i, got, want)
		}
	}
}

// A broker that goes away takes with it what is published meanwhile: followers are told, and hear what comes after.
func TestFollowTellsThatItMayHaveMissedSomething(t *testing.T) {
	noLeak(t)
	broker := brokers(t)
	first := broker()
	bus := dial(t, first)
	var f follower
	f.follow(t, bus)
	testkit.Poll(t, within, func() bool { return f.missed.Load() == 1 }, "the follower to hear")
	leave(t, first, bus)
	if n := f.missed.Load(); n != 1 {
		t.Errorf("told %d times while there is no broker", n)
	}
	broker()
	testkit.Poll(t, within, func() bool { return f.missed.Load() == 2 }, "the follower to be told")
	provision(t, bus)
	e := place(1)
	send(t, bus, e, nil)
	f.wait(t, []string{e.ID})
}
