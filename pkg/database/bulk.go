package database

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// BulkRows is how many rows an import puts into one statement, and should into one transaction: longer ones hold back the relay.
const BulkRows = 1000

// A statement holds at most so many parameters. PostgreSQL's protocol counts to 65 535; SQLite gains nothing beyond some hundred, and
// keeps what is short.
var maxParams = map[Engine]int{Postgres: 32766, SQLite: 500}

// BulkInsert inserts rows with as few statements as the engines' limits allow; table and columns come from code, never from a caller.
func (db *DB) BulkInsert(ctx context.Context, tx *sql.Tx, table string, columns []string, rows [][]any) error {
	for _, name := range append([]string{table}, columns...) {
		if !identifier.MatchString(name) {
			return fmt.Errorf("bulk insert: %q is not an identifier", name)
		}
	}
	limit := maxParams[db.engine]
	if len(columns) == 0 || len(columns) > limit {
		return fmt.Errorf("bulk insert into %s: %d columns", table, len(columns))
	}
	for chunk := range slices.Chunk(rows, min(BulkRows, limit/len(columns))) {
		if err := insertChunk(ctx, tx, table, columns, chunk); err != nil {
			return err
		}
	}
	return nil
}

func insertChunk(ctx context.Context, tx *sql.Tx, table string, columns []string, rows [][]any) error {
	args := make([]any, 0, len(rows)*len(columns))
	for i, row := range rows {
		if len(row) != len(columns) {
			return fmt.Errorf("bulk insert into %s: row %d has %d values for %d columns", table, i, len(row), len(columns))
		}
		args = append(args, row...)
	}
	if _, err := tx.ExecContext(ctx, insertText(table, columns, len(rows)), args...); err != nil {
		return fmt.Errorf("bulk insert into %s: %w", table, err)
	}
	return nil
}

func insertText(table string, columns []string, rows int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES ")
	for i := range rows * len(columns) {
		switch {
		case i == 0:
			b.WriteString("($")
		case i%len(columns) == 0:
			b.WriteString("), ($")
		default:
			b.WriteString(", $")
		}
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteString(")")
	return b.String()
}
