package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

type atCommit struct{}

// AtCommit marks statements of a transaction that nobody reads the answer of, neither rows nor how many they touched: PostgreSQL gets
// them together with COMMIT, or with the next statement that has no such mark. What they break, that one tells. SQLite, to which there is
// no way to go, carries them out at once.
func AtCommit(ctx context.Context) context.Context { return context.WithValue(ctx, atCommit{}, true) }

// pipelining opens connections to PostgreSQL that send together what needs no answer by itself: BEGIN goes with the first statement of a
// transaction, and what AtCommit marks goes with COMMIT. Each is a round trip less, during which rows are locked.
type pipelining struct{ driver.Connector }

// Connect opens a connection.
func (p pipelining) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(*stdlib.Conn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("postgres driver's connection is a %T", conn), conn.Close())
	}
	return &pipelinedConn{Conn: inner}, nil
}

// pipelinedConn is used by one goroutine at a time, as database/sql promises, open rows included.
type pipelinedConn struct {
	*stdlib.Conn
	begun   bool     // a transaction, whether or not the server knows
	waiting []queued // BEGIN at first, and what AtCommit marks
	failed  error    // why BEGIN was not carried out: without a transaction, what follows would stand by itself
}

const begin = "begin"

type queued struct {
	text string
	args []any
}

// BeginTx begins a transaction, of which the server hears with its first statement.
func (c *pipelinedConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	if opts != (driver.TxOptions{}) {
		return nil, errors.New("a pipelined transaction has no options")
	}
	c.begun, c.failed, c.waiting = true, nil, []queued{{text: begin}}
	return pipelinedTx{c, ctx}, nil
}

// ExecContext runs a statement, or puts it off.
func (c *pipelinedConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if put, _ := ctx.Value(atCommit{}).(bool); put && c.begun && c.failed == nil {
		c.waiting = append(c.waiting, queued{text, values(args)})
		return driver.ResultNoRows, nil
	}
	if len(c.waiting) == 0 && c.failed == nil {
		return c.Conn.ExecContext(ctx, text, args)
	}
	results, err := c.send(ctx, queued{text, values(args)})
	if err != nil {
		return nil, err
	}
	tag, err := results.Exec()
	if err = c.ended(results, err); err != nil {
		return nil, err
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

// QueryContext starts a query.
func (c *pipelinedConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if len(c.waiting) == 0 && c.failed == nil {
		return c.Conn.QueryContext(ctx, text, args)
	}
	results, err := c.send(ctx, queued{text, values(args)})
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		return nil, c.ended(results, err)
	}
	r := &pipelinedRows{conn: c, results: results, rows: rows}
	r.read = rows.Next() // what is wrong shows now, as with every other query
	if rows.Err() != nil {
		return nil, r.Close()
	}
	return r, nil
}

// PrepareContext prepares a statement, which is to stand in the transaction that it is prepared in.
func (c *pipelinedConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	if len(c.waiting) > 0 || c.failed != nil {
		if _, err := c.ExecContext(ctx, "SELECT 1", nil); err != nil {
			return nil, err
		}
	}
	return c.Conn.PrepareContext(ctx, text)
}

// send sends what waits and last in one round trip, and reads the answers of all but last.
func (c *pipelinedConn) send(ctx context.Context, last queued) (pgx.BatchResults, error) {
	if c.failed != nil {
		return nil, c.failed
	}
	batch := &pgx.Batch{}
	for _, q := range append(c.waiting, last) {
		batch.Queue(q.text, q.args...)
	}
	n := len(c.waiting)
	c.waiting = nil
	results := c.Conn.Conn().SendBatch(ctx, batch)
	for range n {
		if _, err := results.Exec(); err != nil {
			return nil, c.ended(results, err)
		}
	}
	return results, nil
}

// ended closes what was sent. Before COMMIT, a transaction of which the server has not heard is over: nothing of it can stand.
func (c *pipelinedConn) ended(results pgx.BatchResults, err error) error {
	if closing := results.Close(); err == nil {
		err = closing
	}
	if err == nil || !c.begun || c.Conn.Conn().PgConn().TxStatus() != 'I' {
		return err
	}
	if c.failed = err; outage(err) {
		c.failed = &beginError{err}
	}
	return c.failed
}

// pipelinedTx is the transaction of its connection; ctx is the one that database/sql began it with, as the driver has it.
type pipelinedTx struct {
	conn *pipelinedConn
	ctx  context.Context //nolint:containedctx // driver.Tx has no other
}

// Commit sends COMMIT behind all that waits. Of a transaction without a statement the server need not know.
func (t pipelinedTx) Commit() error {
	c := t.conn
	defer c.over()
	if c.failed != nil {
		return c.failed
	}
	if len(c.waiting) == 1 && c.waiting[0].text == begin {
		return nil
	}
	c.begun = false // from here on nobody can know
	results, err := c.send(t.ctx, queued{text: "commit"})
	if err != nil {
		return errors.Join(err, c.undo(t.ctx))
	}
	tag, err := results.Exec()
	if err = c.ended(results, err); err != nil {
		return errors.Join(err, c.undo(t.ctx))
	}
	if tag.String() == "ROLLBACK" { // a statement had failed, and its caller did not mind
		return pgx.ErrTxCommitRollback
	}
	return nil
}

// Rollback undoes what the server has heard of.
func (t pipelinedTx) Rollback() error {
	defer t.conn.over()
	return t.conn.undo(t.ctx)
}

// undo ends a transaction on the server; where it cannot, the connection ends, and with it the locks.
func (c *pipelinedConn) undo(ctx context.Context) error {
	conn := c.Conn.Conn()
	if conn.IsClosed() || conn.PgConn().TxStatus() == 'I' {
		return nil
	}
	_, err := conn.Exec(ctx, "rollback")
	if err != nil {
		err = errors.Join(err, c.Close())
	}
	return err
}

func (c *pipelinedConn) over() { c.begun, c.failed, c.waiting = false, nil, nil }

func values(args []driver.NamedValue) []any {
	all := make([]any, len(args))
	for i, a := range args {
		all[i] = a.Value
	}
	return all
}
