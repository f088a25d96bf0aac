// Package process is what every program of the distributed form has: a command line, two ports, telemetry, TLS, and an order in
// which its parts start and stop. It knows neither database nor broker, so that the door does without them.
package process

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/log"
	"github.com/classcode/maillage/pkg/telemetry"
)

// Config is what an operator chooses for any program.
type Config struct {
	Admin        config.Address `help:"Where health, metrics and profiles listen; never open it to the internet." default:"127.0.0.1:8081"`
	TLS          TLS            `embed:"" prefix:"tls-"`
	DrainWait    time.Duration  `help:"How long a stop goes on answering, for load balancers to look elsewhere; it comes on top of the ten seconds." default:"0s"`
	LogLevel     slog.Level     `help:"Least level that is logged: debug, info, warn or error." default:"info"`
	LogFormat    log.Format     `help:"auto (text on a terminal, JSON otherwise), text or json." default:"auto"`
	OTLPEndpoint string         `help:"Collector that receives traces, e.g. http://localhost:4317; none when empty."`
}

// lastSpans bounds what a stop spends on a collector that does not answer.
const lastSpans = time.Second

// Process is a program with its ports taken, not at work yet.
type Process struct {
	Log       *slog.Logger
	Telemetry *telemetry.Telemetry
	// Listener is where the program's callers come; Admin is for those who look after it.
	Listener, Admin net.Listener

	name    string
	cfg     Config
	closers []func()
}

// Open takes the ports before anything else: a second program on the same files must fail before it touches one. Close must be
// called when there is no error.
func Open(ctx context.Context, name string, listen config.Address, cfg Config) (*Process, error) {
	Threads()
	p := &Process{Log: log.New(os.Stderr, cfg.LogLevel, cfg.LogFormat), name: name, cfg: cfg}
	if err := p.open(ctx, listen); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (p *Process) open(ctx context.Context, listen config.Address) (err error) {
	if p.Listener, err = p.listen(ctx, "--listen", listen); err != nil {
		return err
	}
	if p.Admin, err = p.listen(ctx, "--admin", p.cfg.Admin); err != nil {
		return err
	}
	p.Telemetry, err = telemetry.New(ctx, telemetry.Config{ServiceName: p.name, OTLPEndpoint: p.cfg.OTLPEndpoint, Log: p.Log})
	if err != nil {
		return err
	}
	p.OnClose(func() {
		ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
		defer cancel()
		if err := p.Telemetry.Close(ctx); err != nil {
			p.Log.Warn("stop", "error", err)
		}
	})
	return nil
}

func (p *Process) listen(ctx context.Context, flag string, at config.Address) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", string(at))
	if err != nil {
		return nil, fmt.Errorf("%s %s cannot be listened on: %w", flag, at, err)
	}
	p.OnClose(func() { _ = l.Close() })
	return l, nil
}

// OnClose adds what Close does, before all that was added earlier.
func (p *Process) OnClose(f func()) { p.closers = append(p.closers, f) }

// Close lets go of everything, the last opened first.
func (p *Process) Close() {
	for i := len(p.closers) - 1; i >= 0; i-- {
		p.closers[i]()
	}
	p.closers = nil
}
