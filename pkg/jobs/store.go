package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
)

// table is the floor's table "jobs" of one service.
type table struct{ db *database.DB }

const (
	// firstDue names an order, though any row would do: PostgreSQL, which plans it for no hour in particular, would expect every third
	// row to be due and read the table until it found one. Mostly none is, and a hundred thousand reminders wait.
	firstDue = `SELECT 1 FROM jobs WHERE kind = $1 AND state = 1 AND free_at <= $2 ORDER BY kind, free_at LIMIT 1`
	// allDue are those that may be taken, and those that were and are not done: leased, or put off.
	allDue = `SELECT count(*), coalesce(min(due_at), 0) FROM (
		SELECT due_at FROM (SELECT due_at FROM jobs WHERE kind = $1 AND state = 1 AND free_at <= $2 ORDER BY kind, free_at LIMIT 100000) AS free
		UNION ALL
		SELECT due_at FROM (SELECT due_at FROM jobs WHERE kind = $1 AND state = 1 AND free_at > due_at AND due_at <= $2 AND free_at > $2
			ORDER BY kind, due_at LIMIT 100000) AS taken) AS waiting`
)

// due tells whether there is something to take, so that a poll that finds nothing writes nothing.
func (t table) due(ctx context.Context, kind string, now time.Time) (bool, error) {
	found, err := database.All(ctx, t.db.Read(), func(scan database.Scan) (one int, err error) { return one, scan(&one) },
		firstDue, kind, database.Micros(now))
	return len(found) > 0, err
}

// take leases at most n jobs that are due. Of two replicas that see the same row, the second waits for the first's transaction,
// finds the condition no longer true, and leaves the row out.
func (t table) take(ctx context.Context, kind string, n int, now, until time.Time) (all []Job, err error) {
	owner := uuid.NewString() // of this taking: a replica that was late cannot end what it has taken again since
	err = t.db.Write(ctx, func(tx *sql.Tx) error {
		all, err = database.All(ctx, tx, func(scan database.Scan) (j Job, err error) {
			var due int64
			err = scan(&j.ID, &j.Kind, &j.Key, &j.Payload, &due, &j.Attempt)
			j.Due, j.Lease = database.Time(due), owner
			return j, err
		}, `UPDATE jobs SET free_at = $1, lease_owner = $2, attempts = attempts + 1
			WHERE state = 1 AND free_at <= $3 AND id IN (
				SELECT id FROM jobs WHERE kind = $4 AND state = 1 AND free_at <= $3 ORDER BY free_at, id LIMIT CAST($5 AS BIGINT))
			RETURNING id, kind, key, payload, due_at, attempts`,
			database.Micros(until), owner, database.Micros(now), kind, n)
		return err
	})
	return all, err
}

const finishing = `UPDATE jobs SET state = $1, last_error = $2, ended_at = $3, lease_owner = '' WHERE id = $4 AND lease_owner = $5 AND state = 1`

// finish ends a job as done or dead; false says that its lease was lost.
func (t table) finish(ctx context.Context, j Job, state int, reason string, now time.Time) (bool, error) {
	return t.settle(ctx, finishing, state, reason, database.Micros(now), j.ID, j.Lease)
}

// release gives a job back, to be taken again at free; attempts is what it counts from there.
func (t table) release(ctx context.Context, j Job, attempts int, reason string, free time.Time) (bool, error) {
	return t.settle(ctx, `UPDATE jobs SET free_at = $1, attempts = $2, last_error = $3, lease_owner = ''
		WHERE id = $4 AND lease_owner = $5 AND state = 1`, database.Micros(free), attempts, reason, j.ID, j.Lease)
}

func (t table) settle(ctx context.Context, query string, args ...any) (ours bool, err error) {
	err = t.db.Write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		ours = n > 0
		return err
	})
	return ours, err
}

// backlog counts what is due and not done, up to 100 000 of either sort, what is dead, and says how old the oldest due job is.
func (t table) backlog(ctx context.Context, kind string, now time.Time) (due, deadCount int64, oldest time.Duration, err error) {
	var first int64
	err = t.db.Read().QueryRowContext(ctx, allDue, kind, database.Micros(now)).Scan(&due, &first)
	if err == nil {
		err = t.db.Read().QueryRowContext(ctx, `SELECT count(*) FROM jobs WHERE state = 3 AND kind = $1`, kind).Scan(&deadCount)
	}
	if err == nil && due > 0 {
		oldest = now.Sub(database.Time(first))
	}
	return due, deadCount, oldest, err
}

// prune removes what ended before; in small transactions, as a long one holds back every relay.
func (t table) prune(ctx context.Context, state int, before time.Time) error {
	for {
		var n int64
		err := t.db.Write(ctx, func(tx *sql.Tx) error {
			result, err := tx.ExecContext(ctx, `DELETE FROM jobs WHERE id IN
				(SELECT id FROM jobs WHERE state = $1 AND state <> 1 AND ended_at < $2 ORDER BY ended_at LIMIT CAST($3 AS BIGINT))`,
				state, database.Micros(before), database.BulkRows)
			if err != nil {
				return err
			}
			n, err = result.RowsAffected()
			return err
		})
		if err != nil {
			return fmt.Errorf("prune jobs: %w", err)
		}
		if n < database.BulkRows {
			return nil
		}
	}
}

// Dead is a job that was given up, and why.
type Dead struct {
	Job
	Reason string
	Ended  time.Time
}

// ListDead returns the jobs that were given up, the last first, at most limit.
func ListDead(ctx context.Context, db *database.DB, limit int) ([]Dead, error) {
	return database.All(ctx, db.Read(), func(scan database.Scan) (d Dead, err error) {
		var due, ended int64
		err = scan(&d.ID, &d.Kind, &d.Key, &d.Payload, &due, &d.Attempt, &d.Reason, &ended)
		d.Due, d.Ended = database.Time(due), database.Time(ended)
		return d, err
	}, `SELECT id, kind, key, payload, due_at, attempts, last_error, ended_at FROM jobs
		WHERE state = 3 ORDER BY ended_at DESC, id LIMIT CAST($1 AS BIGINT)`, limit)
}

// Revive lets a dead job be tried again from the first attempt, once what killed it was mended; false when it is not dead.
func Revive(ctx context.Context, db *database.DB, id string, now time.Time) (bool, error) {
	return table{db}.settle(ctx, `UPDATE jobs SET state = 1, attempts = 0, ended_at = 0, free_at = $1 WHERE id = $2 AND state = 3`,
		database.Micros(now), id)
}
