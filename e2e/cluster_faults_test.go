package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/classcode/maillage/deploy/standalone/season"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

// The short form takes a minute; the long one is for docs/faults.md.
var long = flag.Bool("long", false, "keep NATS away for 30 s, and kill each process five times instead of twice")

// briefly is long enough to read a stream that is there.
const briefly = 3 * time.Second

// recovery is how long a fault was felt after it was repaired.
type recovery struct {
	fault string
	times int
	worst time.Duration
	told  int // events meanwhile
}

// The processes are killed during seasons, NATS goes away, in part, wholly and with what it stored, and PostgreSQL crashes. What was
// acknowledged must be there, once, and the services must agree; then the same audit must notice what it should.
func TestClusterSurvivesFaults(t *testing.T) {
	c := deploy(t)
	kills, away := 2, 5*time.Second
	if *long {
		kills, away = 5, 30*time.Second
	}
	conn, err := nats.Connect(c.NATSURL(), nats.MaxReconnects(-1))
	c.must(err)
	t.Cleanup(conn.Close)
	c.streams, err = jetstream.New(conn)
	c.must(err)
	c.seasons = c.playOn()
	felt := []recovery{
		c.killEach(kills),
		c.fault("one NATS server killed", func() { c.must(c.Kill("nats-1")) }, away, func() { c.must(c.Revive("nats-1")); c.await("nats-1") }),
		c.fault("all NATS servers killed", func() { c.must(c.KillBrokers()) }, away, c.brokersBack),
		c.fault("all NATS servers killed and their streams removed", func() { c.must(c.KillBrokers()); c.must(c.WipeBrokers()) }, away, c.brokersBack),
		c.fault("PostgreSQL crashed", func() { c.must(c.CrashPostgres()) }, time.Second, func() { c.must(c.RevivePostgres()) }),
	}
	reports := c.seasons.end()
	for _, f := range felt {
		t.Logf("%-50s %2d times, %4d events told meanwhile, felt for %.1f s at the most", f.fault, f.times, f.told, f.worst.Seconds())
	}
	c.agree(reports)
	for _, wrong := range c.auditStreams(settling) {
		t.Error(wrong)
	}
	if t.Failed() {
		return
	}
	t.Run("control: streams that nobody fills again", c.unfilled)
	c.auditNotices(reports)
}

// killEach kills and starts each process at seeded moments; it is felt until the process is ready again.
func (c *cluster) killEach(times int) (r recovery) {
	r.fault = "a service, or the door, killed"
	began := time.Now()
	random := rand.New(rand.NewPCG(killSeed, 0)) //nolint:gosec // to be played again, not a secret
	for range times {
		for _, name := range []string{"catalogue", "mesh", "mesh-2", "meetings", "meetings-2", "indicators", "gateway"} {
			c.lasts(100*time.Millisecond + time.Duration(random.Int64N(int64(600*time.Millisecond))))
			at, killed := c.seasons.step(), time.Now()
			c.must(c.Kill(name))
			c.must(c.Revive(name))
			c.await(name)
			c.t.Logf("%s killed: %s; ready again after %.1f s", name, at, time.Since(killed).Seconds())
			r.times++
			r.worst = max(r.worst, time.Since(killed))
		}
	}
	r.told = c.toldBetween(began, time.Now())
	return r
}

// fault breaks something for a while; from the beginning of its repair it is felt until every event is published that was told before.
func (c *cluster) fault(what string, breaks func(), away time.Duration, repair func()) recovery {
	c.t.Helper()
	// At the beginning of a season, when people register and nothing waits for events.
	testkit.Poll(c.t, time.Minute, func() bool { return strings.Contains(c.seasons.step(), "inscrivent") }, "another season to begin")
	c.t.Logf("%s: %s", what, c.seasons.step())
	broken := time.Now()
	breaks()
	c.lasts(away)
	repaired := time.Now()
	repair()
	for _, service := range services {
		testkit.Poll(c.t, time.Minute, func() bool { return c.streamed(service, repaired) }, "the events of "+service+" to be published after: "+what)
	}
	felt := time.Since(repaired)
	return recovery{what, 1, felt, c.toldBetween(broken, repaired)}
}

// lasts lets a fault last: there is nothing to be polled for.
func (c *cluster) lasts(d time.Duration) {
	select {
	case <-time.After(d):
	case <-c.t.Context().Done():
	}
}

// toldBetween is how many events the services have told in a span of time.
func (c *cluster) toldBetween(from, to time.Time) (n int) {
	for _, service := range services {
		n += c.count(fmt.Sprintf(`SELECT count(*) FROM %s.outbox WHERE created_at BETWEEN %d AND %d`, service, database.Micros(from), database.Micros(to)))
	}
	return n
}

// streamed tells whether what a service told before a moment is in its stream: the cursor is past it, and the stream holds as much.
func (c *cluster) streamed(service string, before time.Time) bool {
	moment := database.Micros(before)
	if c.count(fmt.Sprintf(`SELECT count(*) %s AND o.created_at < %d`, behind(service), moment)) > 0 {
		return false
	}
	stream, err := c.streams.Stream(c.t.Context(), events.StreamName(service))
	if err != nil {
		return false
	}
	told := c.count(fmt.Sprintf(`SELECT count(*) FROM %s.outbox WHERE created_at < %d`, service, moment))
	return stream.CachedInfo().State.Msgs >= uint64(told) //nolint:gosec // a count
}

func (c *cluster) brokersBack() {
	c.must(c.ReviveBrokers())
	c.must(c.AwaitBrokers(c.t.Context()))
}

// unfilled is the control of the wiped streams: as long as no relay runs, the audit of the streams must find each of them empty.
func (c *cluster) unfilled(t *testing.T) {
	s := c.in(t)
	names := []string{"catalogue", "mesh", "mesh-2", "meetings", "meetings-2", "indicators"}
	for _, name := range names {
		c.must(c.Kill(name))
	}
	c.must(c.KillBrokers())
	c.must(c.WipeBrokers())
	c.brokersBack()
	if wrong := s.auditStreams(briefly); len(wrong) < len(services) {
		t.Errorf("the audit finds %q", wrong)
	}
	began := time.Now()
	for _, name := range names {
		c.must(c.Revive(name))
	}
	c.await(names...)
	for _, wrong := range s.auditStreams(settling) {
		t.Error(wrong)
	}
	t.Logf("streams filled again %.1f s after the services started", time.Since(began).Seconds())
}

// seasons are played one after the other until they are told to end.
type seasons struct {
	mu      sync.Mutex
	played  []*playing
	errs    []error
	leaving atomic.Bool
	over    chan struct{}
}

func (s *site) playOn() *seasons {
	on := &seasons{over: make(chan struct{})}
	go func() {
		defer close(on.over)
		for !on.leaving.Load() {
			p := s.play(uint64(len(on.played) + 1))
			on.mu.Lock()
			on.played = append(on.played, p)
			on.mu.Unlock()
			err := <-p.over
			if on.errs = append(on.errs, err); err != nil {
				return
			}
		}
	}()
	return on
}

// step is what they are at.
func (s *seasons) step() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("season %d, %s", len(s.played), s.played[len(s.played)-1].step())
}

// end lets the last season end, and gives what all were acknowledged.
func (s *seasons) end() (reports []season.Report) {
	s.leaving.Store(true)
	<-s.over
	for i, p := range s.played {
		reports = append(reports, p.report(s.errs[i]))
	}
	return reports
}
