package host

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/classcode/maillage/pkg/testkit"
)

func TestReplicasLoadOneAfterTheOther(t *testing.T) {
	cfg := testkit.Postgres(t)
	var inside, done atomic.Int64
	begun, release := make(chan struct{}, 2), make(chan struct{})
	var replicas errgroup.Group
	for range 2 {
		db := testkit.Open(t, cfg, nil)
		replicas.Go(func() error {
			return alone(t.Context(), db, "tiny", func(context.Context) error {
				if inside.Add(1) > 1 {
					t.Error("two at a time")
				}
				begun <- struct{}{}
				<-release
				inside.Add(-1)
				done.Add(1)
				return nil
			})
		})
	}
	<-begun
	stuck, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := alone(stuck, testkit.Open(t, cfg, nil), "tiny", func(context.Context) error { done.Add(100); return nil }); err == nil {
		t.Error("a third one went in")
	}
	close(release)
	if err := replicas.Wait(); err != nil || done.Load() != 2 {
		t.Errorf("%v; %d loaded", err, done.Load())
	}
}
