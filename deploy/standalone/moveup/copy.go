package moveup

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/classcode/maillage/pkg/database"
)

// copy fills a service's tables in one transaction. It may last: the services that would wait are not there yet.
func (m *move) copy(ctx context.Context, service string, plan []table) error {
	tx, err := m.target.BeginTx(ctx, nil)
	if err != nil {
		return database.Explain(err)
	}
	defer func() { _ = tx.Rollback() }()
	names := make([]string, len(plan))
	for i, t := range plan {
		names[i] = quote(staging(service)) + "." + quote(t.name)
	}
	// What the migrations and the service's own start left there comes again with the rows of the folder.
	if _, err := tx.ExecContext(ctx, `TRUNCATE `+strings.Join(names, ", ")); err != nil {
		return err
	}
	for i, t := range plan {
		n, err := m.copyTable(ctx, service, t)
		if err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		if _, err := tx.ExecContext(ctx, `ANALYZE `+names[i]); err != nil { // the first queries have five seconds
			return err
		}
		m.say("copie : %s.%s, %d ligne(s)", service, t.name, n)
	}
	if err := tx.Commit(); err != nil {
		return database.Explain(err)
	}
	return nil
}

func (m *move) copyTable(ctx context.Context, service string, t table) (n int64, err error) {
	rows, err := m.sources[service].QueryContext(ctx, t.selectAll("")) //nolint:rowserrcheck // by the reader
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	source := &reader{rows: rows, table: t}
	// The protocol's COPY also writes columns that PostgreSQL otherwise numbers itself.
	err = m.target.Raw(func(conn any) error {
		n, err = conn.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{staging(service), t.name}, t.columns, source)
		return err
	})
	if source.fault != nil { // the server only says that the client gave up
		err = source.fault
	}
	return n, err
}

// reader gives the rows of a table, whichever engine has them, to a copy or to a hash.
type reader struct {
	rows  *sql.Rows
	table table
	row   []any
	fault error
}

// Next implements pgx.CopyFromSource.
func (r *reader) Next() bool {
	if r.fault != nil || !r.rows.Next() {
		return false
	}
	r.row = make([]any, len(r.table.columns))
	into := make([]any, len(r.row))
	for i := range r.row {
		into[i] = &r.row[i]
	}
	r.fault = r.rows.Scan(into...)
	for i, value := range r.row {
		if bytes, is := value.([]byte); is && bytes == nil { // SQLite's driver gives an empty BLOB so; PostgreSQL's would write NULL
			r.row[i] = []byte{}
		}
	}
	return r.fault == nil
}

// Values implements pgx.CopyFromSource.
func (r *reader) Values() ([]any, error) {
	for i, value := range r.row {
		if text, is := value.(string); is && (strings.ContainsRune(text, 0) || !utf8.ValidString(text)) {
			r.fault = fmt.Errorf("the row %s holds a text that PostgreSQL does not store, a NUL or no UTF-8, in %s: mend it in the folder", r.place(), r.table.columns[i])
			return nil, r.fault
		}
	}
	return r.row, nil
}

// Err implements pgx.CopyFromSource.
func (r *reader) Err() error {
	if r.fault != nil {
		return r.fault
	}
	return r.rows.Err()
}

// place names a row by its key.
func (r *reader) place() string {
	var parts []string
	for _, name := range r.table.key {
		parts = append(parts, fmt.Sprintf("%s=%q", name, fmt.Sprint(r.row[slices.Index(r.table.columns, name)])))
	}
	return strings.Join(parts, " ")
}
