package e2e

import (
	"testing"

	"github.com/classcode/maillage/deploy/standalone/season"
)

// damages are what the audit must notice, each done to one row.
var damages = []struct{ what, statement string }{
	{"a registration is lost", `DELETE FROM meetings.registrations WHERE id = (SELECT max(id) FROM meetings.registrations)`},
	{"a seat is not counted", `UPDATE meetings.seats SET taken = taken - 1 WHERE meeting_id = (SELECT max(meeting_id) FROM meetings.seats WHERE taken > 0)`},
	{"an attestation says something else", `UPDATE meetings.attestations SET credential = '' WHERE id = (SELECT max(id) FROM meetings.attestations)`},
	{"a change was not told", `DELETE FROM mesh.outbox WHERE id = (SELECT max(id) FROM mesh.outbox WHERE subject LIKE '%.interest.%')`},
	{"a change was told twice", `INSERT INTO catalogue.outbox (event_id, subject, aggregate, aggregate_version, schema, payload, created_at)
		SELECT 'twice', subject, aggregate, aggregate_version, schema, payload, created_at FROM catalogue.outbox WHERE id = (SELECT max(id) FROM catalogue.outbox)`},
	{"the relay never came to the end", `UPDATE meetings.relay SET id = id - 1 WHERE name = 'meetings'`},
	{"an event was not applied", `DELETE FROM indicators.interests WHERE id = (SELECT max(id) FROM indicators.interests)`},
	{"an older state came back", `UPDATE mesh.place_meetings SET version = version - 1 WHERE meeting_id = (SELECT max(meeting_id) FROM mesh.place_meetings)`},
	{"an event was counted twice", `UPDATE indicators.tallies SET trained = trained + 1 WHERE commune = (SELECT max(commune) FROM indicators.tallies WHERE trained > 0)`},
	{"a group has no organiser", `UPDATE meetings.group_organisers SET organiser_id = '' WHERE group_id = (SELECT max(group_id) FROM meetings.group_organisers)`},
	{"a person exists twice", `INSERT INTO mesh.people (id, personas, version, created_at) VALUES ('twice', '[]', 1, 0)`},
	{"an enrolment exists twice", `INSERT INTO catalogue.enrolments (id, module_id, module_version, person_id, level, completed, version, created_at, completed_at)
		SELECT 'twice', module_id, module_version, 'twice', level, completed, version, created_at, completed_at FROM catalogue.enrolments LIMIT 1`},
	{"a request never ended", `INSERT INTO mesh.requests (key, created_at) VALUES ('claimed', 0)`},
}

// auditNotices is the audit's control: for each damage, it must fail. The site is stopped, or at rest.
func (s *site) auditNotices(reports []season.Report) {
	tables := s.store.open(s.t, true)
	defer tables.close()
	for _, d := range damages {
		s.t.Run(d.what, func(t *testing.T) {
			run := func(statement string) int64 {
				t.Helper()
				result, err := tables.ExecContext(t.Context(), statement)
				if err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
				n, _ := result.RowsAffected() // what is not a change has none
				return n
			}
			run(`BEGIN`)
			defer run(`ROLLBACK`)
			if run(d.statement) == 0 {
				t.Fatal("nothing was damaged")
			}
			b := &books{t: t, tables: tables}
			if b.check(reports); len(b.wrong) == 0 {
				t.Fatal("the audit finds nothing wrong")
			}
			t.Log(b.wrong[0])
		})
	}
}
