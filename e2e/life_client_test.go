package e2e

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/testkit"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// patience is how long an answer may take through several deaths.
const patience = time.Minute

// someone is a person of the story.
type someone struct {
	name, token, id string
	language        string
}

func (s *someone) email() string { return s.name + "@example.org" }

// arrive signs someone in for the first time.
func (l *life) arrive(persona, name string) *someone {
	l.t.Helper()
	s := &someone{name: name, language: "fr"}
	query := url.Values{"persona": {persona}, "subject": {name}}
	_, answer := l.persist(http.MethodGet, "/dev/token?"+query.Encode(), "", "", "")
	s.token = field(l.t, answer, "accessToken")
	known := &meshv1.Person{}
	l.post(s, "/v1/people:resolve", &meshv1.ResolvePersonRequest{}, known)
	s.id = known.GetId()
	l.people[s.id] = s
	return s
}

func (l *life) post(who *someone, path string, in, out proto.Message) {
	l.t.Helper()
	l.must(who, http.MethodPost, path, in, out)
}

func (l *life) patch(who *someone, path string, in, out proto.Message) {
	l.t.Helper()
	l.must(who, http.MethodPatch, path, in, out)
}

func (l *life) get(who *someone, path string, out proto.Message) {
	l.t.Helper()
	l.must(who, http.MethodGet, path, nil, out)
}

// must is for requests that are answered with what was asked for.
func (l *life) must(who *someone, method, path string, in, out proto.Message) {
	l.t.Helper()
	if reason := l.request(who, method, path, in, out); reason != "" {
		l.t.Fatalf("%s %s: %s", method, path, reason)
	}
}

// request is sent under one key until it is answered; a refusal's reason comes first in what it returns.
func (l *life) request(who *someone, method, path string, in, out proto.Message) (reason string) {
	l.t.Helper()
	l.asking()
	body, token, key := "", "", uuid.NewString()
	if in != nil {
		text, err := protojson.Marshal(in)
		if err != nil {
			l.t.Fatal(err)
		}
		body = string(text)
	}
	if who != nil {
		token = who.token
	}
	code, answer := l.persist(method, path, token, body, key)
	if code != http.StatusOK {
		return refused(answer) + " " + answer
	}
	if out != nil {
		if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal([]byte(answer), out); err != nil {
			l.t.Fatalf("%s: %v in %s", path, err, answer)
		}
	}
	return ""
}

// persist asks until the answer is one that asking again would not change; whoever finds the program dead starts it again.
func (l *life) persist(method, path, token, body, key string) (code int, answer string) {
	l.t.Helper()
	var headers []string
	if key != "" && method != http.MethodGet {
		headers = []string{"Idempotency-Key", key}
	}
	testkit.Poll(l.t, patience, func() bool {
		l.revive()
		var err error
		code, answer, err = l.try(method, path, token, body, headers...)
		away := code == http.StatusServiceUnavailable || code == http.StatusGatewayTimeout
		return err == nil && !away && !slices.Contains([]string{"REQUEST_IN_FLIGHT", "ABORTED"}, refused(answer))
	}, "an answer to "+method+" "+path)
	return code, answer
}

// refused is the reason of a refusal.
func refused(answer string) string {
	var shape struct{ Error struct{ Reason string } }
	_ = json.Unmarshal([]byte(answer), &shape) // what has another shape has no reason
	return shape.Error.Reason
}

// revive starts the program again when it is dead. The minute after which what a dead process had begun is taken up by another one
// passes meanwhile.
func (l *life) revive() {
	l.t.Helper()
	if !l.dead() {
		return
	}
	l.edit(`UPDATE meetings.jobs SET free_at = due_at WHERE state = 1 AND lease_owner <> ''`)
	l.start(l.flags...)
	l.started()
}

// pass lets the hour of some jobs come while the program is dead: days cannot be waited for.
func (l *life) pass(keys ...string) {
	l.t.Helper()
	for i, key := range keys {
		keys[i] = `key LIKE '` + key + `:%'`
	}
	which := `(` + strings.Join(keys, ` OR `) + `)`
	testkit.Poll(l.t, patience, func() bool {
		l.revive()
		return l.waiting(which) >= len(keys)
	}, "what is to come to be known: "+which)
	l.die(&l.others)
	l.edit(`UPDATE meetings.jobs SET due_at = 0, free_at = 0 WHERE state = 1 AND ` + which)
	l.revive()
}

// waiting is how many such jobs are still to be done, -1 while a program that starts lets nobody read.
func (l *life) waiting(which string) (n int) {
	l.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(l.dir, "var", "meetings.db")+"?mode=ro")
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if db.QueryRowContext(l.t.Context(), `SELECT count(*) FROM jobs WHERE state = 1 AND `+which).Scan(&n) != nil {
		return -1
	}
	return n
}

// edit changes the folder of the dead program.
func (l *life) edit(statement string) {
	l.t.Helper()
	tables := l.store.open(l.t, true)
	defer tables.close()
	if _, err := tables.ExecContext(l.t.Context(), statement); err != nil {
		l.t.Fatalf("%s: %v", statement, err)
	}
}
