package events

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/classcode/maillage/pkg/database"
)

// tenure is the time during which this process is the one active relay. It reads the outbox on the connection that holds the
// lock: when the server drops that connection, and the lock goes to another replica, there is nothing left to publish from.
type tenure struct {
	relay      *Relay
	conn       *sql.Conn
	epoch      int64
	position   position
	ahead      []row // read already, right behind the cursor
	unsaved    bool
	saved      time.Time
	watched    time.Time
	reconnects uint64
}

// lead waits to be the active relay and publishes until something fails or ctx ends.
func (r *Relay) lead(ctx context.Context) error {
	var epoch int64
	err := r.db.Write(ctx, func(tx *sql.Tx) (err error) {
		epoch, err = currentEpoch(ctx, tx, r.db.Engine())
		return err
	})
	if err != nil {
		return fmt.Errorf("epoch: %w", err)
	}
	conn, err := r.db.Relay().Conn(ctx)
	if err != nil {
		return fmt.Errorf("connection: %w", database.Explain(err))
	}
	t := &tenure{relay: r, conn: conn, epoch: epoch}
	defer t.release()
	if err := t.lock(ctx); err != nil {
		return err
	}
	if t.position, err = load(ctx, conn, r.service); err != nil {
		return fmt.Errorf("cursor: %w", err)
	}
	defer t.leave(ctx)
	if err := t.measure(ctx); err != nil { // the backlog must show when the broker is away
		return err
	}
	if err := r.bus.Provision(ctx, r.config); err != nil {
		return err
	}
	return t.publish(ctx)
}

// publish returns only with an error, the context's included.
func (t *tenure) publish(ctx context.Context) error {
	polls := time.NewTicker(poll)
	defer polls.Stop()
	for ctx.Err() == nil {
		if err := t.watch(ctx); err != nil {
			return err
		}
		n, err := t.step(ctx)
		if err != nil {
			return err
		}
		if err := t.save(ctx); err != nil {
			return err
		}
		switch {
		case n == page: // more waits
		case n >= batchLeast:
			wait(ctx, gatherBatch)
		case n > 0:
			wait(ctx, gather)
		default:
			select {
			case <-ctx.Done():
			case <-t.relay.wake:
			case <-polls.C:
			}
		}
	}
	return ctx.Err()
}

// watch looks at the stream and the backlog now and then, and at once when the stream may have changed.
func (t *tenure) watch(ctx context.Context) error {
	r := t.relay
	reconnects := r.bus.reconnects.Load() // before looking: a reconnection meanwhile asks for another look
	if !r.regressed && reconnects == t.reconnects && time.Since(t.watched) < r.look {
		return nil
	}
	if err := t.reconcile(ctx); err != nil {
		return fmt.Errorf("compare the stream with the outbox: %w", err)
	}
	t.reconnects, t.watched = reconnects, time.Now()
	return t.measure(ctx)
}

func (t *tenure) measure(ctx context.Context) error {
	r := t.relay
	count, oldest, err := t.backlog(ctx)
	if err != nil {
		return fmt.Errorf("backlog: %w", err)
	}
	var age time.Duration
	if count > 0 {
		age = max(0, r.now().Sub(database.Time(oldest)))
	}
	r.bus.metrics.unpublished.WithLabelValues(r.service).Set(float64(count))
	r.bus.metrics.oldest.WithLabelValues(r.service).Set(age.Seconds())
	var state error
	switch {
	case !r.verified:
		state = errStarting
	case age > lateAfter:
		state = fmt.Errorf("event relay of %s: %d events wait, the oldest for %s", r.service, count, age.Round(time.Second))
	}
	r.state.Store(&state)
	return nil
}

// idle takes the figures back: the active relay shows them.
func (r *Relay) idle() {
	r.bus.metrics.unpublished.DeleteLabelValues(r.service)
	r.bus.metrics.oldest.DeleteLabelValues(r.service)
	var none error
	r.state.Store(&none)
}

// save writes the cursor at most once a poll: on SQLite it takes its turn with the service's own writes, and a crash in between
// only publishes some events twice.
func (t *tenure) save(ctx context.Context) error {
	if !t.unsaved || time.Since(t.saved) < poll {
		return nil
	}
	if err := save(ctx, t.relay.db, t.relay.service, t.position); err != nil {
		return fmt.Errorf("save the cursor: %w", err)
	}
	t.unsaved, t.saved = false, time.Now()
	return nil
}

// leave publishes what is left when the program stops, and saves the cursor; failing that, the next relay does it.
func (t *tenure) leave(ctx context.Context) {
	stopping := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushDeadline)
	defer cancel()
	for stopping && !t.relay.regressed {
		if n, err := t.step(ctx); n == 0 || err != nil {
			break
		}
	}
	t.saved = time.Time{}
	if err := t.save(ctx); err != nil {
		t.relay.bus.log.Warn("event relay could not save its cursor", "service", t.relay.service, "error", err)
	}
	if stopping {
		t.relay.idle()
	}
}

// lock asks every second: waiting inside the server would run into the statement timeout.
func (t *tenure) lock(ctx context.Context) error {
	if t.relay.db.Engine() != database.Postgres {
		return nil // one process has the file
	}
	for {
		var ours bool
		if err := t.conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, lockKey(t.relay.service)).Scan(&ours); err != nil {
			return fmt.Errorf("lock: %w", err)
		}
		if ours {
			return nil
		}
		t.relay.idle()
		if !wait(ctx, time.Second) {
			return ctx.Err()
		}
	}
}

// release drops the connection rather than giving it back: the lock belongs to the session and would live on in the pool.
func (t *tenure) release() {
	if t.relay.db.Engine() == database.Postgres {
		_ = t.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = t.conn.Close()
}

func lockKey(service string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("maillage/relay/" + service))
	return int64(h.Sum64()) //nolint:gosec // any 64 bits will do
}
