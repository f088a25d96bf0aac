package host

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/classcode/maillage/pkg/database"
)

// turn is how often a replica asks whether another one has finished loading.
const turn = time.Second

// alone runs load while no other replica does: loading twice changes nothing, but two at a time get in each other's way. Only
// PostgreSQL has several replicas.
func alone(ctx context.Context, db *database.DB, service string, load func(context.Context) error) error {
	if db.Engine() != database.Postgres {
		return load(ctx)
	}
	conn, err := db.Read().Conn(ctx)
	if err != nil {
		return fmt.Errorf("lock: %w", database.Explain(err))
	}
	defer func() {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // the lock belongs to the session: it must not go back to the pool
		_ = conn.Close()
	}()
	if err := await(ctx, conn, lockKey(service)); err != nil {
		return err
	}
	return load(ctx)
}

// await asks again and again: waiting inside the server would run into the statement timeout.
func await(ctx context.Context, conn *sql.Conn, key int64) error {
	ticker := time.NewTicker(turn)
	defer ticker.Stop()
	for {
		var ours bool
		if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, key).Scan(&ours); err != nil {
			return fmt.Errorf("lock: %w", database.Explain(err))
		}
		if ours {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func lockKey(service string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("maillage/load/" + service))
	return int64(h.Sum64()) //nolint:gosec // any 64 bits will do
}
