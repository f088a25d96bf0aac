package database

import (
	"context"
	"database/sql"

	"github.com/classcode/maillage/pkg/errs"
)

// Queryer is a pool or a transaction.
type Queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Scan reads the current row's columns, as sql.Rows.Scan does.
type Scan func(dest ...any) error

// All reads every row of a query with read; no row is an empty slice, not an error.
func All[T any](ctx context.Context, q Queryer, read func(Scan) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, Explain(err)
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		row, err := read(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, Explain(rows.Err())
}

// One reads the only row of a query, or returns missing when there is none.
func One[T any](ctx context.Context, q Queryer, missing error, read func(Scan) (T, error), query string, args ...any) (T, error) {
	var zero T
	rows, err := All(ctx, q, read, query, args...)
	if err != nil {
		return zero, err
	}
	if len(rows) == 0 {
		return zero, missing
	}
	return rows[0], nil
}

// Updated checks that a conditional UPDATE found its row: none means that another transaction changed it first, and Write
// runs the use case again.
func Updated(result sql.Result, err error) error {
	if err != nil {
		return Explain(err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.ErrAborted
	}
	return nil
}
