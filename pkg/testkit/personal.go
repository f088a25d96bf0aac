package testkit

import (
	"context"
	"regexp"
	"testing"

	"github.com/classcode/maillage/pkg/database"
)

// person is how columns are called that hold people.
var person = regexp.MustCompile(`(^|_)(person|organiser|countersigner|author|closer|reporter|responsible|peer)(_id)?$|_(by|person)$`)

// column is a column of a table.
type column struct{ table, name, kind string }

// columns are all of a database's.
func columns(t testing.TB, db *database.DB) []column {
	t.Helper()
	query := `SELECT m.name, c.name, lower(c.type) FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2`
	if db.Engine() == database.Postgres {
		query = `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, 2`
	}
	all, err := database.All(t.Context(), db.Read(), func(scan database.Scan) (c column, err error) {
		return c, scan(&c.table, &c.name, &c.kind)
	}, query)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Personal is the columns that hold people, by their names: as "table.column".
func Personal(t testing.TB, db *database.DB) (found []string) {
	t.Helper()
	for _, c := range columns(t, db) {
		if c.kind == "text" && person.MatchString(c.name) {
			found = append(found, c.table+"."+c.name)
		}
	}
	return found
}

// Holding is the columns in which a text stands somewhere, in words or in bytes: as "table.column".
func Holding(ctx context.Context, t testing.TB, db *database.DB, text string) (found []string) {
	t.Helper()
	for _, c := range columns(t, db) {
		holds := `instr(CAST("` + c.name + `" AS BLOB), CAST($1 AS BLOB)) > 0`
		switch {
		case db.Engine() == database.Postgres && c.kind == "bytea":
			holds = `position(convert_to($1, 'UTF8') IN "` + c.name + `") > 0`
		case db.Engine() == database.Postgres:
			holds = `position($1 IN CAST("` + c.name + `" AS TEXT)) > 0`
		}
		rows, err := database.All(ctx, db.Read(), func(scan database.Scan) (one int, err error) { return one, scan(&one) },
			`SELECT 1 FROM "`+c.table+`" WHERE `+holds+` LIMIT 1`, text)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > 0 {
			found = append(found, c.table+"."+c.name)
		}
	}
	return found
}
