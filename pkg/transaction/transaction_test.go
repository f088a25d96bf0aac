package transaction

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestEventsLeaveWithTheirTransactionOnly(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		woken := 0
		runner := &Runner[string]{Service: "mesh", DB: db, Now: time.Now, Committed: func() { woken++ }, Encode: func(name string) (events.Event, error) {
			if name == "" {
				return events.Event{}, errors.New("no form")
			}
			return events.Event{Subject: "maillage.mesh.v1.place." + name, Aggregate: "a", Version: 1, Payload: wrapperspb.String(name)}, nil
		}}
		failure := errors.New("after the events")
		for _, c := range []struct {
			events []string
			fails  error
			want   int // events in the outbox afterwards
		}{{[]string{"opened", "closed"}, nil, 2}, {[]string{"opened"}, failure, 2}, {[]string{"opened", ""}, nil, 2}, {nil, nil, 2}, {[]string{"opened"}, nil, 3}} {
			before := woken
			err := runner.Run(t.Context(), func(tx *Tx[string]) error {
				return errors.Join(tx.Emit(t.Context(), c.events...), c.fails)
			})
			got, all := database.All(t.Context(), db.Read(), func(scan database.Scan) (s string, err error) { return s, scan(&s) }, `SELECT subject FROM outbox`)
			if all != nil || len(got) != c.want {
				t.Errorf("%q: outbox %v, %v, want %d events", c.events, got, all, c.want)
			}
			if told := woken > before; told != (err == nil) {
				t.Errorf("%q ended with %v, and the relay was told: %v", c.events, err, told)
			}
		}
	})
}
