package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

const (
	// PostgreSQL's sum of BIGINT is another type, and of no row it is NULL.
	sumPersons  = `SELECT CAST(coalesce(sum(p.sensitised), 0) AS BIGINT), CAST(coalesce(sum(p.trained), 0) AS BIGINT) FROM `
	countPlaces = `SELECT count(CASE WHEN p.status >= 1 THEN 1 END), count(CASE WHEN p.status >= 2 THEN 1 END),
		    count(CASE WHEN p.status >= 3 THEN 1 END) FROM `
	// CROSS JOIN keeps SQLite from going through all communes, or places, and asking of each where it is.
	within = `commune_territories t CROSS JOIN %s p WHERE p.commune = t.commune AND t.territory = `
)

// Count counts the persons and places of an area.
func (r reads) Count(ctx context.Context, a domain.Area) (c domain.Counts, err error) {
	persons := personsIn(a)
	c, err = database.One(ctx, r.q, nil, func(scan database.Scan) (c domain.Counts, err error) {
		return c, scan(&c.Sensitised, &c.Trained)
	}, persons.text.String(), persons.args...)
	if err != nil {
		return c, err
	}
	places := placesIn(a)
	return database.One(ctx, r.q, nil, func(scan database.Scan) (domain.Counts, error) {
		return c, scan(&c.Identified, &c.Active, &c.Sustained)
	}, places.text.String(), places.args...)
}

// query is a text that grows with its parameters: an engine refuses a parameter that the text does not name.
type query struct {
	text strings.Builder
	args []any
}

func (q *query) add(text string, arg any) {
	q.args = append(q.args, arg)
	q.text.WriteString(text + "$" + strconv.Itoa(len(q.args)))
}

// in selects the rows of an area; it does not ask for the territory of the whole country: some persons are known to be
// nowhere else.
func (q *query) in(table string, a domain.Area) {
	if a.Territory == domain.Country {
		q.text.WriteString(table + ` p WHERE 1 = 1`)
		return
	}
	q.add(fmt.Sprintf(within, table), a.Territory)
}

func personsIn(a domain.Area) (q query) {
	q.text.WriteString(sumPersons)
	q.in("tallies", a)
	q.add(` AND p.campaign_id = `, a.Campaign)
	return q
}

// placesIn takes a campaign's places from its meetings; those that are called off bring none.
func placesIn(a domain.Area) (q query) {
	q.text.WriteString(countPlaces)
	q.in("places", a)
	if a.Campaign != "" {
		q.add(` AND p.id IN (SELECT place_id FROM meetings WHERE campaign_id = `, a.Campaign)
		q.add(` AND state <> `, domain.MeetingCancelled)
		q.text.WriteString(`)`)
	}
	return q
}
