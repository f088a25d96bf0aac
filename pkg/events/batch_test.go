package events_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

// What waits together is applied together; when it cannot be, each has its turn, and only the one that is wrong is given up.
func TestBatch(t *testing.T) {
	noLeak(t)
	bus, reg := newBus(t)
	provision(t, bus)
	const many, wrong = 40, 17
	for i := range many {
		e := place(i)
		e.Payload = wrapperspb.String("name")
		send(t, bus, e, nil)
	}
	var mu sync.Mutex
	applied := map[string]int{}
	together := 0
	bad := place(100 + wrong).Aggregate
	apply := func(all []events.Message) error {
		mu.Lock()
		defer mu.Unlock()
		for _, m := range all {
			if m.Aggregate == bad {
				return events.Permanent(errors.New("wrong"))
			}
		}
		for _, m := range all {
			applied[m.Aggregate]++
		}
		if len(all) > 1 {
			together += len(all)
		}
		return nil
	}
	panicked := false
	consume(t, bus, events.Consumer{
		Handle: func(_ context.Context, msg events.Message) error { return apply([]events.Message{msg}) },
		Batch: func(_ context.Context, all []events.Message) error {
			err := apply(all)
			if err != nil && !panicked {
				panicked = true
				panic("once")
			}
			return err
		},
	})
	testkit.Poll(t, within, func() bool { return value(t, reg, "consumed_total", "meetings-places", "ok") == many }, "all of them")
	for i := range many {
		e := place(100 + i)
		e.Payload = wrapperspb.String("name")
		send(t, bus, e, nil)
	}
	testkit.Poll(t, within, func() bool { return value(t, reg, "consumed_total", "meetings-places", "ok") == 2*many-1 }, "all but one")
	testkit.Poll(t, within, func() bool { return value(t, reg, "deadletter_total", "meetings-places") == 1 }, "the wrong one to be given up")
	mu.Lock()
	defer mu.Unlock()
	for aggregate, n := range applied {
		if n != 1 {
			t.Errorf("%s applied %d times", aggregate, n)
		}
	}
	if len(applied) != 2*many-1 || together < many {
		t.Fatalf("%d applied, %d of them together", len(applied), together)
	}
}
