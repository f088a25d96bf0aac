package database

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Column is the type of a column of Values.
type Column string

// The types of columns, as PostgreSQL calls them.
const (
	Text   Column = "TEXT"
	BigInt Column = "BIGINT"
	Bytes  Column = "BYTEA"
)

// A statement has so many rows at most: beyond it one on SQLite gains nothing, and on PostgreSQL each part is a round trip.
const (
	valuesRows = 64
	arrayRows  = 1024
)

// Table is rows as a part of a query.
type Table struct {
	Text  string // the rows as a table, whose columns are column1, column2 and so on
	Among string // "IN (…)" or "= ANY (…)" with the values of the first column, by which an engine finds rows whatever it thinks of a join
	Args  []any
}

// Values calls use with rows as tables of a query, in parts that the engine takes well. The numbering of parameters begins at from. The
// query leaves out where column1 is NULL: SQLite's part is filled up to a power of two with such rows, so that there are few texts, which
// it keeps parsed. PostgreSQL is given an array for each column, and has one text: it spends half of its time on a parameter for each value.
func Values(engine Engine, from int, columns []Column, rows [][]any, use func(Table) error) error {
	most, table := valuesRows, valueTable
	if engine == Postgres {
		most, table = arrayRows, arrayTable
	}
	for part := range slices.Chunk(rows, most) {
		for i, row := range part {
			if len(row) != len(columns) {
				return fmt.Errorf("values: row %d has %d values for %d columns", i, len(row), len(columns))
			}
		}
		t, err := table(from, columns, part)
		if err != nil {
			return err
		}
		if err := use(t); err != nil {
			return err
		}
	}
	return nil
}

// arrayTable is "(SELECT * FROM unnest($n, …) AS u (column1, …))".
func arrayTable(from int, columns []Column, rows [][]any) (Table, error) {
	var parameters, names []string
	args := make([]any, len(columns))
	for c, column := range columns {
		parameters = append(parameters, "$"+strconv.Itoa(from+c)+"::"+string(column)+"[]")
		names = append(names, "column"+strconv.Itoa(c+1))
		var err error
		if args[c], err = array(column, rows, c); err != nil {
			return Table{}, err
		}
	}
	return Table{
		Text:  "(SELECT * FROM unnest(" + strings.Join(parameters, ", ") + ") AS u (" + strings.Join(names, ", ") + "))",
		Among: "= ANY (" + parameters[0] + ")",
		Args:  args,
	}, nil
}

// array is a column of rows, as PostgreSQL's driver takes an array.
func array(column Column, rows [][]any, c int) (any, error) {
	switch column {
	case Text:
		return of[string](rows, c)
	case Bytes:
		return of[[]byte](rows, c)
	}
	all := make([]int64, len(rows))
	for i, row := range rows {
		switch v := row[c].(type) {
		case int:
			all[i] = int64(v)
		case int64:
			all[i] = v
		default:
			return nil, fmt.Errorf("values: row %d has %T in a column of integers", i, v)
		}
	}
	return all, nil
}

func of[T any](rows [][]any, c int) (any, error) {
	all := make([]T, len(rows))
	for i, row := range rows {
		v, ok := row[c].(T)
		if !ok {
			return nil, fmt.Errorf("values: row %d has %T in a column of %T", i, row[c], v)
		}
		all[i] = v
	}
	return all, nil
}

// valueTable is "(VALUES ($n, …), …)".
func valueTable(from int, columns []Column, rows [][]any) (Table, error) {
	n := powerOfTwo(len(rows))
	args := make([]any, n*len(columns))
	for i, row := range rows {
		copy(args[i*len(columns):], row)
	}
	var b strings.Builder
	var first []string
	b.WriteString("(VALUES ")
	for i := range args {
		parameter := "$" + strconv.Itoa(from+i)
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%len(columns) == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		if i%len(columns) == 0 {
			first = append(first, parameter)
		}
		b.WriteString(parameter)
	}
	b.WriteString("))")
	return Table{Text: b.String(), Among: "IN (" + strings.Join(first, ", ") + ")", Args: args}, nil
}

// In reads the rows of a query for many keys, in parts: the query stands before and after "($n, …)", whose numbering begins at
// from, after that of args. A part is filled up with NULL, as in Values, which equals no key.
func In[T any](ctx context.Context, q Queryer, read func(Scan) (T, error), keys []string, from int, before, after string, args ...any) ([]T, error) {
	var out []T
	for part := range slices.Chunk(keys, valuesRows) {
		values := make([]any, powerOfTwo(len(part)))
		names := make([]string, len(values))
		for i := range values {
			if names[i] = "$" + strconv.Itoa(from+i); i < len(part) {
				values[i] = part[i]
			}
		}
		found, err := All(ctx, q, read, before+" IN ("+strings.Join(names, ", ")+")"+after, slices.Concat(args, values)...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// powerOfTwo is the least that is not below n.
func powerOfTwo(n int) int { return 1 << bits.Len(uint(n-1)) } //nolint:gosec // at least 1
