package rpc

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"

	"github.com/classcode/maillage/pkg/errs"
)

// deadline bounds a call by the smaller of the caller's deadline and ours.
func (s *Server) deadline(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, s.capOf(info.FullMethod))
	defer cancel()
	reply, err := handler(ctx, req)
	if err == nil || ctx.Err() == nil || errs.From(err).Kind != errs.Internal {
		return reply, err
	}
	// Some drivers say "interrupted" in their own words: it was the time, not a fault.
	return nil, errs.From(ctx.Err()).Because(errors.Join(ctx.Err(), err))
}

func (s *Server) capOf(method string) time.Duration {
	if d, ok := s.cfg.Deadlines[method]; ok {
		return d
	}
	return s.cfg.Deadline
}
