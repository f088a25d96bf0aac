// Package gateway is the door of maillage: JSON over HTTP in, gRPC towards the four services. It holds no business rule.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// Config holds the door's settings; the zero value works.
type Config struct {
	Origins   []string      `help:"Web origins that may call from a browser, such as https://maillage.example; exact, no wildcard."`
	BodyLimit int64         `help:"Largest request body, in bytes." default:"1048576"`
	Timeout   time.Duration `help:"Longest time a request may take." default:"10s"`

	// Listeners are the addresses that the program listens on; with a development issuer all of them must be loopback.
	Listeners []string `kong:"-"`
}

// Deps is what the door needs from the program that runs it. The four services are required, the rest may be nil.
type Deps struct {
	Catalogue, Mesh, Meetings, Indicators grpc.ClientConnInterface

	Log       *slog.Logger
	Tracer    trace.Tracer
	Metrics   prometheus.Registerer
	DevIssuer *DevIssuer // mints tokens at /dev/token; nil in production
}

// New makes the door. The context bounds the start only.
func New(ctx context.Context, cfg Config, deps Deps) (http.Handler, error) {
	cfg, deps = cfg.withDefaults(), deps.withDefaults()
	if err := errors.Join(deps.complete(), deps.devAllowed(ctx, cfg.Listeners)); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	cors, err := newCORS(cfg.Origins)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	observer, err := newObserver(deps)
	if err != nil {
		return nil, fmt.Errorf("gateway: metrics: %w", err)
	}
	zip, err := newCompression()
	if err != nil {
		return nil, fmt.Errorf("gateway: compression: %w", err)
	}
	door, err := newDoor(ctx, cfg, deps)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	// Outermost first: every answer is observed, even a panic's; ETags are taken before compression.
	return chain(door, observer.middleware, recovery(deps.Log), secure, cors.middleware, zip), nil
}

func newDoor(ctx context.Context, cfg Config, deps Deps) (http.Handler, error) {
	routes, err := contractRoutes()
	if err != nil {
		return nil, err
	}
	api, err := newAPI(ctx, routes, deps)
	if err != nil {
		return nil, err
	}
	web, err := newWebFiles(webDist)
	if err != nil {
		panic(err) // what the build embedded does not fit together
	}
	return &router{
		pages: pages(deps, web),
		links: prefixes(cfg, deps, web),
		docs:  docs(),
		feed:  &calendarFeed{calendars: meetingsv1.NewCalendarServiceClient(conn{deps.Meetings}), log: deps.Log, timeout: cfg.Timeout},
		files: newAttestationFile(cfg, deps),
		kits:  chain(&kits{meetingsv1.NewKitServiceClient(conn{deps.Meetings}), deps.Log, cfg.Timeout}, singleHeaders),
		api:   chain(api, singleHeaders, limitBody(cfg.BodyLimit), deadline(cfg.Timeout), etag),
	}, nil
}

// prefixes are what mails and attestations lead to, by the beginning of their paths.
func prefixes(cfg Config, deps Deps, web webFiles) map[string]http.Handler {
	all := attestationDocuments(cfg, deps)
	all[linkPath] = newMailLink(cfg, deps, web)
	all[meetingPath] = newMeetingPage(cfg, deps, web)
	all[sheetsPath] = newSheets(cfg, deps, web)
	all[shownPath] = newShown(cfg, deps, web)
	all[presencePath] = newPresence(cfg, deps, web)
	all[verifierPath] = newVerifier(cfg, deps, web)
	all[unsubscribePath] = &unsubscribe{notices: meetingsv1.NewNoticeServiceClient(conn{deps.Meetings}), web: web, timeout: cfg.Timeout}
	return all
}

func (c Config) withDefaults() Config {
	if c.BodyLimit == 0 {
		c.BodyLimit = 1 << 20
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	return c
}

func (d Deps) withDefaults() Deps {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Tracer == nil {
		d.Tracer = noop.NewTracerProvider().Tracer("")
	}
	if d.Metrics == nil {
		d.Metrics = prometheus.NewRegistry()
	}
	return d
}

func (d Deps) complete() error {
	if d.Catalogue == nil || d.Mesh == nil || d.Meetings == nil || d.Indicators == nil {
		return errors.New("a service's connection is missing")
	}
	return nil
}

func (d Deps) devAllowed(ctx context.Context, listeners []string) error {
	if d.DevIssuer == nil {
		return nil
	}
	if err := CheckLoopback(ctx, listeners...); err != nil {
		return fmt.Errorf("the development login would give anyone any role: %w", err)
	}
	return nil
}

// middleware wraps a handler.
type middleware func(http.Handler) http.Handler

// chain wraps h, the first middleware outermost.
func chain(h http.Handler, wraps ...middleware) http.Handler {
	for i := len(wraps) - 1; i >= 0; i-- {
		h = wraps[i](h)
	}
	return h
}
