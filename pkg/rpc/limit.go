package rpc

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/tap"

	"github.com/classcode/maillage/pkg/errs"
)

// limiter refuses at once what would only wait: a queue in front of a full server makes every answer late.
type limiter struct {
	slots chan struct{}
}

func newLimiter(n int) *limiter { return &limiter{slots: make(chan struct{}, n)} }

func (l *limiter) limit(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
		return handler(ctx, req)
	default:
		return nil, errs.ErrExhausted.Retry(time.Second)
	}
}

// turnAway refuses a call of a full server before it is given a goroutine: of ten thousand who come at once, those who must come back
// cost little more than the answer. A call that finds a slot free here, and none in limit, is refused there.
func (s *Server) turnAway(ctx context.Context, info *tap.Info) (context.Context, error) {
	if len(s.limiter.slots) < cap(s.limiter.slots) || infrastructure(strings.TrimPrefix(info.FullMethodName, "/")) {
		return ctx, nil
	}
	st := toStatus(errs.ErrExhausted.Retry(time.Second), languageIn(info.Header.Get("accept-language")))
	if _, known := s.methods[info.FullMethodName]; known {
		s.instruments.duration.WithLabelValues(info.FullMethodName, codeName(st.Code())).Observe(0)
	}
	return ctx, st.Err()
}
