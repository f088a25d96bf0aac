package moveup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/classcode/maillage/pkg/database"
)

// table is one of a service's, as both sides have it.
type table struct {
	name    string
	columns []string
	key     []string // of the primary key
}

// versions count the migrations: the floor's, and the service's own.
var versions = []string{"floor_version", "goose_db_version"}

// kinds are the types of the schemas' columns, as both engines call them.
var kinds = map[string]string{"text": "TEXT", "bigint": "INTEGER", "double precision": "REAL", "bytea": "BLOB"}

// plan lists a service's tables, parents first, once both sides are known to be of one version and one shape.
func (m *move) plan(ctx context.Context, service string) ([]table, error) {
	if err := m.sameVersion(ctx, service); err != nil {
		return nil, err
	}
	source, err := shape(ctx, m.sources[service], `SELECT m.name, c.name, c.type FROM sqlite_master AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT IN ('floor_version', 'goose_db_version') ORDER BY 1, 2`)
	if err != nil {
		return nil, err
	}
	target, err := shape(ctx, m.target, `SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns AS c
		WHERE c.table_schema = $1 AND c.table_name NOT IN ('floor_version', 'goose_db_version')
		ORDER BY c.table_name COLLATE "C", c.column_name COLLATE "C"`, staging(service))
	if err != nil {
		return nil, err
	}
	if !slices.Equal(source, target) {
		return nil, fmt.Errorf("the tables of the folder are not those of this program: %s", difference(source, target))
	}
	return m.tables(ctx, service, target)
}

// sameVersion compares with what this program has just made.
func (m *move) sameVersion(ctx context.Context, service string) error {
	for _, counter := range versions {
		var source, target int64
		if err := m.sources[service].QueryRowContext(ctx, `SELECT max(version_id) FROM `+counter).Scan(&source); err != nil {
			return fmt.Errorf("%s.db is not a database of this program: %w", service, err)
		}
		if err := m.target.QueryRowContext(ctx, `SELECT max(version_id) FROM `+staging(service)+`.`+counter).Scan(&target); err != nil {
			return err
		}
		switch {
		case source < target:
			return fmt.Errorf("%s.db is of an older version (%s %d, this program has %d): start and stop this program on the folder first", service, counter, source, target)
		case source > target:
			return fmt.Errorf("%s.db was written by a newer version (%s %d, this program has %d): use that one", service, counter, source, target)
		}
	}
	return nil
}

// column is what must be the same on both sides; kind is SQLite's name for it.
type column struct{ table, name, kind string }

func shape(ctx context.Context, q database.Queryer, query string, args ...any) ([]column, error) {
	return database.All(ctx, q, func(scan database.Scan) (c column, err error) {
		err = scan(&c.table, &c.name, &c.kind)
		if kind, known := kinds[c.kind]; known {
			c.kind = kind
		}
		return c, err
	}, query, args...)
}

func difference(source, target []column) string {
	for _, c := range source {
		if !slices.Contains(target, c) {
			return fmt.Sprintf("it has %s.%s %s", c.table, c.name, c.kind)
		}
	}
	for _, c := range target {
		if !slices.Contains(source, c) {
			return fmt.Sprintf("it lacks %s.%s %s", c.table, c.name, c.kind)
		}
	}
	return "their order"
}

func (m *move) tables(ctx context.Context, service string, columns []column) ([]table, error) {
	byName := map[string]*table{}
	var names []string
	for _, c := range columns {
		if byName[c.table] == nil {
			byName[c.table] = &table{name: c.table}
			names = append(names, c.table)
		}
		byName[c.table].columns = append(byName[c.table].columns, c.name)
	}
	for _, t := range byName {
		var err error
		t.key, err = database.All(ctx, m.sources[service], func(scan database.Scan) (name string, err error) { return name, scan(&name) },
			`SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk`, t.name)
		if err != nil {
			return nil, err
		}
		if len(t.key) == 0 {
			return nil, fmt.Errorf("%s has no primary key", t.name)
		}
	}
	order, err := m.parentsFirst(ctx, service, names)
	if err != nil {
		return nil, err
	}
	plan := make([]table, len(order))
	for i, name := range order {
		plan[i] = *byName[name]
	}
	return plan, nil
}

// parentsFirst orders tables so that a foreign key finds its row.
func (m *move) parentsFirst(ctx context.Context, service string, names []string) (order []string, err error) {
	keys, err := database.All(ctx, m.target, func(scan database.Scan) (k [2]string, err error) { return k, scan(&k[0], &k[1]) },
		`SELECT child.relname, parent.relname FROM pg_constraint AS k
		JOIN pg_class AS child ON child.oid = k.conrelid JOIN pg_class AS parent ON parent.oid = k.confrelid
		JOIN pg_namespace AS n ON n.oid = k.connamespace WHERE k.contype = 'f' AND n.nspname = $1`, staging(service))
	if err != nil {
		return nil, err
	}
	for len(names) > 0 {
		ready := func(name string) bool {
			return !slices.ContainsFunc(keys, func(k [2]string) bool { return k[0] == name && k[1] != name && slices.Contains(names, k[1]) })
		}
		at := slices.IndexFunc(names, ready)
		if at < 0 {
			return nil, fmt.Errorf("foreign keys in a circle: %s", strings.Join(names, ", "))
		}
		order = append(order, names[at])
		names = slices.Delete(names, at, at+1)
	}
	return order, nil
}

// selectAll reads a table in an order that both sides agree on: text is compared by its bytes on both.
func (t table) selectAll(schema string) string {
	from := quote(t.name)
	if schema != "" {
		from = quote(schema) + "." + from
	}
	return "SELECT " + quoteAll(t.columns) + " FROM " + from + " ORDER BY " + quoteAll(t.key)
}

// quote protects names that are words of SQL, such as precision; they come from the schemas, never from a caller.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteAll(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = quote(name)
	}
	return strings.Join(all, ", ")
}
