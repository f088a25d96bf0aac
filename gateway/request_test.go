package gateway

import (
	"net/http"
	"strings"
	"testing"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func TestBadBodies(t *testing.T) {
	const places, series, confirm = "/v1/places", "/v1/series", "/v1/meetings/" + someID + ":confirm"
	for _, c := range []struct {
		name, path, body, reason, field string
	}{
		{"cut", places, `{"name":"x"`, "MALFORMED_JSON", ""},
		{"trailing", places, `{"name":"x"} {}`, "MALFORMED_JSON", ""},
		{"comment", places, `{"name":"x" /* */}`, "MALFORMED_JSON", ""},
		{"BOM", places, "\ufeff{}", "MALFORMED_JSON", ""},
		{"array", places, `[]`, "MALFORMED_JSON", ""},
		{"null", places, `null`, "MALFORMED_JSON", ""},
		{"NaN", places, `{"position":{"latitude":NaN}}`, "MALFORMED_JSON", ""},
		{"deep", places, strings.Repeat("[", 100_000), "MALFORMED_JSON", ""},
		{"unknown", places, `{"nom":"x"}`, "UNKNOWN_FIELD", "place.nom"},
		{"unknown, nested", places, "{\"name\":\"é\",\n \"position\":{\"latitude\":1,\n\t\"lat\":2}}", "UNKNOWN_FIELD", "place.position.lat"},
		{"unknown, in a list", series, `{"slots":[{"startTime":"2027-01-01T10:00:00Z"},{"start":1}]}`, "UNKNOWN_FIELD", "slots[1].start"},
		{"unknown, all of the body", confirm, `{"force":true}`, "UNKNOWN_FIELD", "force"},
		{"twice", places, `{"name":"x","name":"y"}`, "DUPLICATE_FIELD", "place.name"},
		{"two spellings", places, `{"communeCode":"44109","commune_code":"44109"}`, "DUPLICATE_FIELD", "place.commune_code"},
		{"number for text", places, `{"name":3}`, "INVALID_VALUE", "place.name"},
		{"text for number", series, `{"capacity":"many"}`, "INVALID_VALUE", "capacity"},
		{"fraction", series, `{"capacity":1.5}`, "INVALID_VALUE", "capacity"},
		{"too large", series, `{"capacity":2147483648}`, "INVALID_VALUE", "capacity"},
		{"1e400", places, `{"position":{"latitude":1e400}}`, "INVALID_VALUE", "place.position.latitude"},
		{"object for text", places, `{"name":{"fr":"x"}}`, "INVALID_VALUE", "place.name"},
		{"number for object", places, `{"position":3}`, "INVALID_VALUE", "place.position"},
		{"array for object", places, `{"position":[1,2]}`, "INVALID_VALUE", "place.position"},
		{"object for list", series, `{"slots":{}}`, "INVALID_VALUE", "slots"},
		{"no date", series, `{"slots":[{"startTime":"2027-02-30T10:00:00Z"}]}`, "INVALID_VALUE", "slots[0].startTime"},
		{"year 10000", series, `{"slots":[{"endTime":"10000-01-01T00:00:00Z"}]}`, "INVALID_VALUE", "slots[0].endTime"},
		{"enum", places, `{"status":"OPEN"}`, "INVALID_VALUE", "place.status"},
		{"lone surrogate", places, `{"name":"\ud800 and more"}`, "INVALID_VALUE", "place.name"},
		{"not UTF-8", places, "{\"name\":\"\xff\"}", "INVALID_VALUE", "place.name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			door, fake := open(t, Config{}, Deps{})
			p := refusal(t, ask(t, door, "POST", c.path, c.body), http.StatusBadRequest, c.reason)
			expectField(t, p, c.field)
			if c.reason == "MALFORMED_JSON" && (p.Metadata["line"] == "" || p.Metadata["column"] == "") {
				t.Errorf("no position: %v", p.Metadata)
			}
			if len(fake.seen()) != 0 {
				t.Error("a service was called")
			}
		})
	}
}

