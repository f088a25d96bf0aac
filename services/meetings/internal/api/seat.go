package api

import (
	"context"
	"slices"

	"github.com/classcode/maillage/pkg/combine"
	"github.com/classcode/maillage/pkg/idempotent"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// seat is a request for one, while it waits for its turn.
type seat struct {
	command idempotent.Command
	request domain.Request
}

// outcome is what a request for a seat is answered.
type outcome = combine.Outcome[*meetingsv1.Registration]

// register gives seats in one transaction, the first come first.
func (s *Server) register(ctx context.Context, batch []combine.Command[seat]) (outcomes []outcome) {
	commands := make([]idempotent.Command, len(batch))
	for i, one := range batch {
		commands[i] = one.Query.command
	}
	err := s.Store.Write(ctx, func(tx domain.Tx) (err error) {
		outcomes, err = idempotent.Batch(ctx, tx, commands, func(which []int) []outcome {
			done := make([]outcome, len(which))
			for n, i := range which {
				// Each in its caller's context, so that its event stands in its caller's trace.
				given := domain.Register(batch[i].Context, tx, []domain.Request{batch[i].Query.request})[0]
				done[n] = outcome{Answer: wire.Registration(given.Registration), Err: given.Err}
			}
			return done
		})
		return err
	})
	if err != nil {
		return slices.Repeat([]outcome{{Err: err}}, len(batch))
	}
	return outcomes
}
