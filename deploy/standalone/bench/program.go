package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"
)

const (
	megabyte = 1_000_000
	// restAfter is when the loading's memory has had the time to go.
	restAfter = 5 * time.Second

	startGoal  = 3   // seconds
	memoryGoal = 250 // MB
)

// program measures the built binary: how big it is, how fast it starts, what it takes when nothing happens.
func (b *bench) program(ctx context.Context) ([]Row, error) {
	path, err := binary(ctx, "maillage")
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	one := Row{Medium: b.Medium, Rounds: 1, Against: "nothing"}
	size, empty, loaded, rest := one, one, one, one
	size.Name, size.Value, size.Unit = "binary.size", float64(info.Size())/megabyte, "MB"
	empty.Name, empty.Unit, empty.Rounds = "start.empty", "s", b.Rounds
	loaded.Name, loaded.Unit, loaded.Rounds, loaded.Baseline, loaded.Against = "start.loaded", "s", b.Rounds, startGoal, "what is required"
	rest.Name, rest.Unit, rest.Baseline, rest.Against = "memory.rest", "MB", memoryGoal, "what is required"
	if slices.ContainsFunc([]string{empty.Name, loaded.Name, rest.Name}, b.wants) {
		if err := b.starts(ctx, path, &empty, &loaded, &rest); err != nil {
			return nil, err
		}
	}
	rows := []Row{size, empty, loaded, rest}
	for i := range rows {
		rows[i].settle()
	}
	return rows, nil
}

// starts starts the binary twice in each round, on an empty folder and on what the first one has left.
func (b *bench) starts(ctx context.Context, path string, empty, loaded, rest *Row) error {
	for n := range b.Rounds {
		data, err := os.MkdirTemp(b.folder, "data-")
		if err != nil {
			return err
		}
		first, err := b.startBinary(ctx, path, data, nil)
		if err != nil {
			return err
		}
		var atRest func(pid int) error
		if n == 0 && b.wants(rest.Name) {
			atRest = func(pid int) (err error) {
				rest.Value, err = restingMemory(ctx, pid)
				return err
			}
		}
		second, err := b.startBinary(ctx, path, data, atRest)
		if err != nil {
			return err
		}
		empty.Values, loaded.Values = append(empty.Values, first.Seconds()), append(loaded.Values, second.Seconds())
		say("start: round %d of %d: %.2f s on an empty folder, %.2f s on a loaded one", n+1, b.Rounds, first.Seconds(), second.Seconds())
		if err := os.RemoveAll(data); err != nil {
			return err
		}
	}
	return nil
}

// startBinary says how long the program took until it was ready, then does what is to be done meanwhile, and stops it.
func (b *bench) startBinary(ctx context.Context, path, data string, meanwhile func(pid int) error) (took time.Duration, err error) {
	admin, err := freeAddress(ctx)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	p, err := b.launch(path, nil, "serve", "--dev-login", "--data", data, "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--admin", admin)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, b.stop(p)) }()
	if err := p.ready(ctx, "http://"+admin+"/readyz"); err != nil {
		return 0, err
	}
	took = time.Since(began)
	if meanwhile != nil {
		err = meanwhile(p.pid())
	}
	return took, err
}

// restingMemory is what a process takes when nothing has happened for a while.
func restingMemory(ctx context.Context, pid int) (float64, error) {
	select {
	case <-time.After(restAfter):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	return resident(pid)
}
