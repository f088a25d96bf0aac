package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/classcode/maillage/pkg/database"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	inFlight = 64
	// persons who register, each once for a meeting: as many as a meeting has seats, so that each meeting is filled.
	persons = seats
	// fastest is more registrations a second than this will see: so many seats are ready for each round.
	fastest = 100_000
)

// crowd registers through gRPC, as a client on the network does.
type crowd struct {
	conn   *grpc.ClientConn
	client meetingsv1.MeetingsServiceClient
	people []metadata.MD
	db     *database.DB // the meetings service's, to open meetings in
	row    *Row
	done   int64 // registrations since the beginning
}

func newCrowd(ctx context.Context, i *instance, db *database.DB, row *Row) (*crowd, error) {
	tokens, err := i.people(ctx, "learner", persons)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(i.app.GRPC.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	c := &crowd{conn: conn, client: meetingsv1.NewMeetingsServiceClient(conn), db: db, row: row}
	for _, token := range tokens {
		c.people = append(c.people, metadata.Pairs("authorization", "Bearer "+token))
	}
	if err := c.meet(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	say("  %d persons are known", len(c.people))
	return c, nil
}

// meet has everyone register once, so that the directory knows them for the five minutes that follow.
func (c *crowd) meet(ctx context.Context) error {
	meetings, err := openMeetings(ctx, c.db, 1)
	if err != nil {
		return err
	}
	var next atomic.Int64
	t := drive(ctx, many, time.Minute, func(ctx context.Context, _ int) error {
		n := next.Add(1) - 1
		if n >= persons {
			return errEnough
		}
		return c.register(ctx, meetings[0], int(n))
	})
	c.done += t.done
	_, err = t.strict()
	return err
}

func (c *crowd) register(ctx context.Context, meeting string, person int) error {
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(ctx, c.people[person]), 10*time.Second)
	defer cancel()
	_, err := c.client.CreateRegistration(ctx, &meetingsv1.CreateRegistrationRequest{MeetingId: meeting, RequestId: uuid.NewString()})
	return err
}

// seat is which meeting the n-th registration is for, and whose it is.
type seat func(n int) (meeting, person int)

// hot fills one meeting after the other.
func hot(n int) (meeting, person int) { return n / persons, n % persons }

// spread goes round all meetings, each time with other persons.
func spread(n int) (meeting, person int) { return n % meetingsSpread, (n/meetingsSpread + n) % persons }

// registering is our side, on meetings that are opened before its clock starts.
func (c *crowd) registering(where seat, meetings func(d time.Duration) int) side {
	return func(ctx context.Context, d time.Duration) (float64, error) {
		open, err := openMeetings(ctx, c.db, meetings(d))
		if err != nil {
			return 0, err
		}
		var next atomic.Int64
		t := drive(ctx, inFlight, d, func(ctx context.Context, _ int) error {
			n := int(next.Add(1) - 1)
			if n >= len(open)*seats {
				return errEnough
			}
			meeting, person := where(n)
			return c.register(ctx, open[meeting], person)
		})
		c.done += t.done
		c.row.Failed += t.failed
		if next.Load() > int64(len(open)*seats) {
			return 0, fmt.Errorf("%d meetings were not enough for %s", len(open), d)
		}
		return t.tolerant()
	}
}

func meetingsHot(d time.Duration) int { return int(d.Seconds()*fastest)/seats + 1 }

func (b *bench) hotSQLite(ctx context.Context) (rows []Row, err error) {
	i, err := b.start(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, i.close()) }()
	db, err := database.Open(ctx, database.Config{DSN: "sqlite:" + filepath.Join(i.data, "meetings.db"), MaxConns: 2})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	row := Row{Name: "registrations.hot.sqlite", Unit: "registrations/s", Against: "SQLite, one commit per request", InFlight: inFlight}
	c, err := newCrowd(ctx, i, db, &row)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.conn.Close()) }()
	k, err := newClerk(ctx, db, filepath.Join(b.folder, "clerk.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, k.db.Close()) }()
	if err := b.alternate(ctx, &row, c.registering(hot, meetingsHot), k.committing); err != nil {
		return nil, err
	}
	return []Row{row}, errors.Join(sameRows(ctx, db.Read(), "", c.done), sameRows(ctx, k.db, "", k.done))
}
