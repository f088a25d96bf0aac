package e2e

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What make cluster runs says where it is in its last lines, keeps its pids, and leaves nothing behind after Ctrl-C.
func TestClusterProgram(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cluster")
	command := exec.Command(filepath.Join(bin(t), "cluster"), "--bin", bin(t), "--dir", dir) //nolint:gosec,noctx // ended below
	command.Stderr = os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	began, door, last := time.Now(), "", ""
	for lines := bufio.NewScanner(out); last != "READY" && lines.Scan(); {
		if last = lines.Text(); strings.HasPrefix(last, "HTTP ") {
			door = strings.TrimPrefix(last, "HTTP ")
		}
	}
	t.Logf("%s %s after %.1f s", door, last, time.Since(began).Seconds())
	response, err := http.Get(door + "/v1/modules") //nolint:noctx,gosec // loopback
	if err != nil {
		t.Fatal(err)
	}
	if _ = response.Body.Close(); response.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", door, response.Status)
	}
	running := pids(t, dir)
	if len(running) != 9 {
		t.Errorf("%d processes, want PostgreSQL, three NATS servers, four services and the door: %v", len(running), running)
	}
	if err := command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	stopping := time.Now()
	if err := command.Wait(); err != nil || time.Since(stopping) > 15*time.Second {
		t.Errorf("ended after %v with %v", time.Since(stopping), err)
	}
	for name, pid := range running {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("%s is still there", name)
		}
	}
}

// It empties its folder when it starts, and must not take somebody's for one of its own.
func TestClusterProgramRemovesNobodysFiles(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine")
	if err := os.WriteFile(mine, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(filepath.Join(bin(t), "cluster"), "--bin", bin(t), "--dir", dir) //nolint:gosec,noctx // ends by itself
	said, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "name another folder") || strings.Count(string(said), "\n") != 1 {
		t.Errorf("ended with %v, and said %q", err, said)
	}
	if string(readFile(t, mine)) != "kept" {
		t.Error("the file is gone")
	}
}

// pids are the processes that a cluster says it runs.
func pids(t *testing.T, dir string) map[string]int {
	t.Helper()
	running := map[string]int{}
	for line := range strings.Lines(string(readFile(t, filepath.Join(dir, "pids")))) {
		var name string
		var pid int
		if _, err := fmt.Sscan(line, &name, &pid); err != nil || syscall.Kill(pid, 0) != nil {
			t.Fatalf("%q: %v", line, err)
		}
		running[name] = pid
	}
	return running
}
