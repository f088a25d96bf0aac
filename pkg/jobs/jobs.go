// Package jobs keeps work that must be done once, at its hour or as soon after as can be, whatever fails meanwhile: a mail, a
// deadline that passes, an alert. A job is a row, written in the transaction that makes it necessary, with a key: the same key is
// the same job, however often it is asked for. A Runner takes what is due under a lease, does it outside of any transaction, and
// tries again what failed; several replicas share the work.
//
//	func (t *tx) Schedule(ctx context.Context, all ...jobs.Job) error { return jobs.Enqueue(ctx, t.SQL, now, all...) }
//
//	runner := jobs.NewRunner(db, jobs.Config{Kinds: []jobs.Kind{{Name: "lapse", Handle: lapse}}})
//	parts.Go("jobs", runner.Run)    // and runner.Wake() after the commit, so that it need not wait for the poll
//
// A handler may run twice for one job: a process may be killed between the work and the mark that it is done. So it looks first
// whether there is still something to do, and what it does outside carries the job's key or id.
package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
)

// Job is work to be done once.
type Job struct {
	ID      string // given by Enqueue
	Kind    string // which handler does it
	Key     string // names the work over all kinds; a second job with it is the same one
	Due     time.Time
	Payload []byte // what the handler needs to find the matter again: ids, never personal data
	Attempt int    // which one this is, from 1
	Lease   string // names this taking, for Finish
}

// The states of a row.
const (
	waiting = iota + 1
	done
	dead
)

const (
	columns = `id, kind, key, payload, state, due_at, free_at, lease_owner, attempts, last_error, created_at, ended_at`
	// A statement of ten rows is one that SQLite keeps parsed.
	chunk = 10
)

// Enqueue adds jobs in a transaction of the caller's; those whose key is known, done ones included, are left as they are.
func Enqueue(ctx context.Context, tx *sql.Tx, now time.Time, all ...Job) error {
	for some := range slices.Chunk(all, chunk) {
		var text strings.Builder
		text.WriteString(`INSERT INTO jobs (` + columns + `) VALUES `)
		args := []any{database.Micros(now)}
		for i, j := range some {
			if j.Kind == "" || j.Key == "" {
				return fmt.Errorf("job %q of kind %q: a kind and a key are needed", j.Key, j.Kind)
			}
			if i > 0 {
				text.WriteString(", ")
			}
			n := len(args)
			text.WriteString(`(` + marks(n+1, 4) + `, 1, $` + strconv.Itoa(n+5) + `, $` + strconv.Itoa(n+5) + `, '', 0, '', $1, 0)`)
			args = append(args, uuid.Must(uuid.NewV7()).String(), j.Kind, j.Key, payload(j), database.Micros(j.Due))
		}
		text.WriteString(` ON CONFLICT (key) DO NOTHING`)
		if _, err := tx.ExecContext(ctx, text.String(), args...); err != nil {
			return fmt.Errorf("enqueue: %w", database.Explain(err))
		}
	}
	return nil
}

// Finish marks a job as done in a transaction of the handler's, which then returns ErrFinished: what the work changed and the mark are
// one commit. When the lease was lost meanwhile, the mark is left to whoever has the job now.
func Finish(ctx context.Context, tx *sql.Tx, id, lease string, now time.Time) error {
	_, err := tx.ExecContext(ctx, finishing, done, "", database.Micros(now), id, lease)
	return database.Explain(err)
}

func payload(j Job) []byte {
	if j.Payload == nil {
		return []byte{}
	}
	return j.Payload
}

// marks is "$from, …" for n parameters.
func marks(from, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(out, ", ")
}
