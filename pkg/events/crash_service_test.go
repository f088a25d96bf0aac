package events_test

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/idempotent"
)

func sourceTables() fstest.MapFS {
	return tables(`CREATE TABLE rooms (id TEXT PRIMARY KEY, version BIGINT NOT NULL, seats BIGINT NOT NULL);`)
}

// copyTables are the neighbour's: what it heard, and what it counts from that.
func copyTables() fstest.MapFS {
	return tables(`CREATE TABLE copies (id TEXT PRIMARY KEY, version BIGINT NOT NULL, seats BIGINT NOT NULL);
		CREATE TABLE totals (rooms BIGINT NOT NULL, changes BIGINT NOT NULL, seats BIGINT NOT NULL);
		INSERT INTO totals VALUES (0, 0, 0);`)
}

func tables(statements string) fstest.MapFS {
	text := &fstest.MapFile{Data: []byte("-- +goose Up\n" + statements + "\n")}
	return fstest.MapFS{"sqlite/00001_tables.sql": text, "postgres/00001_tables.sql": text}
}

// change is the service's one command; sent again with the same request, it has no second effect.
func (s *tiny) change(ctx context.Context, request, room string, seats int64) (version int64, err error) {
	e := events.Event{Subject: "maillage.mesh.v1.room.changed", Aggregate: room, Time: time.Now(), Payload: wrapperspb.Int64(seats)}
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		ledger := idempotent.NewLedger(tx, s.db.Engine(), time.Now)
		_, reply, found, err := ledger.Reply(ctx, request)
		if err != nil {
			return err
		}
		if found {
			version, err = strconv.ParseInt(string(reply), 10, 64)
			return err
		}
		for range max(1, s.Burst) {
			e.ID = uuid.Must(uuid.NewV7()).String()
			if err := tx.QueryRowContext(ctx, `INSERT INTO rooms (id, version, seats) VALUES ($1, 1, $2)
				ON CONFLICT (id) DO UPDATE SET version = rooms.version + 1, seats = excluded.seats RETURNING version`,
				room, seats).Scan(&e.Version); err != nil {
				return err
			}
			if err := s.leave(ctx, tx, e); err != nil {
				return err
			}
		}
		version = e.Version
		if err := ledger.SaveReply(ctx, request, []byte("change"), []byte(strconv.FormatInt(version, 10))); err != nil {
			return err
		}
		s.pass(beforeCommit)
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.pass(afterCommit)
	return version, s.committed(ctx, e)
}

// publish is the relay's way into the stream.
func (s *tiny) publish(ctx context.Context, stream string, msgs []*nats.Msg) ([]events.Ack, error) {
	s.pass(amidPublish)
	acks, err := s.bus.Publish(ctx, stream, msgs)
	s.pass(afterPublish)
	for _, ack := range acks {
		if ack.Duplicate {
			s.resent.Add(1)
		}
	}
	if s.Fault == deleteOnAck {
		err = errors.Join(err, s.forget(ctx, msgs[:len(acks)]))
	}
	return acks, err
}

var errOvertaken = errors.New("overtaken by the next change")

// handle is the neighbour's; a change that it refuses for a moment comes behind the next one.
func (s *tiny) handle(ctx context.Context, msg events.Message) error {
	if msg.Aggregate == overtaken && msg.Version == 2 {
		have, err := copied(ctx, s.copies.Read(), overtaken)
		if err != nil || have.version < 3 {
			return errors.Join(errOvertaken, err)
		}
	}
	var seats wrapperspb.Int64Value
	if err := msg.Decode(&seats); err != nil {
		return err
	}
	err := s.copies.Write(ctx, func(tx *sql.Tx) error {
		return s.apply(ctx, tx, room{id: msg.Aggregate, version: msg.Version, seats: seats.Value})
	})
	if err == nil {
		s.pass(beforeAck)
	}
	return err
}

// apply keeps the highest version, and moves the totals by the difference between the rows before and after.
func (s *tiny) apply(ctx context.Context, tx *sql.Tx, after room) error {
	before, err := copied(ctx, tx, after.id)
	if err != nil {
		return err
	}
	if after.version <= before.version {
		s.redelivered.Add(1)
	}
	guard, changes := ` WHERE copies.version < excluded.version`, after.version-before.version
	if s.Fault == unguarded {
		guard, changes = ``, 1
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO copies (id, version, seats) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, seats = excluded.seats`+guard, after.id, after.version, after.seats)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	opened := 0
	if before.version == 0 {
		opened = 1
	}
	_, err = tx.ExecContext(ctx, `UPDATE totals SET rooms = rooms + $1, changes = changes + $2, seats = seats + $3`,
		opened, changes, after.seats-before.seats)
	return err
}

// room is the state of an aggregate.
type room struct {
	id             string
	version, seats int64
}

func copied(ctx context.Context, from interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, id string) (r room, err error) {
	r.id = id
	err = from.QueryRowContext(ctx, `SELECT version, seats FROM copies WHERE id = $1`, id).Scan(&r.version, &r.seats)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return r, err
}
