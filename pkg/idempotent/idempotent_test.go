package idempotent

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// shop is a store as services write theirs: its transaction embeds the ledger. An effect is a row in the outbox.
type shop struct {
	db  *database.DB
	now func() time.Time
}

type shopTx struct {
	*SQLLedger
	tx *sql.Tx
}

func (s *shop) Write(ctx context.Context, fn func(*shopTx) error) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error { return fn(&shopTx{NewLedger(tx, s.db.Engine(), s.now), tx}) })
}

func (tx *shopTx) sell(ctx context.Context, id string) (*wrapperspb.StringValue, error) {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO outbox (event_id, subject, aggregate, aggregate_version, schema, payload, created_at)
		VALUES ($1, 's', 'a', 1, 'm', $2, 0)`, id, []byte{})
	return wrapperspb.String(id), err
}

func (s *shop) effects(t *testing.T) (n int) {
	t.Helper()
	if err := s.db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM outbox`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func onBoth(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		test(t, &shop{db, testkit.NewClock(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)).Now})
	})
}

const withID = `request_id: "6f2c0ba8-6d5e-4f4e-9d7a-1f6b8a1f3c11" name: "a"`

func TestTenAtOnceHaveOneEffect(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shop) {
		ctx := WithCall(t.Context(), "ada", "/m/Sell")
		var sold atomic.Int64
		replies := make([]string, 10)
		var wg sync.WaitGroup
		for i := range replies {
			req := request(t, withID)
			wg.Go(func() {
				reply, err := Write(ctx, s, req, func(tx *shopTx) (*wrapperspb.StringValue, error) {
					return tx.sell(ctx, fmt.Sprint("sale ", sold.Add(1)))
				})
				if err != nil {
					t.Error(err)
					return
				}
				replies[i] = reply.GetValue()
			})
		}
		wg.Wait()
		for _, reply := range replies {
			if reply == "" || reply != replies[0] {
				t.Errorf("replies %q", replies)
				break
			}
		}
		if n := s.effects(t); n != 1 || sold.Load() != 1 {
			t.Errorf("%d effects, %d runs", n, sold.Load())
		}
	})
}

func TestKeysAreApart(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shop) {
		runs := 0
		sell := func(ctx context.Context, text string) error {
			runs++
			want := fmt.Sprint("sale ", runs)
			reply, err := Write(ctx, s, request(t, text), func(tx *shopTx) (*wrapperspb.StringValue, error) { return tx.sell(ctx, want) })
			if err == nil && reply.GetValue() != want {
				return fmt.Errorf("reply %q", reply.GetValue())
			}
			return err
		}
		for name, err := range map[string]error{
			"first":          sell(WithCall(t.Context(), "ada", "/m/Sell"), withID),
			"another person": sell(WithCall(t.Context(), "bob", "/m/Sell"), withID),
			"another method": sell(WithCall(t.Context(), "ada", "/m/Buy"), withID),
			"shifted parts":  sell(WithCall(t.Context(), "ada/m", "/Sell"), withID),
			"another id":     sell(WithCall(t.Context(), "ada", "/m/Sell"), `request_id: "7" name: "a"`),
			"no id":          sell(WithCall(t.Context(), "ada", "/m/Sell"), `name: "a"`),
			"no id again":    sell(t.Context(), `name: "a"`),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := s.effects(t); n != 7 {
			t.Errorf("%d effects", n)
		}
		if err := sell(t.Context(), withID); !errors.Is(err, errs.ErrInternal) {
			t.Errorf("an unknown caller: %v", err)
		}
	})
}

func TestReuseIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shop) {
		ctx := WithCall(t.Context(), "ada", "/m/Sell")
		sell := func(tx *shopTx) (*wrapperspb.StringValue, error) { return tx.sell(ctx, "sale") }
		if _, err := Write(ctx, s, request(t, withID), sell); err != nil {
			t.Fatal(err)
		}
		_, err := Write(ctx, s, request(t, withID+` seats: 1`), sell)
		if e := errs.From(err); !errors.Is(err, errs.ErrRequestReused) || e.Kind != errs.Precondition || e.Fields[0].Path != "request_id" {
			t.Errorf("other content: %v", err)
		}
		// Capitals are the same UUID.
		reply, err := Write(ctx, s, request(t, `request_id: "6F2C0BA8-6D5E-4F4E-9D7A-1F6B8A1F3C11" name: "a"`), sell)
		if err != nil || reply.GetValue() != "sale" || s.effects(t) != 1 {
			t.Errorf("capitals: %v, %v, %d effects", reply, err, s.effects(t))
		}
	})
}

func TestFailureKeepsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shop) {
		ctx := WithCall(t.Context(), "ada", "/m/Sell")
		closed := errs.New(errs.Precondition, "CLOSED", "Closed.", "Fermé.")
		_, err := Write(ctx, s, request(t, withID), func(tx *shopTx) (*wrapperspb.StringValue, error) {
			if _, err := tx.sell(ctx, "sale"); err != nil {
				return nil, err
			}
			return nil, closed
		})
		if !errors.Is(err, closed) || s.effects(t) != 0 {
			t.Errorf("%v, %d effects", err, s.effects(t))
		}
		reply, err := Write(ctx, s, request(t, withID+` seats: 2`), func(tx *shopTx) (*wrapperspb.StringValue, error) {
			return tx.sell(ctx, "sale")
		})
		if err != nil || reply.GetValue() != "sale" {
			t.Errorf("the next one: %v, %v", reply, err)
		}
	})
}

func TestEmptyReply(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shop) {
		ctx := WithCall(t.Context(), "", "/m/Delete")
		for range 2 {
			reply, err := Write(ctx, s, request(t, withID), func(tx *shopTx) (*emptypb.Empty, error) {
				_, err := tx.sell(ctx, "sale")
				return &emptypb.Empty{}, err
			})
			if err != nil || reply == nil {
				t.Errorf("%v, %v", reply, err)
			}
		}
		if n := s.effects(t); n != 1 {
			t.Errorf("%d effects", n)
		}
	})
}

// TestStillInFlight holds a command open: on PostgreSQL a duplicate waits for its key and is told so when its time is up.
func TestStillInFlight(t *testing.T) {
	s := &shop{testkit.Open(t, testkit.Postgres(t), nil), time.Now}
	ctx := WithCall(t.Context(), "ada", "/m/Sell")
	started, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := Write(ctx, s, request(t, withID), func(tx *shopTx) (*wrapperspb.StringValue, error) {
			close(started)
			<-release
			return tx.sell(ctx, "sale")
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-started
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	_, err := Write(short, s, request(t, withID), func(tx *shopTx) (*wrapperspb.StringValue, error) { return tx.sell(ctx, "again") })
	close(release)
	wg.Wait()
	if e := errs.From(err); !errors.Is(err, errs.ErrRequestInFlight) || e.Kind != errs.Aborted || e.RetryAfter != time.Second {
		t.Errorf("got %v", err)
	}
	if n := s.effects(t); n != 1 {
		t.Errorf("%d effects", n)
	}
}

func TestSameRequestTwiceInOneTransaction(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shop) {
		ctx := WithCall(t.Context(), "ada", "/m/Sell")
		sell := func(tx *shopTx) (*wrapperspb.StringValue, error) { return tx.sell(ctx, "sale") }
		_, err := Write(ctx, s, request(t, withID), func(tx *shopTx) (*wrapperspb.StringValue, error) {
			sum := fingerprint(request(t, withID).ProtoReflect())
			key, err := keyOf(ctx, requestID(request(t, withID).ProtoReflect()))
			if err != nil {
				return nil, err
			}
			return once(ctx, tx, key, sum, sell)
		})
		if !errors.Is(err, errs.ErrRequestInFlight) || s.effects(t) != 0 {
			t.Errorf("%v, %d effects", err, s.effects(t))
		}
	})
}

func TestPurge(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		clock := testkit.NewClock(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC))
		s := &shop{db, clock.Now}
		ctx := WithCall(t.Context(), "ada", "/m/Sell")
		sell := func(id string) {
			_, err := Write(ctx, s, request(t, `request_id: "`+id+`"`), func(tx *shopTx) (*wrapperspb.StringValue, error) {
				return wrapperspb.String(id), nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		rows := make([][]any, database.BulkRows) // more than one small transaction can take, with the one below
		for i := range rows {
			rows[i] = []any{fmt.Sprint("old ", i), database.Micros(clock.Now())}
		}
		err := db.Write(ctx, func(tx *sql.Tx) error { return db.BulkInsert(ctx, tx, "requests", []string{"key", "created_at"}, rows) })
		if err != nil {
			t.Fatal(err)
		}
		sell("old")
		clock.Advance(Retention)
		sell("new")
		clock.Advance(time.Microsecond)
		n, err := Purge(ctx, db, clock.Now().Add(-Retention))
		if err != nil || n != int64(len(rows)+1) {
			t.Errorf("purged %d, %v", n, err)
		}
		var left int
		if err := db.Read().QueryRowContext(ctx, `SELECT count(*) FROM requests`).Scan(&left); err != nil || left != 1 {
			t.Errorf("%d left, %v", left, err)
		}
	})
}
