package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/testkit"
)

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // the test's own file
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (s *site) token(persona, subject string) string {
	s.t.Helper()
	code, answer := s.ask(http.MethodGet, "/dev/token?persona="+persona+"&subject="+subject, "", "")
	var out struct{ AccessToken string }
	if err := json.Unmarshal([]byte(answer), &out); err != nil || code != http.StatusOK {
		s.t.Fatalf("token: %d %s", code, answer)
	}
	return out.AccessToken
}

// field reads a text of a JSON answer.
func field(t *testing.T, answer, name string) string {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(answer), &out); err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
	text, ok := out[name].(string)
	if !ok {
		t.Fatalf("no %s in %s", name, answer)
	}
	return text
}

const (
	module = "5a1e0000-0000-4000-8000-000000000001"
	key    = "0b8f3c1e-3a49-4c8e-9d52-9e6f6d2b8a01"
	lyon   = `"communeCode":"69123","position":{"latitude":45.76,"longitude":4.83}`
)

// call is a request and the answer that is expected: a code, a reason, and the field that is named.
type call struct {
	name, method, path, token, body string
	code                            int
	reason, field                   string
	headers                         []string
}

func (s *site) check(calls []call) {
	s.t.Helper()
	for _, c := range calls {
		s.t.Run(c.name, func(t *testing.T) {
			code, answer := s.ask(c.method, c.path, c.token, c.body, c.headers...)
			var shape struct {
				Error struct {
					Reason string
					Fields []struct{ Field string }
				}
			}
			if err := json.Unmarshal([]byte(answer), &shape); err != nil {
				t.Fatalf("%d %s: not the one error shape: %v", code, answer, err)
			}
			named := ""
			if len(shape.Error.Fields) > 0 {
				named = shape.Error.Fields[0].Field
			}
			if code != c.code || shape.Error.Reason != c.reason || named != c.field {
				t.Errorf("got %d %s at %q\nwant %d %s at %q\n%s", code, shape.Error.Reason, named, c.code, c.reason, c.field, answer)
			}
		})
	}
}

func TestDoor(t *testing.T) {
	p := install(t)
	p.start()
	p.await()
	p.door()
	p.stop()
	p.doorLeaves()
}

// door is what the outside relies on, in either form.
func (s *site) door() {
	s.t.Run("bad input is refused precisely", s.badInput)
	s.t.Run("what the outside relies on is there", s.paths)
	s.t.Run("gRPC lists and answers", s.grpcAnswers)
	s.t.Run("a calendar is subscribed to, and its link revoked", s.calendars)
	s.t.Run("a role works, and stops working, at once in every service", s.roles)
}

