package e2e

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/classcode/maillage/deploy/standalone/season"
)

// audited are the services, by the names of their files.
var audited = []string{"catalogue", "mesh", "meetings", "indicators"}

// books are the four databases of a folder, read as one, and what is wrong with them.
type books struct {
	p     *program
	conn  *sql.Conn
	wrong []string
}

// audit finds whatever is lost, doubled or not agreed on; of a program that runs, it also finds what is still under way.
func (p *program) audit(reports []season.Report) []string {
	p.t.Helper()
	db, err := sql.Open("sqlite", "file:"+p.database("catalogue")+"?mode=ro")
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	b := &books{p: p, conn: conn}
	for _, s := range audited {
		if _, err := conn.ExecContext(p.t.Context(), fmt.Sprintf(`ATTACH DATABASE 'file:%s?mode=ro' AS %s`, p.database(s), s)); err != nil {
			p.t.Fatal(err)
		}
		b.outbox(s)
	}
	b.versions()
	b.projections()
	b.derived()
	b.totals(reports)
	for _, r := range reports {
		b.acknowledged(r)
	}
	return b.wrong
}

func (p *program) database(service string) string { return filepath.Join(p.dir, "var", service+".db") }

// none notes each row of a query that should have none.
func (b *books) none(what, query string, args ...any) {
	b.p.t.Helper()
	rows, err := b.conn.QueryContext(b.p.t.Context(), query, args...)
	if err != nil {
		b.p.t.Fatalf("%s: %v", what, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	for n := 0; err == nil && rows.Next(); n++ {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err = rows.Scan(into...); err == nil && n < 3 { // the first ones say it all
			b.wrong = append(b.wrong, fmt.Sprint(what, ": ", values))
		}
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		b.p.t.Fatalf("%s: %v", what, err)
	}
}

// same notes the rows that one of two queries has and the other has not.
func (b *books) same(what, source, copied string) {
	b.p.t.Helper()
	b.none(what+", only at the source", source+` EXCEPT `+copied)
	b.none(what+", only at the consumer", copied+` EXCEPT `+source)
}

// number compares a count.
func (b *books) number(what string, want int, query string, args ...any) {
	b.p.t.Helper()
	var n int
	if err := b.conn.QueryRowContext(b.p.t.Context(), query, args...).Scan(&n); err != nil {
		b.p.t.Fatalf("%s: %v", what, err)
	}
	if n != want {
		b.wrong = append(b.wrong, fmt.Sprintf("%s: %d, not %d", what, n, want))
	}
}

// outbox holds each version of an aggregate once, all of them, and the relay has come to its end.
func (b *books) outbox(service string) {
	b.p.t.Helper()
	b.none(service+" outbox, versions", `SELECT aggregate, count(*), min(aggregate_version), max(aggregate_version) FROM `+service+`.outbox
		GROUP BY aggregate HAVING count(*) <> count(DISTINCT aggregate_version) OR min(aggregate_version) <> 1
		    OR max(aggregate_version) <> count(*)`)
	b.none(service+" outbox, not published", `SELECT o.id, o.subject FROM `+service+`.outbox AS o
		LEFT JOIN `+service+`.relay AS r ON r.name = ? WHERE o.id > coalesce(r.id, 0)`, service)
	b.none(service+" requests, claimed and not answered", `SELECT key FROM `+service+`.requests WHERE reply IS NULL`)
}

// versions of the tables are the last that were told.
func (b *books) versions() {
	b.p.t.Helper()
	for _, table := range []string{
		"catalogue.modules", "catalogue.enrolments", "mesh.places", "mesh.people", "mesh.campaigns", "mesh.interests", "mesh.groups",
		"mesh.organisers", "meetings.meetings", "meetings.registrations", "indicators.definitions",
	} {
		service, _, _ := strings.Cut(table, ".")
		b.none(table+" and its outbox", `SELECT t.id, t.version, max(o.aggregate_version) FROM `+table+` AS t
			LEFT JOIN `+service+`.outbox AS o ON o.aggregate = t.id GROUP BY t.id HAVING max(o.aggregate_version) IS NOT t.version`)
	}
	b.none("meetings.attestations and its outbox", `SELECT id FROM meetings.attestations
		WHERE id NOT IN (SELECT aggregate FROM meetings.outbox)`)
}

// projections are equal to what they are projections of.
func (b *books) projections() {
	b.p.t.Helper()
	b.same("interests in indicators", `SELECT id, version, person_id, campaign_id, commune_code, state = 3 FROM mesh.interests`,
		`SELECT id, version, person_id, campaign_id, commune, withdrawn FROM indicators.interests`)
	b.same("places in indicators", `SELECT id, version, commune_code, status FROM mesh.places`,
		`SELECT id, version, commune, status FROM indicators.places`)
	b.same("meetings in indicators", `SELECT id, version, campaign_id, place_id, commune_code, state FROM meetings.meetings`,
		`SELECT id, version, campaign_id, place_id, commune, state FROM indicators.meetings`)
	b.same("attestations in indicators", `SELECT id, person_id, meeting_id, campaign_id, commune_code FROM meetings.attestations`,
		`SELECT id, person_id, meeting_id, campaign_id, commune FROM indicators.attestations`)
	b.same("enrolments in indicators", `SELECT id, version, person_id, completed_at > 0 FROM catalogue.enrolments`,
		`SELECT id, version, person_id, completed FROM indicators.enrolments`)
	b.same("meetings in mesh", `SELECT id, version, place_id, starts_at, state IN (4, 5, 6) FROM meetings.meetings`,
		`SELECT meeting_id, version, place_id, held_at, held FROM mesh.place_meetings`)
	b.same("groups in meetings", `SELECT id, version, organiser_id FROM mesh.groups`,
		`SELECT group_id, version, organiser_id FROM meetings.group_organisers`)
}

// derived are the numbers that follow from rows.
func (b *books) derived() {
	b.p.t.Helper()
	b.none("seats taken", `SELECT m.id, m.taken, count(r.id) FROM meetings.meetings AS m
		LEFT JOIN meetings.registrations AS r ON r.meeting_id = m.id AND r.state <> 2 GROUP BY m.id HAVING m.taken <> count(r.id)`)
	b.none("present", `SELECT m.id, m.present_count, count(r.id) FROM meetings.meetings AS m
		LEFT JOIN meetings.registrations AS r ON r.meeting_id = m.id AND r.state = 3 GROUP BY m.id HAVING m.present_count <> count(r.id)`)
	b.none("members of groups", `SELECT g.id, g.member_count, count(m.person_id) FROM mesh.groups AS g
		LEFT JOIN mesh.group_members AS m ON m.group_id = g.id GROUP BY g.id HAVING g.member_count <> count(m.person_id)`)
	b.none("organisers of meetings", `SELECT m.id, m.organiser_id, g.organiser_id FROM meetings.meetings AS m
		JOIN mesh.groups AS g ON g.id = m.group_id WHERE m.organiser_id <> g.organiser_id`)
	b.none("lineage", `SELECT edges FROM mesh.lineage WHERE edges <> (SELECT count(*) FROM mesh.lineage_edges)`)
	// Of all persons, and of those of each campaign, as many as stand so.
	for _, kind := range []string{"sensitised", "trained"} {
		b.same("tally of "+kind, `SELECT commune, sum(`+kind+`) FROM indicators.standings GROUP BY commune HAVING sum(`+kind+`) > 0`,
			`SELECT commune, `+kind+` FROM indicators.tallies WHERE campaign_id = '' AND `+kind+` <> 0`)
		b.same("tally of "+kind+" by campaign", `SELECT c.value, s.commune, sum(`+kind+`) FROM indicators.standings AS s, json_each(s.campaigns) AS c
			GROUP BY c.value, s.commune HAVING sum(`+kind+`) > 0`,
			`SELECT campaign_id, commune, `+kind+` FROM indicators.tallies WHERE campaign_id <> '' AND `+kind+` <> 0`)
	}
	b.none("standings", `SELECT person_id, trained FROM indicators.standings
		WHERE trained <> (person_id IN (SELECT person_id FROM meetings.attestations))`)
}

// totals are of all seasons: nobody and nothing more than they made.
func (b *books) totals(reports []season.Report) {
	b.p.t.Helper()
	learners, groups, gatherings, seats, credentials := 0, 0, 0, 0, 0
	for _, r := range reports {
		learners += r.Learners
		for _, g := range r.Groups {
			groups++
			for _, m := range g.Meetings {
				gatherings++
				seats += len(m.Registrations)
				credentials += len(m.Credentials)
			}
		}
	}
	const staff = 3 // a national, a coordinator and a first organiser each season
	b.number("people", learners+staff*len(reports), `SELECT count(*) FROM mesh.people`)
	b.number("identities", learners+staff*len(reports), `SELECT count(*) FROM mesh.identities`)
	b.number("enrolments", learners, `SELECT count(*) FROM catalogue.enrolments`)
	b.number("interests", learners, `SELECT count(*) FROM mesh.interests`)
	b.number("groups", groups, `SELECT count(*) FROM mesh.groups`)
	b.number("organisers", groups, `SELECT count(*) FROM mesh.organisers`)
	b.number("lineage", groups, `SELECT count(*) FROM mesh.lineage_edges`)
	b.number("series", groups, `SELECT count(*) FROM meetings.series`)
	b.number("meetings", gatherings, `SELECT count(*) FROM meetings.meetings`)
	b.number("registrations", seats, `SELECT count(*) FROM meetings.registrations`)
	b.number("attestations", credentials, `SELECT count(*) FROM meetings.attestations`)
}

// acknowledged is there, as it was acknowledged.
func (b *books) acknowledged(r season.Report) {
	b.p.t.Helper()
	b.number("campaign "+r.Campaign, 1, `SELECT count(*) FROM mesh.campaigns WHERE id = ? AND territory_code = ?`, r.Campaign, r.Territory)
	b.number("interests of campaign "+r.Campaign, r.Learners, `SELECT count(*) FROM mesh.interests WHERE campaign_id = ?`, r.Campaign)
	for _, g := range r.Groups {
		b.number("group "+g.ID, len(g.Members), `SELECT member_count FROM mesh.groups
			WHERE id = ? AND campaign_id = ? AND place_id = ? AND organiser_id = ?
			UNION ALL SELECT -1 LIMIT 1`, g.ID, r.Campaign, g.Place, g.Organiser)
		for _, person := range g.Members {
			b.number("member "+person, 1, `SELECT count(*) FROM mesh.group_members WHERE group_id = ? AND person_id = ?`, g.ID, person)
		}
		for _, m := range g.Meetings {
			b.gathering(g, m)
		}
	}
}

func (b *books) gathering(g season.GroupReport, m season.MeetingReport) {
	b.p.t.Helper()
	b.number("meeting "+m.ID, len(m.Registrations), `SELECT taken FROM meetings.meetings
		WHERE id = ? AND group_id = ? AND organiser_id = ? AND present_count = ? UNION ALL SELECT -1 LIMIT 1`, m.ID, g.ID, g.Organiser, len(m.Present))
	for _, id := range m.Registrations {
		b.number("registration "+id, 1, `SELECT count(*) FROM meetings.registrations WHERE id = ? AND meeting_id = ?`, id, m.ID)
	}
	for _, person := range m.Present {
		b.number("presence of "+person, 1, `SELECT count(*) FROM meetings.registrations
			WHERE meeting_id = ? AND person_id = ? AND state = 3`, m.ID, person)
	}
	for id, credential := range m.Credentials {
		b.number("attestation "+id, 1, `SELECT count(*) FROM meetings.attestations
			WHERE id = ? AND meeting_id = ? AND credential = ?`, id, m.ID, credential)
	}
}
