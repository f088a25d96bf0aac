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
	startPatience = 60 * time.Second
	stopPatience  = 15 * time.Second // more than the ten seconds that our programs give themselves
)

// process is a program at work beside this one, on loopback.
type process struct {
	path    string
	command *exec.Cmd
	log     string // the file of what it says: for production's sake a file, as a pipe would be our work
	ended   chan error
}

// launch starts a program; no setting of ours is one of the program's. Give it to stop.
func (b *bench) launch(path string, environment []string, args ...string) (*process, error) {
	log, err := os.CreateTemp(b.folder, filepath.Base(path)+"-*.log")
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()                                                                           // the program has its own copy
	p := &process{path: path, log: log.Name(), ended: make(chan error, 1), command: exec.Command(path, args...)} //nolint:noctx // ended by stop
	p.command.Env = append([]string{"PATH=" + os.Getenv("PATH")}, environment...)
	p.command.Stdout, p.command.Stderr = log, log
	// Ctrl-C is for us, who then stop everyone; and nobody outlives us, however we end.
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go func() { p.ended <- p.command.Wait() }()
	b.processes = append(b.processes, p)
	return p, nil
}

func (p *process) pid() int { return p.command.Process.Pid }

// stop ends programs in their order, each with the time that it takes, and says which of them failed.
func (b *bench) stop(all ...*process) error {
	var failed []error
	for _, p := range all {
		_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended by itself, which Wait then tells
		kill := time.AfterFunc(stopPatience, func() { _ = p.command.Process.Kill() })
		err := <-p.ended
		kill.Stop()
		if err != nil {
			text, _ := os.ReadFile(p.log)
			failed = append(failed, fmt.Errorf("%s: %w\n%s", p.path, err, text[max(0, len(text)-2000):]))
		}
		b.processes = slices.DeleteFunc(b.processes, func(q *process) bool { return p == q })
	}
	return errors.Join(failed...)
}

// ready asks until the program says yes.
func (p *process) ready(ctx context.Context, url string) error {
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
		case err := <-p.ended:
			p.ended <- err // for stop
			return fmt.Errorf("%s ended before it was ready", p.path)
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w", p.path, ctx.Err())
		}
	}
}

// freeAddress is a port that nobody listens on, as a program says only once it is ready where it listens.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

var (
	vmRSS = regexp.MustCompile(`(?m)^VmRSS:\s+([0-9]+) kB`)
	vmHWM = regexp.MustCompile(`(?m)^VmHWM:\s+([0-9]+) kB`)
)

// resident is the memory that a process takes, in megabytes.
func resident(pid int) (float64, error) { return memoryOf(pid, vmRSS) }

// most is the most that a process has had resident during what is done, in MB.
func most(pid int, do func() error) (float64, error) {
	// 5 sets the kernel's mark back to what is resident now.
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	return memoryOf(pid, vmHWM)
}

func memoryOf(pid int, what *regexp.Regexp) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	found := what.FindSubmatch(status)
	if found == nil {
		return 0, fmt.Errorf("no %s in /proc/%d/status", what, pid)
	}
	kilobytes, err := strconv.ParseFloat(string(found[1]), 64)
	return kilobytes * 1024 / megabyte, err
}

// jiffy is the unit of /proc/PID/stat: a hundredth of a second on every Linux that Go runs on.
const jiffy = 10 * time.Millisecond

// busy is the processor time that a process has used; 0 when it is gone.
func (p *process) busy() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid()))
	if err != nil {
		return 0
	}
	return processorTime(stat)
}

// processorTime reads utime and stime, the 14th and 15th fields; the second one is a name that may hold anything.
func processorTime(stat []byte) time.Duration {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	user, err := strconv.ParseInt(string(fields[11]), 10, 64)
	if err != nil {
		return 0
	}
	system, err := strconv.ParseInt(string(fields[12]), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(user+system) * jiffy
}
