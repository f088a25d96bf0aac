package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const (
	// published is how many messages wait for the broker at once, on both sides; the relay's own number.
	published = 256
	// firstLoad is what a turn publishes before it is known how much fits into one.
	firstLoad = 5_000
	// writeLoad keeps a transaction that fills the outbox below the five seconds that a write may last.
	writeLoad = 2_000
)

// relays measures how fast an outbox is published, against what the broker acknowledges to anyone.
func (b *bench) relays(ctx context.Context) (rows []Row, err error) {
	k, err := b.startBroker(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	server, stop, err := b.postgres(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	for _, row := range []struct {
		name   string
		config func(turn string) database.Config
	}{
		{"relay.syncalways", func(turn string) database.Config { return database.Config{DSN: server.DSN, Schema: turn} }},
		{"relay.syncalways.sqlite", func(turn string) database.Config {
			return database.Config{DSN: "sqlite:" + filepath.Join(b.folder, turn+".db")}
		}},
	} {
		if !b.wants(row.name) {
			continue
		}
		r := Row{Name: row.name, Unit: "events/s", Against: "what the broker acknowledges, sync_interval always", InFlight: published}
		if err := b.relay(ctx, k.url, row.config, &r); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func (b *bench) relay(ctx context.Context, url string, config func(string) database.Config, r *Row) error {
	bus, err := events.Connect(ctx, events.Config{URL: url, Name: "relay"})
	if err != nil {
		return err
	}
	defer bus.Close()
	conn, err := nats.Connect(url)
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(published))
	if err != nil {
		return err
	}
	c := &courier{bench: b, bus: bus, js: js, config: config, relayed: firstLoad, alone: firstLoad}
	return b.alternate(ctx, r, c.relaying, c.publishing)
}

// courier carries events from an outbox to the broker's disk, and as many of the same messages without an outbox. Each turn has
// an outbox and a stream of its own: a relay compares the two before it begins.
type courier struct {
	bench          *bench
	bus            *events.Bus
	js             jetstream.JetStream
	config         func(turn string) database.Config
	turns          int
	relayed, alone float64                 // a second, in the last turn of each side: so much is made ready for its next one
	sample         *jetstream.RawStreamMsg // as the relay published it
}

// turn makes a stream, as a service of that name does, and says how many messages fit into the time.
func (c *courier) turn(ctx context.Context, perSecond float64, d time.Duration) (service string, n int, err error) {
	c.turns++
	service = fmt.Sprintf("turn%d", c.turns)
	return service, int(perSecond*d.Seconds()) + 1, c.bus.Provision(ctx, events.StreamConfig{Service: service})
}

func (c *courier) relaying(ctx context.Context, d time.Duration) (perSecond float64, err error) {
	service, n, err := c.turn(ctx, c.relayed, d)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.js.DeleteStream(ctx, events.StreamName(service))) }()
	db, err := database.Open(ctx, c.config(service))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := errors.Join(db.Migrate(ctx, nil), fill(ctx, db, service, n), c.bench.quiet(ctx)); err != nil {
		return 0, err
	}
	took, err := c.relayAll(ctx, db, service, n, 10*d+startPatience)
	if err != nil {
		return 0, err
	}
	c.relayed = float64(n) / took.Seconds()
	stream, err := c.js.Stream(ctx, events.StreamName(service))
	if err != nil {
		return 0, err
	}
	c.sample, err = stream.GetMsg(ctx, 1)
	return c.relayed, err
}

// relayAll runs a relay until the stream holds all events.
func (c *courier) relayAll(ctx context.Context, db *database.DB, service string, n int, patience time.Duration) (took time.Duration, err error) {
	ctx, end := context.WithTimeout(ctx, patience)
	done := make(chan error, 1)
	defer func() {
		end()
		err = errors.Join(err, <-done)
	}()
	began := time.Now()
	relay := events.NewRelay(db, c.bus, events.RelayConfig{Stream: events.StreamConfig{Service: service}})
	go func() { done <- relay.Run(ctx) }()
	stream, err := c.js.Stream(ctx, events.StreamName(service))
	if err != nil {
		return 0, err
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		info, err := stream.Info(ctx)
		if err != nil {
			return 0, err
		}
		if info.State.Msgs == uint64(n) {
			return time.Since(began), nil
		}
		select {
		case <-tick.C:
		case err := <-done:
			done <- nil
			return 0, errors.Join(errors.New("the relay ended"), err)
		case <-ctx.Done():
			return 0, fmt.Errorf("%d of %d events are in the stream: %w", info.State.Msgs, n, ctx.Err())
		}
	}
}

// publishing is the broker alone: the same message under other ids, ready before the clock starts.
func (c *courier) publishing(ctx context.Context, d time.Duration) (perSecond float64, err error) {
	service, n, err := c.turn(ctx, c.alone, d)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.js.DeleteStream(ctx, events.StreamName(service))) }()
	messages := make([]*nats.Msg, n)
	for i := range messages {
		header, id := maps.Clone(c.sample.Header), newID()
		maps.DeleteFunc(header, func(name string, _ []string) bool { return strings.HasPrefix(name, "Nats-Batch-") })
		header[jetstream.MsgIDHeader], header["ce-id"], header[jetstream.ExpectedStreamHeader] = []string{id}, []string{id}, []string{events.StreamName(service)}
		messages[i] = &nats.Msg{Subject: subject(service), Header: header, Data: c.sample.Data}
	}
	if err := c.bench.quiet(ctx); err != nil {
		return 0, err
	}
	began := time.Now()
	futures := make([]jetstream.PubAckFuture, n)
	for i, m := range messages {
		if futures[i], err = c.js.PublishMsgAsync(m, jetstream.WithStallWait(stopPatience)); err != nil {
			return 0, err
		}
	}
	for _, f := range futures {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			return 0, err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	c.alone = float64(n) / time.Since(began).Seconds()
	return c.alone, nil
}

func subject(service string) string { return "maillage." + service + ".v1.place.created" }

// fill leaves n events in the outbox: a place each, the most frequent kind, with all that is known of it.
func fill(ctx context.Context, db *database.DB, service string, n int) error {
	place := &meshv1.Place{
		Id: uuid.NewString(), Name: "Médiathèque intercommunale de la Vallée", CommuneCode: "38185",
		Position: &meshv1.Position{Latitude: 45.18853, Longitude: 5.72452}, Status: meshv1.PlaceStatus_PLACE_STATUS_IDENTIFIED,
		OpeningHours: "Tu-Fr 09:00-12:00,14:00-17:00; Sa 09:00-12:00", Source: "cartographie-nationale", SourceId: "1234", Seats: 12,
		Address: "12 place du Champ de Foire, 38000", Etag: `"1"`, CreateTime: timestamppb.Now(),
	}
	for n > 0 {
		some := make([]events.Event, min(n, writeLoad))
		for i := range some {
			some[i] = events.Event{
				ID: newID(), Subject: subject(service), Aggregate: uuid.NewString(), Version: 1, Time: time.Now(),
				Payload: &meshv1.PlaceEvent{Place: place},
			}
		}
		err := db.Write(ctx, func(tx *sql.Tx) error { return events.Append(ctx, tx, db.Engine(), service, some...) })
		if err != nil {
			return err
		}
		n -= len(some)
	}
	return nil
}