func expectField(t *testing.T, p problem, field string) {
	t.Helper()
	switch {
	case field == "" && len(p.Fields) != 0:
		t.Errorf("fields %v", p.Fields)
	case field != "" && (len(p.Fields) != 1 || p.Fields[0].Field != field || p.Fields[0].Message == "" || p.Fields[0].Reason == ""):
		t.Errorf("fields %v, want %s", p.Fields, field)
	}
}

func TestBadPatch(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	p := refusal(t, ask(t, door, "PATCH", "/v1/places/"+someID, `{"seats":"x"}`), http.StatusBadRequest, "INVALID_VALUE")
	expectField(t, p, "place.seats")
	if len(fake.seen()) != 0 {
		t.Error("a service was called")
	}
}

func TestMalformedPosition(t *testing.T) {
	door, _ := open(t, Config{}, Deps{})
	p := refusal(t, ask(t, door, "POST", "/v1/places", "{\n \"name\": }"), http.StatusBadRequest, "MALFORMED_JSON")
	if p.Metadata["line"] != "2" || p.Metadata["column"] != "10" {
		t.Errorf("%v", p.Metadata)
	}
}

func TestBadParameters(t *testing.T) {
	for _, c := range []struct{ name, method, target, reason, field string }{
		{"unknown", "GET", "/v1/places?size=3", "UNKNOWN_PARAMETER", "size"},
		{"unknown, nested", "GET", "/v1/places:nearest?position.lat=3", "UNKNOWN_PARAMETER", "position.lat"},
		{"below a scalar", "GET", "/v1/places?pageSize.x=3", "UNKNOWN_PARAMETER", "pageSize.x"},
		{"of the path", "GET", "/v1/places/" + someID + "?id=1", "UNKNOWN_PARAMETER", "id"},
		{"of the body", "POST", "/v1/places?place.name=x", "UNKNOWN_PARAMETER", "place.name"},
		{"body takes all", "POST", "/v1/meetings/" + someID + ":confirm?etag=x", "UNKNOWN_PARAMETER", "etag"},
		{"on a call without any", "GET", "/.well-known/jwks.json?x=1", "UNKNOWN_PARAMETER", "x"},
		{"twice", "GET", "/v1/places?pageSize=1&pageSize=2", "INVALID_VALUE", "pageSize"},
		{"two spellings", "GET", "/v1/places?pageSize=1&page_size=2", "DUPLICATE_FIELD", "page_size"},
		{"not a number", "GET", "/v1/places?pageSize=ten", "INVALID_VALUE", "pageSize"},
		{"empty number", "GET", "/v1/places?pageSize=", "INVALID_VALUE", "pageSize"},
		{"too large", "GET", "/v1/places?pageSize=2147483648", "INVALID_VALUE", "pageSize"},
		{"enum", "GET", "/v1/places?status=OPEN", "INVALID_VALUE", "status"},
		{"whole object", "GET", "/v1/places:nearest?position=1", "INVALID_VALUE", "position"},
		{"not UTF-8", "GET", "/v1/places?pageToken=%ff", "INVALID_VALUE", "pageToken"},
		{"bad escape", "GET", "/v1/places?pageToken=%zz", "MALFORMED_QUERY", ""},
		{"semicolon", "GET", "/v1/places?pageSize=1;pageToken=x", "MALFORMED_QUERY", ""},
		{"path not UTF-8", "GET", "/v1/places/%ff", "INVALID_VALUE", "id"},
		{"nested path not UTF-8", "PATCH", "/v1/places/%ff", "INVALID_VALUE", "place.id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			door, fake := open(t, Config{}, Deps{})
			p := refusal(t, ask(t, door, c.method, c.target, ""), http.StatusBadRequest, c.reason)
			expectField(t, p, c.field)
			if len(fake.seen()) != 0 {
				t.Error("a service was called")
			}
		})
	}
}

