package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/classcode/maillage/pkg/errs"
)

// SQLite's result codes, from sqlite3.h; the low byte is the class.
const (
	sqliteBusy    = 5
	sqliteLocked  = 6
	sqliteCorrupt = 11
	sqliteNotADB  = 26
)

// Explain gives a failure of the database itself (gone, starting, full of connections, statement too slow) the error a caller
// can act on, with the driver's as its cause; anything else, and what is an errs.Error already, passes unchanged.
func Explain(err error) error {
	if err == nil {
		return nil
	}
	if _, done := errors.AsType[*errs.Error](err); done {
		return err
	}
	switch {
	case pgState(err) == "57014": // statement_timeout
		return errs.ErrDeadline.Because(err)
	case outage(err):
		return errs.ErrUnavailable.Retry(time.Second).Because(err)
	}
	return err
}

// conflict reports that another transaction won and the same one may pass now: the engine says so, or Updated, or the answer to a
// request is there already, which the transaction then finds.
func conflict(err error) bool {
	if errors.Is(err, errs.ErrAborted) {
		return true
	}
	if kind, rule := Violation(err); kind == Unique && rule == "requests_pkey" {
		return true
	}
	switch pgState(err) {
	case "40001", "40P01", "55P03": // serialization, deadlock, lock_timeout
		return true
	case "XX000":
		return multixact(err)
	}
	code := sqliteCode(err) & 0xff
	return code == sqliteBusy || code == sqliteLocked
}

// multixact reports that PostgreSQL could not add a lock to a row that two transactions were changing: it ends one of them, as after a
// deadlock, but has no code of its own for it. Seen where many register, which locks the seats they refer to, while an organiser changes these.
func multixact(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && strings.HasPrefix(e.Message, "new multixact has more than one updating member")
}

// outage reports that there is no database to talk to for the moment.
func outage(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false // a deadline is a net.Error too
	}
	if state := pgState(err); state != "" {
		// 08 connection, 57P01-3 stopping or starting, 53300 too many connections
		return strings.HasPrefix(state, "08") || strings.HasPrefix(state, "57P0") || state == "53300"
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	if pgconn.SafeToRetry(err) { // nothing was sent: the connection was found closed
		return true
	}
	for _, lost := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, lost) {
			return true
		}
	}
	return false
}

func pgState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}
