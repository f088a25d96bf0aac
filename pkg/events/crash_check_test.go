package events_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

// verdict is what the check finds wrong, each place by itself.
type verdict struct {
	source  []string // the service's own table
	outbox  []string
	stream  []string
	copies  []string // the neighbour's table
	derived []string // the neighbour's totals
}

func (v verdict) String() string {
	var b strings.Builder
	for _, p := range []struct {
		name  string
		found []string
	}{{"table", v.source}, {"outbox", v.outbox}, {"stream", v.stream}, {"consumer's table", v.copies}, {"derived counts", v.derived}} {
		if len(p.found) > 0 {
			fmt.Fprintf(&b, "%s: %d wrong, the first %s\n", p.name, len(p.found), p.found[0])
		}
	}
	return b.String()
}

type change struct {
	room    string
	version int64
}

// check holds what the child left behind against what it acknowledged: nothing lost, nothing doubled. It is the same for the
// floor as it is and for every control.
func (o *ordeal) check() (v verdict) {
	o.Helper()
	source, copies := testkit.Open(o.T, &o.Source, sourceTables()), testkit.Open(o.T, &o.Copy, copyTables())
	acknowledged := map[change]bool{}
	var total room
	for _, r := range o.rooms {
		for version := range r.version {
			acknowledged[change{r.id, version + 1}] = true
		}
		total.seats += r.seats
	}
	v.source = o.compareRooms(source, "rooms")
	v.copies = o.compareRooms(copies, "copies")
	v.outbox = compareChanges(acknowledged, o.outbox(source), true)
	// A stream may hold an event twice: that is what the consumer's guard is for.
	v.stream = compareChanges(acknowledged, o.stream(), false)
	var rooms, changes int
	var seats int64
	err := copies.Read().QueryRowContext(o.Context(), `SELECT rooms, changes, seats FROM totals`).Scan(&rooms, &changes, &seats)
	if err != nil {
		o.Fatal(err)
	}
	if rooms != len(o.rooms) || changes != len(acknowledged) || seats != total.seats {
		v.derived = append(v.derived, fmt.Sprintf("%d rooms, %d changes and %d seats, not %d, %d and %d",
			rooms, changes, seats, len(o.rooms), len(acknowledged), total.seats))
	}
	return v
}

func (o *ordeal) compareRooms(db *database.DB, table string) (wrong []string) {
	o.Helper()
	rows, err := database.All(o.Context(), db.Read(), func(scan database.Scan) (r room, err error) {
		return r, scan(&r.id, &r.version, &r.seats)
	}, `SELECT id, version, seats FROM `+table)
	if err != nil {
		o.Fatal(err)
	}
	have := map[string]room{}
	for _, r := range rows {
		have[r.id] = r
		if _, known := o.rooms[r.id]; !known {
			wrong = append(wrong, fmt.Sprintf("%+v, of which nobody knows", r))
		}
	}
	for id, want := range o.rooms {
		if have[id] != want {
			wrong = append(wrong, fmt.Sprintf("%+v, not %+v", have[id], want))
		}
	}
	return wrong
}

func compareChanges(want map[change]bool, have map[change]int, once bool) (wrong []string) {
	for c := range want {
		if n := have[c]; n == 0 || once && n > 1 {
			wrong = append(wrong, fmt.Sprintf("%+v %d times", c, n))
		}
	}
	for c := range have {
		if !want[c] {
			wrong = append(wrong, fmt.Sprintf("%+v, which nobody asked for", c))
		}
	}
	return wrong
}

func (o *ordeal) outbox(db *database.DB) map[change]int {
	o.Helper()
	rows, err := database.All(o.Context(), db.Read(), func(scan database.Scan) (c change, err error) {
		return c, scan(&c.room, &c.version)
	}, `SELECT aggregate, aggregate_version FROM outbox`)
	if err != nil {
		o.Fatal(err)
	}
	return counted(rows)
}

func counted(all []change) map[change]int {
	n := map[change]int{}
	for _, c := range all {
		n[c]++
	}
	return n
}

// stream reads the child's stream with a server of our own.
func (o *ordeal) stream() map[change]int {
	o.Helper()
	server, err := events.Embedded(events.ServerConfig{Dir: o.Dir})
	if err != nil {
		o.Fatal(err)
	}
	o.Cleanup(server.Close)
	bus, err := server.Connect(events.Config{Name: "check"})
	if err != nil {
		o.Fatal(err)
	}
	o.Cleanup(bus.Close)
	c, err := bus.JetStream().CreateConsumer(o.Context(), stream, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, HeadersOnly: true, MemoryStorage: true, InactiveThreshold: time.Minute})
	if err != nil {
		o.Fatal(err)
	}
	var all []change
	for before := -1; before < len(all); {
		before = len(all)
		batch, err := c.FetchNoWait(1000)
		if err != nil {
			o.Fatal(err)
		}
		for m := range batch.Messages() {
			var at change
			at.room = m.Headers().Get("ce-subject")
			if _, err := fmt.Sscan(m.Headers().Get("ce-aggregateversion"), &at.version); err != nil {
				o.Fatal(err)
			}
			all = append(all, at)
			if m.Headers().Get("Nats-Batch-Id") != "" {
				o.batched++
			}
		}
	}
	return counted(all)
}

// passes is the check for what must stand.
func (o *ordeal) passes() {
	o.Helper()
	if v := o.check(); v.String() != "" {
		o.Errorf("after %d deaths and %d changes:\n%s", o.deaths, o.requests, v)
	}
	o.Logf("%d deaths, %d changes acknowledged, %d events in batches; in its last life %d were published and %d delivered again",
		o.deaths, o.requests, o.batched, o.resent, o.redelivered)
}

// fails is the check for a control, in one of the places.
func (o *ordeal) fails(place string, wrong []string) {
	o.Helper()
	if len(wrong) == 0 {
		o.Errorf("%s: the check finds nothing wrong in the %s: it would not notice", o.Fault, place)
		return
	}
	o.Logf("%s, %d deaths, %d changes: %d wrong in the %s, the first %s", o.Fault, o.deaths, o.requests, len(wrong), place, wrong[0])
}
