package database_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
)

// line is the connection to the server, which counts how often an answer was waited for.
type line struct {
	net.Conn
	asking bool
	trips  *int
}

func (l *line) Write(b []byte) (int, error) { l.asking = true; return l.Conn.Write(b) }

func (l *line) Read(b []byte) (int, error) {
	if l.asking {
		l.asking = false
		*l.trips++
	}
	return l.Conn.Read(b)
}

// counted is one connection to a migrated database, and its round trips so far.
func counted(t *testing.T, wrap func(driver.Connector) driver.Connector) (db *sql.DB, trips *int) {
	t.Helper()
	settings := testkit.Postgres(t)
	testkit.Open(t, settings, migrations(t))
	cfg, err := pgx.ParseConfig(settings.DSN)
	if err != nil {
		t.Fatal(err)
	}
	trips = new(int)
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &line{Conn: conn, trips: trips}, err
	}
	db = sql.OpenDB(wrap(stdlib.GetConnector(*cfg)))
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db, trips
}

func plain(c driver.Connector) driver.Connector { return c }

// A transaction with three statements, two of which nobody reads the answer of, is two round trips. The control: with the driver by
// itself it is five.
func TestPipelineSavesRoundTrips(t *testing.T) {
	for want, wrap := range map[int]func(driver.Connector) driver.Connector{2: database.Pipelining, 5: plain} {
		db, trips := counted(t, wrap)
		for _, room := range []string{"warm", "up", "r1"} { // the first of each text is parsed
			*trips = 0
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := table(t, tx, `INSERT INTO rooms (id, place, name) VALUES ($1, 'p', $1) RETURNING id, taken`, room); got != "id taken|"+room+" 0" {
				t.Errorf("%q", got)
			}
			for range 2 {
				if _, err := tx.ExecContext(database.AtCommit(t.Context()), `UPDATE rooms SET taken = taken + 1 WHERE id = $1`, room); err != nil {
					t.Error(err)
				}
			}
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
		}
		if *trips != want {
			t.Errorf("%d round trips, want %d", *trips, want)
		}
		if got := table(t, db, `SELECT id, taken FROM rooms WHERE id = 'r1'`); got != "id taken|r1 2" {
			t.Errorf("%q", got)
		}
	}
}

// Whatever a query gives, it gives it as well as the first statement of its transaction.
func TestPipelineGivesTheSameValues(t *testing.T) {
	db, _ := counted(t, database.Pipelining)
	const query = `SELECT 1::bigint AS a, 2::int AS b, 3::smallint AS c, 1.5::float8 AS d, 0.25::float4 AS e, true AS f, 'é'::text AS g,
		'\x00ff'::bytea AS h, NULL::text AS i, sum(x) AS j, to_timestamp(1) AS k, 'n'::name AS l FROM generate_series(1, 3) AS x WHERE $1 > 0`
	want := table(t, db, query, 1)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if got := table(t, tx, query, 1); got != want {
		t.Errorf("first:  %q\nalone: %q", got, want)
	}
	if got := table(t, tx, query, 1); got != want {
		t.Errorf("second: %q\nalone:  %q", got, want)
	}
}

// What was put off takes effect before whatever is asked next, and is undone with its transaction.
func TestPipelineKeepsTheOrder(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		undone := errors.New("undone")
		for _, end := range []error{undone, nil} {
			err := db.Write(t.Context(), func(tx *sql.Tx) error {
				for _, room := range []string{"a", "b"} {
					if _, err := tx.ExecContext(database.AtCommit(t.Context()), `INSERT INTO rooms (id, place, name) VALUES ($1, 'p', $1)`, room); err != nil {
						return err
					}
				}
				if got := table(t, tx, `SELECT count(*) FROM rooms`); got != "count|2" && got != "count(*)|2" {
					t.Errorf("%q", got)
				}
				_, err := tx.ExecContext(database.AtCommit(t.Context()), `UPDATE rooms SET taken = 1 WHERE id = 'a'`)
				return errors.Join(err, end)
			})
			if !errors.Is(err, end) || end == nil && err != nil {
				t.Errorf("%v, want %v", err, end)
			}
			want := int64(2)
			if end != nil {
				want = 0
			}
			if n := number(t, db, `SELECT count(*) + sum(taken) - 1 FROM rooms HAVING count(*) > 0 UNION ALL SELECT 0 ORDER BY 1 DESC LIMIT 1`); n != want {
				t.Errorf("after %v: %d", end, n)
			}
		}
	})
}

// A statement that was put off and fails takes the whole transaction with it, and says which rule it broke; the connection goes on.
func TestPipelineFailsWhole(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		insert := `INSERT INTO rooms (id, place, name) VALUES ($1, 'p', $2)`
		mustExec(t, db, insert, "there", "first")
		for range 5 { // more than there are connections
			err := db.Write(t.Context(), func(tx *sql.Tx) error {
				if _, err := tx.ExecContext(t.Context(), insert, "new", "second"); err != nil {
					t.Error(err)
				}
				_, err := tx.ExecContext(database.AtCommit(t.Context()), insert, "there", "third")
				return err
			})
			if kind, rule := database.Violation(err); kind != database.Unique || rule != "rooms_pkey" {
				t.Errorf("%v", err)
			}
		}
		if n := number(t, db, `SELECT count(*) FROM rooms`); n != 1 {
			t.Errorf("%d rooms", n)
		}
	})
}

// A first statement that cannot even be parsed leaves the server without a transaction: nothing that follows may stand by itself,
// whether or not the caller minds.
func TestPipelineDoesNotGoOnAlone(t *testing.T) {
	db := testkit.Open(t, testkit.Postgres(t), migrations(t))
	for _, ctx := range []context.Context{t.Context(), database.AtCommit(t.Context())} {
		err := db.Write(t.Context(), func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), `SELECT nothing FROM nowhere`); err == nil {
				t.Error("a table that is not there was read")
			}
			_, _ = tx.ExecContext(ctx, `INSERT INTO rooms (id, place, name) VALUES ('alone', 'p', 'n')`) // who looks away
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "nowhere") {
			t.Errorf("%v", err)
		}
	}
	if n := number(t, db, `SELECT count(*) FROM rooms`); n != 0 {
		t.Errorf("%d rooms", n)
	}
}

// A server that was started again has left dead connections in the pool. A write that finds one begins again on another; one that
// has begun says that the database is gone.
func TestPipelineBeginsAgain(t *testing.T) {
	cfg := testkit.Postgres(t)
	cfg.ApplicationName = "pipeline"
	db := testkit.Open(t, cfg, migrations(t))
	cut := func() {
		other, err := sql.Open("pgx", cfg.DSN)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = other.Close() }()
		const end = `SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = 'pipeline'`
		if _, err := other.ExecContext(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	insert := `INSERT INTO rooms (id, place, name) VALUES ($1, 'p', $1)`
	mustExec(t, db, insert, "before")
	cut()
	if err := exec(t, db, insert, "after"); err != nil {
		t.Errorf("a dead connection of the pool: %v", err)
	}
	runs := 0
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		runs++
		if _, err := tx.ExecContext(t.Context(), insert, "during"); err != nil {
			return err
		}
		cut()
		_, err := tx.ExecContext(database.AtCommit(t.Context()), insert, "too")
		return err
	})
	if e := errs.From(err); runs != 1 || e == nil || e.Kind != errs.Unavailable {
		t.Errorf("cut off under way, after %d runs: %v", runs, err)
	}
	if got := table(t, db.Read(), `SELECT id FROM rooms ORDER BY id`); got != "id|after|before" {
		t.Errorf("%q", got)
	}
}
