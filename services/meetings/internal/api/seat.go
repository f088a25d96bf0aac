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
func (s *Server) register(ctx context.Context, batch []combine.Command[seat]) []outcome {
	commands := make([]idempotent.Command, len(batch))
	for i, one := range batch {
		commands[i] = one.Query.command
	}
	outcomes, err := idempotent.WriteBatch(ctx, s.Store, commands, func(tx domain.Tx, which []int) ([]outcome, error) {
		requests := make([]domain.Request, len(which))
		for n, i := range which {
			requests[n] = batch[i].Query.request
			requests[n].Context = batch[i].Context
		}
		given, err := domain.Register(ctx, tx, requests, s.Now())
		return answers(given), err
	})
	if err != nil {
		return slices.Repeat([]outcome{{Err: err}}, len(batch))
	}
	return outcomes
}

func answers(given []domain.Outcome) []outcome {
	all := make([]outcome, len(given))
	for i, g := range given {
		if all[i].Err = g.Err; g.Err == nil {
			all[i].Answer = wire.Registration(g.Registration)
			all[i].Answer.WaitingPosition = int32(g.Position) //nolint:gosec // a waiting list has an end
		}
	}
	return all
}
