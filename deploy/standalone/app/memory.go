package app

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// frugalMemory is what the program keeps to while it can, beside its own file and SQLite's pages: garbage is collected earlier than
	// usual near it. A machine that runs everything lacks memory first.
	frugalMemory = 100 << 20
	// frugalGrowth is by how many percent what is in use may grow all the same until garbage is collected: a limit that is too tight
	// would take the processor instead.
	frugalGrowth = 75
	// frugalTurn is how soon the limit follows what is in use.
	frugalTurn = 250 * time.Millisecond
)

// memoryMetrics are bytes: what is in use as of the last collection, all that the program has, and the parts of it that a heap takes.
var memoryMetrics = []string{
	"/gc/heap/live:bytes", "/memory/classes/total:bytes",
	"/memory/classes/heap/objects:bytes", "/memory/classes/heap/unused:bytes", "/memory/classes/heap/free:bytes", "/memory/classes/heap/released:bytes",
}

// saveMemory keeps the memory limit of the program near what it needs, until ctx ends; settings of Go's own in the environment have
// the last word.
func saveMemory(ctx context.Context) error {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	samples := make([]metrics.Sample, len(memoryMetrics))
	for i, name := range memoryMetrics {
		samples[i].Name = name
	}
	tick := time.NewTicker(frugalTurn)
	defer tick.Stop()
	for {
		metrics.Read(samples)
		var bytes [6]int64
		for i, s := range samples {
			bytes[i] = int64(s.Value.Uint64()) //nolint:gosec // the memory of one machine
		}
		debug.SetMemoryLimit(memoryLimit(bytes[0], bytes[1]-bytes[2]-bytes[3]-bytes[4]-bytes[5]))
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// memoryLimit is for a heap of which live bytes are in use, and what the program has beside it, stacks above all.
func memoryLimit(live, beside int64) int64 {
	return max(frugalMemory, live+live*frugalGrowth/100+beside)
}
