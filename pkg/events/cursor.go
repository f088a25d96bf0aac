package events

import (
	"context"
	"database/sql"
	"errors"

	"github.com/classcode/maillage/pkg/database"
)

// cursor is a place in the outbox: all rows up to it are in the stream.
type cursor struct{ epoch, txid, id int64 }

// position is the cursor and the stream it is true of.
type position struct {
	cursor
	created int64  // when that stream was created: another value is another stream
	seq     uint64 // its last sequence: a lower one is a stream that lost its end
}

func load(ctx context.Context, conn *sql.Conn, service string) (p position, err error) {
	const query = `SELECT epoch, txid, id, stream_created, stream_seq FROM relay WHERE name = $1`
	err = conn.QueryRowContext(ctx, query, service).Scan(&p.epoch, &p.txid, &p.id, &p.created, &p.seq)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	return p, err
}

// save never moves the cursor back: a relay that lost its lock without noticing may still write an older one.
func save(ctx context.Context, db *database.DB, service string, p position) error {
	const upsert = `INSERT INTO relay (name, epoch, txid, id, stream_created, stream_seq) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, txid = excluded.txid, id = excluded.id,
			stream_created = excluded.stream_created, stream_seq = excluded.stream_seq
		WHERE (relay.epoch, relay.txid, relay.id) <= (excluded.epoch, excluded.txid, excluded.id)`
	return db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, upsert, service, p.epoch, p.txid, p.id, p.created, int64(p.seq)) //nolint:gosec // a sequence stays below 2^63
		return err
	})
}
