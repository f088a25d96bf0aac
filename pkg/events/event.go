// Package events carries what happened from a service's database to the other services: an outbox written in the transaction
// of the change, a relay that publishes it to a JetStream stream, consumers that apply it. The outbox is the record; a stream
// is a cache of it that may be wiped and is filled again. Duplicates, reordering and gaps are expected: an event carries its
// aggregate's whole public state with a version, and a consumer keeps the highest.
package events

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/database"
)

// Event is one change, told as its aggregate's whole public state after it; never personal data.
type Event struct {
	ID        string        // UUIDv7, the same in every retry of the same change
	Subject   string        // maillage.<service>.v1.<noun>.<past_tense>
	Aggregate string        // what changed, as consumers know it
	Version   int64         // of the aggregate, rising with each change
	Time      time.Time     // of the change
	Payload   proto.Message // the state
	Cause     string        // id of the event or request that led to it; may be empty
	Trace     string        // traceparent of who changed it; empty: that of Append's context
}

const (
	// maxPayload leaves 16 KiB of a message for its headers.
	maxPayload = maxMessage - 16<<10
	// maxText bounds the free texts of the headers; escaping can triple them.
	maxText = 512
)

var (
	noun  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	verb  = regexp.MustCompile(`^v[0-9]{1,3}\.[a-z][a-z0-9_]{0,59}\.[a-z][a-z0-9_]{0,59}$`)
	trail = propagation.TraceContext{}
	// sound remembers the subjects that were looked at: a program has some dozens.
	sound sync.Map
)

// Append writes events to the outbox in the transaction of their change, in the order given. Source is the service's name. It
// refuses here what the stream would refuse later, for ever, with all later events waiting behind it.
func Append(ctx context.Context, tx *sql.Tx, engine database.Engine, source string, events ...Event) error {
	if len(events) == 0 {
		return nil
	}
	if err := insert(ctx, tx, engine, source, events); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

// Trace is where a context stands in its trace, as an event carries it.
func Trace(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	trail.Inject(ctx, carrier)
	return carrier["traceparent"]
}

const outboxColumns = `event_id, subject, aggregate, aggregate_version, cause, schema, payload, traceparent, created_at`

// outboxTypes are those of outboxColumns.
var outboxTypes = []database.Column{
	database.Text, database.Text, database.Text, database.BigInt, database.Text, database.Text, database.Bytes, database.Text, database.BigInt,
}

func insert(ctx context.Context, tx *sql.Tx, engine database.Engine, source string, events []Event) error {
	here := Trace(ctx)
	rows := make([][]any, len(events))
	for i, e := range events {
		payload, err := e.encode(source)
		if err != nil {
			return fmt.Errorf("event %s %s: %w", e.Subject, e.ID, err)
		}
		rows[i] = []any{
			e.ID, e.Subject, e.Aggregate, e.Version, e.Cause,
			string(e.Payload.ProtoReflect().Descriptor().FullName()), payload, cmp.Or(e.Trace, here), database.Micros(e.Time),
		}
	}
	return database.Values(engine, 1, outboxTypes, rows, func(given database.Table) error {
		_, err := tx.ExecContext(database.AtCommit(ctx), insertText(engine, given), given.Args...)
		return err
	})
}

// insertText is of one statement. The ids rise in the order of the events, and txid is the column's default on PostgreSQL: the
// transaction's own id.
func insertText(engine database.Engine, given database.Table) string {
	cluster := `WITH cluster AS (SELECT 0 AS epoch) `
	if engine == database.Postgres {
		cluster = withEpoch
	}
	return cluster + `INSERT INTO outbox (epoch, ` + outboxColumns + //nolint:gosec // numbered parameters
		`) SELECT cluster.epoch, e.* FROM cluster, ` + given.Text + ` AS e WHERE e.column1 IS NOT NULL`
}

// wellFormed tells whether a subject is one of ours from its version on.
func wellFormed(rest string) bool {
	if _, known := sound.Load(rest); known {
		return true
	}
	matches := verb.MatchString(rest)
	if matches {
		sound.Store(rest, nil)
	}
	return matches
}

func (e Event) encode(source string) ([]byte, error) {
	id, err := uuid.Parse(e.ID)
	rest, ours := strings.CutPrefix(e.Subject, "maillage."+source+".")
	switch {
	case err != nil || id.Version() != 7 || id.String() != e.ID:
		return nil, fmt.Errorf("the id is not a UUIDv7")
	case !ours || !wellFormed(rest):
		return nil, fmt.Errorf("the subject is not maillage.%s.v1.<noun>.<past_tense>", source)
	case e.Aggregate == "" || len(e.Aggregate) > maxText || len(e.Cause) > maxText:
		return nil, fmt.Errorf("the aggregate is empty, or a text is longer than %d bytes", maxText)
	case e.Version <= 0 || e.Time.IsZero() || e.Payload == nil:
		return nil, fmt.Errorf("version, time or payload is missing")
	}
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(e.Payload)
	if err != nil {
		return nil, err
	}
	if len(payload) > maxPayload {
		return nil, fmt.Errorf("the payload is %d bytes, at most %d", len(payload), maxPayload)
	}
	if payload == nil {
		payload = []byte{} // an empty message is not NULL
	}
	return payload, nil
}
