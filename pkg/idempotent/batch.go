package idempotent

import (
	"context"
	"fmt"
	"maps"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/combine"
)

// BatchLedger is the Ledger of combined writes. It keeps last: commands of one name run in one lane, and what another replica has
// kept meanwhile makes the whole transaction run again.
type BatchLedger interface {
	// Replies gives what earlier commands were answered, by key.
	Replies(ctx context.Context, keys []string) (fingerprints, replies map[string][]byte, err error)
	// SaveReplies keeps answers under keys that have none; where one has, the transaction conflicts and runs again.
	SaveReplies(ctx context.Context, keys []string, fingerprints, replies [][]byte) error
}

// BatchWriter is a store whose transactions contain a BatchLedger.
type BatchWriter[T BatchLedger] interface {
	Write(ctx context.Context, fn func(tx T) error) error
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

// WriteBatch has run do commands in one transaction, by their numbers and with one outcome each, and gives each command its reply or
// its refusal. A refusal leaves nothing, so it is not kept; an error of run ends the transaction, and with it every command.
//
// Most commands are new, so run does them before anybody has looked: one that was done before is refused now, most often, and then
// looked up; or it has its effect again, finds its key taken, and makes the transaction run again, which then looks first.
func WriteBatch[T BatchLedger, R proto.Message](
	ctx context.Context, store BatchWriter[T], commands []Command, run func(tx T, which []int) ([]combine.Outcome[R], error),
) (outcomes []combine.Outcome[R], err error) {
	again := false
	err = store.Write(ctx, func(tx T) error {
		b := &batch[R]{
			ledger: tx, commands: commands, outcomes: make([]combine.Outcome[R], len(commands)),
			sums: map[string][]byte{}, stored: map[string][]byte{},
			run: func(which []int) ([]combine.Outcome[R], error) { return run(tx, which) },
		}
		look := again
		again = true
		outcomes = b.outcomes
		return b.write(ctx, look)
	})
	return outcomes, err
}

func (b *batch[R]) write(ctx context.Context, look bool) error {
	all := make([]int, len(b.commands))
	for i := range all {
		all[i] = i
	}
	if look {
		if err := b.look(ctx, all); err != nil {
			return err
		}
	}
	for waiting := all; len(waiting) > 0; {
		var fresh []int
		if fresh, waiting = b.apart(waiting); len(fresh) == 0 {
			continue
		}
		outcomes, err := b.run(fresh)
		if err != nil {
			return err
		}
		if err := b.keep(fresh, outcomes); err != nil {
			return err
		}
	}
	if !look {
		if err := b.reconsider(ctx); err != nil {
			return err
		}
	}
	if len(b.keys) == 0 {
		return nil
	}
	return b.ledger.SaveReplies(ctx, b.keys, b.fingerprints, b.answers)
}

// look finds what commands were answered before.
func (b *batch[R]) look(ctx context.Context, which []int) error {
	var keys []string
	for _, i := range which {
		if key := b.commands[i].key; key != "" {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	sums, stored, err := b.ledger.Replies(ctx, keys)
	maps.Copy(b.sums, sums)
	maps.Copy(b.stored, stored)
	return err
}

// reconsider answers those of the refused who were answered before. What was kept for others of this batch is known already.
func (b *batch[R]) reconsider(ctx context.Context) error {
	var refused []int
	for i, o := range b.outcomes {
		if o.Err != nil && b.sums[b.commands[i].key] == nil {
			refused = append(refused, i)
		}
	}
	if err := b.look(ctx, refused); err != nil {
		return err
	}
	b.apart(refused)
	return nil
}

// batch is what is known of the commands so far, and what is to be kept of them.
type batch[R proto.Message] struct {
	ledger                BatchLedger
	run                   func(which []int) ([]combine.Outcome[R], error)
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
