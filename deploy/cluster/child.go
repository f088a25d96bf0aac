package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

const (
	readyWithin = 60 * time.Second
	// stopWithin is what a program may take to stop (10 s), and a moment; all stop together.
	stopWithin = 12 * time.Second
)

// child is a process of the cluster.
type child struct {
	name    string
	command *exec.Cmd
	over    chan struct{}
}

// launch starts a program of the bin folder; what it says goes to its log.
func (k *cluster) launch(name, binary string, environment []string, args ...string) error {
	path := filepath.Join(k.Bin, binary)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%s is not built (make build): %w", name, err)
	}
	log, err := os.Create(filepath.Join(k.Dir, name+".log")) //nolint:gosec // the operator's own folder
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()                                                       // the child has its own copy
	c := &child{name: name, over: make(chan struct{}), command: exec.Command(path, args...)} //nolint:gosec,noctx // ended by stop
	c.command.Env = append(os.Environ(), environment...)
	c.command.Stdout, c.command.Stderr = log, log
	// Ctrl-C is for us, who then stop everyone in order; and nobody outlives us, however we end.
	c.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := c.command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	k.children = append(k.children, c)
	go k.watch(c)
	return k.note(name, c.command.Process.Pid)
}

// watch tells when a process ends that nobody stopped.
func (k *cluster) watch(c *child) {
	_ = c.command.Wait() // its state says the same
	close(c.over)
	if !k.stopping.Load() {
		select {
		case k.ended <- fmt.Errorf("%s ended by itself (%s); see %s", c.name, c.command.ProcessState, filepath.Join(k.Dir, c.name+".log")):
		default: // one reason is enough
		}
	}
}

// note keeps the pid where tools find it.
func (k *cluster) note(name string, pid int) error {
	pids, err := os.OpenFile(filepath.Join(k.Dir, "pids"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(pids, "%s %d\n", name, pid)
	return errors.Join(err, pids.Close())
}

// await polls until a program says that traffic may come, or something ended.
func (k *cluster) await(ctx context.Context, name, url string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ready(ctx, url) {
		select {
		case <-tick.C:
		case err := <-k.ended:
			return err
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready after %s; see %s", name, readyWithin, filepath.Join(k.Dir, name+".log"))
		}
	}
	fmt.Println("prêt :", name)
	return nil
}

func ready(ctx context.Context, url string) bool {
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

// stop ends the door first and the brokers last, each in order; what does not end in time is killed.
func (k *cluster) stop() {
	k.stopping.Store(true)
	deadline := time.NewTimer(stopWithin)
	defer deadline.Stop()
	for i := len(k.children) - 1; i >= 0; i-- {
		if i >= brokers { // services and door together: each waits for its own calls only
			_ = k.children[i].command.Process.Signal(syscall.SIGTERM)
		}
	}
	for i := len(k.children) - 1; i >= 0; i-- {
		c := k.children[i]
		_ = c.command.Process.Signal(syscall.SIGTERM)
		select {
		case <-c.over:
		case <-deadline.C:
			deadline.Reset(0) // the others have had their time as well
			_ = c.command.Process.Kill()
			<-c.over
		}
	}
	if k.pg != nil {
		_ = k.pg.Stop()
	}
}

// free takes a loopback port that nobody has, and leaves it to a child.
func free(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
