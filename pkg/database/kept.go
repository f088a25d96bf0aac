package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A service has some dozens of texts. Parsed, one takes about ten kilobytes, and some hundred as the longest that Values makes, which is
// under eight in length; anything longer is not ours and must not fill the memory.
const (
	keptStatements = 64
	keptText       = 8192
)

// keeping opens connections that keep their statements parsed: database/sql hands the driver a text, and the driver parses it at
// each use.
type keeping struct{ driver.Connector }

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// sqliteRows is all that the driver's rows can tell; all of it must stay reachable.
type sqliteRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// Connect opens a connection.
func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("sqlite driver's connection %T lacks a method", conn), conn.Close())
	}
	return &keepingConn{sqliteConn: inner}, nil
}

// keepingConn is used by one goroutine at a time, as database/sql promises, open rows included.
type keepingConn struct {
	sqliteConn
	kept []statement // the last used at the end; those in use are not among them
}

type statement struct {
	text string
	sqliteStmt
}

// ExecContext runs a statement.
func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if !keepable(query) {
		return c.sqliteConn.ExecContext(ctx, anonymous(query), args)
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	return result, c.put(s, err)
}

// QueryContext starts a query; its statement is free again when the rows are closed.
func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if !keepable(query) {
		return c.sqliteConn.QueryContext(ctx, anonymous(query), args)
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, c.put(s, err)
	}
	all, ok := rows.(sqliteRows)
	if !ok {
		return nil, errors.Join(fmt.Errorf("sqlite driver's rows %T lack a method", rows), rows.Close(), s.Close())
	}
	return &keptRows{sqliteRows: all, conn: c, statement: s}, nil
}

// Close closes the connection, after its statements: SQLite keeps the file open for as long as one is left.
func (c *keepingConn) Close() error {
	var all []error
	for _, s := range c.kept {
		all = append(all, s.Close())
	}
	c.kept = nil
	return errors.Join(append(all, c.sqliteConn.Close())...)
}

// take removes the statement from those kept, so that the same text among its own rows gets another.
func (c *keepingConn) take(ctx context.Context, text string) (statement, error) {
	for i, s := range slices.Backward(c.kept) {
		if s.text == text {
			c.kept = slices.Delete(c.kept, i, i+1)
			return s, nil
		}
	}
	stmt, err := c.PrepareContext(ctx, anonymous(text))
	if err != nil {
		return statement{}, err
	}
	s, ok := stmt.(sqliteStmt)
	if !ok {
		return statement{}, errors.Join(fmt.Errorf("sqlite driver's statement %T lacks a method", stmt), stmt.Close())
	}
	return statement{text, s}, nil
}

// put keeps a statement that ended well, which the driver has reset; one that failed is not worth the doubt.
func (c *keepingConn) put(s statement, failure error) error {
	if failure != nil {
		_ = s.Close() // repeats the failure at most
		return failure
	}
	c.kept = append(c.kept, s)
	if len(c.kept) <= keptStatements {
		return nil
	}
	oldest := c.kept[0]
	c.kept = slices.Delete(c.kept, 0, 1)
	_ = oldest.Close() // repeats at most a failure of its last use, which would have ended it
	return nil
}

// keepable leaves out what is run once, as the schema's statements are, and PRAGMA, which SQLite parses at each use in any case.
func keepable(text string) bool {
	if len(text) > keptText {
		return false
	}
	text = strings.TrimLeft(text, " \t\n")
	for _, verb := range [...]string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"} {
		if strings.HasPrefix(text, verb) {
			return true
		}
	}
	return false
}

type keptRows struct {
	sqliteRows
	conn      *keepingConn
	statement statement
}

// Close ends the query.
func (r *keptRows) Close() error { return r.conn.put(r.statement, r.sqliteRows.Close()) }
