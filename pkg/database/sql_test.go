package database_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

// TestParameters holds both drivers to what every query of the house relies on: $n is the n-th argument, in whatever order
// and however often it appears, and $10 is not $1 followed by a zero.
func TestParameters(t *testing.T) {
	eleven := make([]any, 11)
	for i := range eleven {
		eleven[i] = fmt.Sprintf("v%d", i+1)
	}
	concat := func(order ...int) string {
		parts := make([]string, len(order))
		for i, n := range order {
			parts[i] = fmt.Sprintf("CAST($%d AS TEXT)", n)
		}
		return "SELECT " + strings.Join(parts, " || ',' || ")
	}
	cases := []struct{ name, query, want string }{
		{"in order", concat(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), "v1,v2,v3,v4,v5,v6,v7,v8,v9,v10,v11"},
		{"backwards", concat(11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1), "v11,v10,v9,v8,v7,v6,v5,v4,v3,v2,v1"},
		{"repeated", concat(1, 10, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9, 1), "v1,v10,v1,v10,v11,v2,v3,v4,v5,v6,v7,v8,v9,v1"},
		{"ten first", concat(10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11), "v10,v1,v2,v3,v4,v5,v6,v7,v8,v9,v11"},
	}
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		for _, c := range cases {
			var got string
			if err := db.Read().QueryRowContext(t.Context(), c.query, eleven...).Scan(&got); err != nil || got != c.want {
				t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
			}
		}
	})
}

// TestSharedSubset runs the constructions that queries may use on both engines.
func TestSharedSubset(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		const upsert = `INSERT INTO rooms (id, place, name, taken) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET taken = rooms.taken + excluded.taken WHERE rooms.seats > $4 RETURNING taken`
		err := db.Write(t.Context(), func(tx *sql.Tx) error {
			for i, want := range []int64{3, 6} {
				var taken int64
				if err := tx.QueryRowContext(t.Context(), upsert, "r1", "p1", "Salle "+`l'Été`, 3).Scan(&taken); err != nil {
					return err
				}
				if taken != want {
					t.Errorf("upsert %d: taken %d, want %d", i, taken, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		mustExec(t, db, `INSERT INTO rooms (id, place, name) VALUES ('r2', 'p1', 'b'), ('r3', 'p2', 'c')`)
		const query = `WITH RECURSIVE upto (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM upto WHERE n < $1),
			wanted (place) AS (VALUES ($2), ($3))
			SELECT count(*) FROM (SELECT row_number() OVER (PARTITION BY r.place ORDER BY r.id) AS rank
				FROM rooms r JOIN wanted w ON w.place = r.place) ranked JOIN upto ON upto.n = ranked.rank`
		if got := number(t, db, query, 1, "p1", "p2"); got != 2 {
			t.Errorf("first rooms of two places: %d", got)
		}
	})
}

func TestOrderIsByBytes(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		mustExec(t, db, `INSERT INTO rooms (id, place, name) VALUES ('a', 'p', '1'), ('B', 'p', '2'), ('_', 'p', '3'), ('é', 'p', '4')`)
		rows, err := db.Read().QueryContext(t.Context(), `SELECT id FROM rooms ORDER BY id`)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var got []string
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			got = append(got, id)
		}
		if err := rows.Err(); err != nil || strings.Join(got, "") != "B_aé" {
			t.Errorf("order %v, %v", got, err)
		}
	})
}

func TestBulkInsert(t *testing.T) {
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		rows := make([][]any, 2*database.BulkRows+1)
		for i := range rows {
			rows[i] = []any{fmt.Sprintf("r%d", i), "p", fmt.Sprintf("n%d", i)}
		}
		insert := func(table string, columns []string, rows [][]any) error {
			return db.Write(t.Context(), func(tx *sql.Tx) error { return db.BulkInsert(t.Context(), tx, table, columns, rows) })
		}
		columns := []string{"id", "place", "name"}
		if err := insert("rooms", columns, rows); err != nil {
			t.Fatal(err)
		}
		if got := number(t, db, `SELECT count(*) FROM rooms WHERE name = 'n' || substr(id, 2)`); got != int64(len(rows)) {
			t.Errorf("%d of %d rows", got, len(rows))
		}
		for name, bad := range map[string]error{
			"quoted table":  insert(`rooms" --`, columns, rows[:1]),
			"quoted column": insert("rooms", []string{"id)"}, [][]any{{"x"}}),
			"short row":     insert("rooms", columns, [][]any{{"x"}}),
			"no column":     insert("rooms", nil, [][]any{{}}),
		} {
			if bad == nil {
				t.Errorf("%s was accepted", name)
			}
		}
		if err := insert("rooms", columns, nil); err != nil {
			t.Errorf("no rows: %v", err)
		}
	})
}

func TestViolation(t *testing.T) {
	cases := []struct {
		name, query string
		kind        database.ViolationKind
		constraint  string
		silent      bool // SQLite does not name it
	}{
		{"primary key", `INSERT INTO rooms (id, place, name) VALUES ('r1', 'p9', 'z')`, database.Unique, "rooms_pkey", false},
		{"integer primary key", `INSERT INTO chairs (id, room) VALUES (1, 'r1')`, database.Unique, "chairs_pkey", false},
		{"unique", `INSERT INTO rooms (id, place, name) VALUES ('r9', 'p1', 'a')`, database.Unique, "rooms_place_name_key", false},
		{"check", `UPDATE rooms SET taken = 11 WHERE id = 'r1'`, database.Check, "rooms_seats", false},
		{"not null", `UPDATE rooms SET name = NULL WHERE id = 'r1'`, database.NotNull, "rooms_name_not_null", false},
		{"foreign key", `INSERT INTO chairs (id, room) VALUES (2, 'none')`, database.ForeignKey, "chairs_room_fkey", true},
		{"still referenced", `DELETE FROM rooms WHERE id = 'r1'`, database.ForeignKey, "chairs_room_fkey", true},
		{"syntax", `INSERT INTO nowhere VALUES (1)`, database.None, "", false},
	}
	testkit.Both(t, migrations(t), func(t *testing.T, db *database.DB) {
		mustExec(t, db, `INSERT INTO rooms (id, place, name) VALUES ('r1', 'p1', 'a')`)
		mustExec(t, db, `INSERT INTO chairs (id, room) VALUES (1, 'r1')`)
		for _, c := range cases {
			want := c.constraint
			if c.silent && db.Engine() == database.SQLite {
				want = ""
			}
			err := exec(t, db, c.query)
			if kind, constraint := database.Violation(err); err == nil || kind != c.kind || constraint != want {
				t.Errorf("%s: %d %q for %v, want %d %q", c.name, kind, constraint, err, c.kind, want)
			}
		}
		if kind, _ := database.Violation(nil); kind != database.None {
			t.Errorf("nil is %d", kind)
		}
	})
}
