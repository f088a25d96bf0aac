package idempotent

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
)

// Replies looks many keys up at once.
func (l *SQLLedger) Replies(ctx context.Context, keys []string) (fingerprints, replies map[string][]byte, err error) {
	fingerprints, replies = map[string][]byte{}, map[string][]byte{}
	rows := make([][]any, len(keys))
	for i, key := range keys {
		rows[i] = []any{key}
	}
	type row struct {
		key                string
		fingerprint, reply []byte
	}
	err = database.Values(l.engine, 1, []database.Column{database.Text}, rows, func(given database.Table) error {
		found, err := database.All(ctx, l.tx, func(scan database.Scan) (r row, err error) {
			return r, scan(&r.key, &r.fingerprint, &r.reply)
		}, `SELECT key, fingerprint, reply FROM requests WHERE key `+given.Among, given.Args...)
		for _, r := range found {
			fingerprints[r.key], replies[r.key] = r.fingerprint, r.reply
		}
		return err
	})
	return fingerprints, replies, err
}

// SaveReplies keeps many answers at once, with the commit: where another replica has kept one of them, that conflict makes the transaction
// run again.
func (l *SQLLedger) SaveReplies(ctx context.Context, keys []string, fingerprints, replies [][]byte) error {
	rows, now := make([][]any, len(keys)), database.Micros(l.now())
	for i, key := range keys {
		rows[i] = []any{key, fingerprints[i], replies[i], now}
	}
	types := []database.Column{database.Text, database.Bytes, database.Bytes, database.BigInt}
	return database.Values(l.engine, 1, types, rows, func(given database.Table) error {
		insert := `INSERT INTO requests (key, fingerprint, reply, created_at) SELECT * FROM ` + given.Text + //nolint:gosec // numbered parameters
			` AS r WHERE column1 IS NOT NULL`
		if _, err := l.tx.ExecContext(database.AtCommit(ctx), insert, given.Args...); err != nil {
			return fmt.Errorf("keep replies: %w", err)
		}
		return nil
	})
}
