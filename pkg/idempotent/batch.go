package idempotent

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/combine"
)

// BatchLedger is the Ledger of combined writes. It looks first and keeps last: commands of one name run in one lane, and what
// another replica has kept meanwhile makes the whole transaction run again.
type BatchLedger interface {
	// Replies gives what earlier commands were answered, by key.
	Replies(ctx context.Context, keys []string) (fingerprints, replies map[string][]byte, err error)
	// SaveReplies keeps answers under keys that have none, or fails with errs.ErrAborted.
	SaveReplies(ctx context.Context, keys []string, fingerprints, replies [][]byte) error
}

// Command is a request in a combined write: with a request_id, who sent which content under it.
type Command struct {
	key string
	sum []byte
}

// NewCommand reads a request in its own call's context.
func NewCommand(ctx context.Context, req proto.Message) (Command, error) {
	key, err := keyOf(ctx, requestID(req.ProtoReflect()))
	if err != nil {
		return Command{}, err
	}
	return Command{key, fingerprint(req.ProtoReflect())}, nil
}

// Batch has run do the commands that were not done before, by their numbers and with one outcome each, and gives each command its
// reply or its refusal. A refusal leaves nothing, so it is not kept; an error of run ends the transaction, and with it every command.
func Batch[R proto.Message](ctx context.Context, ledger BatchLedger, commands []Command, run func(which []int) ([]combine.Outcome[R], error)) ([]combine.Outcome[R], error) {
	sums, stored, err := ledger.Replies(ctx, keysOf(commands))
	if err != nil {
		return nil, err
	}
	b := &batch[R]{commands: commands, outcomes: make([]combine.Outcome[R], len(commands)), sums: sums, stored: stored}
	waiting := make([]int, len(commands))
	for i := range waiting {
		waiting[i] = i
	}
	for len(waiting) > 0 {
		var fresh []int
		if fresh, waiting = b.apart(waiting); len(fresh) == 0 {
			continue
		}
		outcomes, err := run(fresh)
		if err != nil {
			return nil, err
		}
		if err := b.keep(fresh, outcomes); err != nil {
			return nil, err
		}
	}
	if len(b.keys) > 0 {
		err = ledger.SaveReplies(ctx, b.keys, b.fingerprints, b.answers)
	}
	return b.outcomes, err
}

// batch is what is known of the commands so far, and what is to be kept of them.
type batch[R proto.Message] struct {
	commands              []Command
	outcomes              []combine.Outcome[R]
	sums, stored          map[string][]byte
	keys                  []string
	fingerprints, answers [][]byte
}

// apart answers what was done before, and gives what is to be done now, and what waits for the same command in this very batch.
func (b *batch[R]) apart(which []int) (fresh, later []int) {
	taken := map[string]bool{}
	for _, i := range which {
		c := b.commands[i]
		before, known := b.sums[c.key]
		switch {
		case c.key == "":
			fresh = append(fresh, i)
		case known:
			b.outcomes[i].Answer, b.outcomes[i].Err = replay[R](before, c.sum, b.stored[c.key])
		case taken[c.key]:
			later = append(later, i)
		default:
			taken[c.key] = true
			fresh = append(fresh, i)
		}
	}
	return fresh, later
}

// keep notes the outcomes of what was done now.
func (b *batch[R]) keep(which []int, outcomes []combine.Outcome[R]) error {
	for n, i := range which {
		o, c := outcomes[n], b.commands[i]
		if b.outcomes[i] = o; o.Err != nil || c.key == "" {
			continue
		}
		data, err := proto.Marshal(o.Answer)
		if err != nil {
			return fmt.Errorf("keep reply: %w", err)
		}
		b.sums[c.key], b.stored[c.key] = c.sum, data
		b.keys, b.fingerprints, b.answers = append(b.keys, c.key), append(b.fingerprints, c.sum), append(b.answers, data)
	}
	return nil
}

func keysOf(commands []Command) (keys []string) {
	for _, c := range commands {
		if c.key != "" {
			keys = append(keys, c.key)
		}
	}
	return keys
}
