package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"

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
