package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

const (
	// writeDeadline bounds a write with its retries: PostgreSQL's xmin is the server's, so one long write stalls every relay.
	writeDeadline = 5 * time.Second
	// maxRetries after the first attempt; then the caller is told to come back, rather than queueing behind a hot row.
	maxRetries = 5
	// firstPause doubles at each retry (10 ms to 160 ms): a conflict lasts about as long as the transaction that won.
	firstPause = 10 * time.Millisecond
)

// ErrBusy says that a write lost against others on each attempt; nothing was changed.
var ErrBusy = errs.New(errs.Unavailable, "DATABASE_BUSY",
	"Too many changes at once; please try again shortly.",
	"Trop de modifications à la fois ; réessayez dans un instant.").Retry(time.Second)

// Write runs fn in one transaction, commits when it returns nil, and rolls back otherwise. When the engine reports a conflict
// (busy, serialization, deadlock, lock timeout), or fn returns errs.ErrAborted because a conditional UPDATE met a changed row, the
// whole of fn runs again, so it must not leave anything behind but rows; everything together lasts five seconds at most. A Write
// inside fn would wait for itself on SQLite.
func (db *DB) Write(ctx context.Context, fn func(tx *sql.Tx) error) (err error) {
	ctx, span := db.begin(ctx)
	defer func() { end(span, err) }()
	ctx, cancel := context.WithTimeout(ctx, db.deadline)
	defer cancel()
	for attempt := 0; ; attempt++ {
		err := db.attempt(ctx, fn)
		if err == nil || ctx.Err() != nil || !retryable(err) {
			return Explain(err)
		}
		if attempt == maxRetries || !pause(ctx, firstPause<<attempt) {
			return exhausted(err)
		}
	}
}

func (db *DB) attempt(ctx context.Context, fn func(tx *sql.Tx) error) error {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return &beginError{err}
	}
	// After a commit this does nothing; after a panic in fn it frees the writer.
	defer func() { _ = tx.Rollback() }()
	if err := fn(tx); err != nil {
		return afterDeadline(ctx, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", afterDeadline(ctx, err))
	}
	return nil
}

// afterDeadline keeps the reason in sight: once database/sql rolls back on a deadline, statements fail with "transaction done".
func afterDeadline(ctx context.Context, err error) error {
	if ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}

// beginError marks a transaction that never started: trying again is safe whatever the cause.
type beginError struct{ cause error }

func (e *beginError) Error() string { return "begin: " + e.cause.Error() }
func (e *beginError) Unwrap() error { return e.cause }

// retryable leaves out a connection lost at commit: whether it took effect is unknown, and only a request_id can tell.
func retryable(err error) bool {
	if conflict(err) || errors.Is(err, errs.ErrAborted) {
		return true
	}
	_, begin := errors.AsType[*beginError](err)
	return begin && outage(err)
}

func exhausted(err error) error {
	if outage(err) || errors.Is(err, errs.ErrAborted) {
		return Explain(err)
	}
	return ErrBusy.Because(err)
}

// pause waits a random part of d (full jitter: equal pauses would make the losers collide again).
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(rand.N(d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
