// Package rpc is how services of the house speak gRPC: one server with its limits and its chain of interceptors, one
// way to dial, one way to turn errors into answers. In one process and over the network the chain is the same.
package rpc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/telemetry"
)

// The limits of a server. A request is a form, not a file: uploads have their own door.
const (
	maxRequest   = 1 << 20
	maxReply     = 8 << 20
	maxHeaders   = 16 << 10
	maxStreams   = 250
	maxHandshake = 10 * time.Second
	// Of the 10 s that a program has to stop, the last 4 are for consumers, the relay and the database.
	stopPatience = 6 * time.Second
	// What a handler needs to notice that its context has ended, and to roll back.
	cutPatience = 500 * time.Millisecond

	defaultDeadline = 5 * time.Second
	// Beyond some hundred nobody is answered sooner, and each call at work takes some 60 kB.
	defaultInFlight = 400
	// A goroutine that has answered a call has the stack for the next one; a new one grows its stack anew, a tenth of the time of a cheap
	// call. As many as are usually at work at once.
	streamWorkers = 64
)

// ServerConfig is what a server needs; Verifier and Guard are required.
type ServerConfig struct {
	Log        *slog.Logger         // nil: silent
	Telemetry  *telemetry.Telemetry // nil: no spans, no metrics
	Verifier   *access.Verifier
	Guard      Guard                            // access.Guards for several services
	ServiceKey access.ServiceKey                // nil: no service calls in its own name
	TLS        credentials.TransportCredentials // nil: plain text
	Deadline   time.Duration                    // the most an RPC may take; 0: 5 s
	Deadlines  map[string]time.Duration         // for single RPCs, by full name: "/maillage.x.v1.XService/Export"
	InFlight   int                              // RPCs at work at the same time; 0: 400
	Reflection bool
}

// Guard decides who may call what; access.Guard is the one there is.
type Guard interface {
	Covers(service string) bool
	Check(ctx context.Context, method string, req proto.Message) (context.Context, error)
}

// Server is a grpc.Server with the house's chain; generated Register functions take it as their registrar.
type Server struct {
	grpc   *grpc.Server
	health *health.Server
	cfg    ServerConfig
	valid  *validation

	limiter     *limiter
	instruments *instruments

	// For calls in process, which do not pass through grpc.
	intercept grpc.UnaryServerInterceptor
	methods   map[string]method // by full name
	inside    inside

	checked  sync.Once
	checkErr error

	stopping, cutting context.Context // done when Stop begins; when it waits no longer
	stop, cut         context.CancelFunc
	once              sync.Once
	stopped           chan struct{}
}

// NewServer makes a server that serves nothing yet but its health.
func NewServer(cfg ServerConfig) (*Server, error) {
	if cfg.Verifier == nil || cfg.Guard == nil {
		return nil, errors.New("rpc server: a verifier and a guard are required")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Deadline = cmp.Or(cfg.Deadline, defaultDeadline)
	cfg.InFlight = cmp.Or(cfg.InFlight, defaultInFlight)
	if cfg.TLS == nil {
		cfg.TLS = insecure.NewCredentials()
	}
	s := &Server{cfg: cfg, health: health.NewServer(), methods: map[string]method{}, stopped: make(chan struct{})}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.cutting, s.cut = context.WithCancel(context.Background())
	var err error
	if s.valid, err = newValidation(); err != nil {
		return nil, fmt.Errorf("rpc server: %w", err)
	}
	if s.intercept, err = s.chain(); err != nil {
		return nil, fmt.Errorf("rpc server: %w", err)
	}
	s.grpc = grpc.NewServer(append(limits(cfg.TLS), grpc.InTapHandle(s.turnAway), grpc.UnaryInterceptor(s.intercept), grpc.StreamInterceptor(s.stream))...)
	s.register(&healthv1.Health_ServiceDesc, s.health)
	if cfg.Reflection {
		reflection.Register(s.grpc)
	}
	s.SetServing(true)
	return s, nil
}

func limits(tls credentials.TransportCredentials) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.Creds(tls),
		grpc.MaxRecvMsgSize(maxRequest),
		grpc.MaxSendMsgSize(maxReply),
		grpc.MaxHeaderListSize(maxHeaders),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.ConnectionTimeout(maxHandshake),
		grpc.NumStreamWorkers(streamWorkers),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle:     5 * time.Minute,
			MaxConnectionAge:      30 * time.Minute, // clients spread over new replicas
			MaxConnectionAgeGrace: 30 * time.Second,
			Time:                  2 * time.Minute,
			Timeout:               20 * time.Second,
		}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 30 * time.Second}),
	}
}

// RegisterService implements grpc.ServiceRegistrar; register everything before the first call can come.
func (s *Server) RegisterService(desc *grpc.ServiceDesc, impl any) {
	s.register(desc, impl)
	s.health.SetServingStatus(desc.ServiceName, healthv1.HealthCheckResponse_SERVING)
}

// SetServing is what gRPC health answers, for the server and for each of its services.
func (s *Server) SetServing(serving bool) {
	status := healthv1.HealthCheckResponse_NOT_SERVING
	if serving {
		status = healthv1.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus("", status)
	for name := range s.grpc.GetServiceInfo() {
		if !infrastructure(name) {
			s.health.SetServingStatus(name, status)
		}
	}
}

// Serve answers on lis until Stop; it refuses to start when a registered service has no guard.
func (s *Server) Serve(lis net.Listener) error {
	if err := s.check(); err != nil {
		_ = lis.Close() // the reason why it is not used matters more
		return err
	}
	if err := s.grpc.Serve(lis); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// Run answers on lis until ctx is done, then stops.
func (s *Server) Run(ctx context.Context, lis net.Listener) error {
	defer s.Stop() // waits for one that is under way: calls in process may be at work still
	defer context.AfterFunc(ctx, s.Stop)()
	return s.Serve(lis)
}

// Stop says NOT_SERVING, lets calls finish for at most 6 s, then cuts them.
func (s *Server) Stop() {
	s.once.Do(func() { go s.finish() })
	<-s.stopped
}

func (s *Server) finish() {
	defer close(s.stopped)
	s.health.Shutdown()
	s.stop()
	quiet := make(chan struct{})
	idle := s.inside.stop()
	go func() {
		s.grpc.GracefulStop()
		<-idle
		close(quiet)
	}()
	select {
	case <-quiet:
		return
	case <-time.After(stopPatience):
	}
	s.cut()
	s.grpc.Stop()
	// gRPC waits for handlers that it has cut off, however long they take: one that ignores its context would hold the program.
	select {
	case <-quiet:
	case <-time.After(cutPatience):
	}
}

func (s *Server) check() error {
	s.checked.Do(func() {
		var failures []error
		for name := range s.grpc.GetServiceInfo() {
			switch {
			case infrastructure(name):
			case !s.cfg.Guard.Covers(name):
				failures = append(failures, fmt.Errorf("rpc server: %s is registered but its access options were not read", name))
			default:
				failures = append(failures, s.valid.compile(name))
			}
		}
		s.checkErr = errors.Join(failures...)
	})
	return s.checkErr
}
