package wire

import (
	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Outlook is whether something can still be done, and why not, as the contract has it.
func Outlook(o domain.Outlook) (meetingsv1.LinkState, *meetingsv1.LinkRefusal) {
	switch {
	case o.Refusal != nil:
		e := errs.From(o.Refusal)
		return meetingsv1.LinkState_LINK_STATE_OVER, &meetingsv1.LinkRefusal{Reason: e.Reason, TextFr: e.FR, TextEn: e.EN}
	case o.Done:
		return meetingsv1.LinkState_LINK_STATE_DONE, nil
	}
	return meetingsv1.LinkState_LINK_STATE_READY, nil
}

// Votes is a person's answers as the contract has them.
func Votes(all []domain.Vote) []*meetingsv1.Vote {
	out := make([]*meetingsv1.Vote, len(all))
	for i, v := range all {
		out[i] = &meetingsv1.Vote{Option: int32(v.Option), Answer: meetingsv1.PollAnswer(v.Answer)}
	}
	return out
}
