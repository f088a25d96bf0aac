package rpc

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/tap"

	"github.com/classcode/maillage/pkg/errs"
)

// quiet is how often a full server says so: a line for each call that it turns away would cost more than the calls.
const quiet = 10 * time.Second

// limiter refuses at once what would only wait: a queue in front of a full server makes every answer late.
type limiter struct {
	slots chan struct{} // of calls at work
	open  chan struct{} // of calls from the network, from their first line on
	log   *slog.Logger
	said  atomic.Int64 // when, in nanoseconds
}

func newLimiter(n int, log *slog.Logger) *limiter {
	return &limiter{slots: make(chan struct{}, n), open: make(chan struct{}, n), log: log}
}

func (l *limiter) limit(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
		return handler(ctx, req)
	default:
		return nil, l.full()
	}
}

// full asks the caller to come back, not all of them at the same moment.
func (l *limiter) full() *errs.Error {
	now, said := time.Now().UnixNano(), l.said.Load()
	if now-said > int64(quiet) && l.said.CompareAndSwap(said, now) {
		l.log.Warn("calls are turned away: the server is full", "in_flight", cap(l.slots))
	}
	return errs.ErrExhausted.Retry(time.Second + rand.N(2*time.Second)) //nolint:gosec // a time to wait
}

// turnAway refuses a call of a full server before it is given a goroutine: of ten thousand who come at once, those who must come back
// cost little more than the answer. A call that is let in has its place until its stream ends, however that comes about.
func (s *Server) turnAway(ctx context.Context, info *tap.Info) (context.Context, error) {
	if infrastructure(strings.TrimPrefix(info.FullMethodName, "/")) {
		return ctx, nil
	}
	select {
	case s.limiter.open <- struct{}{}:
		context.AfterFunc(ctx, func() { <-s.limiter.open })
		return ctx, nil
	default:
	}
	st := toStatus(s.limiter.full(), languageIn(info.Header.Get("accept-language")))
	if _, known := s.methods[info.FullMethodName]; known {
		s.instruments.duration.WithLabelValues(info.FullMethodName, codeName(st.Code())).Observe(0)
	}
	return ctx, st.Err()
}
