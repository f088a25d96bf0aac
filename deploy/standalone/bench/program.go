package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"syscall"
	"time"
)

const (
	megabyte = 1_000_000
	// restAfter is when the loading's memory has had the time to go.
	restAfter     = 5 * time.Second
	startPatience = 60 * time.Second
	stopPatience  = 15 * time.Second // more than the ten seconds that the program gives itself

	startGoal  = 3   // seconds
	memoryGoal = 250 // MB
)

// program measures the built binary: how big it is, how fast it starts, what it takes when nothing happens.
func (b *bench) program(ctx context.Context) ([]Row, error) {
	path, err := binary(ctx)
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
				select {
				case <-time.After(restAfter):
				case <-ctx.Done():
				}
				rest.Value, err = resident(pid)
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
	var said bytes.Buffer
	command := exec.CommandContext(ctx, path, "serve", "--dev-login", "--data", data,
		"--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--admin", admin)
	command.Env = []string{"PATH=" + os.Getenv("PATH")} // no setting of ours is one of the program's
	command.Stderr = &said
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = stopPatience
	began := time.Now()
	if err := command.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	err = ready(ctx, "http://"+admin+"/readyz", ended)
	took = time.Since(began)
	if err == nil && meanwhile != nil {
		err = meanwhile(command.Process.Pid)
	}
	_ = command.Process.Signal(syscall.SIGTERM) // it may have ended by itself, which Wait then tells
	kill := time.AfterFunc(stopPatience, func() { _ = command.Process.Kill() })
	defer kill.Stop()
	if err = errors.Join(err, <-ended); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", path, err, said.Bytes())
	}
	return took, nil
}

// ready asks until the program says yes. A program that ends instead is put back into ended.
func ready(ctx context.Context, url string, ended chan error) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case err := <-ended:
			ended <- err
			return errors.New("the program ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", ctx.Err())
		}
	}
}

// freeAddress is a port that nobody listens on, as the program says only once it is ready where it listens.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

var vmRSS = regexp.MustCompile(`(?m)^VmRSS:\s+([0-9]+) kB`)

func resident(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	found := vmRSS.FindSubmatch(status)
	if found == nil {
		return 0, fmt.Errorf("no VmRSS in /proc/%d/status", pid)
	}
	kilobytes, err := strconv.ParseFloat(string(found[1]), 64)
	return kilobytes * 1024 / megabyte, err
}

// binary is the program that MAILLAGE_BINARY names, or bin/maillage of the workspace, built when it is missing.
func binary(ctx context.Context) (string, error) {
	if path := os.Getenv("MAILLAGE_BINARY"); path != "" {
		return path, nil
	}
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.work")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			return "", errors.New("not inside the workspace; name the program with MAILLAGE_BINARY")
		}
	}
	path := filepath.Join(root, "bin", "maillage")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	say("  building %s", path)
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "./deploy/standalone")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w: %s", err, out)
	}
	return path, nil
}
