package store

import (
	"math"
	"strconv"
	"strings"

	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// params collects the parameters of a query whose conditions vary, and numbers them.
type params []any

func (p *params) add(v any) string {
	*p = append(*p, v)
	return "$" + strconv.Itoa(len(*p))
}

// limit ends a list: package database says why it is written so.
func (p *params) limit(rows int) string { return "LIMIT CAST(" + p.add(rows) + " AS BIGINT)" }

func (p *params) all(values []string) []string {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = p.add(v)
	}
	return marks
}

// within is the condition that the territory whose code is in column is one of these, or lies in one, in any grid.
func (p *params) within(column string, codes ...string) string {
	if len(codes) == 0 {
		return "FALSE"
	}
	in := " IN (" + strings.Join(p.all(codes), ", ") + ")"
	return `EXISTS (SELECT 1 FROM territories t JOIN territory_ancestors a ON a.code = t.anchor
		WHERE t.code = ` + column + ` AND (t.code` + in + ` OR t.parent_code` + in + ` OR a.ancestor` + in + `))`
}

// optional is a condition that no value lifts.
func (p *params) optional(column, value string) string {
	if value == "" {
		return "TRUE"
	}
	return column + " = " + p.add(value)
}

// optionalWithin is within, lifted by an empty code.
func (p *params) optionalWithin(column, code string) string {
	if code == "" {
		return "TRUE"
	}
	return p.within(column, code)
}

// concerns is the condition that the viewer is one of these persons, or coordinates the territory around the commune.
func (p *params) concerns(v domain.Viewer, commune string, persons ...string) string {
	return p.add(v.PersonID) + " IN (" + strings.Join(persons, ", ") + ") OR " + p.within(commune, v.Territories...)
}

// afterText reads a page's cursor that is a text and an id.
func afterText(p domain.Page) (text, id string) {
	if len(p.After) == 2 {
		return p.After[0], p.After[1]
	}
	return "", ""
}

// afterNumber reads a page's cursor that is a number and an id; before every number on the first page.
func afterNumber(p domain.Page) (number int64, id string) {
	text, id := afterText(p)
	if text == "" {
		return math.MinInt64, ""
	}
	number, _ = strconv.ParseInt(text, 10, 64) // our own text: the token is signed
	return number, id
}
