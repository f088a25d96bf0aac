package rpc

import (
	"context"
	"errors"
	"log/slog"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/errs"
)

// errors turns what a handler returns into a status, and logs it: the only place where an error is logged.
func (s *Server) errors(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	reply, err := handler(ctx, req)
	if err == nil {
		return reply, nil
	}
	// A method that is in the contract but not written yet.
	if status.Code(err) == codes.Unimplemented {
		return nil, status.Error(codes.Unimplemented, "not implemented")
	}
	e := classify(err)
	st := toStatus(e, languageOf(ctx))
	s.cfg.Log.LogAttrs(ctx, level(e.Kind), "rpc failed",
		slog.String("method", info.FullMethod), slog.String("code", codeName(st.Code())),
		slog.String("reason", e.Reason), slog.String("error", err.Error()))
	if e.Kind == errs.Unavailable {
		// We were reached and have tried: if the caller's layer tried again too, attempts would multiply.
		_ = grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", "-1"))
	}
	return nil, st.Err()
}

// classify keeps a house error as it is. A status can only come from another service that was called: that it is away
// is worth saying, any other refusal means that we called it wrongly.
func classify(err error) *errs.Error {
	if e, ok := errors.AsType[*errs.Error](err); ok && e != nil {
		return e
	}
	if st, ok := status.FromError(err); ok {
		if sentinel, ok := away[st.Code()]; ok {
			return sentinel.Because(err)
		}
	}
	return errs.From(err)
}

var away = map[codes.Code]*errs.Error{
	codes.Unavailable:       errs.ErrUnavailable,
	codes.ResourceExhausted: errs.ErrExhausted,
	codes.DeadlineExceeded:  errs.ErrDeadline,
	codes.Canceled:          errs.ErrCanceled,
}

// level is Error for what someone must repair, Warn for what a dependency does, Debug for what callers do. That they are too many is
// said by the limiter now and then, and counted by the metrics.
func level(k errs.Kind) slog.Level {
	switch k {
	case errs.Internal:
		return slog.LevelError
	case errs.Unavailable, errs.DeadlineExceeded:
		return slog.LevelWarn
	}
	return slog.LevelDebug
}
