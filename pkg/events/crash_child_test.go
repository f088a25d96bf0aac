package events_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/idempotent"
)

// The points at which a child kills itself.
const (
	beforeCommit = "before commit"
	afterCommit  = "after commit"
	afterPublish = "after publish"
	beforeAck    = "before ack"
	halfway      = "between the cursor and the publication" // of the simple relay, whichever it does first
)

// The ways to do it wrong, each with what it leaves out.
const (
	withoutOutbox = "published after the commit, no outbox"
	publishFirst  = "simple relay" // the one below without its fault
	cursorFirst   = "simple relay, cursor saved before the ack"
	deleteOnAck   = "outbox rows deleted on ack"
	unguarded     = "no version guard"
)

const (
	crashScript = "MAILLAGE_CRASH_SCRIPT"
	crashReader = "meetings-places"
	// overtaken is a place whose second change is handed to the consumer after the third.
	overtaken = "overtaken"
	// redeliver is the ack wait: what a killed child had taken comes again after it.
	redeliver = 300 * time.Millisecond
)

// script is what a child is told to do and where to die.
type script struct {
	Dir          string // of the streams
	Source, Copy database.Config
	Fault        string
	Point        string
	Passage      int64 // it dies when it passes its point for this time; 0: it lives
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

// tiny is a service with one table and its neighbour that hears of it, in one process.
type tiny struct {
	script
	passed  atomic.Int64
	db      *database.DB
	copies  *database.DB
	bus     *events.Bus
	relay   *events.Relay // nil in the controls that do without
	sending sync.Mutex    // held by the simple relay while it is between two states
}

// pass is a named point: kill -9 comes from the process itself, so that it comes exactly here.
func (s *tiny) pass(point string) {
	if point == s.Point && s.passed.Add(1) == s.Passage {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {} // nothing more happens, however long the signal takes
	}
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
	failed := make(chan error, 3)
	go func() { failed <- s.send(ctx) }()
	go func() {
		reader := events.Consumer{Durable: crashReader, Stream: stream, Handle: s.handle, Retry: 5 * time.Millisecond}
		failed <- s.bus.Consume(ctx, reader.WithAckWait(redeliver))
	}()
	go func() { failed <- s.obey(ctx) }()
	return <-failed
}

func (s *tiny) open(ctx context.Context) (err error) {
	if s.db, err = opened(ctx, s.Source, sourceTables()); err != nil {
		return err
	}
	if s.copies, err = opened(ctx, s.Copy, copyTables()); err != nil {
		return err
	}
	server, err := events.Embedded(events.ServerConfig{Dir: s.Dir})
	if err != nil {
		return err
	}
	s.bus, err = server.Connect(events.Config{Name: "crash"})
	return err
}

func opened(ctx context.Context, cfg database.Config, tables fstest.MapFS) (*database.DB, error) {
	db, err := database.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return db, db.Migrate(ctx, tables)
}

func sourceTables() fstest.MapFS {
	return tables("CREATE TABLE places (id TEXT PRIMARY KEY, version BIGINT NOT NULL, seats BIGINT NOT NULL);")
}

// copyTables are the neighbour's: what it heard, and what it derives from it.
func copyTables() fstest.MapFS {
	return tables(`CREATE TABLE copies (id TEXT PRIMARY KEY, version BIGINT NOT NULL, seats BIGINT NOT NULL);
		CREATE TABLE totals (places BIGINT NOT NULL, changes BIGINT NOT NULL, seats BIGINT NOT NULL);
		INSERT INTO totals VALUES (0, 0, 0);`)
}

func tables(statements string) fstest.MapFS {
	text := &fstest.MapFile{Data: []byte("-- +goose Up\n" + statements + "\n")}
	return fstest.MapFS{filepath.Join("sqlite", "00001_tables.sql"): text, filepath.Join("postgres", "00001_tables.sql"): text}
}

// obey answers the parent line by line: what is answered is acknowledged.
func (s *tiny) obey(ctx context.Context) error {
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch words[0] {
		case "change":
			seats, err := strconv.ParseInt(words[3], 10, 64)
			if err != nil {
				return err
			}
			version, err := s.change(ctx, words[1], words[2], seats)
			if err != nil {
				return err
			}
			fmt.Println("changed", version)
		case "settle":
			if err := s.settle(ctx); err != nil {
				return err
			}
			fmt.Println("settled")
		}
	}
	return lines.Err()
}

// change is the service's one command, with one effect per request.
func (s *tiny) change(ctx context.Context, request, place string, seats int64) (version int64, err error) {
	var e events.Event
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		ledger := idempotent.NewLedger(tx, time.Now)
		_, reply, found, err := ledger.Reply(ctx, request)
		if err != nil {
			return err
		}
		if found {
			version, err = strconv.ParseInt(string(reply), 10, 64)
			return err
		}
		if version, err = put(ctx, tx, place, seats); err != nil {
			return err
		}
		e = events.Event{
			ID: uuid.Must(uuid.NewV7()).String(), Subject: opened1, Aggregate: place, Version: version,
			Time: time.Now(), Payload: wrapperspb.Int64(seats),
		}
		if s.Fault != withoutOutbox {
			if err := events.Append(ctx, tx, s.db.Engine(), service, e); err != nil {
				return err
			}
		}
		if err := ledger.SaveReply(ctx, request, []byte("change"), []byte(strconv.FormatInt(version, 10))); err != nil {
			return err
		}
		s.pass(beforeCommit)
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.pass(afterCommit)
	return version, s.announce(ctx, e)
}
