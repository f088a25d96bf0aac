package e2e

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/classcode/maillage/deploy/standalone/season"
)

// damages are what the audit must notice, each done to one row of a copy of the folder.
var damages = []struct{ what, service, statement string }{
	{"a registration is lost", "meetings", `DELETE FROM registrations WHERE id = (SELECT max(id) FROM registrations)`},
	{"a seat is not counted", "meetings", `UPDATE meetings SET taken = taken - 1 WHERE id = (SELECT max(id) FROM meetings)`},
	{"an attestation says something else", "meetings", `UPDATE attestations SET credential = '' WHERE id = (SELECT max(id) FROM attestations)`},
	{"a change was not told", "mesh", `DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox WHERE subject LIKE '%.interest.%')`},
	{"a change was told twice", "catalogue", `INSERT INTO outbox (event_id, subject, aggregate, aggregate_version, schema, payload, created_at)
		SELECT 'twice', subject, aggregate, aggregate_version, schema, payload, created_at FROM outbox WHERE id = (SELECT max(id) FROM outbox)`},
	{"the relay never came to the end", "meetings", `UPDATE relay SET id = id - 1 WHERE name = 'meetings'`},
	{"an event was not applied", "indicators", `DELETE FROM interests WHERE id = (SELECT max(id) FROM interests)`},
	{"an older state came back", "mesh", `UPDATE place_meetings SET version = version - 1 WHERE meeting_id = (SELECT max(meeting_id) FROM place_meetings)`},
	{"an event was counted twice", "indicators", `UPDATE tallies SET trained = trained + 1 WHERE commune = (SELECT max(commune) FROM tallies WHERE trained > 0)`},
	{"a group has no organiser", "meetings", `UPDATE group_organisers SET organiser_id = '' WHERE group_id = (SELECT max(group_id) FROM group_organisers)`},
	{"a person exists twice", "mesh", `INSERT INTO people (id, personas, version, created_at) VALUES ('twice', '[]', 1, 0)`},
	{"an enrolment exists twice", "catalogue", `INSERT INTO enrolments (id, module_id, module_version, person_id, level, completed, version, created_at, completed_at)
		SELECT 'twice', module_id, module_version, 'twice', level, completed, version, created_at, completed_at FROM enrolments LIMIT 1`},
	{"a request never ended", "mesh", `INSERT INTO requests (key, created_at) VALUES ('claimed', 0)`},
}

// auditNotices is the audit's control: for each damage, it must fail.
func (p *program) auditNotices(t *testing.T, reports []season.Report) {
	for _, d := range damages {
		t.Run(d.what, func(t *testing.T) {
			damaged := p.copied(t)
			damaged.damage(d.service, d.statement)
			wrong := damaged.audit(reports)
			if len(wrong) == 0 {
				t.Fatal("the audit finds nothing wrong")
			}
			t.Log(wrong[0])
		})
	}
}

// copied is a copy of the stopped program's databases.
func (p *program) copied(t *testing.T) *program {
	t.Helper()
	to := &program{t: t, dir: t.TempDir()}
	if err := os.Mkdir(filepath.Dir(to.database("mesh")), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, service := range audited {
		if err := os.WriteFile(to.database(service), readFile(t, p.database(service)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func (p *program) damage(service, statement string) {
	p.t.Helper()
	db, err := sql.Open("sqlite", "file:"+p.database(service))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	result, err := db.ExecContext(p.t.Context(), statement)
	if err != nil {
		p.t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		p.t.Fatalf("damaged %d rows: %v", n, err)
	}
}
