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

// The types of columns that both engines know under these names.
const (
	Text   Column = "TEXT"
	BigInt Column = "BIGINT"
)

// valuesRows bounds a statement on many rows: beyond it a statement gains nothing.
const valuesRows = 64

// Values calls use with rows as a table of a query, in parts that both engines take well: text is "(VALUES ($n, …), …)", whose
// columns are column1, column2 and so on, and args are the values. The numbering begins at from. A part is filled up to a power of
// two with rows of NULL, which the query leaves out ("WHERE column1 IS NOT NULL"): there are few texts then, and the engines keep
// them parsed.
func Values(from int, columns []Column, rows [][]any, use func(text string, args []any) error) error {
	for part := range slices.Chunk(rows, valuesRows) {
		n := powerOfTwo(len(part))
		args := make([]any, n*len(columns))
		for i, row := range part {
			if len(row) != len(columns) {
				return fmt.Errorf("values: row %d has %d values for %d columns", i, len(row), len(columns))
			}
			copy(args[i*len(columns):], row)
		}
		if err := use(valuesText(from, columns, n), args); err != nil {
			return err
		}
	}
	return nil
}

// valuesText names the types in the first row: PostgreSQL gives them to the others.
func valuesText(from int, columns []Column, rows int) string {
	var b strings.Builder
	b.WriteString("(VALUES ")
	for i := range rows * len(columns) {
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%len(columns) == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		parameter := "$" + strconv.Itoa(from+i)
		if i < len(columns) {
			parameter = "CAST(" + parameter + " AS " + string(columns[i]) + ")"
		}
		b.WriteString(parameter)
	}
	b.WriteString("))")
	return b.String()
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
