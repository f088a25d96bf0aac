package events

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/classcode/maillage/pkg/database"
)

// RelayConfig names the service whose outbox is published.
type RelayConfig struct {
	Stream    StreamConfig     // the service, and its stream's limits
	Publisher Publisher        // nil: the bus
	Now       func() time.Time // nil: time.Now
}

const (
	// poll bounds how late an event is whose wake-up was in another process.
	poll = 100 * time.Millisecond
	// look is how often the stream itself is looked at, and the backlog counted.
	look = 10 * time.Second
	// page is read at once, and published as one batch: a larger one takes no less of the broker's time for a message.
	page = 512
	// gather is how long events are collected behind a page that was not full. The first event after a rest leaves at once.
	gather = 50 * time.Millisecond
	// gatherBatch is the same in a rush, behind a page that was a batch: the broker flushes six times for each, however many events it
	// holds, on the disk and the processor that those who cause them wait for.
	gatherBatch = 200 * time.Millisecond
	// lateAfter makes readiness say degraded: it is far above a poll and a write's five seconds.
	lateAfter = time.Minute

	firstPause    = 100 * time.Millisecond
	maxPause      = 5 * time.Second
	flushDeadline = 2 * time.Second // a stop has ten seconds for everything
	queryDeadline = 3 * time.Second // a query under way, the flush's query and its deadline fit into those ten
)

// Relay publishes the outbox of one service; of all its replicas one is active at a time on PostgreSQL.
type Relay struct {
	db        *database.DB
	bus       *Bus
	publisher Publisher
	config    StreamConfig
	service   string
	stream    string
	now       func() time.Time
	reading   reading
	look      time.Duration

	wake  chan struct{}
	state atomic.Pointer[error]

	// What this process knows of the stream; only Run touches them.
	verified  bool // every event up to the cursor was seen in the stream, by this process
	regressed bool // a sequence fell: the stream lost its end under our feet
	holes     int  // deleted messages inside the stream that were filled again already
}

var errStarting = errors.New("event relay: the stream is not compared with the outbox yet")

// NewRelay prepares a relay; Run starts it.
func NewRelay(db *database.DB, bus *Bus, cfg RelayConfig) *Relay {
	r := &Relay{
		db: db, bus: bus, publisher: cfg.Publisher, config: cfg.Stream,
		service: cfg.Stream.Service, stream: StreamName(cfg.Stream.Service),
		now: cfg.Now, reading: readingOf(db.Engine()), look: look, wake: make(chan struct{}, 1),
	}
	if r.publisher == nil {
		r.publisher = bus
	}
	if r.now == nil {
		r.now = time.Now
	}
	r.state.Store(&errStarting)
	return r
}

// Wake tells the relay that a transaction with events committed; without it they wait for the next poll.
func (r *Relay) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Check is nil while events flow, or while another replica publishes them; for readiness, as degraded.
func (r *Relay) Check(context.Context) error { return *r.state.Load() }

// Run publishes until ctx ends, then what is left for at most two seconds, and returns nil. It waits out the failures of the
// database and the broker; only a stream with other settings (ErrStreamSettings) makes it return an error.
func (r *Relay) Run(ctx context.Context) error {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		began := time.Now()
		err := r.lead(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, ErrStreamSettings) {
			return err
		}
		err = fmt.Errorf("event relay of %s: %w", r.service, err)
		r.state.Store(&err)
		if time.Since(began) > 2*maxPause {
			pause = firstPause
		}
		r.bus.log.Warn("event relay stopped, and tries again", "service", r.service, "pause", pause, "error", err)
		if !wait(ctx, pause) {
			return nil
		}
	}
}

// step publishes the next page and tells how many rows that were.
func (t *tenure) step(ctx context.Context) (int, error) {
	rows, err := t.ahead, error(nil)
	if t.ahead = nil; len(rows) == 0 {
		rows, err = t.next(ctx, t.position.cursor, page)
	}
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	following := t.readAhead(ctx, rows)
	last := t.position.seq
	acks, err := t.relay.publisher.Publish(ctx, t.relay.stream, t.relay.messages(rows))
	for i, ack := range acks {
		t.acknowledge(ack, last)
		t.position.cursor = rows[i].cursor // a prefix only: what failed, and all behind it, is read again
	}
	more, unread := following()
	if err == nil {
		t.ahead, err = more, unread
	}
	return len(acks), err
}

// readAhead reads the page behind a full one while that one is published; the function returned waits for it.
func (t *tenure) readAhead(ctx context.Context, rows []row) func() (more []row, err error) {
	if len(rows) < page {
		return func() ([]row, error) { return nil, nil }
	}
	var (
		more []row
		err  error
		done = make(chan struct{})
	)
	go func() {
		defer close(done)
		more, err = t.next(ctx, rows[len(rows)-1].cursor, page)
	}()
	return func() ([]row, error) {
		<-done
		return more, err
	}
}

// acknowledge notices a stream that was replaced or lost its end between two looks: its sequences start again lower.
func (t *tenure) acknowledge(ack Ack, last uint64) {
	if !ack.Duplicate {
		t.relay.bus.metrics.published.WithLabelValues(t.relay.service).Inc()
		t.relay.regressed = t.relay.regressed || ack.Sequence <= last
	}
	t.position.seq = max(t.position.seq, ack.Sequence)
	t.unsaved = true
}

func (r *Relay) messages(rows []row) []*nats.Msg {
	all := make([]*nats.Msg, len(rows))
	for i, row := range rows {
		all[i] = row.message(r.service)
	}
	return all
}
