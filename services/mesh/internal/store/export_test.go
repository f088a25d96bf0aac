package store

import (
	"slices"
	"strings"
)

// Forgets tells whether an erasure does something with a column that holds people.
func Forgets(table, column string) bool {
	return slices.ContainsFunc(slices.Concat(forgetting, standing), func(statement string) bool {
		touches := strings.HasPrefix(statement, "DELETE FROM "+table+" ") || strings.HasPrefix(statement, "UPDATE "+table+" SET "+column+" = ")
		return touches && strings.Contains(statement, column+" = $1")
	})
}
