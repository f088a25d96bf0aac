package events_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
)

const (
	// deaths is how often a child dies at each point; docs/faults.md adds them up.
	deaths = 3
	// amid is about how long a lone broker takes for a batch on a disk.
	amid = 30 * time.Millisecond
)

var crashEngines = map[string]database.Engine{"sqlite": database.SQLite, "postgres": database.Postgres}

// A service that is killed at the worst moments loses nothing that it acknowledged, and does nothing twice.
func TestKilledAtNamedPoints(t *testing.T) {
	for name, engine := range crashEngines {
		for _, point := range []string{beforeCommit, afterCommit, afterPublish, beforeAck} {
			t.Run(name+"/"+point, func(t *testing.T) {
				o := newOrdeal(t, engine, none)
				o.live(point, deaths)
				o.passes()
				if point == afterPublish && o.resent == 0 {
					t.Error("nothing was published again: the point was not after the publication")
				}
				if point == beforeAck && o.redelivered < 2 { // one is the change that is overtaken
					t.Error("nothing was delivered again: the point was not before the ack")
				}
			})
		}
	}
}

// The same where events go in batches: killed while the broker stores one, and when it has stored it and the cursor does not say so.
func TestKilledAroundBatches(t *testing.T) {
	for name, engine := range crashEngines {
		for point, times := range map[string]int{amidPublish: 2 * deaths, afterPublish: deaths} {
			t.Run(name+"/"+point, func(t *testing.T) {
				o := newOrdeal(t, engine, none)
				o.Burst = events.BatchLeast
				o.live(point, times)
				o.passes()
				if o.batched == 0 {
					t.Error("nothing went in a batch")
				}
				if point == afterPublish && o.resent == 0 {
					t.Error("nothing was published again: the point was not after the publication")
				}
			})
		}
	}
}

// With the streams' folder gone, everything is filled again from the outbox, for a neighbour that starts from nothing too.
func TestWipedAfterKill(t *testing.T) {
	for name, engine := range crashEngines {
		t.Run(name, func(t *testing.T) {
			o := newOrdeal(t, engine, none)
			o.live(afterPublish, 1)
			o.wipe(engine)
			o.settle()
			o.passes()
		})
	}
}

// A kill in the middle of making a stream leaves its description without the checksum; the server then passes over the folder at
// every start, with what was put into it since.
func TestKilledWhileStreamIsMade(t *testing.T) {
	o := newOrdeal(t, database.SQLite, none)
	o.live(afterCommit, 0)
	for _, pattern := range []string{"*", "*/obs/*"} {
		sums, err := filepath.Glob(filepath.Join(o.Dir, "jetstream/*/streams", pattern, "meta.sum"))
		if err != nil || len(sums) == 0 {
			t.Fatalf("checksums %v: %v", sums, err)
		}
		for _, sum := range sums {
			if err := os.Remove(sum); err != nil {
				t.Fatal(err)
			}
		}
	}
	o.live(afterCommit, 0)
	o.passes() // opens the streams once more
}

// What a killed reader had taken is not waited for: in one process, nobody can hold a message when its server starts.
func TestKilledReaderIsNotWaitedFor(t *testing.T) {
	o := newOrdeal(t, database.SQLite, none)
	o.live(beforeAck, deaths)
	o.passes()
	if o.settling > events.AckWait/2 {
		t.Errorf("the events came again after %s", o.settling)
	}
}

func TestControlPublishAfterCommitWithoutOutboxLoses(t *testing.T) {
	o := newOrdeal(t, database.SQLite, withoutOutbox)
	o.live(afterCommit, 0)
	if v := o.check(); len(v.stream)+len(v.copies)+len(v.derived) > 0 {
		t.Errorf("while nothing dies:\n%s", v)
	}
	o.live(afterCommit, deaths)
	v := o.check()
	o.fails("stream", v.stream)
	o.fails("consumer's table", v.copies)
}

func TestControlCursorSavedBeforeAckLoses(t *testing.T) {
	o := newOrdeal(t, database.SQLite, simpleRelay)
	o.live(halfway, deaths)
	o.passes() // the same relay in the right order
	o = newOrdeal(t, database.SQLite, cursorFirst)
	o.live(halfway, deaths)
	v := o.check()
	o.fails("stream", v.stream)
	o.fails("consumer's table", v.copies)
}

func TestControlRowsDeletedOnAckCannotBeFilledAgain(t *testing.T) {
	o := newOrdeal(t, database.SQLite, deleteOnAck)
	o.live(afterPublish, 1)
	if v := o.check(); len(v.stream)+len(v.copies)+len(v.derived) > 0 {
		t.Errorf("while the stream is there:\n%s", v)
	}
	o.wipe(database.SQLite)
	o.settle()
	v := o.check()
	o.fails("stream", v.stream)
	o.fails("consumer's table", v.copies)
}

func TestControlNoVersionGuardDoublesAndGoesBack(t *testing.T) {
	o := newOrdeal(t, database.SQLite, unguarded)
	o.live(beforeAck, deaths)
	v := o.check()
	o.fails("derived counts", v.derived) // counted twice
	o.fails("consumer's table", v.copies)
}
