package events_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

const (
	every = `SELECT epoch, txid, id, event_id, subject, aggregate, cause, schema, traceparent, aggregate_version, created_at, payload
		FROM outbox WHERE $1::bigint IS NOT NULL AND $2::bigint IS NOT NULL AND $4::bigint IS NOT NULL`
	guarded = ` AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint`

	idOnly    = every + ` AND id > $3 ORDER BY id LIMIT $5`
	idGuarded = every + guarded + ` AND id > $3 ORDER BY id LIMIT $5`
	txidFree  = every + ` AND (epoch, txid, id) > ($1, $2, $3) ORDER BY epoch, txid, id LIMIT $5`
)

// held is a transaction that stays open while others commit.
type held struct {
	t  *testing.T
	db *database.DB
	tx *sql.Tx
}

func hold(t *testing.T, pool *sql.DB, db *database.DB) *held {
	t.Helper()
	tx, err := pool.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	if _, err := tx.Exec(`SELECT pg_current_xact_id()`); err != nil { // from here on it has its place in the order
		t.Fatal(err)
	}
	return &held{t, db, tx}
}

func (h *held) append() string {
	h.t.Helper()
	e := place(1)
	if err := events.Append(context.Background(), h.tx, h.db.Engine(), service, e); err != nil {
		h.t.Fatal(err)
	}
	return e.ID
}

func (h *held) commit() {
	h.t.Helper()
	if err := h.tx.Commit(); err != nil {
		h.t.Fatal(err)
	}
}

// overlap is a running relay and two ways to write beside the service's own pool.
type overlap struct {
	*testing.T
	db      *database.DB
	pool    *sql.DB
	bus     *events.Bus
	backlog func() float64
}

// Transactions commit in another order than they draw their ids. The relay publishes all; each control, without one of the
// precautions, loses one for ever.
func TestOverlappingTransactions(t *testing.T) {
	noLeak(t)
	for name, c := range map[string]struct {
		query string
		run   func(o overlap) (all []string)
		loses bool
	}{
		"late commit":                        {"", lateCommit, false},
		"late id":                            {"", lateID, false},
		"control: id only, late commit":      {idOnly, openCommit, true},
		"control: no guard, late commit":     {txidFree, openCommit, true},
		"control: guard by id only, late id": {idGuarded, lateID, true},
		"guard by id only, late commit":      {idGuarded, lateCommit, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOverlap(t, c.query)
			all := c.run(o)
			waitStored(t, o.bus, emit(t, o.db, 1)) // the relay has read past everything
			if !c.loses {
				waitStored(t, o.bus, all)
			} else if contains(stored(t, o.bus), all) {
				t.Error("nothing was lost: the control does not show what it should")
			}
		})
	}
}

