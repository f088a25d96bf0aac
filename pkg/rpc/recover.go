package rpc

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"google.golang.org/grpc"

	"github.com/classcode/maillage/pkg/errs"
)

func (s *Server) recover(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (_ any, err error) {
	defer func() { s.recovered(ctx, info.FullMethod, recover(), &err) }()
	return handler(ctx, req)
}

// recovered answers INTERNAL for a panic: one request's bug must not end the calls of others.
func (s *Server) recovered(ctx context.Context, method string, panicked any, err *error) {
	if panicked == nil {
		return
	}
	cause := fmt.Errorf("panic: %v", panicked)
	s.cfg.Log.ErrorContext(ctx, "rpc panicked",
		slog.String("method", method), slog.Any("error", cause), slog.String("stack", string(debug.Stack())))
	*err = toStatus(errs.ErrInternal.Because(cause), languageOf(ctx)).Err()
}
