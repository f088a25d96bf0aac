package database

import (
	"database/sql/driver"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
)

// pipelinedRows are those of a query that was not sent alone.
type pipelinedRows struct {
	conn    *pipelinedConn
	results pgx.BatchResults
	rows    pgx.Rows
	read    bool // the next row already
}

// Columns are the columns' names.
func (r *pipelinedRows) Columns() []string {
	fields := r.rows.FieldDescriptions()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

// Close ends the query.
func (r *pipelinedRows) Close() error {
	r.rows.Close()
	return r.conn.ended(r.results, r.rows.Err())
}

// Next reads a row.
func (r *pipelinedRows) Next(dest []driver.Value) error {
	if !r.read && !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	r.read = false
	row, err := r.rows.Values()
	if err != nil {
		return err
	}
	for i, v := range row {
		if dest[i], err = value(v); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

// value is what database/sql knows of a value: one of its own types, or what the driver's type gives for it, as numeric does.
func value(v any) (driver.Value, error) {
	switch v := v.(type) {
	case nil, int64, float64, bool, []byte, string, time.Time:
		return v, nil
	case int32:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case float32:
		return float64(v), nil
	case driver.Valuer:
		return v.Value()
	}
	return nil, fmt.Errorf("a transaction cannot begin with a query for a %T", v)
}
