package database_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"modernc.org/sqlite"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

// stand is one connection to a migrated file, and what reaches the driver below the kept statements.
type stand struct {
	*sql.DB
	path   string
	parsed map[string]int
	under  database.SQLiteConn
}

func newStand(t *testing.T) *stand {
	t.Helper()
	cfg := testkit.SQLite(t)
	b := &stand{path: strings.TrimPrefix(cfg.DSN, "sqlite:"), parsed: map[string]int{}}
	if err := testkit.Open(t, cfg, migrations(t)).Close(); err != nil {
		t.Fatal(err)
	}
	b.DB = sql.OpenDB(database.Keeping(below{b.plain(t), b}))
	b.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func (b *stand) plain(t *testing.T) driver.Connector {
	t.Helper()
	connector, err := sqlite.NewConnector("file:" + b.path + "?_foreign_keys=on&_error_rc=1&_dqs=0")
	if err != nil {
		t.Fatal(err)
	}
	return connector
}

type below struct {
	driver.Connector
	b *stand
}

func (w below) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := w.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	w.b.under = conn.(database.SQLiteConn) //nolint:forcetypeassert // a panic is the failure
	return &watched{w.b.under, w.b}, nil
}

type watched struct {
	database.SQLiteConn
	b *stand
}

func (w *watched) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	w.b.parsed[query]++
	return w.SQLiteConn.PrepareContext(ctx, query)
}

func (b *stand) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := b.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%.60s: %v", query, err)
	}
}

// table is a query's answer: the columns' names, then the rows.
func table(t *testing.T, q database.Queryer, query string, args ...any) string {
	t.Helper()
	rows, err := q.QueryContext(t.Context(), query, args...)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{strings.Join(columns, " ")}
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, v := range values {
			line = append(line, v.String)
		}
		lines = append(lines, strings.Join(line, " "))
	}
	if err := rows.Err(); err != nil {
		return err.Error()
	}
	return strings.Join(lines, "|")
}

const insertRoom = `INSERT INTO rooms (id, place, name) VALUES ($1, 'p', $1)`

func TestKeptIsParsedOnce(t *testing.T) {
	b := newStand(t)
	const byID = `SELECT id, taken FROM rooms WHERE id = $1`
	for i := range 5 {
		id := strconv.Itoa(i)
		b.exec(t, insertRoom, id)
		if got := table(t, b, byID, id); got != "id taken|"+id+" 0" {
			t.Errorf("%s: %q", id, got)
		}
		if got := table(t, b, byID, "none"); got != "id taken" {
			t.Errorf("a room that is not there: %q", got)
		}
	}
	if b.parsed[database.Anonymous(insertRoom)] != 1 || b.parsed[database.Anonymous(byID)] != 1 {
		t.Errorf("parsed %v", b.parsed)
	}
}

func TestOnlyRowsAreKept(t *testing.T) {
	b := newStand(t)
	for _, want := range []string{"1", "2", "1", "2"} {
		b.exec(t, "PRAGMA busy_timeout = "+want)
		if got := table(t, b, "PRAGMA busy_timeout"); got != "timeout|"+want {
			t.Errorf("%q, want %s", got, want)
		}
		b.exec(t, "CREATE TABLE passing (n INTEGER)")
		b.exec(t, "DROP TABLE passing")
	}
	if len(b.parsed) != 0 {
		t.Errorf("kept %v", b.parsed)
	}
}

func TestKeptScriptRunsWhole(t *testing.T) {
	b := newStand(t)
	const script = `INSERT INTO rooms (id, place, name) VALUES ($1, 'p', $1); INSERT INTO chairs (room) VALUES ($1); `
	for _, id := range []string{"a", "b"} {
		b.exec(t, script, id)
	}
	if got := table(t, b, `SELECT room FROM chairs ORDER BY room`); got != "room|a|b" {
		t.Error(got)
	}
}

