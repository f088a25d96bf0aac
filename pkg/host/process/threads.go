package process

import (
	"os"
	"runtime"
)

// leastThreads run Go code at a time, however few cores there are. One that writes to the disk, or works for ten milliseconds without
// a pause, keeps the thread that it runs on: with one for each of two cores nobody is served meanwhile. More threads than cores share
// them by the kernel's clock, which is finer.
const leastThreads = 4

// Threads gives a small machine enough of them; GOMAXPROCS in the environment has the last word.
func Threads() {
	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) < leastThreads {
		runtime.GOMAXPROCS(leastThreads)
	}
}
