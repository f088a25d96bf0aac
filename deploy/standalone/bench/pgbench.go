package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/database"
)

// rival is the schema in which pgbench registers: the same tables, with the same indexes and constraints.
const rival = "rival"

// rivalTables ends with what the planner should know before it plans, rather than a minute later.
const rivalTables = `CREATE SCHEMA rival;
CREATE TABLE rival.seats (LIKE meetings.seats INCLUDING ALL) WITH (fillfactor = 50);
CREATE TABLE rival.registrations (LIKE meetings.registrations INCLUDING ALL);
ALTER TABLE rival.registrations ADD FOREIGN KEY (meeting_id, mode, role) REFERENCES rival.seats (meeting_id, mode, role);
CREATE TABLE rival.outbox (LIKE meetings.outbox INCLUDING ALL);
CREATE TABLE rival.requests (LIKE meetings.requests INCLUDING ALL);
CREATE SEQUENCE rival.ids CACHE 1000;
INSERT INTO rival.seats SELECT (jsonb_populate_record(m, jsonb_build_object(
    'meeting_id', lpad(n::text, 36, '0'), 'capacity', 1000000000, 'taken', 0))).*
  FROM meetings.seats m, generate_series(1, 1000) n WHERE m.meeting_id = (SELECT min(meeting_id) FROM meetings.seats);
ANALYZE`

// registerAtOnce is the best single form: one statement, so that the hot row is locked for one round trip. Ids rise as ours do, and
// a request's key is as random as ours. A meeting never fills here: that would only end the round.
const registerAtOnce = `WITH seat AS (
  UPDATE seats SET taken = taken + 1
  WHERE meeting_id = lpad(:m::text, 36, '0') AND mode = 1 AND role = 1 AND waiting = 0 AND taken < capacity AND closes_at > :now
  RETURNING meeting_id AS id, campaign_id
), registered AS (
  INSERT INTO registrations (id, meeting_id, person_id, campaign_id, state, version, created_at)
  SELECT lpad(nextval('ids')::text, 36, '0'), id, gen_random_uuid()::text, campaign_id, 1, 1, :now FROM seat RETURNING id
), told AS (
  INSERT INTO outbox (event_id, epoch, subject, aggregate, aggregate_version, cause, schema, payload, traceparent, created_at)
  SELECT id, %d, '%s', id, 1, '%s', '%s', '\x%s', '%s', :now FROM registered
)
INSERT INTO requests (key, fingerprint, reply, created_at) SELECT md5(id) || md5(id || '.'), '\x%s', '\x%s', :now FROM registered;
`

type pgbench struct {
	program, dsn string
	hotScript    string // of the meeting that -D m names
	spreadScript string // of any meeting
	round        int    // a fresh meeting for each, as on our side
	done         int64
}

func newPgbench(ctx context.Context, db *database.DB, dsn, folder string) (*pgbench, error) {
	program, err := findPgbench()
	if err != nil {
		return nil, err
	}
	s, err := readSample(ctx, db.Read())
	if err != nil {
		return nil, err
	}
	p := &pgbench{
		program: program, dsn: dsn, hotScript: filepath.Join(folder, "hot.sql"), spreadScript: filepath.Join(folder, "spread.sql"),
	}
	text := fmt.Sprintf(registerAtOnce, s.epoch, s.subject, s.cause, s.schema, hex.EncodeToString(s.payload), s.traceparent,
		hex.EncodeToString(s.fingerprint), hex.EncodeToString(s.reply))
	err = errors.Join(os.WriteFile(p.hotScript, []byte(text), 0o600),
		os.WriteFile(p.spreadScript, []byte(`\set m random(1, 1000)`+"\n"+text), 0o600),
		db.Write(ctx, func(tx *sql.Tx) error {
			for statement := range strings.SplitSeq(rivalTables, ";\n") {
				if _, err := tx.ExecContext(ctx, statement); err != nil {
					return fmt.Errorf("%s: %w", statement, err)
				}
			}
			return nil
		}))
	return p, err
}

func (p *pgbench) hot(ctx context.Context, d time.Duration) (float64, error) {
	p.round++
	return p.run(ctx, d, "-f", p.hotScript, "-D", "m="+strconv.Itoa(p.round))
}

func (p *pgbench) spread(ctx context.Context, d time.Duration) (float64, error) {
	return p.run(ctx, d, "-f", p.spreadScript)
}

var (
	pgbenchRate   = regexp.MustCompile(`(?m)^tps = ([0-9.]+) `)
	pgbenchDone   = regexp.MustCompile(`(?m)^number of transactions actually processed: ([0-9]+)`)
	pgbenchFailed = regexp.MustCompile(`(?m)^number of failed transactions: ([1-9][0-9]*)`)
)

func (p *pgbench) run(ctx context.Context, d time.Duration, args ...string) (float64, error) {
	args = append(args, "-n", "-M", "prepared", "-c", strconv.Itoa(inFlight), "-j", strconv.Itoa(runtime.NumCPU()),
		"-T", strconv.Itoa(max(1, int(d.Round(time.Second).Seconds()))), "-D", "now="+strconv.FormatInt(database.Micros(time.Now()), 10), p.dsn)
	command := exec.CommandContext(ctx, p.program, args...)
	command.Env = append(os.Environ(), "PGOPTIONS=-c search_path="+rival)
	out, err := command.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	rate, done := pgbenchRate.FindSubmatch(out), pgbenchDone.FindSubmatch(out)
	if rate == nil || done == nil || pgbenchFailed.Match(out) {
		return 0, fmt.Errorf("pgbench said: %s", out)
	}
	n, err := strconv.ParseInt(string(done[1]), 10, 64)
	if err != nil {
		return 0, err
	}
	p.done += n
	return strconv.ParseFloat(string(rate[1]), 64)
}

// findPgbench looks where Debian puts it, which is not in PATH, then in PATH.
func findPgbench() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return slices.Max(found), nil
	}
	path, err := exec.LookPath("pgbench")
	if err != nil {
		return "", fmt.Errorf("pgbench is missing (Debian: apt install postgresql): %w", err)
	}
	return path, nil
}
