package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/classcode/maillage/deploy/standalone/season"
)

// books are the four databases of a site, read as one, and what is wrong with them.
type books struct {
	t      *testing.T
	tables *tables
	wrong  []string
}

// audit finds whatever is lost, doubled or not agreed on; of a site that runs, it also finds what is still under way.
func (s *site) audit(reports []season.Report) []string {
	s.t.Helper()
	tables := s.store.open(s.t, false)
	defer tables.close()
	b := &books{t: s.t, tables: tables}
	b.check(reports)
	return b.wrong
}

func (b *books) check(reports []season.Report) {
	b.t.Helper()
	b.coherent()
	b.totals(reports)
	for _, r := range reports {
		b.acknowledged(r)
	}
}

// coherent is whatever must hold by itself, whoever did what.
func (b *books) coherent() {
	b.t.Helper()
	b.wrong = nil
	for _, s := range services {
		b.outbox(s)
	}
	b.versions()
	b.projections()
	b.derived()
}

// none notes each row of a query that should have none.
func (b *books) none(what, query string, args ...any) {
	b.t.Helper()
	rows, err := b.tables.QueryContext(b.t.Context(), query, args...)
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
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
		b.t.Fatalf("%s: %v", what, err)
	}
}

// same notes the rows that one of two queries has and the other has not.
func (b *books) same(what, source, copied string) {
	b.t.Helper()
	b.none(what+", only at the source", source+` EXCEPT `+copied)
	b.none(what+", only at the consumer", copied+` EXCEPT `+source)
}

// number compares a count.
func (b *books) number(what string, want int, query string, args ...any) {
	b.t.Helper()
	var n int
	if err := b.tables.QueryRowContext(b.t.Context(), query, args...).Scan(&n); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
	if n != want {
		b.wrong = append(b.wrong, fmt.Sprintf("%s: %d, not %d", what, n, want))
	}
}

// outbox holds each version of an aggregate once, all of them, and the relay has come to its end.
func (b *books) outbox(service string) {
	b.t.Helper()
	b.none(service+" outbox, versions", `SELECT aggregate, count(*), min(aggregate_version), max(aggregate_version) FROM `+service+`.outbox
		GROUP BY aggregate HAVING count(*) <> count(DISTINCT aggregate_version) OR min(aggregate_version) <> 1
		    OR max(aggregate_version) <> count(*)`)
	b.none(service+" outbox, not published", `SELECT o.id, o.subject `+behind(service))
	b.none(service+" requests, claimed and not answered", `SELECT key FROM `+service+`.requests WHERE reply IS NULL`)
}

// behind is what the relay of a service has not published yet.
func behind(service string) string {
	return `FROM ` + service + `.outbox AS o LEFT JOIN ` + service + `.relay AS r ON r.name = '` + service + `'
		WHERE (o.epoch, o.txid, o.id) > (coalesce(r.epoch, 0), coalesce(r.txid, 0), coalesce(r.id, 0))`
}

// versions of the tables are the last that were told.
func (b *books) versions() {
	b.t.Helper()
	for _, table := range []string{
		"catalogue.modules", "catalogue.enrolments", "catalogue.practice_sheets", "mesh.places", "mesh.people", "mesh.campaigns", "mesh.interests", "mesh.groups",
		"mesh.organisers", "mesh.invitations", "meetings.meetings", "meetings.registrations", "meetings.swaps", "indicators.definitions",
	} {
		service, _, _ := strings.Cut(table, ".")
		b.none(table+" and its outbox", `SELECT t.id, t.version, max(o.aggregate_version) FROM `+table+` AS t
			LEFT JOIN `+service+`.outbox AS o ON o.aggregate = t.id GROUP BY t.id HAVING max(o.aggregate_version) IS DISTINCT FROM t.version`)
	}
	b.none("meetings.attestations and its outbox", `SELECT id FROM meetings.attestations
		WHERE id NOT IN (SELECT aggregate FROM meetings.outbox)`)
}

