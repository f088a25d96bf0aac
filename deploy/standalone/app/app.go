// Package app runs the four services and the door in one process, with SQLite and an embedded NATS by default.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"

	"github.com/classcode/maillage/gateway"
	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/admin"
	"github.com/classcode/maillage/pkg/directory"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/host/process"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/run"
	"github.com/classcode/maillage/pkg/telemetry"
)

// Progress hears how far the loading of reference data is.
type Progress func(what string, done, total int)

// service is what the program needs of each of the four.
type service interface {
	Guard() *access.Guard
	Register(grpc.ServiceRegistrar)
	Check(ctx context.Context) error
	Run(ctx context.Context) error
}

// loader is a service that comes with reference data.
type loader interface {
	Load(ctx context.Context, progress func(what string, done, total int)) error
}

// App is the whole program, ready to Run.
type App struct {
	cfg      Config
	log      *slog.Logger
	progress Progress

	telemetry *telemetry.Telemetry
	bus       *events.Bus
	conn      *rpc.Conn // to every service, without a port
	issuer    *gateway.DevIssuer
	pages     page.Key
	// serviceKey is new at each start: nobody but this process needs it.
	serviceKey access.ServiceKey
	people     *directory.People
	services   []service
	server     *rpc.Server
	door       http.Handler
	checks     map[string]func(context.Context) error
	health     *admin.Health
	closers    []func()

	// The addresses that are listened on; useful when the configuration says port 0.
	HTTP, GRPC, Admin net.Listener
	// Ready is closed once everything is loaded and served.
	Ready chan struct{}
}

// New opens the stores, prepares the services and takes the ports; Run makes them work. Close must be called in any case.
func New(ctx context.Context, cfg Config, log *slog.Logger, progress Progress) (*App, error) {
	process.Threads()
	a := &App{cfg: cfg, log: log, progress: progress, checks: map[string]func(context.Context) error{}, Ready: make(chan struct{})}
	for _, step := range []func(context.Context) error{
		a.listen, a.observe, a.connect, a.identify, a.assemble, a.serve, a.openDoor,
	} {
		if err := step(ctx); err != nil {
			a.Close()
			return nil, err
		}
	}
	return a, nil
}

func (a *App) onClose(f func()) { a.closers = append(a.closers, f) }

// Close lets go of everything, the last opened first.
func (a *App) Close() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		a.closers[i]()
	}
	a.closers = nil
}

// listen takes the ports first: a second program on the same folder must fail before it touches a file.
func (a *App) listen(ctx context.Context) (err error) {
	if err := os.MkdirAll(a.cfg.Data, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	var config net.ListenConfig
	for _, l := range []struct {
		at   string
		what string
		to   *net.Listener
	}{
		{string(a.cfg.HTTP), "http", &a.HTTP}, {string(a.cfg.GRPC), "grpc", &a.GRPC}, {string(a.cfg.Admin), "admin", &a.Admin},
	} {
		if *l.to, err = config.Listen(ctx, "tcp", l.at); err != nil {
			return fmt.Errorf("--%s %s cannot be listened on: %w", l.what, l.at, err)
		}
		listener := *l.to
		a.onClose(func() { _ = listener.Close() })
	}
	return nil
}

func (a *App) observe(ctx context.Context) (err error) {
	a.telemetry, err = telemetry.New(ctx, telemetry.Config{ServiceName: "maillage", OTLPEndpoint: a.cfg.OTLPEndpoint, Log: a.log})
	if err != nil {
		return err
	}
	a.onClose(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = a.telemetry.Close(ctx)
	})
	return nil
}

// connect starts the event server and makes the way by which the services, and the door, reach each other.
func (a *App) connect(ctx context.Context) error {
	server, err := events.Embedded(events.ServerConfig{Dir: a.cfg.path("events"), Log: a.log})
	if err != nil {
		return err
	}
	a.onClose(server.Close)
	a.bus, err = server.Connect(events.Config{
		Name: "maillage", Log: a.log, Metrics: events.NewMetrics(a.telemetry.Registry), Tracer: a.telemetry.TracerProvider,
	})
	if err != nil {
		return err
	}
	a.onClose(a.bus.Close)
	for _, name := range names {
		if err := a.bus.Provision(ctx, events.StreamConfig{Service: name}); err != nil {
			return err
		}
	}
	a.conn = rpc.InProcess(rpc.ClientConfig{Telemetry: a.telemetry})
	a.onClose(func() { _ = a.conn.Close() })
	return nil
}

