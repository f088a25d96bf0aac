package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/classcode/maillage/deploy/standalone/season"
)

func (s *site) season(learners int) season.Report {
	s.t.Helper()
	var out bytes.Buffer
	file := filepath.Join(s.t.TempDir(), "season.json")
	err := season.Run(s.t.Context(), season.Config{URL: s.url(), Learners: learners, Territory: "REG-84", Seed: 1, Output: file}, &out)
	s.t.Logf("\n%s", out.String())
	if err != nil {
		s.t.Fatal(err)
	}
	return read(s.t, file)
}

func TestSeasonPlaysTwiceOnTheSameFolder(t *testing.T) {
	p := install(t)
	p.start()
	p.await()
	first, second := p.season(400), p.season(400)
	if first.Campaign == second.Campaign {
		t.Error("both seasons used the same campaign")
	}
	// The same seed settles the same people: the same groups must form, whatever happened before.
	if len(first.Groups) != len(second.Groups) || first.LeftOut != second.LeftOut {
		t.Errorf("first %d groups and %d left out, then %d and %d", len(first.Groups), first.LeftOut, len(second.Groups), second.LeftOut)
	}
	late := p.token("learner", "late")
	p.check([]call{{
		"a seat at a meeting that is over", http.MethodPost, "/v1/meetings/" + first.Groups[0].Meetings[0].ID + "/registrations",
		late, `{}`, 409, "MEETING_CLOSED", "meetingId", nil,
	}})
	p.stop()
	events := p.count(`SELECT count(*) FROM mesh.outbox`)
	p.start()
	p.await()
	p.stop()
	if again := p.count(`SELECT count(*) FROM mesh.outbox`); again != events {
		t.Errorf("a restart published %d more events of data that had not changed", again-events)
	}
	if n := p.count(`SELECT count(*) FROM mesh.places`); n != 676 {
		t.Errorf("%d places, 676 in the reference data", n)
	}
}

func read(t *testing.T, file string) (r season.Report) {
	t.Helper()
	if err := json.Unmarshal(readFile(t, file), &r); err != nil {
		t.Fatal(err)
	}
	return r
}