// doorLeaves is what was made: one interest, two places and one campaign, rightly, and nothing by what was refused.
func (s *site) doorLeaves() {
	s.t.Helper()
	for query, want := range map[string]int{
		`SELECT count(*) FROM mesh.interests`: 1, `SELECT count(*) FROM mesh.places WHERE source = ''`: 2, `SELECT count(*) FROM mesh.campaigns`: 1,
	} {
		if got := s.count(query); got != want {
			s.t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}

func (s *site) badInput(t *testing.T) {
	s = s.in(t)
	learner, coordinator := s.token("learner", "l1"), s.token("coordinator", "c1")
	interest := `{"communeCode":"69123","moduleId":"` + module + `"}`
	if code, answer := s.ask(http.MethodPost, "/v1/interests", learner, interest, "Idempotency-Key", key); code != http.StatusOK {
		t.Fatalf("interest: %d %s", code, answer)
	}
	code, answer := s.ask(http.MethodPost, "/v1/places", coordinator, `{"name":"Salle",`+lyon+`}`)
	if code != http.StatusOK {
		t.Fatalf("place: %d %s", code, answer)
	}
	place := "/v1/places/" + field(t, answer, "id")
	code, answer = s.ask(http.MethodPost, "/v1/campaigns", coordinator, `{"title":"Essai","territoryCode":"REG-84"}`)
	if code != http.StatusOK {
		t.Fatalf("campaign: %d %s", code, answer)
	}
	form := "/v1/campaigns/" + field(t, answer, "id") + ":formGroups"
	_, page := s.ask(http.MethodGet, "/v1/places?pageSize=1", "", "")
	foreign := field(t, page, "nextPageToken")
	post, get, patch := http.MethodPost, http.MethodGet, http.MethodPatch
	s.check([]call{
		{"malformed JSON", post, "/v1/interests", learner, `{"communeCode":`, 400, "MALFORMED_JSON", "", nil},
		{"unknown field", post, "/v1/interests", learner, `{"commune":"69123"}`, 400, "UNKNOWN_FIELD", "interest.commune", nil},
		{"unknown query parameter", get, "/v1/places?page=2", "", "", 400, "UNKNOWN_PARAMETER", "page", nil},
		{"wrong id", get, "/v1/places/1", "", "", 400, "INVALID_ARGUMENT", "id", nil},
		{"unknown id", get, "/v1/places/" + key, "", "", 404, "NOT_FOUND", "", nil},
		{"unknown territory", get, "/v1/territories/00000", "", "", 404, "NOT_FOUND", "", nil},
		{"unknown commune", post, "/v1/interests", learner, `{"communeCode":"00000","moduleId":"` + module + `"}`, 400, "REFERENCE_NOT_FOUND", "interest.communeCode", nil},
		{"unknown module", post, "/v1/interests", learner, `{"communeCode":"69123","moduleId":"` + key + `"}`, 400, "REFERENCE_NOT_FOUND", "interest.moduleId", nil},
		{"stale etag", patch, place + "?updateMask=name", coordinator, `{"name":"Autre","etag":"\"9\"",` + lyon + `}`, 412, "ETAG_MISMATCH", "place.etag", nil},
		{"foreign page token", get, "/v1/territories?pageToken=" + foreign, "", "", 400, "PAGE_TOKEN_INVALID", "pageToken", nil},
		{"page token of another filter", get, "/v1/places?territoryCode=REG-84&pageToken=" + foreign, "", "", 400, "PAGE_TOKEN_INVALID", "pageToken", nil},
		{"negative page size", get, "/v1/places?pageSize=-1", "", "", 400, "INVALID_ARGUMENT", "pageSize", nil},
		{"capacity of zero", post, "/v1/series", learner, `{"groupId":"` + key + `","timeZone":"Europe/Paris","capacity":0,"slots":[{"startTime":"2030-01-01T10:00:00Z","endTime":"2030-01-01T12:00:00Z"}]}`, 400, "INVALID_ARGUMENT", "capacity", nil},
		{"group of 26", post, form, coordinator, `{"moduleId":"` + module + `","maxSize":26}`, 400, "INVALID_ARGUMENT", "maxSize", nil},
		{"least above most", post, form, coordinator, `{"moduleId":"` + module + `","minSize":9,"maxSize":8}`, 400, "MIN_ABOVE_MAX", "minSize", nil},
		{"inverted latitude", post, "/v1/places", coordinator, `{"name":"Salle","communeCode":"69123","position":{"latitude":4.83,"longitude":45.76}}`, 400, "POSITION_INVERTED", "place.position", nil},
		{"latitude of 91", post, "/v1/places", coordinator, `{"name":"Salle","communeCode":"69123","position":{"latitude":91,"longitude":4.83}}`, 400, "INVALID_ARGUMENT", "place.position.latitude", nil},
		{"NUL in a name", post, "/v1/places", coordinator, `{"name":"a\u0000b",` + lyon + `}`, 400, "NUL_CHARACTER", "place.name", nil},
		{"name of 201 letters", post, "/v1/places", coordinator, `{"name":"` + strings.Repeat("é", 201) + `",` + lyon + `}`, 400, "INVALID_ARGUMENT", "place.name", nil},
		{"another region's place", post, "/v1/places", coordinator, `{"name":"Salle","communeCode":"13055","position":{"latitude":43.3,"longitude":5.37}}`, 403, "NOT_PERMITTED", "", nil},
		{"no token", post, "/v1/interests", "", interest, 401, "TOKEN_MISSING", "", nil},
		{"forged token", post, "/v1/interests", learner[:len(learner)-4] + "AAAA", interest, 401, "TOKEN_INVALID", "", nil},
		{"expired token", post, "/v1/interests", s.expired(), interest, 401, "TOKEN_EXPIRED", "", nil},
		{"body over the limit", post, "/v1/interests", learner, `{"communeCode":"` + strings.Repeat("6", 1<<20) + `"}`, 413, "BODY_TOO_LARGE", "", nil},
		{"the same key, another payload", post, "/v1/interests", learner, strings.Replace(interest, "69123", "69081", 1), 409, "REQUEST_ID_REUSED", "requestId", []string{"Idempotency-Key", key}},
		{"the same wish again", post, "/v1/interests", learner, interest, 409, "ALREADY_INTERESTED", "", nil},
		{"a key that is none", post, "/v1/interests", learner, interest, 400, "INVALID_HEADER", "Idempotency-Key", []string{"Idempotency-Key", "one"}},
		{"wrong method", http.MethodDelete, "/v1/places", coordinator, "", 405, "METHOD_NOT_ALLOWED", "", nil},
		{"nothing there", get, "/v1/nothing", "", "", 404, "ROUTE_NOT_FOUND", "", nil},
		{"an unknown persona", get, "/dev/token?persona=king&subject=x", "", "", 400, "PERSONA_UNKNOWN", "persona", nil},
	})
	code, answer = s.ask(post, "/v1/interests", learner, interest, "Idempotency-Key", key)
	if code != http.StatusOK || !strings.Contains(answer, "INTEREST_STATE_WAITING") {
		t.Errorf("the same request twice: %d %s", code, answer)
	}
}

// expired is a token of one second, once it is refused.
func (s *site) expired() string {
	s.t.Helper()
	_, answer := s.ask(http.MethodGet, "/dev/token?persona=learner&subject=late&ttl=1s", "", "")
	token := field(s.t, answer, "accessToken")
	testkit.Poll(s.t, 10*time.Second, func() bool {
		code, _ := s.ask(http.MethodGet, "/v1/enrolments", token, "")
		return code == http.StatusUnauthorized
	}, "a token of one second to expire")
	return token
}

func (s *site) paths(t *testing.T) {
	s = s.in(t)
	for path, part := range map[string]string{
		"/v1/territories/69123":  `"Lyon"`,
		"/v1/modules":            `"modules":[`,
		"/v1/places":             `"places":[`,
		"/v1/groups":             `"groups":[`,
		"/v1/meetings":           `"meetings":[`,
		"/v1/indicators":         `"I3c"`,
		"/.well-known/jwks.json": `"Ed25519"`,
		"/openapi.json":          `"openapi"`,
		"/":                      `lang="fr"`,
	} {
		code, answer := s.ask(http.MethodGet, path, "", "")
		if code != http.StatusOK || !strings.Contains(strings.ReplaceAll(answer, ": ", ":"), part) {
			t.Errorf("%s: %d, no %s in %.200s", path, code, part, answer)
		}
	}
	code, answer := s.ask(http.MethodPost, "/v1/attestations:verify", "", `{"credential":"a.b.c"}`)
	if code != http.StatusOK || !strings.Contains(strings.ReplaceAll(answer, " ", ""), `"valid":false`) {
		t.Errorf("verify: %d %s", code, answer)
	}
	for _, admin := range s.admin {
		for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
			response, err := http.Get("http://" + admin + path) //nolint:noctx // loopback
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("%s: %d", path, response.StatusCode)
			}
		}
	}
}

