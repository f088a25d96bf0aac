package events_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

// ordeal drives a child through its deaths and remembers what it acknowledged.
type ordeal struct {
	*testing.T
	script
	random *rand.Rand

	child  *exec.Cmd
	in     io.WriteCloser
	out    <-chan string
	stderr bytes.Buffer

	deaths, wanted      int
	requests            int
	spread              int             // rooms
	rooms               map[string]room // as last acknowledged
	resent, redelivered int             // by the last life
	batched             int             // messages that came to the stream in a batch
	settling            time.Duration   // how long that took in the last life
}

func newOrdeal(t *testing.T, engine database.Engine, wrong fault) *ordeal {
	t.Helper()
	o := &ordeal{T: t, random: rand.New(rand.NewPCG(4, 0)), rooms: map[string]room{}}
	o.script = script{Dir: t.TempDir(), Fault: wrong, Source: fresh(t, engine), Copy: fresh(t, engine)}
	o.spread = 8
	if wrong != none {
		o.spread = math.MaxInt // each room changes once: no later state makes up for a lost one
	}
	t.Cleanup(func() {
		if o.child != nil {
			o.end()
		}
	})
	return o
}

// fresh is an empty database. A SQLite file is on the disk, like the streams.
func fresh(t *testing.T, engine database.Engine) database.Config {
	t.Helper()
	if engine == database.Postgres {
		return *testkit.Postgres(t)
	}
	return database.Config{DSN: "sqlite:" + filepath.Join(t.TempDir(), "test.db")}
}

// start begins another life: with a death in it while more of them are wanted.
func (o *ordeal) start() {
	o.Helper()
	next := o.script
	if o.deaths < o.wanted {
		next.Passage = 1 + o.random.Int64N(4)
		if o.Burst > 0 {
			next.Passage = 1 // a fourth batch holds hundreds of events, and the neighbour takes each by itself
		}
		if o.Point == amidPublish {
			next.Later = time.Duration(o.random.Int64N(int64(amid)))
		}
	}
	text, err := json.Marshal(next)
	if err != nil {
		o.Fatal(err)
	}
	o.child = exec.Command(os.Args[0]) //nolint:noctx // ended by end
	o.child.Env = append(os.Environ(), crashScript+"="+string(text))
	o.child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	o.child.Stderr = &o.stderr
	stdout, err := o.child.StdoutPipe()
	if err == nil {
		o.in, err = o.child.StdinPipe()
	}
	if err = errors.Join(err, o.child.Start()); err != nil {
		o.Fatal(err)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	o.out = lines
}

// ask says a line to the child, which may have to be started first, until one lives long enough to answer.
func (o *ordeal) ask(line string) string {
	o.Helper()
	for {
		if o.child == nil {
			o.start()
			if _, alive := o.hear(); !alive {
				o.die()
				continue
			}
		}
		_, _ = fmt.Fprintln(o.in, line) // to a dead child: it does not answer
		if answer, alive := o.hear(); alive {
			return answer
		}
		o.die()
	}
}

func (o *ordeal) hear() (line string, alive bool) {
	o.Helper()
	select {
	case line, alive = <-o.out:
		return line, alive
	case <-time.After(2 * time.Minute): // an ack wait, and time to spare
		o.Fatalf("the child does not answer:\n%s", o.stderr.String())
		return "", false
	}
}

// die notes a death, which must have been the one that was wanted.
func (o *ordeal) die() {
	o.Helper()
	_ = o.child.Wait()
	status, ok := o.child.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || status.Signal() != syscall.SIGKILL {
		o.Fatalf("the child ended with %v:\n%s", o.child.ProcessState, o.stderr.String())
	}
	o.child = nil
	o.deaths++
}

// end is a kill -9 from outside.
func (o *ordeal) end() {
	_ = o.child.Process.Kill()
	for range o.out { //nolint:revive // until it is gone
	}
	_ = o.child.Wait()
	o.child = nil
}

// change has a room changed, and acknowledged, whatever happens to the child meanwhile.
func (o *ordeal) change(id string) {
	o.Helper()
	next := room{id: id, version: o.rooms[id].version + int64(max(1, o.Burst)), seats: 1 + o.random.Int64N(100)}
	o.requests++
	answer := o.ask(fmt.Sprintf("change request-%d %s %d", o.requests, id, next.seats))
	if answer != fmt.Sprint("version ", next.version) {
		o.Errorf("%s: the child says %q of change %d: a request had no effect, or two", id, answer, next.version)
	}
	o.rooms[id] = next
}

// live lets the child die at a point as often as wanted, under one change after the other, and then lets all events arrive.
func (o *ordeal) live(point string, deaths int) {
	o.Helper()
	const least, within = 40, time.Minute
	o.Point, o.wanted = point, deaths
	deadline := time.Now().Add(within)
	for n := 0; n < least || o.deaths < deaths; n++ {
		if time.Now().After(deadline) {
			o.Fatalf("%d deaths of %d in %s and %d changes", o.deaths, deaths, within, n)
		}
		o.change(fmt.Sprint("room-", n%o.spread))
	}
	for range 3 {
		o.change(overtaken)
	}
	o.settle()
}

// settle lets all events arrive, and ends the child.
func (o *ordeal) settle() {
	o.Helper()
	began := time.Now()
	answer := o.ask("settle")
	o.settling = time.Since(began)
	if _, err := fmt.Sscanf(answer, "settled %d %d", &o.resent, &o.redelivered); err != nil {
		o.Fatalf("asked to settle, the child says %q: %v", answer, err)
	}
	o.end()
}

// wipe removes the streams, and has a neighbour begin anew that knows nothing.
func (o *ordeal) wipe(engine database.Engine) {
	o.Helper()
	if err := os.RemoveAll(o.Dir); err != nil {
		o.Fatal(err)
	}
	o.Copy = fresh(o.T, engine)
}
