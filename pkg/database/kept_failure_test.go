package database_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

const countUp = `WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < $1) SELECT count(*) FROM up`

// TestKeptFailsAlike asks a connection that keeps its statements and one that does not the same, good and bad, several times.
func TestKeptFailsAlike(t *testing.T) {
	b := newStand(t)
	plain := sql.OpenDB(b.plain(t))
	defer func() { _ = plain.Close() }()
	b.exec(t, insertRoom, "taken")
	for _, c := range []struct {
		query string
		args  []any
	}{
		{`SELECT nothing FROM rooms`, nil},
		{`SELECT 1 FROM nowhere`, nil},
		{`SELECT 1 WHERE`, nil},
		{`SELECT "quoted"`, nil},
		{`SELECT $1, $2`, []any{1}},
		{`SELECT $1, $2`, []any{1, 2}},
		{`SELECT $1, $2`, []any{1, 2, 3}},
		{insertRoom, []any{"taken"}},
		{insertRoom + ` RETURNING id`, []any{"taken"}},
		{`UPDATE rooms SET taken = 11 WHERE id = $1`, []any{"taken"}},
		{`UPDATE rooms SET name = NULL`, nil},
		{`INSERT INTO chairs (room) VALUES ($1)`, []any{"none"}},
		{`SELECT abs($1)`, []any{"-9223372036854775808"}},
		{`SELECT abs($1)`, []any{int64(-1 << 63)}},
		{`SELECT id, CASE id WHEN 'taken' THEN abs(CAST($1 AS BIGINT)) END FROM rooms`, []any{int64(-1 << 63)}},
		{`DELETE FROM rooms WHERE id = $1; SELECT 1 FROM nowhere`, []any{"none"}},
	} {
		for range 3 {
			text := database.Anonymous(c.query)
			want, got := table(t, plain, text, c.args...), table(t, b, c.query, c.args...)
			if got != want {
				t.Errorf("%s with %v: %q, want %q", c.query, c.args, got, want)
			}
			_, wrong := plain.ExecContext(t.Context(), text, c.args...)
			if _, err := b.ExecContext(t.Context(), c.query, c.args...); fmt.Sprint(err) != fmt.Sprint(wrong) {
				t.Errorf("%s with %v: %v, want %v", c.query, c.args, err, wrong)
			}
		}
	}
	for _, id := range []string{"a", "taken", "b"} {
		if _, err := b.ExecContext(t.Context(), insertRoom, id); (err == nil) == (id == "taken") {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// TestKeptAfterInterruption cuts a query short inside a transaction, which has to stay usable, and so does the text.
func TestKeptAfterInterruption(t *testing.T) {
	db := testkit.Open(t, testkit.SQLite(t), migrations(t))
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			_, err := tx.ExecContext(ctx, countUp, int64(1)<<60)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			if got := table(t, tx, countUp, 10); got != "count(*)|10" {
				t.Errorf("afterwards: %q", got)
			}
		}
		_, err := tx.ExecContext(t.Context(), insertRoom, "a")
		return err
	})
	if n := number(t, db, `SELECT count(*) FROM rooms`); err != nil || n != 1 {
		t.Errorf("%d rooms, %v", n, err)
	}
}

func TestKeptAfterBusy(t *testing.T) {
	b := newStand(t)
	other := sql.OpenDB(b.plain(t))
	defer func() { _ = other.Close() }()
	b.exec(t, "PRAGMA busy_timeout = 0")
	b.exec(t, insertRoom, "a")
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), insertRoom, "b"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := b.ExecContext(t.Context(), insertRoom, "c"); err == nil || !strings.Contains(err.Error(), "SQLITE_BUSY") {
			t.Errorf("got %v", err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	b.exec(t, insertRoom, "c")
}

func TestKeptTellsColumnTypes(t *testing.T) {
	b := newStand(t)
	plain := sql.OpenDB(b.plain(t))
	defer func() { _ = plain.Close() }()
	types := func(pool *sql.DB) (told []string) {
		rows, err := pool.QueryContext(t.Context(), `SELECT id, taken, 1.5, NULL FROM rooms`)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
		columns, err := rows.ColumnTypes()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range columns {
			length, variable := c.Length()
			nullable, known := c.Nullable()
			told = append(told, fmt.Sprint(c.Name(), c.DatabaseTypeName(), c.ScanType(), length, variable, nullable, known))
		}
		return told
	}
	b.exec(t, insertRoom, "a")
	if got, want := types(b.DB), types(plain); !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestKeptLetGoOfValues binds four megabytes to each of as many statements as are kept.
func TestKeptLetGoOfValues(t *testing.T) {
	b := newStand(t)
	blob := make([]byte, 4<<20)
	b.exec(t, `SELECT length($1)`, blob)
	before := resident(t)
	for i := range database.KeptStatements {
		query := fmt.Sprintf("SELECT length($1) + %d AS n", i)
		if got, want := table(t, b, query, blob), fmt.Sprintf("n|%d", len(blob)+i); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	}
	if grown := resident(t) - before; grown > 16*len(blob) {
		t.Errorf("%d bytes stay", grown)
	}
}

func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// TestKeptConcurrent has readers share few texts and connections, give up half-way, and read their own values only.
func TestKeptConcurrent(t *testing.T) {
	db := testkit.Open(t, testkit.SQLite(t), migrations(t))
	mustExec(t, db, insertRoom, "a")
	var wg sync.WaitGroup
	for reader := range 8 {
		wg.Go(func() {
			for i := range 30 {
				n := int64(reader*1000 + i)
				switch i % 5 {
				case 0:
					_, _ = readUnder(t, db, time.Duration(i)*20*time.Microsecond, 1<<60)
				case 1:
					mustExec(t, db, `UPDATE rooms SET taken = (taken + $1) % 10`, n)
				default:
					if got, err := readUnder(t, db, time.Minute, n); err != nil || got != n {
						t.Errorf("%d instead of %d, %v", got, n, err)
					}
				}
			}
		})
	}
	wg.Wait()
}

func readUnder(t *testing.T, db *database.DB, limit time.Duration, n int64) (got int64, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	rows, err := db.Read().QueryContext(ctx, `SELECT CASE WHEN $1 > 1000000 THEN (`+countUp+`) ELSE $1 END FROM rooms UNION ALL SELECT 0`, n)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return 0, rows.Err()
	}
	return got, rows.Scan(&got)
}