// roles gives a learner the national team's role and takes it back: the catalogue, which remembers people for five minutes,
// must notice within seconds.
func (s *site) roles(t *testing.T) {
	s = s.in(t)
	national, learner := s.token("national", "n1"), s.token("learner", "riser")
	_, answer := s.ask(http.MethodPost, "/v1/people:resolve", learner, `{}`)
	person := "/v1/people/" + field(t, answer, "id")
	publish := func() int {
		code, _ := s.ask(http.MethodPost, "/v1/resources", learner,
			`{"title":"Fiche","uri":"https://example.org/","kind":"RESOURCE_KIND_TEXT","languageCode":"fr","licence":"CC0-1.0"}`)
		return code
	}
	if code := publish(); code != http.StatusForbidden {
		t.Fatalf("a learner published: %d", code)
	}
	for _, step := range []struct {
		verb string
		want int
	}{{":grantRole", http.StatusOK}, {":revokeRole", http.StatusForbidden}} {
		if code, answer := s.ask(http.MethodPost, person+step.verb, national, `{"grant":{"role":"ROLE_NATIONAL"}}`); code != http.StatusOK {
			t.Fatalf("%s: %d %s", step.verb, code, answer)
		}
		testkit.Poll(t, 10*time.Second, func() bool { return publish() == step.want }, "the catalogue to notice "+step.verb)
	}
}
