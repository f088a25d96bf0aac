package database

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// bounded opens the writer's connections so that every statement of a transaction ends with it, whatever context the statement
// was given: SQLite has no statement_timeout, and its one writer stuck in a query would stop the service.
type bounded struct{ driver.Connector }

// sqliteConn is what database/sql uses of the driver's connection; all of it must stay reachable.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// Connect opens a connection.
func (b bounded) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := b.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(sqliteConn)
	if !ok {
		return nil, fmt.Errorf("sqlite driver's connection %T lacks a method", conn)
	}
	return &boundedConn{sqliteConn: inner, tx: context.Background()}, nil
}

// boundedConn is used by one goroutine at a time, as database/sql promises.
type boundedConn struct {
	sqliteConn
	tx    context.Context //nolint:containedctx // the running transaction's: there is no other way to hand it to its statements
	stops []context.CancelFunc
}

// BeginTx notes whose deadline the statements share.
func (c *boundedConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.sqliteConn.BeginTx(ctx, opts)
	if err == nil {
		c.tx = ctx
	}
	return tx, err
}

// ExecContext runs a statement.
func (c *boundedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.sqliteConn.ExecContext(c.within(ctx), query, args)
}

// QueryContext starts a query.
func (c *boundedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.sqliteConn.QueryContext(c.within(ctx), query, args)
}

// ResetSession starts the connection's next use, and frees what the last one held.
func (c *boundedConn) ResetSession(ctx context.Context) error {
	for _, stop := range c.stops {
		stop()
	}
	c.tx, c.stops = context.Background(), nil
	return c.sqliteConn.ResetSession(ctx)
}

// within shortens ctx to the transaction's deadline. Rows outlive QueryContext, hence the late release.
func (c *boundedConn) within(ctx context.Context) context.Context {
	end, limited := c.tx.Deadline()
	if own, has := ctx.Deadline(); !limited || has && !own.After(end) {
		return ctx
	}
	ctx, stop := context.WithDeadline(ctx, end)
	c.stops = append(c.stops, stop)
	return ctx
}
