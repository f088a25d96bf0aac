package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/config"
)

// program is a program of the test: what it was started with says how it ends.
const program = "PROCESS_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if ends := os.Getenv(program); ends != "" {
		Main(config.Program{Name: "tiny", Description: "Ends.", EnvPrefix: "TINY"}, &struct {
			Needed string `help:"What it needs." required:""`
		}{}, func(ctx context.Context) error {
			if ends == "wrong" {
				return errors.New("two\nlines")
			}
			fmt.Println("started")
			<-ctx.Done()
			return fmt.Errorf("open: %w", ctx.Err())
		})
	}
	os.Exit(m.Run())
}

func TestMainEnds(t *testing.T) {
	for _, c := range []struct {
		ends, args string
		code       int
		out, err   string
	}{
		{"wrong", "--needed=x", 1, "", "tiny: two lines\n"},
		{"wrong", "", 2, "", "tiny: missing flags: --needed=TEXT (see --help)\n"},
		{"wrong", "reference", 0, "| `--needed=TEXT` | `TINY_NEEDED` | required | What it needs. |\n", ""},
		{"stopped", "--needed=x", 0, "started\n", ""},
	} {
		command := exec.CommandContext(t.Context(), os.Args[0], strings.Fields(c.args)...)
		command.Env = append(os.Environ(), program+"="+c.ends)
		var said strings.Builder
		command.Stderr = &said
		out, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 4096)
		n, _ := io.ReadAtLeast(out, first, len(c.out)) // what is missing shows below
		if c.ends == "stopped" {
			_ = command.Process.Signal(syscall.SIGTERM) // a failure shows in the code
		}
		_ = command.Wait() // the code is asked for below
		if command.ProcessState.ExitCode() != c.code || !strings.HasSuffix(string(first[:n]), c.out) || said.String() != c.err {
			t.Errorf("%s %s: code %d, %q, %q", c.ends, c.args, command.ProcessState.ExitCode(), first[:n], said.String())
		}
	}
}

// A request in flight is answered, and what runs beside it ends after it.
func TestHTTPFinishesBeforeItsParts(t *testing.T) {
	p, err := Open(t.Context(), "tiny", "127.0.0.1:0", Config{Admin: "127.0.0.1:0", LogLevel: slog.LevelError})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	inside, leave := make(chan struct{}), make(chan struct{})
	var left atomic.Bool
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-leave
		left.Store(true)
		_, _ = io.WriteString(w, "whole")
	})}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- p.Run(ctx, Work{Serve: HTTP(server), Parts: []Part{{"part", func(ctx context.Context) error {
			<-ctx.Done()
			if !left.Load() {
				return errors.New("the part ended before the request")
			}
			return nil
		}}}})
	}()
	answer := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + p.Listener.Addr().String()) //nolint:noctx // loopback
		if err != nil {
			answer <- err.Error()
			return
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		answer <- fmt.Sprint(string(body), err)
	}()
	<-inside
	stop()
	close(leave)
	if got := <-answer; got != "whole<nil>" {
		t.Errorf("the request in flight: %s", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestLoadFails(t *testing.T) {
	p, err := Open(t.Context(), "tiny", "127.0.0.1:0", Config{Admin: "127.0.0.1:0", LogLevel: slog.LevelError})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	err = p.Run(t.Context(), Work{
		Load:  func(context.Context) error { return errors.New("no data") },
		Serve: HTTP(&http.Server{ReadHeaderTimeout: time.Second}),
	})
	if err == nil || err.Error() != "load: no data" {
		t.Errorf("%v", err)
	}
}
