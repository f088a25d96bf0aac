package events

import (
	"context"
	"fmt"
	"strings"

	"github.com/classcode/maillage/pkg/database"
)

// row is an event in the outbox.
type row struct {
	cursor
	eventID, subject, aggregate, cause, schema, traceparent string
	version, createdAt                                      int64
	payload                                                 []byte
}

const (
	columns = `epoch, txid, id, event_id, subject, aggregate, cause, schema, traceparent, aggregate_version, created_at, payload`

	// An id is drawn before its transaction commits, so a lower one may appear after a higher one was read: ids alone lose
	// events. Below the snapshot's xmin every transaction of this cluster has ended, and no row can appear there any more; rows
	// of earlier epochs were all committed when they were restored. Both bounds are conditions of the index.
	nextPostgres = `SELECT ` + columns + ` FROM outbox
		WHERE (epoch, txid, id) > ($1, $2, $3) AND (epoch, txid) < ($4, pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
		ORDER BY epoch, txid, id LIMIT $5`
	nextSQLite = `SELECT ` + columns + ` FROM outbox
		WHERE id > $3 AND epoch >= $1 AND txid >= $2 AND epoch <= $4
		ORDER BY id LIMIT $5`

	keysPostgres = `SELECT epoch, txid, id, event_id, created_at FROM outbox
		WHERE (epoch, txid, id) > ($1, $2, $3) AND (epoch, txid, id) <= ($4, $5, $6)
		ORDER BY epoch, txid, id LIMIT $7`
	keysSQLite = `SELECT epoch, txid, id, event_id, created_at FROM outbox
		WHERE id > $3 AND epoch >= $1 AND txid >= $2 AND id <= $6 AND epoch <= $4 AND txid <= $5
		ORDER BY id LIMIT $7`

	backlogPostgres = `SELECT count(*), coalesce(min(created_at), 0) FROM (SELECT created_at FROM outbox
		WHERE (epoch, txid, id) > ($1, $2, $3) ORDER BY epoch, txid, id LIMIT 100000) AS waiting`
	backlogSQLite = `SELECT count(*), coalesce(min(created_at), 0) FROM (SELECT created_at FROM outbox
		WHERE id > $3 AND epoch >= $1 AND txid >= $2 ORDER BY id LIMIT 100000) AS waiting`
)

// reading is how an engine reads its outbox behind a cursor.
type reading struct{ next, keys, backlog string }

// readingOf differs by engine. SQLite has one writer: the order of ids is the order of commits, and epochs rise with it. The id is the
// row's own number there, and no index has the triple.
func readingOf(engine database.Engine) reading {
	if engine == database.Postgres {
		return reading{nextPostgres, keysPostgres, backlogPostgres}
	}
	return reading{nextSQLite, keysSQLite, backlogSQLite}
}

// next reads the rows after a cursor that may be published.
func (t *tenure) next(ctx context.Context, after cursor, limit int) ([]row, error) {
	return t.rows(ctx, t.relay.reading.next, after.epoch, after.txid, after.id, t.epoch, limit)
}

// byID reads whole rows, in the order of the outbox.
func (t *tenure) byID(ctx context.Context, ids []string) ([]row, error) {
	marks := make([]string, len(ids))
	args := make([]any, len(ids))
	for i, id := range ids {
		marks[i], args[i] = fmt.Sprintf("$%d", i+1), id
	}
	return t.rows(ctx, `SELECT `+columns+` FROM outbox WHERE event_id IN (`+strings.Join(marks, ",")+`)
		ORDER BY epoch, txid, id`, args...)
}

func (t *tenure) rows(ctx context.Context, query string, args ...any) ([]row, error) {
	ctx, cancel := queryContext(ctx)
	defer cancel()
	found, err := t.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	defer func() { _ = found.Close() }()
	var rows []row
	for found.Next() {
		var r row
		if err := found.Scan(&r.epoch, &r.txid, &r.id, &r.eventID, &r.subject, &r.aggregate, &r.cause, &r.schema,
			&r.traceparent, &r.version, &r.createdAt, &r.payload); err != nil {
			return nil, fmt.Errorf("read the outbox: %w", err)
		}
		rows = append(rows, r)
	}
	return rows, found.Err()
}

// keys reads a page of ids between two cursors; without payloads, a start over a sound stream stays cheap.
func (t *tenure) keys(ctx context.Context, after, upto cursor, limit int) ([]row, error) {
	ctx, cancel := queryContext(ctx)
	defer cancel()
	found, err := t.conn.QueryContext(ctx, t.relay.reading.keys, after.epoch, after.txid, after.id, upto.epoch, upto.txid, upto.id, limit)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	defer func() { _ = found.Close() }()
	var rows []row
	for found.Next() {
		var r row
		if err := found.Scan(&r.epoch, &r.txid, &r.id, &r.eventID, &r.createdAt); err != nil {
			return nil, fmt.Errorf("read the outbox: %w", err)
		}
		rows = append(rows, r)
	}
	return rows, found.Err()
}

// backlog counts the rows that are not published, those that wait for an open transaction included. It stops at 100 000: a
// count that takes longer than its deadline would keep the relay from working the backlog off.
func (t *tenure) backlog(ctx context.Context) (count, oldest int64, err error) {
	ctx, cancel := queryContext(ctx)
	defer cancel()
	err = t.conn.QueryRowContext(ctx, t.relay.reading.backlog, t.position.epoch, t.position.txid, t.position.id).Scan(&count, &oldest)
	return count, oldest, err
}

// queryContext outlives a stop: a query that is cut off closes its connection, and with it goes the lock that the last flush needs.
func queryContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), queryDeadline)
}
