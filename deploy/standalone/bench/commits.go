package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
)

// clerks is how many goroutines wait for the one writer.
const clerks = 32

// clerk registers in SQLite as one would without combining: one transaction for each request, with prepared statements.
type clerk struct {
	db     *sql.DB
	take   *sql.Stmt
	insert *sql.Stmt
	tell   *sql.Stmt
	keep   *sql.Stmt
	sample sample
	done   int64
}

// newClerk makes a file with the tables of the meetings service, and one meeting in it that never fills.
func newClerk(ctx context.Context, from *database.DB, path string) (*clerk, error) {
	s, err := readSample(ctx, from.Read())
	if err != nil {
		return nil, err
	}
	// What pkg/database sets, as far as it bears on speed; its driver is registered by that package.
	settings := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"journal_mode(wal)", "synchronous(full)", "foreign_keys(on)", "busy_timeout(5000)", "secure_delete(on)", "cell_size_check(on)",
		"temp_store(memory)", "wal_autocheckpoint(4000)",
	}}
	db, err := sql.Open("sqlite", "file:"+path+"?"+settings.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	k := &clerk{db: db, sample: s}
	if err := errors.Join(k.copyTables(ctx, from.Read()), k.prepare(ctx)); err != nil {
		return nil, errors.Join(fmt.Errorf("one commit per request: %w", err), db.Close())
	}
	return k, nil
}

func (k *clerk) copyTables(ctx context.Context, from *sql.DB) error {
	rows, err := from.QueryContext(ctx, `SELECT sql FROM sqlite_master
		WHERE tbl_name IN ('series', 'meetings', 'seats', 'registrations', 'outbox', 'requests') AND sql IS NOT NULL ORDER BY type = 'index', rowid`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			return err
		}
		if _, err := k.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return rows.Err()
}

func (k *clerk) prepare(ctx context.Context) error {
	now, start := database.Micros(time.Now()), database.Micros(time.Now().AddDate(0, 1, 0))
	_, err := k.db.ExecContext(ctx, `INSERT INTO series (id, group_id, module_id, created_at) VALUES ('s', 'g', 'm', $1)`, now)
	if err != nil {
		return err
	}
	_, err = k.db.ExecContext(ctx, `INSERT INTO meetings (id, series_id, group_id, campaign_id, module_id, module_title, position, state,
		starts_at, ends_at, time_zone, place_id, commune_code, structure_id, organiser_id, countersigner_id, cancel_cause,
		present_count, postponed_count, version, created_at, declared_at, attested_at)
		VALUES ($1, 's', $1, $1, $1, 'Découvrir la programmation créative', 1, 2, $2, $2 + 1, 'Europe/Paris', $1, '38185', '', $1, '', '',
		0, 0, 1, $3, 0, 0)`, clerkMeeting, start, now)
	if err != nil {
		return err
	}
	_, err = k.db.ExecContext(ctx, `INSERT INTO seats (meeting_id, mode, role, campaign_id, capacity, taken, waiting, tickets, closes_at)
		VALUES ($1, 1, 1, $1, 1000000000, 0, 0, 0, $2)`, clerkMeeting, start)
	if err != nil {
		return err
	}
	for statement, text := range map[**sql.Stmt]string{
		&k.take: `UPDATE seats SET taken = taken + 1 WHERE meeting_id = $1 AND mode = 1 AND role = 1 AND waiting = 0 AND taken < capacity AND closes_at > $2`,
		&k.insert: `INSERT INTO registrations (id, meeting_id, person_id, campaign_id, state, version, created_at)
			VALUES ($1, $2, $3, $2, 1, 1, $4)`,
		&k.tell: `INSERT INTO outbox (event_id, epoch, subject, aggregate, aggregate_version, cause, schema, payload, traceparent, created_at)
			VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9)`,
		&k.keep: `INSERT INTO requests (key, fingerprint, reply, created_at) VALUES ($1, $2, $3, $4)`,
	} {
		if *statement, err = k.db.PrepareContext(ctx, text); err != nil { //nolint:sqlclosecheck // closed with the database
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

const clerkMeeting = "00000000-0000-4000-8000-000000000001"

func (k *clerk) committing(ctx context.Context, d time.Duration) (float64, error) {
	t := drive(ctx, clerks, d, func(ctx context.Context, _ int) error { return k.register(ctx) })
	k.done += t.done
	return t.strict()
}

func (k *clerk) register(ctx context.Context) error {
	id, now, s := newID(), database.Micros(time.Now()), k.sample
	key := sha256.Sum256([]byte(uuid.NewString()))
	tx, err := k.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, step := range []struct {
		statement *sql.Stmt
		args      []any
	}{
		{k.take, []any{clerkMeeting, now}},
		{k.insert, []any{id, clerkMeeting, uuid.NewString(), now}},
		{k.tell, []any{newID(), s.epoch, s.subject, id, s.cause, s.schema, s.payload, s.traceparent, now}},
		{k.keep, []any{hex.EncodeToString(key[:]), s.fingerprint, s.reply, now}},
	} {
		if _, err := tx.StmtContext(ctx, step.statement).ExecContext(ctx, step.args...); err != nil { //nolint:sqlclosecheck // closed with the transaction
			return err
		}
	}
	return tx.Commit()
}
