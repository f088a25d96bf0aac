package app

import (
	"context"
	"math"
	"runtime/debug"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/testkit"
)

func TestMemoryLimitFollowsWhatIsInUse(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct{ live, beside, want int64 }{{0, 0, 100 * mb}, {40 * mb, 20 * mb, 100 * mb}, {80 * mb, 20 * mb, 160 * mb}, {800 * mb, 100 * mb, 1500 * mb}} {
		if got := memoryLimit(c.live, c.beside); got != c.want {
			t.Errorf("%d MB in use and %d beside: %d MB", c.live/mb, c.beside/mb, got/mb)
		}
	}
}

func TestMemoryIsSavedUnlessGoIsToldOtherwise(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "1GiB")
	if err := saveMemory(t.Context()); err != nil || debug.SetMemoryLimit(-1) != before {
		t.Errorf("a limit of the environment became %d, %v", debug.SetMemoryLimit(-1), err)
	}
	t.Setenv("GOMEMLIMIT", "")
	debug.SetMemoryLimit(math.MaxInt64)
	ctx, end := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- saveMemory(ctx) }()
	testkit.Poll(t, 5*time.Second, func() bool { limit := debug.SetMemoryLimit(-1); return limit >= frugalMemory && limit < 1<<40 }, "a limit")
	end()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
