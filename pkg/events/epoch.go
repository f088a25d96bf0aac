package events

import (
	"context"
	"database/sql"

	"github.com/classcode/maillage/pkg/database"
)

// PostgreSQL's transaction ids start again in another cluster, so rows are ordered by (epoch, txid, id), and an epoch is one
// cluster in the life of the data. Table relay holds a row "system <id>" for each. The writer itself asks which cluster it is
// in, in the statement that writes: were the epoch raised by the relay, rows written between a restore and that moment would
// keep the old epoch and stand below the cursor, never published. pg_control_system reads one 8 KiB file.
const (
	selectEpoch = `SELECT epoch FROM relay
		WHERE name = 'system ' || (SELECT system_identifier FROM pg_control_system())`
	// withEpoch is the first write in a cluster as well, whose row it makes; a second one waits for the first to commit, and takes what
	// that has made.
	withEpoch = `WITH known AS (` + selectEpoch + `), made AS (
		INSERT INTO relay (name, system_id, epoch)
		SELECT 'system ' || s.system_identifier, s.system_identifier::text, (SELECT coalesce(max(epoch), 0) + 1 FROM relay)
		FROM pg_control_system() AS s WHERE NOT EXISTS (SELECT 1 FROM known)
		ON CONFLICT (name) DO UPDATE SET epoch = relay.epoch
		RETURNING epoch
	), cluster AS (SELECT epoch FROM known UNION ALL SELECT epoch FROM made) `
)

// currentEpoch is always 0 on SQLite: its ids travel inside the file, and never fall.
func currentEpoch(ctx context.Context, tx *sql.Tx, engine database.Engine) (epoch int64, err error) {
	if engine != database.Postgres {
		return 0, nil
	}
	err = tx.QueryRowContext(ctx, withEpoch+`SELECT epoch FROM cluster`).Scan(&epoch)
	return epoch, err
}

// Relocate starts an epoch of its own for an outbox that was copied into this PostgreSQL database, and tells it: whatever the copy
// brought along, what is written from now on stands behind it, and behind the cursor.
func Relocate(ctx context.Context, tx *sql.Tx) (epoch int64, err error) {
	const raise = `INSERT INTO relay (name, system_id, epoch)
		SELECT 'system ' || s.system_identifier, s.system_identifier::text,
			1 + greatest((SELECT coalesce(max(epoch), 0) FROM relay), (SELECT coalesce(max(epoch), 0) FROM outbox))
		FROM pg_control_system() AS s
		ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch
		RETURNING epoch`
	err = tx.QueryRowContext(ctx, raise).Scan(&epoch)
	return epoch, err
}
