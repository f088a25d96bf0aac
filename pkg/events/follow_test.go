package events_test

import (
	"context"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestFollowHearsInEveryProcess(t *testing.T) {
	noLeak(t)
	bus, _ := newBus(t)
	provision(t, bus)
	var one, two heard
	for _, h := range []*heard{&one, &two} {
		stop := start(t, func(ctx context.Context) error {
			return bus.Follow(ctx, events.StreamName("mesh"), nil, func(m events.Message) { _ = h.handle(ctx, m) })
		})
		defer stop()
	}
	// A follower hears what is published once it has begun: publish until both have.
	n := 0
	testkit.Poll(t, 20*time.Second, func() bool {
		n++
		send(t, bus, place(n), nil)
		return len(one.all()) > 0 && len(two.all()) > 0
	}, "both followers to hear")
}
