package idempotent

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
)

// statementRows bounds a statement: beyond it one gains nothing.
const statementRows = 64

// Replies looks many keys up at once.
func (l *SQLLedger) Replies(ctx context.Context, keys []string) (fingerprints, replies map[string][]byte, err error) {
	fingerprints, replies = map[string][]byte{}, map[string][]byte{}
	type row struct {
		key                string
		fingerprint, reply []byte
	}
	err = inParts(keys, func(part []string) error {
		rows, err := database.All(ctx, l.tx, func(scan database.Scan) (r row, err error) {
			return r, scan(&r.key, &r.fingerprint, &r.reply)
		}, `SELECT key, fingerprint, reply FROM requests WHERE key IN (`+parameters(len(part), 1)+`)`, values(part)...)
		for _, r := range rows {
			fingerprints[r.key], replies[r.key] = r.fingerprint, r.reply
		}
		return err
	})
	return fingerprints, replies, err
}

// SaveReplies keeps many answers at once.
func (l *SQLLedger) SaveReplies(ctx context.Context, keys []string, fingerprints, replies [][]byte) error {
	now := database.Micros(l.now())
	at := map[string]int{}
	for i, key := range keys {
		at[key] = i
	}
	return inParts(keys, func(part []string) error {
		distinct := map[string]bool{}
		var all []any
		for _, key := range part {
			all = append(all, key, fingerprints[at[key]], replies[at[key]], now)
			distinct[key] = true
		}
		insert := fmt.Sprintf(`INSERT INTO requests (key, fingerprint, reply, created_at) VALUES %s ON CONFLICT (key) DO NOTHING`, parameters(len(part), 4)) //nolint:gosec // numbers only
		result, err := l.tx.ExecContext(ctx, insert, all...)
		if err != nil {
			return fmt.Errorf("keep replies: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == int64(len(distinct)) {
			return err
		}
		return errs.ErrAborted.Because(errors.New("another replica has kept one of these requests"))
	})
}

// inParts calls use with as many keys as a statement takes. A part is filled up with its last key to a power of two: a few texts,
// which the engines keep parsed, instead of one for every number.
func inParts(keys []string, use func(part []string) error) error {
	for len(keys) > 0 {
		n := min(len(keys), statementRows)
		part := append([]string(nil), keys[:n]...)
		for len(part) < 1<<bits.Len(uint(n-1)) { //nolint:gosec // at least 1
			part = append(part, keys[n-1])
		}
		if err := use(part); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// parameters are n groups of so many: $1, $2 or ($1, $2), ($3, $4).
func parameters(n, each int) string {
	var b strings.Builder
	for i := range n * each {
		switch {
		case each > 1 && i%each == 0 && i > 0:
			b.WriteString("), (")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(i + 1))
	}
	if each > 1 {
		return "(" + b.String() + ")"
	}
	return b.String()
}

func values(keys []string) []any {
	all := make([]any, len(keys))
	for i, key := range keys {
		all[i] = key
	}
	return all
}
