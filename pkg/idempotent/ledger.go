package idempotent

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
)

// Retention is how long an answer is kept; it is published with the contract.
const Retention = 48 * time.Hour

// SQLLedger is the Ledger over the floor's table "requests", on both engines; stores embed it in their Tx.
type SQLLedger struct {
	tx     *sql.Tx
	engine database.Engine
	now    func() time.Time
}

// NewLedger makes the ledger of one transaction.
func NewLedger(tx *sql.Tx, engine database.Engine, now func() time.Time) *SQLLedger {
	return &SQLLedger{tx: tx, engine: engine, now: now}
}

// waitError marks a claim that failed, most often by waiting in vain for the transaction that holds the key.
type waitError struct{ cause error }

func (e *waitError) Error() string { return "claim request: " + e.cause.Error() }
func (e *waitError) Unwrap() error { return e.cause }

// Reply claims by inserting the key before the command runs, rather than looking first and inserting after: a duplicate that
// arrives meanwhile then waits on the row (PostgreSQL) or for the writer (SQLite) before it has done any work, and reads the
// first one's answer once that has committed, or takes over when it rolled back. READ COMMITTED makes the answer visible to the
// SELECT; the other order would run the command twice and learn of it at the end.
func (l *SQLLedger) Reply(ctx context.Context, key string) (fingerprint, reply []byte, found bool, err error) {
	res, err := l.tx.ExecContext(ctx, `INSERT INTO requests (key, created_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`,
		key, database.Micros(l.now()))
	if err != nil {
		return nil, nil, false, &waitError{err}
	}
	claimed, err := res.RowsAffected()
	if err != nil {
		return nil, nil, false, fmt.Errorf("claim request: %w", err)
	}
	if claimed == 1 {
		return nil, nil, false, nil
	}
	err = l.tx.QueryRowContext(ctx, `SELECT fingerprint, reply FROM requests WHERE key = $1`, key).Scan(&fingerprint, &reply)
	if errors.Is(err, sql.ErrNoRows) { // purged between the two statements, at the end of its two days
		return nil, nil, false, errs.ErrAborted.Retry(time.Second)
	}
	if err != nil {
		return nil, nil, false, fmt.Errorf("read request: %w", err)
	}
	return fingerprint, reply, true, nil
}

// SaveReply completes the claimed row, with the commit.
func (l *SQLLedger) SaveReply(ctx context.Context, key string, fingerprint, reply []byte) error {
	_, err := l.tx.ExecContext(database.AtCommit(ctx), `UPDATE requests SET fingerprint = $2, reply = $3 WHERE key = $1`, key, fingerprint, reply)
	if err != nil {
		return fmt.Errorf("keep reply: %w", err)
	}
	return nil
}

// Purge removes the answers kept before olderThan and says how many; in small transactions, as a long one holds back every relay.
func Purge(ctx context.Context, db *database.DB, olderThan time.Time) (total int64, err error) {
	for {
		n, err := purgeSome(ctx, db, olderThan)
		total += n
		if err != nil || n < database.BulkRows {
			return total, err
		}
	}
}

func purgeSome(ctx context.Context, db *database.DB, olderThan time.Time) (n int64, err error) {
	const query = `DELETE FROM requests WHERE key IN
		(SELECT key FROM requests WHERE created_at < $1 ORDER BY created_at, key LIMIT $2)`
	err = db.Write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, query, database.Micros(olderThan), database.BulkRows)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("purge requests: %w", err)
	}
	return n, nil
}
