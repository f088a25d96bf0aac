// Package e2e drives the built program from outside, as its users do: over HTTP and gRPC, with restarts and kills.
package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/testkit"
)

// binary is the program under test, built once by make build.
func binary(t *testing.T) string {
	t.Helper()
	path := os.Getenv("MAILLAGE_BINARY")
	if path == "" {
		path = "../../../bin/maillage"
	}
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("the program under test is missing (make build): %v", err)
	}
	return path
}

// program is a folder and three ports on which the program is started, killed and started again.
type program struct {
	t                 *testing.T
	dir               string
	http, grpc, admin string

	mu      sync.Mutex
	command *exec.Cmd
	output  bytes.Buffer
}

func install(t *testing.T) *program {
	t.Helper()
	p := &program{t: t, dir: t.TempDir(), http: freePort(t), grpc: freePort(t), admin: freePort(t)}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the program said:\n%s", p.output.String())
		}
	})
	return p
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// start begins the program; await waits until it is ready.
func (p *program) start(flags ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	args := append([]string{"serve", "--dev-login", "--data", filepath.Join(p.dir, "var"),
		"--http", p.http, "--grpc", p.grpc, "--admin", p.admin, "--log-level", "warn"}, flags...)
	p.command = exec.Command(binary(p.t), args...) //nolint:gosec,noctx // the program under test, ended by kill or stop
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	// Whatever happens to the test, its program must not outlive it.
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.command.Start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *program) await() {
	p.t.Helper()
	testkit.Poll(p.t, time.Minute, p.ready, "the program is ready")
}

func (p *program) ready() bool {
	response, err := http.Get("http://" + p.admin + "/readyz") //nolint:noctx // loopback, polled with a deadline
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	return response.StatusCode == http.StatusOK
}

// kill is kill -9.
func (p *program) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command == nil {
		return
	}
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
	p.command = nil
}

// stop is Ctrl-C; the program must end by itself, with code 0, within ten seconds.
func (p *program) stop() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.command.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			p.t.Errorf("the program ended with %v\n%s", err, p.output.String())
		}
	case <-time.After(12 * time.Second):
		p.t.Error("the program did not end within ten seconds of SIGTERM")
		_ = p.command.Process.Kill()
		p.t.Logf("killed: %v", <-ended)
	}
	p.command = nil
}

func (p *program) url() string { return "http://" + p.http }

// ask sends a request to the door and returns the status and the answer.
func (p *program) ask(method, path, token, body string, headers ...string) (int, string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, p.url()+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil && !errors.Is(err, io.EOF) {
		p.t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func TestMain(m *testing.M) { testkit.Main(m) }
