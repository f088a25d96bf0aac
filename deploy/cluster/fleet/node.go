package fleet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	readyWithin = 60 * time.Second
	// stopWithin is what a program may take to stop (10 s), and a moment; all stop together.
	stopWithin = 12 * time.Second
)

// node is a process of the fleet, and how to start it again.
type node struct {
	name, binary string
	env, args    []string
	health       string // answers 200 when it is ready
	broker       bool

	command *exec.Cmd
	over    chan struct{}
	killed  atomic.Bool
}

func (f *Fleet) path(parts ...string) string {
	return filepath.Join(append([]string{f.cfg.Dir}, parts...)...)
}

// launch starts a node; what it says is added to its log.
func (f *Fleet) launch(n *node) error {
	path := filepath.Join(f.cfg.Bin, n.binary)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%s is not built (make cluster): %w", n.binary, err)
	}
	log, err := os.OpenFile(f.path(n.name+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()       // the process has its own copy
	command := exec.Command(path, n.args...) //nolint:gosec,noctx // ended by Kill or Stop
	command.Env = append(os.Environ(), n.env...)
	command.Stdout, command.Stderr = log, log
	// Ctrl-C is for us, who then stop everyone in order; and nobody outlives us, however we end.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil { // what ran before stays known as ended
		return fmt.Errorf("start %s: %w", n.name, err)
	}
	n.command, n.over = command, make(chan struct{})
	n.killed.Store(false)
	if !slices.Contains(f.nodes, n) {
		f.nodes = append(f.nodes, n)
	}
	go f.watch(n, n.command, n.over)
	return f.note(n.name, n.command.Process.Pid)
}

// watch tells when a process ends that nobody stopped.
func (f *Fleet) watch(n *node, command *exec.Cmd, over chan struct{}) {
	_ = command.Wait() // its state says the same
	close(over)
	if f.stopping.Load() || n.killed.Load() {
		return
	}
	select {
	case f.ended <- fmt.Errorf("%s ended by itself (%s): %s", n.name, command.ProcessState, f.lastWords(n)):
	default: // one reason is enough
	}
}

// lastWords are the end of what a node said.
func (f *Fleet) lastWords(n *node) string {
	file := f.path(n.name + ".log")
	text, err := os.ReadFile(file) //nolint:gosec // our own folder
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if err != nil || lines[len(lines)-1] == "" {
		return "see " + file
	}
	return lines[len(lines)-1] + " (" + file + ")"
}

// await polls until a node says that traffic may come, or something ended.
func (f *Fleet) await(ctx context.Context, n *node) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !healthy(ctx, n.health) {
		select {
		case <-tick.C:
		case err := <-f.ended:
			return err
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w: %s", n.name, ctx.Err(), f.lastWords(n))
		}
	}
	f.ready(n.name)
	return nil
}

func healthy(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func (f *Fleet) node(name string) (*node, error) {
	i := slices.IndexFunc(f.nodes, func(n *node) bool { return n.name == name })
	if i < 0 {
		return nil, fmt.Errorf("no process called %s; there are %s", name, strings.Join(f.names(), ", "))
	}
	return f.nodes[i], nil
}

// Kill is kill -9 of a process: "mesh", its second replica "mesh-2", "gateway", "nats-1"…
func (f *Fleet) Kill(name string) error {
	n, err := f.node(name)
	if err != nil {
		return err
	}
	n.killed.Store(true)
	err = n.command.Process.Kill()
	<-n.over
	return errors.Join(err, f.note(name, 0))
}

// Revive starts a killed process again; Await waits until it is ready.
func (f *Fleet) Revive(name string) error {
	n, err := f.node(name)
	if err != nil {
		return err
	}
	return f.launch(n)
}

// Await waits until a process is ready.
func (f *Fleet) Await(ctx context.Context, name string) error {
	n, err := f.node(name)
	if err != nil {
		return err
	}
	return f.await(ctx, n)
}

// Stop ends the door and the services together, then the brokers, then PostgreSQL; what does not end in time is killed.
func (f *Fleet) Stop() {
	f.stopping.Store(true)
	deadline := time.NewTimer(stopWithin)
	defer deadline.Stop()
	for _, brokers := range []bool{false, true} {
		for _, n := range f.nodes {
			if n.broker == brokers {
				_ = n.command.Process.Signal(syscall.SIGTERM)
			}
		}
		for _, n := range f.nodes {
			if n.broker == brokers {
				n.end(deadline)
			}
		}
	}
	if f.pg != nil {
		_ = f.pg.Stop()
	}
}

func (n *node) end(deadline *time.Timer) {
	select {
	case <-n.over:
	case <-deadline.C:
		deadline.Reset(0) // the others have had their time as well
		_ = n.command.Process.Kill()
		<-n.over
	}
}
