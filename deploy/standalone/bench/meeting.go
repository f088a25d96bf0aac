package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
)

const (
	// seats of a meeting: so many that a round fills some, and no more people are needed.
	seats = 1000
	// meetingsSpread is over how many meetings registrations are spread.
	meetingsSpread = 1000
)

// openMeetings opens n meetings for registration, in the rows that a series would leave. Through the API each two of them need a
// group of eight persons or more with an organiser: half an hour for what a round fills.
func openMeetings(ctx context.Context, db *database.DB, n int) ([]string, error) {
	now, start := database.Micros(time.Now()), database.Micros(time.Now().AddDate(0, 1, 0))
	series, group, module := newID(), newID(), "5a1e0000-0000-4000-8000-000000000001"
	columns := []string{"id", "series_id", "group_id", "campaign_id", "module_id", "module_title", "position", "state", "starts_at",
		"ends_at", "time_zone", "place_id", "commune_code", "structure_id", "organiser_id", "countersigner_id", "cancel_cause",
		"present_count", "postponed_count", "version", "created_at", "declared_at", "attested_at"}
	const open = 2 // MeetingState
	ids, rows, pools := make([]string, n), make([][]any, n), make([][]any, n)
	for k := range rows {
		ids[k] = newID()
		rows[k] = []any{ids[k], series, group, newID(), module, "Découvrir la programmation créative", 1, open, start,
			start + time.Hour.Microseconds(), "Europe/Paris", newID(), "38185", "", newID(), "", "", 0, 0, 1, now, 0, 0}
		pools[k] = []any{ids[k], 1, 1, rows[k][3], seats, 0, 0, 0, start}
	}
	err := db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO series (id, group_id, module_id, created_at) VALUES ($1, $2, $3, $4)`, series, group, module, now)
		if err != nil {
			return err
		}
		if err := db.BulkInsert(ctx, tx, "meetings", columns, rows); err != nil {
			return err
		}
		return db.BulkInsert(ctx, tx, "seats",
			[]string{"meeting_id", "mode", "role", "campaign_id", "capacity", "taken", "waiting", "tickets", "closes_at"}, pools)
	})
	if err != nil {
		return nil, fmt.Errorf("open meetings: %w", err)
	}
	return ids, nil
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// sample is what a registration of ours leaves beside itself, so that the other side writes as much.
type sample struct {
	subject, schema, cause, traceparent string
	epoch                               int64
	payload, fingerprint, reply         []byte
}

func readSample(ctx context.Context, db *sql.DB) (s sample, err error) {
	err = db.QueryRowContext(ctx, `SELECT subject, schema, cause, traceparent, epoch, payload FROM outbox ORDER BY id DESC LIMIT 1`).
		Scan(&s.subject, &s.schema, &s.cause, &s.traceparent, &s.epoch, &s.payload)
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT fingerprint, reply FROM requests LIMIT 1`).Scan(&s.fingerprint, &s.reply)
	}
	if err != nil {
		return s, fmt.Errorf("what a registration leaves: %w", err)
	}
	return s, nil
}

// sameRows makes sure that each registration that was counted left its three rows, and that its seat was taken.
func sameRows(ctx context.Context, db *sql.DB, schema string, done int64) error {
	var registrations, outbox, requests, taken int64
	err := db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM `+schema+`registrations), (SELECT count(*) FROM `+schema+`outbox),
		(SELECT count(*) FROM `+schema+`requests), (SELECT sum(taken) FROM `+schema+`seats)`).Scan(&registrations, &outbox, &requests, &taken)
	if err != nil {
		return fmt.Errorf("count the rows: %w", err)
	}
	// A call that failed for its caller may have been done all the same: hence no equality with done.
	if registrations < done || outbox != registrations || requests != registrations || taken != registrations {
		return fmt.Errorf("%d registrations were counted, but there are %d, with %d events, %d request ids and %d seats taken",
			done, registrations, outbox, requests, taken)
	}
	return nil
}
