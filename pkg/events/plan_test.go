package events

import (
	"strings"
	"testing"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

// Whatever the outbox holds, SQLite begins to read behind the cursor: a read of all of it, ten times a second, grows with the deployment.
func TestSQLiteReadsBehindTheCursor(t *testing.T) {
	db := testkit.Open(t, testkit.SQLite(t), nil)
	for query, args := range map[string][]any{
		nextSQLite: {0, 0, 1, 0, page}, keysSQLite: {0, 0, 1, 0, 0, 9, page}, backlogSQLite: {0, 0, 1},
	} {
		steps, err := database.All(t.Context(), db.Read(), func(scan database.Scan) (step string, err error) {
			var id, parent, unused int
			return step, scan(&id, &parent, &unused, &step)
		}, "EXPLAIN QUERY PLAN "+query, args...)
		if plan := strings.Join(steps, "; "); err != nil || !strings.Contains(plan, "outbox USING INTEGER PRIMARY KEY") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\n%s, %v", query, plan, err)
		}
	}
}
