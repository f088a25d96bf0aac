package erasure

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestStandIn(t *testing.T) {
	one, other := StandIn(), StandIn()
	for _, id := range []string{uuid.NewString(), uuid.Must(uuid.NewV7()).String(), "", "anne"} {
		if IsStandIn(id) {
			t.Errorf("%q stands in for somebody", id)
		}
	}
	if one == other || !IsStandIn(one) || !IsStandIn(other) || uuid.MustParse(one).Variant() != uuid.RFC4122 {
		t.Errorf("%s, %s", one, other)
	}
}

func TestErasures(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		if err := db.Migrate(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		now, anne, ben := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), uuid.NewString(), uuid.NewString()
		write := func(use func(ctx context.Context, tx *sql.Tx) error) {
			t.Helper()
			if err := db.Write(t.Context(), func(tx *sql.Tx) error { return use(t.Context(), tx) }); err != nil {
				t.Fatal(err)
			}
		}
		for _, at := range []time.Time{now, now.Add(time.Hour)} { // the first time counts
			write(func(ctx context.Context, tx *sql.Tx) error { return Note(ctx, tx, anne, at) })
		}
		if at, err := When(t.Context(), db.Read(), anne); err != nil || !at.Equal(now) {
			t.Errorf("%v, %v", at, err)
		}
		if at, err := When(t.Context(), db.Read(), ben); err != nil || !at.IsZero() {
			t.Errorf("somebody else: %v, %v", at, err)
		}

		// Answers in which the person stands are forgotten, those of others are not.
		for key, person := range map[string]string{"a": anne, "b": ben} {
			write(func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `INSERT INTO requests (key, fingerprint, reply, created_at) VALUES ($1, $2, $3, 0)`,
					key, []byte("f"), []byte("\x00\xff"+person+"é\x00"))
				return err
			})
		}
		write(func(ctx context.Context, tx *sql.Tx) error { return ForgetReplies(ctx, tx, db.Engine(), anne) })
		if held := testkit.Holding(t.Context(), t, db, anne); len(held) != 1 || held[0] != "erasures.person_id" {
			t.Errorf("the person stands in %v", held)
		}
		if held := testkit.Holding(t.Context(), t, db, ben); len(held) != 1 || held[0] != "requests.reply" {
			t.Errorf("somebody else stands in %v", held)
		}

		// Once things have settled, and not before, the person is looked for again, and then even the id is gone.
		var looked []string
		again := func(ctx context.Context, person string) error {
			looked = append(looked, person)
			return db.Write(ctx, func(tx *sql.Tx) error { return Settle(ctx, tx, person) })
		}
		for _, c := range []struct {
			at   time.Time
			want int
		}{{now.Add(Settling - time.Microsecond), 0}, {now.Add(Settling), 1}, {now.Add(2 * Settling), 1}} {
			if err := Again(t.Context(), db, c.at, again); err != nil || len(looked) != c.want {
				t.Errorf("%v: looked for %v, %v", c.at, looked, err)
			}
		}
		if held := testkit.Holding(t.Context(), t, db, anne); len(held) != 0 {
			t.Errorf("the person stands in %v", held)
		}
		if at, err := When(t.Context(), db.Read(), anne); err != nil || !at.Equal(now) {
			t.Errorf("once settled: %v, %v", at, err)
		}
	})
}
