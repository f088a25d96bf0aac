package database_test

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"testing"

	"modernc.org/sqlite"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

// BenchmarkKept reads a row by its key and a page of fifty, with statements that are kept and with statements parsed anew. The page
// is asked for with a bare LIMIT too: SQLite prepares that again whenever it is bound.
func BenchmarkKept(b *testing.B) {
	cfg := testkit.SQLite(b)
	fill(b, testkit.Open(b, cfg, os.DirFS("testdata")))
	plain, err := sqlite.NewConnector(cfg.DSN[len("sqlite:"):])
	if err != nil {
		b.Fatal(err)
	}
	const page = `SELECT id, place, name, taken, seats FROM rooms WHERE (place, name) > ($1, $2) ORDER BY place, name LIMIT `
	for _, c := range []struct {
		name, query string
		args        []any
	}{
		{"one row", `SELECT id, place, name, taken, seats FROM rooms WHERE id = $1`, []any{"r0500"}},
		{"page of 50", page + `CAST($3 AS BIGINT)`, []any{"p", "n0500", 50}},
		{"page of 50, bare LIMIT", page + `$3`, []any{"p", "n0500", 50}},
	} {
		b.Run(c.name+"/parsed", func(b *testing.B) { readAll(b, plain, c.query, c.args) })
		b.Run(c.name+"/kept", func(b *testing.B) { readAll(b, database.Keeping(plain), c.query, c.args) })
	}
}

func fill(b *testing.B, db *database.DB) {
	b.Helper()
	rows := make([][]any, 1000)
	for i := range rows {
		rows[i] = []any{fmt.Sprintf("r%04d", i), "p", fmt.Sprintf("n%04d", i)}
	}
	err := db.Write(b.Context(), func(tx *sql.Tx) error {
		return db.BulkInsert(b.Context(), tx, "rooms", []string{"id", "place", "name"}, rows)
	})
	if err != nil {
		b.Fatal(err)
	}
}

func readAll(b *testing.B, connector driver.Connector, query string, args []any) {
	b.Helper()
	pool := sql.OpenDB(connector)
	defer func() { _ = pool.Close() }()
	var id, place, name string
	var taken, seats int
	b.ReportAllocs()
	for b.Loop() {
		_, err := database.All(b.Context(), pool, func(scan database.Scan) (struct{}, error) {
			return struct{}{}, scan(&id, &place, &name, &taken, &seats)
		}, query, args...)
		if err != nil || id < "r0500" {
			b.Fatal(id, err)
		}
	}
}
