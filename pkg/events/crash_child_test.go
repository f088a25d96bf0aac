package events_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing/fstest"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
)

// The points at which a child kills itself.
const (
	beforeCommit = "before commit"
	afterCommit  = "after commit"
	amidPublish  = "amid publish" // and a while later, which the parent chooses
	afterPublish = "after publish"
	beforeAck    = "before ack"
	halfway      = "between publication and cursor" // of the simple relay, whichever it does first
)

const (
	crashScript = "MAILLAGE_CRASH_SCRIPT"
	crashReader = "meetings-places"
	// overtaken is a place whose second change is taken by the consumer after the third.
	overtaken = "overtaken"
)

// script is what a child is told to do, and where to die.
type script struct {
	Dir          string // of the streams
	Source, Copy database.Config
	Fault        fault
	Point        string
	Passage      int64 // it dies when it passes its point for this time; 0: it lives
	Later        time.Duration
	Burst        int // so many versions, and events, each change makes; 0 is 1
}

// init and not a test: a child runs instead of the tests, and its standard output belongs to its parent.
func init() {
	text := os.Getenv(crashScript)
	if text == "" {
		return
	}
	if err := childMain(text); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// tiny is a service with one table, and its neighbour that hears of it, in one process.
type tiny struct {
	script
	passed  atomic.Int64
	db      *database.DB
	copies  *database.DB
	bus     *events.Bus
	relay   *events.Relay // nil in the controls that do without
	sending sync.Mutex    // the simple relay is between two states

	resent, redelivered atomic.Int64 // what came once more in this life, to the stream and to the neighbour
}

// pass is a named point. The kill comes from the process itself, so that it comes exactly here.
func (s *tiny) pass(point string) {
	switch {
	case point != s.Point || s.passed.Add(1) != s.Passage:
	case s.Later > 0:
		time.AfterFunc(s.Later, die)
	default:
		die()
	}
}

func die() {
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {} // nothing more happens here, however long the signal takes
}

func childMain(text string) error {
	s := &tiny{}
	if err := json.Unmarshal([]byte(text), &s.script); err != nil {
		return err
	}
	ctx := context.Background()
	if err := s.open(ctx); err != nil {
		return err
	}
	reader := events.Consumer{Durable: crashReader, Stream: stream, Handle: s.handle, Retry: 5 * time.Millisecond}
	ended := make(chan error, 3)
	go func() { ended <- s.send(ctx) }()
	go func() { ended <- s.bus.Consume(ctx, reader) }()
	go func() { ended <- s.obey(ctx) }()
	return <-ended
}

func (s *tiny) open(ctx context.Context) (err error) {
	if s.db, err = openTables(ctx, s.Source, sourceTables()); err != nil {
		return err
	}
	if s.copies, err = openTables(ctx, s.Copy, copyTables()); err != nil {
		return err
	}
	server, err := events.Embedded(events.ServerConfig{Dir: s.Dir})
	if err != nil {
		return err
	}
	if s.bus, err = server.Connect(events.Config{Name: "crash"}); err != nil {
		return err
	}
	if s.Fault.simple() {
		return s.bus.Provision(ctx, events.StreamConfig{Service: service})
	}
	s.relay = newRelay(s.db, s.bus, publisher(s.publish))
	return nil
}

func openTables(ctx context.Context, cfg database.Config, tables fstest.MapFS) (*database.DB, error) {
	db, err := database.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return db, db.Migrate(ctx, tables)
}

// obey answers the parent line by line: what is answered is acknowledged.
func (s *tiny) obey(ctx context.Context) error {
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		answer, err := s.answer(ctx, strings.Fields(lines.Text()))
		if err != nil {
			return err
		}
		fmt.Println(answer)
	}
	return lines.Err()
}

func (s *tiny) answer(ctx context.Context, words []string) (string, error) {
	if words[0] == "settle" {
		err := s.settle(ctx)
		return fmt.Sprintf("settled %d %d", s.resent.Load(), s.redelivered.Load()), err
	}
	seats, err := strconv.ParseInt(words[3], 10, 64)
	if err != nil {
		return "", err
	}
	version, err := s.change(ctx, words[1], words[2], seats)
	return fmt.Sprint("version ", version), err
}

// patience is how long a settled stream may keep the neighbour waiting: a consumer that is being rewound says for a moment that it
// has nothing to deliver. What has not come by then is lost, and the parent's check will say so.
const patience = 20 * time.Second

// settle waits until everything committed is in the stream, and everything in the stream is with the neighbour.
func (s *tiny) settle(ctx context.Context) error {
	var since time.Time
	for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
		settled, err := s.settled(ctx)
		if err != nil {
			return err
		}
		if !settled {
			since = time.Time{}
			continue
		}
		if since.IsZero() {
			since = time.Now()
		}
		arrived, err := s.arrived(ctx)
		if err != nil || arrived || s.Fault != none || time.Since(since) > patience {
			return err
		}
	}
}

// arrived tells whether the neighbour has as many changes as the service made.
func (s *tiny) arrived(ctx context.Context) (bool, error) {
	var made, counted int64
	if err := s.db.Read().QueryRowContext(ctx, `SELECT coalesce(sum(version), 0) FROM rooms`).Scan(&made); err != nil {
		return false, err
	}
	err := s.copies.Read().QueryRowContext(ctx, `SELECT changes FROM totals`).Scan(&counted)
	return made == counted, err
}

func (s *tiny) settled(ctx context.Context) (bool, error) {
	s.sending.Lock()
	defer s.sending.Unlock()
	if s.relay != nil && s.relay.Check(ctx) != nil {
		return false, nil // it has not compared the stream with the outbox yet
	}
	var waiting int
	err := s.db.Read().QueryRowContext(ctx, `SELECT count(*) FROM outbox AS o LEFT JOIN relay AS r ON r.name = $1
		WHERE r.name IS NULL OR (o.epoch, o.txid, o.id) > (r.epoch, r.txid, r.id)`, service).Scan(&waiting)
	if err != nil || waiting > 0 {
		return false, err
	}
	if full, err := s.full(ctx); err != nil || !full {
		return false, err
	}
	reader, err := s.bus.JetStream().Consumer(ctx, stream, crashReader)
	if err != nil {
		return false, nil //nolint:nilerr // it does not exist yet
	}
	info := reader.CachedInfo()
	return info.NumPending == 0 && info.NumAckPending == 0, nil
}

// full tells whether the stream holds what the outbox does. A relay that waits for a dead one's lock on PostgreSQL believes that the
// other publishes, so its word is not enough.
func (s *tiny) full(ctx context.Context) (bool, error) {
	if s.relay == nil {
		return true, nil
	}
	var kept uint64
	if err := s.db.Read().QueryRowContext(ctx, `SELECT count(*) FROM outbox`).Scan(&kept); err != nil {
		return false, err
	}
	held, err := s.bus.JetStream().Stream(ctx, stream)
	if err != nil {
		return false, nil //nolint:nilerr // it does not exist yet
	}
	return held.CachedInfo().State.Msgs >= kept, nil
}