// projections are equal to what they are projections of.
func (b *books) projections() {
	b.t.Helper()
	b.same("interests in indicators", `SELECT id, version, person_id, campaign_id, commune_code, CASE WHEN state = 3 THEN 1 ELSE 0 END FROM mesh.interests`,
		`SELECT id, version, person_id, campaign_id, commune, withdrawn FROM indicators.interests`)
	b.same("places in indicators", `SELECT id, version, commune_code, status FROM mesh.places`,
		`SELECT id, version, commune, status FROM indicators.places`)
	b.same("meetings in indicators", `SELECT id, version, campaign_id, place_id, commune_code, state FROM meetings.meetings`,
		`SELECT id, version, campaign_id, place_id, commune, state FROM indicators.meetings`)
	b.same("attestations in indicators", `SELECT id, person_id, meeting_id, campaign_id, commune_code, CASE WHEN revoked_at > 0 THEN 1 ELSE 0 END FROM meetings.attestations`,
		`SELECT id, person_id, meeting_id, campaign_id, commune, revoked FROM indicators.attestations`)
	b.same("enrolments in indicators", `SELECT id, version, person_id, CASE WHEN completed_at > 0 THEN 1 ELSE 0 END FROM catalogue.enrolments`,
		`SELECT id, version, person_id, completed FROM indicators.enrolments`)
	b.same("meetings in mesh", `SELECT id, version, place_id, starts_at, CASE WHEN state IN (4, 5, 6) THEN 1 ELSE 0 END FROM meetings.meetings`,
		`SELECT meeting_id, version, place_id, held_at, held FROM mesh.place_meetings`)
	b.same("meetings in catalogue", `SELECT id, version, organiser_id, module_id, commune_code, CASE WHEN state IN (4, 5, 6) THEN 1 ELSE 0 END,
		CASE WHEN state = 7 THEN 1 ELSE 0 END FROM meetings.meetings`,
		`SELECT id, version, organiser_id, module_id, commune_code, held, cancelled FROM catalogue.meetings`)
	b.same("seats in catalogue", `SELECT r.id, r.version, r.meeting_id, CASE WHEN r.state IN (1, 3, 4, 5) AND m.state <> 7 THEN r.person_id ELSE '' END
		FROM meetings.registrations AS r JOIN meetings.meetings AS m ON m.id = r.meeting_id`,
		`SELECT registration_id, version, meeting_id, person_id FROM catalogue.seats`)
	b.same("groups in meetings", `SELECT id, version, organiser_id FROM mesh.groups`,
		`SELECT group_id, version, organiser_id FROM meetings.group_organisers`)
}

