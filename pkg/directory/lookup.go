package directory

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/classcode/maillage/pkg/rpc"
)

// Below the server's deadline of 5 s, so that the caller hears that mesh is away and not that time ran out.
const patience = 3 * time.Second

// lookup asks mesh once for all who want the same at the same time, and remembers the answer.
type lookup[K comparable, V any] struct {
	cache  *cache[K, V]
	flight singleflight.Group
	ask    func(context.Context, K) (V, error)
}

func (l *lookup[K, V]) find(ctx context.Context, key K) (V, error) {
	value, epoch, ok := l.cache.get(key)
	if ok {
		return value, nil
	}
	// The epoch keeps those who ask after an Invalidate from the answer to a question put before it.
	found := l.flight.DoChan(fmt.Sprintf("%d %#v", epoch, key), func() (any, error) {
		// Whoever leaves first must not fail the others who wait.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		value, err := l.ask(ctx, key)
		if err != nil {
			return nil, rpc.FromStatus(err)
		}
		l.cache.put(key, value, epoch)
		return value, nil
	})
	select {
	case <-ctx.Done():
		return value, ctx.Err()
	case r := <-found:
		if r.Err != nil {
			return value, r.Err
		}
		return r.Val.(V), nil
	}
}
