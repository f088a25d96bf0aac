package database

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// ViolationKind is the rule of the schema that a statement broke.
type ViolationKind uint8

// The kinds of rules.
const (
	None ViolationKind = iota
	Unique
	ForeignKey
	Check
	NotNull
)

var sqliteViolations = map[int]ViolationKind{
	275:  Check,
	787:  ForeignKey,
	1299: NotNull,
	1555: Unique, // primary key
	2067: Unique,
	2579: Unique, // rowid
}

var pgViolations = map[string]ViolationKind{"23505": Unique, "23503": ForeignKey, "23514": Check, "23502": NotNull}

// Violation tells which rule of the schema err broke, by the driver's code, and the rule's name: PostgreSQL's default names on
// both engines (table_pkey, table_column_key, table_column_not_null), or the name of a CHECK. So that both engines agree, leave
// unique constraints unnamed and name the checks. SQLite does not say which foreign key it was: there the name is empty.
func Violation(err error) (kind ViolationKind, constraint string) {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		kind = pgViolations[e.Code]
		switch kind {
		case None:
			return None, ""
		case NotNull:
			return kind, e.TableName + "_" + e.ColumnName + "_not_null"
		}
		return kind, e.ConstraintName
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok || sqliteViolations[e.Code()] == None {
		return None, ""
	}
	kind = sqliteViolations[e.Code()]
	return kind, sqliteConstraint(e, kind)
}

// sqliteConstraint reads what follows "… constraint failed: ", which is "table.a, table.b", "index 'name'" or a check's name.
func sqliteConstraint(e *sqlite.Error, kind ViolationKind) string {
	_, what, found := strings.Cut(e.Error(), " constraint failed: ")
	if !found {
		return ""
	}
	if i := strings.LastIndex(what, " ("); i >= 0 { // the driver ends with the code in brackets
		what = what[:i]
	}
	if index, named := strings.CutPrefix(what, "index '"); named {
		return strings.TrimSuffix(index, "'")
	}
	if kind == Check {
		return what
	}
	table, _, _ := strings.Cut(what, ".")
	columns := strings.ReplaceAll(strings.ReplaceAll(what, table+".", ""), ", ", "_")
	switch {
	case kind == NotNull:
		return table + "_" + columns + "_not_null"
	case e.Code() == 2067:
		return table + "_" + columns + "_key"
	}
	return table + "_pkey"
}