func newOverlap(t *testing.T, query string) overlap {
	t.Helper()
	cfg := testkit.Postgres(t)
	db := testkit.Open(t, cfg, nil)
	pool, err := sql.Open("pgx", cfg.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	bus, reg := newBus(t)
	relay := newRelay(db, bus, nil)
	relay.LookEvery(0)
	if query != "" {
		relay.ReadWith(query)
	}
	start(t, relay.Run)
	waitStored(t, bus, emit(t, db, 1))
	return overlap{t, db, pool, bus, func() float64 { return value(t, reg, "outbox_unpublished", service) }}
}

// lateCommit: the first id commits last, and the relay holds the second one back meanwhile.
func lateCommit(o overlap) []string {
	slow := hold(o.T, o.pool, o.db)
	first := slow.append()
	second := emit(o.T, o.db, 1)
	testkit.Poll(o.T, within, func() bool { return o.backlog() == 1 }, "the relay to see what it may not publish yet")
	if contains(stored(o.T, o.bus), second) {
		o.Error("published although an older transaction is open")
	}
	slow.commit()
	return append(second, first)
}

// openCommit is the same for a relay that does not hold back.
func openCommit(o overlap) []string {
	slow := hold(o.T, o.pool, o.db)
	first := slow.append()
	second := emit(o.T, o.db, 1)
	waitStored(o.T, o.bus, second)
	slow.commit()
	return append(second, first)
}

// lateID: the older transaction draws the higher id and commits first; it is below the younger one, so no guard holds it back.
func lateID(o overlap) []string {
	old := hold(o.T, o.pool, o.db)
	young := hold(o.T, o.pool, o.db)
	lower := young.append()
	higher := old.append()
	old.commit()
	waitStored(o.T, o.bus, []string{higher})
	young.commit()
	return []string{higher, lower}
}

func TestManyWriters(t *testing.T) {
	noLeak(t)
	cfg := testkit.Postgres(t)
	cfg.MaxConns = 64
	db := testkit.Open(t, cfg, nil)
	bus, _ := newBus(t)
	relay := newRelay(db, bus, nil)
	start(t, relay.Run)
	var (
		mu   sync.Mutex
		all  []string
		done sync.WaitGroup
	)
	for w := range 32 {
		done.Go(func() {
			for i := range 20 {
				e, f := place(w), place(i)
				err := db.Write(context.Background(), func(tx *sql.Tx) error {
					return events.Append(context.Background(), tx, db.Engine(), service, e, f)
				})
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
				mu.Lock()
				all = append(all, e.ID, f.ID)
				mu.Unlock()
				relay.Wake()
			}
		})
	}
	done.Wait()
	waitStored(t, bus, all)
	if have := stored(t, bus); len(have) != len(all) {
		t.Errorf("stream has %d events, want %d", len(have), len(all))
	}
}

// The data moves to another cluster, whose transaction ids are below the cursor: new events are published all the same, and
// those that had not been before the move as well.
func TestEpochRises(t *testing.T) {
	noLeak(t)
	db := testkit.Open(t, testkit.Postgres(t), nil)
	bus, _ := newBus(t)
	stop := start(t, newRelay(db, bus, nil).Run)
	before := emit(t, db, 3)
	waitStored(t, bus, before)
	stop()
	waiting := emit(t, db, 2)
	// As after a restore: all rows, and the cursor, come from a cluster with far higher transaction ids.
	for _, statement := range []string{
		`UPDATE outbox SET txid = txid + 1000000000`,
		`UPDATE relay SET txid = txid + 1000000000 WHERE name = 'mesh'`,
		`UPDATE relay SET name = 'system 1', system_id = '1' WHERE name LIKE 'system %'`,
	} {
		if err := db.Write(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec(statement); return err }); err != nil {
			t.Fatal(err)
		}
	}
	// Written before any relay has started in the new cluster.
	after := emit(t, db, 3)
	start(t, newRelay(db, bus, nil).Run)
	waitExactly(t, bus, append(append(before, waiting...), after...))
	after = emit(t, db, 1)
	waitStored(t, bus, after)
	if got := epochs(t, db); got != "1 2" {
		t.Errorf("epochs are %s, want 1 2", got)
	}
}

// Without a new epoch the same rows stay below the cursor: the control for TestEpochRises.
func TestEpochControl(t *testing.T) {
	noLeak(t)
	db := testkit.Open(t, testkit.Postgres(t), nil)
	bus, _ := newBus(t)
	stop := start(t, newRelay(db, bus, nil).Run)
	before := emit(t, db, 1)
	waitStored(t, bus, before)
	stop()
	raise := `UPDATE relay SET txid = txid + 1000000000 WHERE name = 'mesh'`
	if err := db.Write(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec(raise); return err }); err != nil {
		t.Fatal(err)
	}
	relay := newRelay(db, bus, nil)
	stop = start(t, relay.Run)
	testkit.Poll(t, within, func() bool { return relay.Check(t.Context()) == nil }, "the relay to be ready")
	lost := emit(t, db, 1)
	stop() // it has read once more
	if contains(stored(t, bus), lost) {
		t.Error("nothing was lost: the control does not show what it should")
	}
}

// The same, mended: an outbox that is copied into the same cluster gets an epoch of its own.
func TestRelocate(t *testing.T) {
	noLeak(t)
	db := testkit.Open(t, testkit.Postgres(t), nil)
	bus, _ := newBus(t)
	stop := start(t, newRelay(db, bus, nil).Run)
	before := emit(t, db, 1)
	waitStored(t, bus, before)
	stop()
	waiting := emit(t, db, 2)
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.Exec(`UPDATE relay SET txid = txid + 1000000000 WHERE name = 'mesh'`); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE outbox SET epoch = 6, txid = txid + 1000000000 WHERE event_id = $1`, waiting[1]); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE outbox SET txid = txid + 1000000000 WHERE event_id = $1`, waiting[0]); err != nil {
			return err
		}
		epoch, err := events.Relocate(t.Context(), tx)
		if err == nil && epoch != 7 {
			t.Errorf("epoch %d, want the one after the highest", epoch)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	after := emit(t, db, 2)
	start(t, newRelay(db, bus, nil).Run)
	waitExactly(t, bus, append(append(before, waiting...), after...))
}

func epochs(t *testing.T, db *database.DB) (all string) {
	t.Helper()
	query := `SELECT string_agg(epoch::text, ' ' ORDER BY epoch) FROM (SELECT DISTINCT epoch FROM outbox) AS e`
	if err := db.Read().QueryRowContext(t.Context(), query).Scan(&all); err != nil {
		t.Fatal(err)
	}
	return all
}