func TestKeptFollowsTheSchema(t *testing.T) {
	b := newStand(t)
	const all, chairs = `SELECT * FROM chairs`, `SELECT count(*) FROM chairs`
	is := func(query, want string) {
		t.Helper()
		if got := table(t, b, query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	b.exec(t, insertRoom, "a")
	b.exec(t, `INSERT INTO chairs (room) VALUES ('a')`)
	is(all, "id room|1 a")
	tx, err := b.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), `ALTER TABLE chairs ADD COLUMN legs INTEGER DEFAULT 3`); err != nil {
		t.Fatal(err)
	}
	if got := table(t, tx, all); got != "id room legs|1 a 3" {
		t.Errorf("within the transaction: %q", got)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	is(all, "id room|1 a")
	other := sql.OpenDB(b.plain(t)) // another connection's change is found in the file
	defer func() { _ = other.Close() }()
	if _, err := other.ExecContext(t.Context(), `ALTER TABLE chairs ADD COLUMN legs INTEGER DEFAULT 4`); err != nil {
		t.Fatal(err)
	}
	is(all, "id room legs|1 a 4")
	is(chairs, "count(*)|1")
	b.exec(t, `DROP TABLE chairs`) // a statement that is under way would lock it
	is(all, table(t, other, all))
	is(chairs, table(t, other, chairs))
	b.exec(t, `CREATE TABLE chairs (room TEXT)`)
	is(all, "room")
	if b.parsed[all] != 2 {
		t.Errorf("parsed %d times; want a second time after it failed, otherwise SQLite does it by itself", b.parsed[all])
	}
}

// TestKeptIsReset leaves rows half read: neither a commit nor a checkpoint may wait for them afterwards.
func TestKeptIsReset(t *testing.T) {
	b := newStand(t)
	other := sql.OpenDB(b.plain(t))
	defer func() { _ = other.Close() }()
	b.exec(t, "PRAGMA busy_timeout = 0")
	for _, id := range []string{"a", "b", "c"} {
		b.exec(t, insertRoom, id)
	}
	tx, err := b.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{`SELECT id FROM rooms ORDER BY id`, `UPDATE rooms SET taken = taken + 1 RETURNING id`} {
		for range 2 { // parsed, then kept
			var id string
			if err := tx.QueryRowContext(t.Context(), query).Scan(&id); err != nil || id != "a" {
				t.Fatalf("%s: %q, %v", query, id, err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := table(t, b, `SELECT sum(taken) AS n FROM rooms`); got != "n|6" {
		t.Error(got)
	}
	var id string
	if err := b.QueryRowContext(t.Context(), `SELECT id FROM rooms WHERE taken > 0`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(t.Context(), insertRoom, "d"); err != nil {
		t.Fatal(err)
	}
	if got := table(t, other, `PRAGMA wal_checkpoint(TRUNCATE)`); got != "busy log checkpointed|0 0 0" {
		t.Errorf("a reader that has ended holds the log: %q", got)
	}
	if info, err := os.Stat(b.path + "-wal"); err != nil || info.Size() != 0 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestKeptAmongItsOwnRows(t *testing.T) {
	b := newStand(t)
	for _, id := range []string{"a", "b", "c"} {
		b.exec(t, insertRoom, id)
	}
	tx, err := b.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const query = `SELECT id FROM rooms WHERE id >= $1 ORDER BY id`
	for range 3 {
		got, err := database.All(t.Context(), tx, func(scan database.Scan) (string, error) {
			var id string
			err := scan(&id)
			return table(t, tx, query, id), err
		}, query, "a")
		if err != nil || strings.Join(got, ",") != "id|a|b|c,id|b|c,id|c" {
			t.Errorf("%v, %v", got, err)
		}
	}
	if err := tx.Commit(); err != nil || b.parsed[database.Anonymous(query)] != 2 {
		t.Errorf("%v, parsed %d times, want one for the rows and one among them", err, b.parsed[database.Anonymous(query)])
	}
}

func TestKeptAreBounded(t *testing.T) {
	b := newStand(t)
	used := func() int {
		status := b.under.(sqlite.DBStatus) //nolint:forcetypeassert // a panic is the failure
		bytes, _, err := status.Status(sqlite.DBStatusStmtUsed, false)
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	text := func(i int) string { return fmt.Sprintf("SELECT id, %d FROM rooms", i) }
	for i := range database.KeptStatements {
		b.exec(t, text(i))
	}
	full := used()
	for i := range 1000 {
		b.exec(t, text(i))
	}
	if now := used(); full == 0 || now > full+full/4 {
		t.Errorf("%d bytes of statements, then %d", full, now)
	}
	b.exec(t, text(998))
	b.exec(t, text(0))
	if b.parsed[text(998)] != 1 || b.parsed[text(0)] != 2 {
		t.Errorf("the last but one was parsed %d times, the first %d", b.parsed[text(998)], b.parsed[text(0)])
	}
	before := used()
	b.exec(t, "SELECT 1 WHERE 1 IN (1"+strings.Repeat(", 1", 3000)+")")
	if now := used(); now > before {
		t.Errorf("a long statement left %d bytes", now-before)
	}
}

// A connection whose statements are not all closed lives on as far as SQLite is concerned, and its log with it.
func TestKeptAreClosedWithTheConnection(t *testing.T) {
	b := newStand(t)
	b.exec(t, insertRoom, "a")
	if _, err := os.Stat(b.path + "-wal"); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(b.path + "-wal"); !os.IsNotExist(err) {
		t.Errorf("the log is still there: %v", err)
	}
}