func TestGoodParameters(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	target := "/v1/places:nearest?position.latitude=48.85&position.longitude=-2.5&radius_metres=500"
	if res := ask(t, door, "GET", target, ""); res.StatusCode != http.StatusOK {
		t.Fatal(res.Body)
	}
	got := fake.last(t).request.(*meshv1.FindNearestPlacesRequest)
	if got.GetPosition().GetLatitude() != 48.85 || got.GetPosition().GetLongitude() != -2.5 || got.GetRadiusMetres() != 500 {
		t.Errorf("%v", got)
	}
}

func TestMask(t *testing.T) {
	for name, c := range map[string]struct{ query, want string }{
		"from the body": {"", "capacity,start_time"},
		"JSON names":    {"?updateMask=startTime,capacity", "start_time,capacity"},
		"proto names":   {"?update_mask=start_time", "start_time"},
	} {
		door, fake := open(t, Config{}, Deps{})
		body := `{"startTime":"2027-01-01T10:00:00Z","capacity":12}`
		if res := ask(t, door, "PATCH", "/v1/meetings/"+someID+c.query, body); res.StatusCode != http.StatusOK {
			t.Fatal(name, res.Body)
		}
		got := fake.last(t).request.(*meetingsv1.UpdateMeetingRequest)
		if strings.Join(got.GetUpdateMask().GetPaths(), ",") != c.want || got.GetMeeting().GetId() != someID || got.GetMeeting().GetCapacity() != 12 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestPaths(t *testing.T) {
	for _, c := range []struct {
		method, target string
		code           int
		reason, allow  string
	}{
		{"GET", "/v1/castles", http.StatusNotFound, "ROUTE_NOT_FOUND", ""},
		{"GET", "//v1/places", http.StatusNotFound, "ROUTE_NOT_FOUND", ""},
		{"GET", "/v1//places", http.StatusNotFound, "ROUTE_NOT_FOUND", ""},
		{"GET", "/v1/../v1/places", http.StatusNotFound, "ROUTE_NOT_FOUND", ""},
		{"GET", "/V1/places", http.StatusNotFound, "ROUTE_NOT_FOUND", ""},
		{"GET", "/v1/places/" + someID + "/towers", http.StatusNotFound, "ROUTE_NOT_FOUND", ""},
		{"GET", "/docs/nothing.js", http.StatusNotFound, "ROUTE_NOT_FOUND", ""},
		{"GET", "/dev/token", http.StatusNotFound, "ROUTE_NOT_FOUND", ""},
		{"DELETE", "/v1/places", http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "GET, POST"},
		{"PUT", "/v1/places/" + someID, http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "GET, PATCH"},
		{"HEAD", "/v1/places", http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "GET, POST"},
		{"OPTIONS", "/v1/places", http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "GET, POST"},
		{"BREW", "/v1/interests", http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "GET, POST"},
		{"POST", "/healthz", http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "GET, HEAD"},
		{"POST", "/docs/", http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "GET, HEAD"},
	} {
		door, fake := open(t, Config{}, Deps{})
		res := ask(t, door, c.method, c.target, "")
		refusal(t, res, c.code, c.reason)
		if got := res.Header.Get("Allow"); got != c.allow {
			t.Errorf("%s %s: allow %q, want %q", c.method, c.target, got, c.allow)
		}
		if len(fake.seen()) != 0 {
			t.Errorf("%s %s: a service was called", c.method, c.target)
		}
	}
}

// An escaped slash stays inside its segment, and nothing is unescaped twice.
func TestEscapes(t *testing.T) {
	for escaped, want := range map[string]string{"a%2Fb": "a/b", "%252e%252e": "%2e%2e", "d%C3%A9p": "dép"} {
		door, fake := open(t, Config{}, Deps{})
		if res := ask(t, door, "GET", "/v1/territories/"+escaped, ""); res.StatusCode != http.StatusOK {
			t.Fatal(escaped, res.Body)
		}
		if got := fake.last(t).request.(*meshv1.GetTerritoryRequest).GetCode(); got != want {
			t.Errorf("%s became %q", escaped, got)
		}
	}
}
