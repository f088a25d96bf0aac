package database

import "testing"

func TestAnonymous(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		"SELECT 1":                           "SELECT 1",
		"SELECT $1, $2, $3":                  "SELECT ?, ?, ?",
		"SELECT $1, $1, $2, $1":              "SELECT ?, ?1, ?, ?1",
		"SELECT $2, $1, $3":                  "SELECT ?2, ?1, ?",
		"SELECT $3, $4, $12, $13":            "SELECT ?3, ?, ?12, ?",
		`SELECT '$1', "$1", $1, 'it''s $2'`:  `SELECT '$1', "$1", ?, 'it''s $2'`,
		"SELECT $, $x, $1":                   "SELECT $, $x, ?",
		"VALUES (CAST($1 AS TEXT)), ($2)":    "VALUES (CAST(? AS TEXT)), (?)",
		"UPDATE a SET b = $1 WHERE b = $1-1": "UPDATE a SET b = ? WHERE b = ?1-1",
	} {
		if got := anonymous(text); got != want {
			t.Errorf("%s\n%s, want\n%s", text, got, want)
		}
	}
}
