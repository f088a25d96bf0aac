package e2e

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
)

// Somebody who was at a meeting asks to be forgotten. Nothing in the four databases says any more who they were; what others hold
// verifies as before, and so does the copy of an attestation that the person kept; who was counted stays counted.
func TestErasure(t *testing.T) {
	p := install(t)
	p.start()
	p.await()
	meeting := p.season(40).Groups[0].Meetings[0].ID
	var page struct {
		Attestations []struct{ ID, PersonID, Credential, CredentialJSON, Role string }
	}
	attestations := func() string {
		_, answer := p.ask(http.MethodGet, "/v1/attestations?meetingId="+meeting, p.attester(), "")
		return answer
	}
	if err := json.Unmarshal([]byte(attestations()), &page); err != nil || len(page.Attestations) < 3 {
		t.Fatalf("%v, %d attestations", err, len(page.Attestations))
	}
	i := slices.IndexFunc(page.Attestations, func(a struct{ ID, PersonID, Credential, CredentialJSON, Role string }) bool {
		return a.Role == "ATTESTATION_ROLE_PARTICIPANT"
	})
	who := page.Attestations[i].PersonID
	subject := p.text(`SELECT subject FROM mesh.identities WHERE person_id = '` + who + `'`)
	email := p.text(`SELECT email FROM mesh.contacts WHERE person_id = '` + who + `'`)
	token := p.token("learner", subject)
	code, answer := p.ask(http.MethodPost, "/v1/calendars", token, `{}`)
	if code != http.StatusOK {
		t.Fatalf("calendar: %d %s", code, answer)
	}
	feed := strings.TrimPrefix(field(t, answer, "url"), p.url())

	verdicts := func() (all []string) {
		for _, a := range page.Attestations {
			for _, form := range []string{a.Credential, a.CredentialJSON} {
				said, err := json.Marshal(p.verdict(form))
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, string(said))
			}
		}
		return all
	}
	counted := func() int { return p.count(`SELECT sum(sensitised) * 1000 + sum(trained) FROM indicators.standings`) }
	settled := p.count(`SELECT count(*) FROM indicators.attestations`)
	before, list, count := verdicts(), p.body("/v1/credentials/status/1"), counted()
	if !strings.Contains(before[2*i], `"valid":true`) || settled == 0 || count == 0 || email == "" {
		t.Fatalf("%s, %d attestations are counted, %d", before[2*i], settled, count)
	}

	erase := "/v1/people/" + who + ":erase"
	p.check([]call{
		{"without the word", http.MethodPost, erase, token, `{}`, 400, "INVALID_ARGUMENT", "confirm", nil},
		{"by somebody else", http.MethodPost, erase, p.token("learner", "else"), `{"confirm":"erase"}`, 404, "NOT_FOUND", "personId", nil},
	})
	code, first := p.ask(http.MethodPost, erase, token, `{"confirm":"erase"}`)
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, first)
	}
	if _, again := p.ask(http.MethodPost, erase, token, `{"confirm":"erase"}`); again != first {
		t.Errorf("%s, then %s", first, again)
	}
	testkit.Poll(t, time.Minute, func() bool {
		return p.count(`SELECT (SELECT count(*) FROM meetings.erasures) + (SELECT count(*) FROM catalogue.erasures) + (SELECT count(*) FROM indicators.erasures)`) == 3
	}, "every service to hear of it")

	if after := verdicts(); !slices.Equal(after, before) {
		t.Errorf("the verdicts were\n%s\nand are\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	if p.body("/v1/credentials/status/1") != list {
		t.Error("the status list has changed")
	}
	if got := counted(); got != count {
		t.Errorf("%d are counted, %d were", got, count)
	}
	for _, a := range page.Attestations {
		if kept := strings.Contains(attestations(), a.Credential); kept != (a.PersonID != who) {
			t.Errorf("the attestation of %s: kept %v", a.PersonID, kept)
		}
	}
	// Whoever signs in again is somebody new, and knows nothing of the person.
	code, fresh := p.ask(http.MethodPost, "/v1/people:resolve", token, `{}`)
	if code != http.StatusOK || field(t, fresh, "id") == who {
		t.Errorf("%d %s", code, fresh)
	}
	if code, own := p.ask(http.MethodGet, "/v1/attestations", token, ""); code != http.StatusOK || strings.Contains(own, `"id"`) {
		t.Errorf("%d %s", code, own)
	}
	if code, _ := p.ask(http.MethodGet, feed, "", ""); code != http.StatusNotFound {
		t.Errorf("the secret link of a calendar: %d", code)
	}
	code, answer = p.ask(http.MethodPost, "/v1/people/"+field(t, fresh, "id")+":erase", token, `{"confirm":"erase"}`) // whose contact is the same
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, answer)
	}
	p.stop()
	p.nothingOf(who, subject, email)
}

func (s *site) body(path string) string {
	s.t.Helper()
	code, answer := s.ask(http.MethodGet, path, "", "")
	if code != http.StatusOK {
		s.t.Fatalf("%s: %d %s", path, code, answer)
	}
	return answer
}

// text reads one from the databases.
func (s *site) text(query string) (found string) {
	s.t.Helper()
	tables := s.store.open(s.t, false)
	defer tables.close()
	if err := tables.QueryRowContext(s.t.Context(), query).Scan(&found); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return found
}

// nothingOf looks through every table of the stopped program for a person, and through the streams for what says who it was.
func (p *program) nothingOf(id, subject, email string) {
	p.t.Helper()
	// What was told stays in the outbox under the id, which nothing connects with anybody; the id itself is kept until no request that was
	// under way can write of it any more.
	known := map[string][]string{"mesh": {"outbox.aggregate", "outbox.payload", "erasures.person_id"}}
	known["meetings"], known["indicators"], known["catalogue"] = known["mesh"], known["mesh"], known["mesh"]
	found := 0
	for _, service := range services {
		db := testkit.Open(p.t, &database.Config{DSN: "sqlite:" + filepath.Join(p.dir, "var", service+".db")}, nil)
		for _, text := range []string{subject, email} {
			if held := testkit.Holding(p.t.Context(), p.t, db, text); len(held) > 0 {
				p.t.Errorf("%q stands in %v of %s", text, held, service)
			}
		}
		for _, column := range testkit.Holding(p.t.Context(), p.t, db, id) {
			if found++; !slices.Contains(known[service], column) {
				p.t.Errorf("the person stands in %s of %s", column, service)
			}
		}
	}
	if found < 4 { // the control: what must be found is
		p.t.Errorf("the person was found %d times; the test does not look", found)
	}
	looked := 0
	err := filepath.WalkDir(filepath.Join(p.dir, "var"), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "mail": // letters that were sent are no longer ours: they lie here for want of a mail server
			return fs.SkipDir
		case entry.IsDir(), strings.HasSuffix(path, ".db"):
			return nil
		}
		content, err := os.ReadFile(path) //nolint:gosec // the test's own folder
		if bytes.Contains(content, []byte(email)) || bytes.Contains(content, []byte(subject)) {
			p.t.Errorf("%s says who it was", path)
		}
		if bytes.Contains(content, []byte(id)) {
			looked++
		}
		return err
	})
	if err != nil || looked == 0 {
		p.t.Errorf("the streams are not found: %v", err)
	}
}
