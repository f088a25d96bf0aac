package rpc

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/grpc"
)

// chain is the order in which a call passes, outermost first. Everything inside "errors" may return an errs.Error;
// nothing is looked up for a caller before the limiter, the deadline and the token let the call in; the guard reads the
// resource's id in a request that is known to be valid.
func (s *Server) chain() (grpc.UnaryServerInterceptor, error) {
	var err error
	if s.instruments, err = newInstruments(s.cfg.Telemetry); err != nil {
		return nil, err
	}
	s.limiter = newLimiter(s.cfg.InFlight, s.cfg.Log)
	return joined(
		unlessHealth(s.instruments.serve),
		s.recover,
		unlessHealth(s.errors),
		unlessHealth(s.limiter.limit),
		unlessHealth(s.deadline),
		unlessHealth(s.authenticate),
		unlessHealth(s.valid.check),
		unlessHealth(s.guard),
	), nil
}

// joined is several interceptors as one, the first outermost: one value for calls from the network and in process.
func joined(all ...grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		for _, outer := range slices.Backward(all) {
			inner := handler
			handler = func(ctx context.Context, req any) (any, error) { return outer(ctx, req, info, inner) }
		}
		return handler(ctx, req)
	}
}

// unlessHealth lets health checks by: they come without a token, and must be answered by a server that is full.
func unlessHealth(next grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		if infrastructure(strings.TrimPrefix(info.FullMethod, "/")) {
			return handler(ctx, req)
		}
		return next(ctx, req, info, handler)
	}
}

// infrastructure is the services of gRPC itself. Reflection answers to anyone; it is only registered on request.
func infrastructure(name string) bool {
	return strings.HasPrefix(name, "grpc.health.") || strings.HasPrefix(name, "grpc.reflection.")
}

// stream is for health's Watch and for reflection, the only streams: access.New refuses a streaming RPC of ours.
func (s *Server) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	ctx, cancel := context.WithCancel(ss.Context())
	defer cancel()
	// Watch would hold GracefulStop until it gives up.
	defer context.AfterFunc(s.stopping, cancel)()
	defer func() { s.recovered(ctx, info.FullMethod, recover(), &err) }()
	return handler(srv, &cancellable{ServerStream: ss, ctx: ctx})
}

type cancellable struct {
	grpc.ServerStream
	ctx context.Context
}

// Context implements grpc.ServerStream.
func (c *cancellable) Context() context.Context { return c.ctx }
