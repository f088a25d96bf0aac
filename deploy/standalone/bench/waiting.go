package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/database"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	// waiters ask at the same time, over so many connections: a server takes 250 calls at once on each.
	waiters      = 10_000
	waitingConns = 50
	waitingGoal  = 200 // MB
)

// waiting measures how much memory bin/maillage takes at most while ten thousand people ask for the seats of one meeting at once,
// each until there is an answer: a seat or a number in the waiting list.
func (b *bench) waiting(ctx context.Context) (rows []Row, err error) {
	path, err := binary(ctx, "maillage")
	if err != nil {
		return nil, err
	}
	data, err := os.MkdirTemp(b.folder, "data-")
	if err != nil {
		return nil, err
	}
	row := Row{
		Name: "memory.waiting", Unit: "MB", Medium: b.Medium, Rounds: 1, InFlight: waiters, Baseline: waitingGoal,
		Against: fmt.Sprintf("what is required while %d ask at once", waiters),
	}
	addresses := make([]string, 3)
	for i := range addresses {
		if addresses[i], err = freeAddress(ctx); err != nil {
			return nil, err
		}
	}
	p, err := b.launch(path, nil, "serve", "--dev-login", "--data", data, "--http", addresses[0], "--grpc", addresses[1], "--admin", addresses[2])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.stop(p)) }()
	if err := p.ready(ctx, "http://"+addresses[2]+"/readyz"); err != nil {
		return nil, err
	}
	i := &instance{base: "http://" + addresses[0], http: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: many}}}
	defer i.http.CloseIdleConnections()
	tokens, err := i.people(ctx, "learner", waiters)
	if err != nil {
		return nil, err
	}
	if err := i.meet(ctx, tokens); err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, database.Config{DSN: "sqlite:" + filepath.Join(data, "meetings.db"), MaxConns: 2})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	open, err := openMeetings(ctx, db, 1)
	if err != nil {
		return nil, err
	}
	if err := b.quiet(ctx); err != nil {
		return nil, err
	}
	if row.Value, err = most(p.pid(), func() error { return rush(ctx, addresses[1], open[0], tokens) }); err != nil {
		return nil, err
	}
	row.settle()
	return []Row{row}, nil
}

// comeBack is how long the answer says to wait.
func comeBack(err error) time.Duration {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration()
		}
	}
	return time.Second
}

// rush has everyone ask at once; whoever is told to come back does so.
func rush(ctx context.Context, address, meeting string, tokens []string) error {
	clients := make([]meetingsv1.MeetingsServiceClient, waitingConns)
	for n := range clients {
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		clients[n] = meetingsv1.NewMeetingsServiceClient(conn)
	}
	var all sync.WaitGroup
	var seated, sentAway atomic.Int64
	failures := make(chan error, len(tokens))
	began := time.Now()
	for n, token := range tokens {
		all.Go(func() {
			ctx := metadata.NewOutgoingContext(ctx, metadata.Pairs("authorization", "Bearer "+token))
			request := &meetingsv1.CreateRegistrationRequest{MeetingId: meeting, RequestId: uuid.NewString()}
			for {
				r, err := clients[n%waitingConns].CreateRegistration(ctx, request)
				if code := status.Code(err); code == codes.ResourceExhausted || code == codes.DeadlineExceeded {
					sentAway.Add(1)
					select {
					case <-time.After(comeBack(err)):
						continue
					case <-ctx.Done():
					}
				}
				if err != nil {
					failures <- err
				} else if r.GetState() == meetingsv1.RegistrationState_REGISTRATION_STATE_CONFIRMED {
					seated.Add(1)
				}
				return
			}
		})
	}
	all.Wait()
	close(failures)
	if err := <-failures; err != nil {
		return fmt.Errorf("%d calls failed, such as: %w", len(failures)+1, err)
	}
	if seated.Load() != seats {
		return fmt.Errorf("%d have seats, there are %d", seated.Load(), seats)
	}
	say("memory.waiting: all %d were answered within %.1f s, %d times somebody was told to come back", len(tokens), time.Since(began).Seconds(), sentAway.Load())
	return nil
}