// derived are the numbers that follow from rows.
func (b *books) derived() {
	b.t.Helper()
	b.none("seats taken", `SELECT s.meeting_id, s.taken, count(r.id) FROM meetings.seats AS s
		LEFT JOIN meetings.registrations AS r ON r.meeting_id = s.meeting_id AND r.mode = s.mode AND r.role = s.role AND r.state IN (1, 3, 4, 5, 7)
		GROUP BY s.meeting_id, s.mode, s.role HAVING s.taken <> count(r.id)`)
	b.none("present", `SELECT m.id, m.present_count, count(r.id) FROM meetings.meetings AS m
		LEFT JOIN meetings.registrations AS r ON r.meeting_id = m.id AND r.state = 3 GROUP BY m.id HAVING m.present_count <> count(r.id)`)
	b.none("members of groups", `SELECT g.id, g.member_count, count(m.person_id) FROM mesh.groups AS g
		LEFT JOIN mesh.group_members AS m ON m.group_id = g.id GROUP BY g.id HAVING g.member_count <> count(m.person_id)`)
	b.none("organisers of meetings", `SELECT m.id, m.organiser_id, g.organiser_id FROM meetings.meetings AS m
		JOIN mesh.groups AS g ON g.id = m.group_id WHERE m.organiser_id <> g.organiser_id`)
	b.none("reuse of practice sheets", `SELECT s.id, s.derivations, s.users FROM catalogue.practice_sheets AS s
		WHERE s.derivations <> (SELECT count(*) FROM catalogue.practice_sheets AS d WHERE d.derived_from = s.id AND d.state = 4)
		    OR s.users <> (SELECT count(*) FROM catalogue.practice_sheet_users AS u WHERE u.sheet_id = s.id)`)
	b.none("lineage", `SELECT edges FROM mesh.lineage WHERE edges <> (SELECT count(*) FROM mesh.lineage_edges)`)
	each := `json_each(s.campaigns) AS c`
	if b.tables.postgres {
		each = `json_array_elements_text(s.campaigns::json) AS c(value)`
	}
	// Of all persons, and of those of each campaign, as many as stand so.
	for _, kind := range []string{"sensitised", "trained"} {
		b.same("tally of "+kind, `SELECT commune, sum(`+kind+`) FROM indicators.standings GROUP BY commune HAVING sum(`+kind+`) > 0`,
			`SELECT commune, `+kind+` FROM indicators.tallies WHERE campaign_id = '' AND `+kind+` <> 0`)
		b.same("tally of "+kind+" by campaign", `SELECT c.value, s.commune, sum(`+kind+`) FROM indicators.standings AS s, `+each+`
			GROUP BY c.value, s.commune HAVING sum(`+kind+`) > 0`,
			`SELECT campaign_id, commune, `+kind+` FROM indicators.tallies WHERE campaign_id <> '' AND `+kind+` <> 0`)
	}
	b.none("standings", `SELECT person_id, trained FROM indicators.standings
		WHERE trained <> CASE WHEN person_id IN (SELECT person_id FROM meetings.attestations WHERE revoked_at = 0) THEN 1 ELSE 0 END`)
}

// totals are of all seasons: nobody and nothing more than they made.
func (b *books) totals(reports []season.Report) {
	b.t.Helper()
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
	b.t.Helper()
	b.number("campaign "+r.Campaign, 1, `SELECT count(*) FROM mesh.campaigns WHERE id = $1 AND territory_code = $2`, r.Campaign, r.Territory)
	b.number("interests of campaign "+r.Campaign, r.Learners, `SELECT count(*) FROM mesh.interests WHERE campaign_id = $1`, r.Campaign)
	for _, g := range r.Groups {
		b.number("group "+g.ID, len(g.Members), `SELECT member_count FROM mesh.groups
			WHERE id = $1 AND campaign_id = $2 AND place_id = $3 AND organiser_id = $4
			UNION ALL SELECT -1 LIMIT 1`, g.ID, r.Campaign, g.Place, g.Organiser)
		for _, person := range g.Members {
			b.number("member "+person, 1, `SELECT count(*) FROM mesh.group_members WHERE group_id = $1 AND person_id = $2`, g.ID, person)
		}
		for _, m := range g.Meetings {
			b.gathering(g, m)
		}
	}
}

func (b *books) gathering(g season.GroupReport, m season.MeetingReport) {
	b.t.Helper()
	b.number("meeting "+m.ID, len(m.Registrations), `SELECT CAST((SELECT sum(taken) FROM meetings.seats WHERE meeting_id = id) AS BIGINT) FROM meetings.meetings
		WHERE id = $1 AND group_id = $2 AND organiser_id = $3 AND present_count = $4 UNION ALL SELECT -1 LIMIT 1`, m.ID, g.ID, g.Organiser, len(m.Present))
	for _, id := range m.Registrations {
		b.number("registration "+id, 1, `SELECT count(*) FROM meetings.registrations WHERE id = $1 AND meeting_id = $2`, id, m.ID)
	}
	for _, person := range m.Present {
		b.number("presence of "+person, 1, `SELECT count(*) FROM meetings.registrations
			WHERE meeting_id = $1 AND person_id = $2 AND state = 3`, m.ID, person)
	}
	for id, credential := range m.Credentials {
		b.number("attestation "+id, 1, `SELECT count(*) FROM meetings.attestations
			WHERE id = $1 AND meeting_id = $2 AND credential = $3`, id, m.ID, credential)
	}
}
