package idempotent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/classcode/maillage/pkg/combine"
	"github.com/classcode/maillage/pkg/errs"
)

// batched runs commands of several people as one write; a name "refused" is refused, "broken" fails the transaction, and there is but one
// "seat". A nil counter numbers the sales as they are committed.
func (s *shop) batched(t *testing.T, sold *atomic.Int64, texts ...string) (replies []string, refusals []error, err error) {
	t.Helper()
	var commands []Command
	for _, text := range texts {
		c, err := NewCommand(WithCall(t.Context(), "ada", "/m/Sell"), request(t, text))
		if err != nil {
			t.Fatal(err)
		}
		commands = append(commands, c)
	}
	outcomes, err := WriteBatch(t.Context(), s, commands, func(tx *shopTx, which []int) ([]combine.Outcome[*wrapperspb.StringValue], error) {
		done := make([]combine.Outcome[*wrapperspb.StringValue], len(which))
		for n, i := range which {
			switch {
			case strings.Contains(texts[i], "refused"):
				done[n].Err = errs.ErrExists
			case strings.Contains(texts[i], "broken"):
				return nil, errors.New("broken")
			case strings.Contains(texts[i], "seat") && tx.sold(t, "seat") > 0:
				done[n].Err = errs.ErrExists
			case strings.Contains(texts[i], "seat"):
				done[n].Answer, done[n].Err = tx.sell(t.Context(), "seat")
			case sold == nil:
				done[n].Answer, done[n].Err = tx.sell(t.Context(), fmt.Sprint("sale ", tx.sold(t, "sale %")+1))
			default:
				done[n].Answer, done[n].Err = tx.sell(t.Context(), fmt.Sprint("sale ", sold.Add(1)))
			}
		}
		return done, nil
	})
	for _, o := range outcomes {
		replies, refusals = append(replies, o.Answer.GetValue()), append(refusals, o.Err)
	}
	return replies, refusals, err
}

func (tx *shopTx) sold(t *testing.T, like string) (n int) {
	t.Helper()
	if err := tx.tx.QueryRowContext(t.Context(), `SELECT count(*) FROM outbox WHERE event_id LIKE $1`, like).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBatch(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shop) {
		one, two := `request_id: "1" name: "a"`, `request_id: "2" name: "a"`
		for _, step := range []struct {
			what, want string
			texts      []string
		}{
			{"new ones, one of them refused, one without an id", "[sale 1  sale 2 sale 3] [<nil> ALREADY_EXISTS <nil> <nil>]", []string{one, `request_id: "3" name: "refused"`, two, `name: "a"`}},
			{"again, and a new one twice", "[sale 1 sale 2 sale 4 sale 4] [<nil> <nil> <nil> <nil>]", []string{one, two, `request_id: "4" name: "a"`, `request_id: "4" name: "a"`}},
			{"another content, and who was refused before", "[ sale 5 sale 5] [REQUEST_ID_REUSED <nil> <nil>]", []string{`request_id: "1" name: "b"`, `request_id: "3" name: "a"`, `request_id: "3" name: "a"`}},
			{"without an id there is no protection", "[sale 6 sale 7] [<nil> <nil>]", []string{`name: "a"`, `name: "a"`}},
			{"the last of something, twice", "[seat seat] [<nil> <nil>]", []string{`request_id: "5" name: "seat"`, `request_id: "5" name: "seat"`}},
			{"again, when it would be refused", "[seat   ] [<nil> ALREADY_EXISTS REQUEST_ID_REUSED ALREADY_EXISTS]", []string{
				`request_id: "5" name: "seat"`, `request_id: "6" name: "seat"`, `request_id: "5" name: "other seat"`, `name: "seat"`,
			}},
		} {
			replies, refusals, err := s.batched(t, nil, step.texts...)
			var reasons []string
			for _, r := range refusals {
				reasons = append(reasons, reasonOf(r))
			}
			if got := fmt.Sprint(replies, reasons); got != step.want || err != nil {
				t.Errorf("%s: %s, %v", step.what, got, err)
			}
		}
		if _, _, err := s.batched(t, nil, `request_id: "8" name: "a"`, `request_id: "9" name: "broken"`); err == nil {
			t.Error("a broken transaction was committed")
		}
		if n := s.effects(t); n != 8 {
			t.Errorf("%d effects, want 8", n)
		}
	})
}

func reasonOf(err error) string {
	if err == nil {
		return "<nil>"
	}
	return errs.From(err).Reason
}

// Two replicas are sent the same commands: whoever comes second runs its transaction again, and answers what was kept.
func TestConcurrentBatchesHaveOneEffect(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shop) {
		var sold atomic.Int64
		var texts []string
		for i := range 70 { // more than a statement takes
			texts = append(texts, fmt.Sprintf(`request_id: "%d" name: "a"`, i))
		}
		answers := make([]string, 4)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() {
				replies, _, err := s.batched(t, &sold, texts...)
				if answers[i] = fmt.Sprint(replies); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, answer := range answers {
			if answer != answers[0] {
				t.Errorf("one was answered %s, another %s", answer, answers[0])
			}
		}
		if n := s.effects(t); n != len(texts) {
			t.Errorf("%d effects of %d commands", n, len(texts))
		}
	})
}

// The control: without the look at what was kept, the same commands have their effect again.
func TestBatchControl(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shop) {
		var sold atomic.Int64
		for range 2 {
			c, err := NewCommand(WithCall(t.Context(), "ada", "/m/Sell"), request(t, withID))
			if err != nil {
				t.Fatal(err)
			}
			_, err = WriteBatch(t.Context(), forgetfulShop{s}, []Command{c}, func(tx forgetful, _ []int) ([]combine.Outcome[*wrapperspb.StringValue], error) {
				reply, err := tx.sell(t.Context(), fmt.Sprint("sale ", sold.Add(1)))
				return []combine.Outcome[*wrapperspb.StringValue]{{Answer: reply}}, err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if n := s.effects(t); n != 2 {
			t.Errorf("%d effects without a memory, so the test above shows nothing", n)
		}
	})
}

type forgetfulShop struct{ *shop }

func (s forgetfulShop) Write(ctx context.Context, fn func(forgetful) error) error {
	return s.shop.Write(ctx, func(tx *shopTx) error { return fn(forgetful{tx}) })
}

type forgetful struct{ *shopTx }

func (forgetful) Replies(context.Context, []string) (fingerprints, replies map[string][]byte, err error) {
	return map[string][]byte{}, map[string][]byte{}, nil
}

func (forgetful) SaveReplies(context.Context, []string, [][]byte, [][]byte) error { return nil }
