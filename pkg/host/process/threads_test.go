package process

import (
	"runtime"
	"testing"
)

func TestThreads(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	for _, c := range []struct {
		own         string
		cores, want int
	}{{"", 1, 4}, {"", 2, 4}, {"", 16, 16}, {"2", 2, 2}} {
		t.Setenv("GOMAXPROCS", c.own)
		runtime.GOMAXPROCS(c.cores)
		if Threads(); runtime.GOMAXPROCS(0) != c.want {
			t.Errorf("GOMAXPROCS=%s on %d cores: %d threads, want %d", c.own, c.cores, runtime.GOMAXPROCS(0), c.want)
		}
	}
}
