package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads the program's folder

	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

// program is the one program: a folder and three ports on which it is started, killed and started again.
type program struct {
	*site
	dir  string
	mine struct{ http, grpc, admin string }

	mu      sync.Mutex
	command *exec.Cmd
	output  bytes.Buffer
}

func install(t *testing.T) *program {
	t.Helper()
	p := &program{dir: t.TempDir()}
	p.mine.http, p.mine.grpc, p.mine.admin = freePort(t), freePort(t), freePort(t)
	p.site = &site{t: t, http: p.mine.http, admin: []string{p.mine.admin}, grpc: map[string]string{}, store: folder(filepath.Join(p.dir, "var"))}
	for _, service := range services {
		p.grpc[service] = p.mine.grpc
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the program said:\n%s", p.output.String())
		}
	})
	return p
}

// start begins the program; await waits until it is ready.
func (p *program) start(flags ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	args := append([]string{"serve", "--dev-login", "--data", filepath.Join(p.dir, "var"),
		"--http", p.mine.http, "--grpc", p.mine.grpc, "--admin", p.mine.admin, "--log-level", "warn"}, flags...)
	p.command = exec.Command(filepath.Join(bin(p.t), "maillage"), args...) //nolint:gosec,noctx // the program under test, ended by kill or stop
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
	response, err := http.Get("http://" + p.mine.admin + "/readyz") //nolint:noctx // loopback, polled with a deadline
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	return response.StatusCode == http.StatusOK
}

// kill is kill -9; it tells whether there was anything to kill.
func (p *program) kill() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command == nil {
		return false
	}
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
	p.command = nil
	return true
}

func (p *program) dead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.command == nil
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

// folder is the one program's databases and streams.
type folder string

func (f folder) open(t *testing.T, writable bool) *tables {
	t.Helper()
	mode := "ro"
	if writable {
		mode = "rw"
	}
	all := tablesOf(t, "sqlite", "file::memory:")
	for _, s := range services {
		attach := fmt.Sprintf(`ATTACH DATABASE 'file:%s?mode=%s' AS %s`, filepath.Join(string(f), s+".db"), mode, s)
		if _, err := all.ExecContext(t.Context(), attach); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func (f folder) bus(t *testing.T) *events.Bus {
	t.Helper()
	server, err := events.Embedded(events.ServerConfig{Dir: filepath.Join(string(f), "events")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	bus, err := server.Connect(events.Config{Name: "audit"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	return bus
}
