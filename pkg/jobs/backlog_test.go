package jobs

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// far fills the table with jobs whose hour is far.
func far(t *testing.T, db *database.DB, kind string, n int) {
	t.Helper()
	var all []Job
	for i := range n {
		all = append(all, Job{Kind: kind, Key: fmt.Sprintf("%s/%d", kind, i), Due: noon.AddDate(0, 1, 0)})
	}
	for part := range slices.Chunk(all, 1000) { // a write has five seconds, on a slow machine with -race as well
		if err := db.Write(t.Context(), func(tx *sql.Tx) error { return Enqueue(t.Context(), tx, noon, part...) }); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBacklog(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		jobs := table{db}
		far(t, db, "mail", 3)
		err := db.Write(t.Context(), func(tx *sql.Tx) error {
			return Enqueue(t.Context(), tx, noon,
				Job{Kind: "mail", Key: "at work", Due: noon.Add(-3 * time.Hour)}, Job{Kind: "mail", Key: "put off", Due: noon.Add(-2 * time.Hour)},
				Job{Kind: "mail", Key: "given up", Due: noon.Add(-time.Hour)})
		})
		if err != nil {
			t.Fatal(err)
		}
		taken, err := jobs.take(t.Context(), "mail", 3, noon, noon.Add(time.Minute))
		if err != nil || len(taken) != 3 {
			t.Fatal(taken, err)
		}
		for _, j := range taken {
			switch j.Key {
			case "put off":
				_, err = jobs.release(t.Context(), j, 1, "not now", noon.Add(time.Hour))
			case "given up":
				_, err = jobs.finish(t.Context(), j, dead, "never", noon)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		err = db.Write(t.Context(), func(tx *sql.Tx) error {
			return Enqueue(t.Context(), tx, noon, Job{Kind: "mail", Key: "free", Due: noon}, Job{Kind: "other", Key: "other", Due: noon})
		})
		if err != nil {
			t.Fatal(err)
		}
		due, given, oldest, err := jobs.backlog(t.Context(), "mail", noon)
		if err != nil || due != 3 || given != 1 || oldest != 3*time.Hour {
			t.Errorf("%d due and %d dead, the oldest for %v, %v; want 3, 1 and 3h", due, given, oldest, err)
		}
	})
}

// A table of reminders whose hour is far is not read through, again and again, to find that none is due.
func TestFewAreReadOfMany(t *testing.T) {
	testkit.Both(t, nil, func(t *testing.T, db *database.DB) {
		far(t, db, "reminder", 20_000)
		if err := db.Write(t.Context(), func(tx *sql.Tx) error { _, err := tx.ExecContext(t.Context(), "ANALYZE jobs"); return err }); err != nil {
			t.Fatal(err)
		}
		if plan := planned(t, db, firstDue); !strings.Contains(plan, "jobs_next") || strings.Contains(plan, "Sort") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("the first that is due: %s", plan)
		}
		if db.Engine() == database.Postgres {
			if plan := planned(t, db, strings.Replace(firstDue, "ORDER BY kind, free_at", "", 1)); !strings.Contains(plan, "Seq Scan") {
				t.Errorf("control: without an order: %s", plan)
			}
		}
		if plan := planned(t, db, allDue); !strings.Contains(plan, "jobs_next") || !strings.Contains(plan, "jobs_taken") {
			t.Errorf("all that are due: %s", plan)
		}
	})
}

// planned is how a statement is carried out that is planned for no values in particular.
func planned(t *testing.T, db *database.DB, query string) string {
	t.Helper()
	conn, err := db.Read().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	explain, args := "EXPLAIN QUERY PLAN "+query, []any{"reminder", database.Micros(noon)}
	if db.Engine() == database.Postgres {
		for _, step := range []string{"SET plan_cache_mode = force_generic_plan", "PREPARE asked AS " + query} {
			if _, err := conn.ExecContext(t.Context(), step); err != nil {
				t.Fatal(err)
			}
		}
		explain, args = fmt.Sprintf("EXPLAIN EXECUTE asked ('reminder', %d)", database.Micros(noon)), nil
	}
	rows, err := conn.QueryContext(t.Context(), explain, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		into := []any{&id, &parent, &unused, &step}
		if db.Engine() == database.Postgres {
			into = into[3:]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, strings.TrimSpace(step))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if db.Engine() == database.Postgres {
		if _, err := conn.ExecContext(t.Context(), "DEALLOCATE asked"); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(plan, "; ")
}