// identify makes or reads the keys that must outlive a restart.
func (a *App) identify(context.Context) (err error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	a.serviceKey = access.DeriveServiceKey(secret)
	if a.pages, err = page.LoadOrCreateKey(a.cfg.path("page.key")); err != nil {
		return err
	}
	if !a.cfg.DevLogin {
		if a.cfg.Issuer == "" {
			return errors.New("nobody could sign in: give --issuer, or --dev-login to try it on this machine")
		}
		return nil
	}
	a.issuer, err = gateway.NewDevIssuer(a.cfg.path("dev-issuer.pem"))
	return err
}

// serve registers every service with the one gRPC server, which answers calls in process from here on.
func (a *App) serve(context.Context) error {
	verifier, err := a.verifier()
	if err != nil {
		return err
	}
	var guards access.Guards
	for _, s := range a.services {
		guards = append(guards, s.Guard())
	}
	a.server, err = rpc.NewServer(rpc.ServerConfig{
		Log: a.log, Telemetry: a.telemetry, Verifier: verifier, Guard: guards, ServiceKey: a.serviceKey, Reflection: a.cfg.loopback(),
	})
	if err != nil {
		return err
	}
	for _, s := range a.services {
		s.Register(a.server)
	}
	return a.conn.Connect(a.server)
}

func (a *App) verifier() (*access.Verifier, error) {
	var config access.VerifierConfig
	if a.cfg.Issuer != "" {
		config.Issuers = append(config.Issuers, access.Issuer{URL: a.cfg.Issuer, Audience: a.cfg.Audience})
	}
	if a.issuer != nil {
		config.Issuers = append(config.Issuers, access.Issuer{
			URL: a.issuer.Issuer(), Audience: gateway.DevAudience, Keys: a.issuer.KeySet(), Development: true,
		})
	}
	return access.NewVerifier(config)
}

func (a *App) openDoor(ctx context.Context) (err error) {
	cfg := a.cfg.Door
	cfg.Listeners = a.cfg.listeners()
	a.door, err = gateway.New(ctx, cfg, gateway.Deps{
		Catalogue: a.conn, Mesh: a.conn, Meetings: a.conn, Indicators: a.conn,
		Log: a.log, Tracer: a.telemetry.Tracer("github.com/classcode/maillage/gateway"), Metrics: a.telemetry.Registry, DevIssuer: a.issuer,
	})
	return err
}

// Run works until ctx ends or a part fails, and stops everything within ten seconds.
func (a *App) Run(ctx context.Context) error {
	a.health = admin.NewHealth(a.healthChecks())
	defer context.AfterFunc(ctx, a.health.Stopping)()
	var group run.Group
	group.Go("admin", a.http(admin.NewServer("", admin.Handler(a.health, a.telemetry.Metrics())), a.Admin, nil))
	for _, s := range a.services {
		group.Go("events", s.Run)
	}
	group.Go("memory", saveMemory)
	group.Go("roles", func(ctx context.Context) error { return a.people.Follow(ctx, a.bus) })
	group.Go("load", a.load)
	group.Go("grpc", func(ctx context.Context) error {
		select {
		case <-a.Ready:
			return a.server.Run(ctx, a.GRPC)
		case <-ctx.Done():
			a.server.Stop()
			return nil
		}
	})
	group.Go("http", a.http(gateway.NewServer(a.door, a.log), a.HTTP, a.Ready))
	return group.Run(ctx)
}

func (a *App) healthChecks() map[string]admin.Check {
	checks := map[string]admin.Check{"events": {Probe: a.bus.Check, Optional: true}}
	for name, probe := range a.checks {
		checks[name] = admin.Check{Probe: probe}
	}
	for i, s := range a.services {
		checks[names[i]+"-relay"] = admin.Check{Probe: s.Check, Optional: true}
	}
	return checks
}

// load puts the reference data in place, then lets the traffic in.
func (a *App) load(ctx context.Context) error {
	for i, s := range a.services {
		l, ok := s.(loader)
		if !ok {
			continue
		}
		if err := l.Load(ctx, a.progress); err != nil {
			return fmt.Errorf("load %s: %w", names[i], err)
		}
	}
	debug.FreeOSMemory() // as pkg/host/process does
	a.health.Started()
	close(a.Ready)
	return nil
}

// http serves on l once open is closed; nil is open at once.
func (a *App) http(server *http.Server, l net.Listener, open <-chan struct{}) func(context.Context) error {
	return func(ctx context.Context) error {
		if open != nil {
			select {
			case <-open:
			case <-ctx.Done():
				return nil
			}
		}
		return process.HTTP(server)(ctx, l)
	}
}
