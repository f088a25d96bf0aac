package moveup

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"

	"github.com/classcode/maillage/pkg/database"
)

// digest is what a table holds, read back.
type digest struct {
	rows int64
	hash [sha256.Size]byte
}

// tally is a line of the report.
type tally struct {
	service, table string
	digest
}

// verify reads every table on both sides again; what was written is not believed.
func (m *move) verify(ctx context.Context, service string, plan []table) error {
	for _, t := range plan {
		source, err := digestOf(ctx, m.sources[service], t, "")
		if err != nil {
			return fmt.Errorf("read %s of the folder: %w", t.name, err)
		}
		target, err := digestOf(ctx, m.target, t, staging(service))
		if err != nil {
			return fmt.Errorf("read %s back: %w", t.name, err)
		}
		if source != target {
			return fmt.Errorf("table %s is not what it was: %d rows %x in the folder, %d rows %x in PostgreSQL; nothing was moved",
				t.name, source.rows, source.hash[:6], target.rows, target.hash[:6])
		}
		m.tallies = append(m.tallies, tally{service, t.name, target})
	}
	m.say("vérifié : %s, %d table(s)", service, len(plan))
	return nil
}

func digestOf(ctx context.Context, q database.Queryer, t table, schema string) (d digest, err error) {
	rows, err := q.QueryContext(ctx, t.selectAll(schema)) //nolint:rowserrcheck // by the reader
	if err != nil {
		return d, err
	}
	defer func() { _ = rows.Close() }()
	r, h := &reader{rows: rows, table: t}, sha256.New()
	for r.Next() {
		for _, value := range r.row {
			if err := add(h, value); err != nil {
				return d, err
			}
		}
		d.rows++
	}
	h.Sum(d.hash[:0])
	return d, r.Err()
}

// add writes a value with its type and length, so that no two rows look the same.
func add(h hash.Hash, value any) error {
	head := make([]byte, 9)
	var body []byte
	switch v := value.(type) {
	case nil:
		head[0] = 'n'
	case int64:
		head[0] = 'i'
		binary.BigEndian.PutUint64(head[1:], uint64(v)) //nolint:gosec // its bits
	case float64:
		head[0] = 'f'
		binary.BigEndian.PutUint64(head[1:], math.Float64bits(v))
	case string:
		head[0], body = 't', []byte(v)
		binary.BigEndian.PutUint64(head[1:], uint64(len(v)))
	case []byte:
		head[0], body = 'b', v
		binary.BigEndian.PutUint64(head[1:], uint64(len(v)))
	default:
		return fmt.Errorf("a value is a %T", v)
	}
	_, _ = h.Write(head) // a hash does not fail
	_, _ = h.Write(body)
	return nil
}
