package database_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestWriteRollsBack(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		refused := errs.New(errs.Precondition, "REFUSED", "No.", "Non.")
		insert := func(tx *sql.Tx) {
			if _, err := tx.ExecContext(t.Context(), `INSERT INTO rooms (id, place, name) VALUES ('r1', 'p', 'n')`); err != nil {
				t.Error(err)
			}
		}
		err := db.Write(t.Context(), func(tx *sql.Tx) error { insert(tx); return refused })
		if !errors.Is(err, refused) {
			t.Errorf("got %v", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = db.Write(t.Context(), func(tx *sql.Tx) error { insert(tx); panic("bug") })
		}()
		if n := number(t, db, `SELECT count(*) FROM rooms`); n != 0 {
			t.Errorf("%d rows left", n)
		}
		mustExec(t, db, `INSERT INTO rooms (id, place, name) VALUES ('r1', 'p', 'n')`) // the writer is free again
	})
}

// TestSeats holds the rule that every capacity of the house relies on: a conditional UPDATE never gives a seat twice.
func TestSeats(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		mustExec(t, db, `INSERT INTO rooms (id, place, name, seats) VALUES ('r1', 'p', 'n', 7)`)
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 20 {
			wg.Go(func() {
				var got int64
				err := db.Write(t.Context(), func(tx *sql.Tx) error {
					res, err := tx.ExecContext(t.Context(), `UPDATE rooms SET taken = taken + 1 WHERE id = 'r1' AND taken < seats`)
					if err != nil {
						return err
					}
					got, err = res.RowsAffected()
					return err
				})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				won += int(got)
			})
		}
		wg.Wait()
		if taken := number(t, db, `SELECT taken FROM rooms`); won != 7 || taken != 7 {
			t.Errorf("%d won, %d taken", won, taken)
		}
	})
}

// TestDeadlockRunsAgain makes two writers wait for each other's row: PostgreSQL kills one, whose whole closure runs again.
func TestDeadlockRunsAgain(t *testing.T) {
	db := testkit.Open(t, testkit.Postgres(t), migrations(t))
	mustExec(t, db, `INSERT INTO rooms (id, place, name) VALUES ('a', 'p', 'a'), ('b', 'p', 'b')`)
	const take = `UPDATE rooms SET taken = taken + 1 WHERE id = $1`
	var both sync.WaitGroup
	both.Add(2)
	var done sync.WaitGroup
	var mu sync.Mutex
	runs := 0
	for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		done.Go(func() {
			var first sync.Once
			err := db.Write(t.Context(), func(tx *sql.Tx) error {
				mu.Lock()
				runs++
				mu.Unlock()
				if _, err := tx.ExecContext(t.Context(), take, order[0]); err != nil {
					return err
				}
				first.Do(func() { both.Done(); both.Wait() })
				_, err := tx.ExecContext(t.Context(), take, order[1])
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if sum := number(t, db, `SELECT sum(taken)::bigint FROM rooms`); sum != 4 || runs < 3 { // on a busy machine the loser may be back before the winner has woken
		t.Errorf("%d seats after %d runs, want 4 after 3 or more", sum, runs)
	}
}

func TestConflictEndsAsBusy(t *testing.T) {
	db := testkit.Open(t, testkit.Postgres(t), migrations(t))
	runs := 0
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		runs++
		_, err := tx.ExecContext(t.Context(), `DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$`)
		return err
	})
	if e := errs.From(err); !errors.Is(err, database.ErrBusy) || e.Kind != errs.Unavailable || e.RetryAfter == 0 || runs != 6 {
		t.Errorf("%v after %d runs, want %v after 6", err, runs, database.ErrBusy)
	}
}

// PostgreSQL may end a transaction with an internal error that only says that two were at one row: it runs again. Any other does not.
func TestMultixactRunsAgain(t *testing.T) {
	db := testkit.Open(t, testkit.Postgres(t), migrations(t))
	for message, want := range map[string]int{"new multixact has more than one updating member: 0 2[1 (nokeyupd), 2 (nokeyupd)]": 2, "something else": 1} {
		runs := 0
		err := db.Write(t.Context(), func(tx *sql.Tx) error {
			if runs++; runs > 1 {
				return nil
			}
			_, err := tx.ExecContext(t.Context(), `DO $$ BEGIN RAISE EXCEPTION '`+message+`' USING ERRCODE = 'XX000'; END $$`)
			return err
		})
		if runs != want || (err == nil) != (want > 1) {
			t.Errorf("%s: %v after %d runs, want %d", message, err, runs, want)
		}
	}
}

// A connection that ends during a write, before its commit could be sent, is the database's absence, not a mistake of ours.
func TestLostConnectionIsUnavailable(t *testing.T) {
	db := testkit.Open(t, testkit.Postgres(t), migrations(t))
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		_, _ = tx.ExecContext(t.Context(), `SELECT pg_terminate_backend(pg_backend_pid())`) // its failure is what is wanted
		return nil
	})
	if e := errs.From(err); e == nil || e.Kind != errs.Unavailable || e.RetryAfter == 0 {
		t.Errorf("%v", err)
	}
}

func TestAbortedRunsAgain(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		for _, c := range []struct{ lost, runs int }{{2, 3}, {9, 6}} {
			runs := 0
			err := db.Write(t.Context(), func(*sql.Tx) error {
				runs++
				if runs <= c.lost {
					return fmt.Errorf("rename: %w", errs.ErrAborted)
				}
				return nil
			})
			if runs != c.runs || errors.Is(err, errs.ErrAborted) != (c.lost >= runs) {
				t.Errorf("lost %d times: %d runs, %v", c.lost, runs, err)
			}
		}
	})
}

// TestEndlessStatement gives the statement a context without end: the write's own deadline must stop it, on both engines.
func TestEndlessStatement(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		endless := `WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up) SELECT count(*) FROM up`
		if db.Engine() == database.SQLite {
			db.Shorten(200 * time.Millisecond)
		} else {
			endless = `SELECT pg_sleep(60)`
		}
		start := time.Now()
		err := db.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(context.Background(), endless)
			return err
		})
		if e := errs.From(err); e.Kind != errs.DeadlineExceeded || time.Since(start) > 8*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		db.Shorten(5 * time.Second)
		mustExec(t, db, `INSERT INTO rooms (id, place, name) VALUES ('r1', 'p', 'n')`)
	})
}

func TestDeadlineBetweenStatements(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		db.Shorten(50 * time.Millisecond)
		err := db.Write(t.Context(), func(tx *sql.Tx) error {
			var err error
			testkit.Poll(t, 5*time.Second, func() bool {
				_, err = tx.ExecContext(context.Background(), `UPDATE rooms SET taken = taken WHERE id = ''`)
				return err != nil
			}, "the transaction to be cut")
			return err
		})
		if e := errs.From(err); e.Kind != errs.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
	})
}

func TestCancelledWriteLeavesNothing(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO rooms (id, place, name) VALUES ('r1', 'p', 'n')`)
			cancel()
			return err
		})
		if e := errs.From(err); e == nil || e.Kind != errs.Canceled {
			t.Errorf("got %v", err)
		}
		if n := number(t, db, `SELECT count(*) FROM rooms`); n != 0 {
			t.Errorf("%d rows left", n)
		}
	})
}
