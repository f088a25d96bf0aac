package gateway

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

func TestBodyLimit(t *testing.T) {
	door, fake := open(t, Config{BodyLimit: 100}, Deps{})
	fits, over := `{"name":"`+strings.Repeat("x", 80)+`"}`, `{"name":"`+strings.Repeat("x", 100)+`"}`
	refusal(t, ask(t, door, "POST", "/v1/places", over), http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE")
	refusal(t, ask(t, door, "PATCH", "/v1/places/"+someID, over), http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE")

	unknownLength := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/places", strings.NewReader(over))
	unknownLength.ContentLength = -1
	w := httptest.NewRecorder()
	door.ServeHTTP(w, unknownLength)
	refusal(t, answerOf(w), http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE")
	if len(fake.seen()) != 0 {
		t.Fatal("a service was called")
	}
	if res := ask(t, door, "POST", "/v1/places", fits); res.StatusCode != http.StatusOK {
		t.Error(res.Body)
	}
}

func TestDefaultBodyLimit(t *testing.T) {
	door, _ := open(t, Config{}, Deps{})
	body := `{"name":"` + strings.Repeat("x", 1<<20) + `"}`
	refusal(t, ask(t, door, "POST", "/v1/places", body), http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE")
}

func TestBodyCutShort(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	server := httptest.NewServer(door)
	defer server.Close()
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/places", &broken{})
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	refusal(t, answerOf(w), http.StatusBadRequest, "BODY_UNREADABLE")
	if len(fake.seen()) != 0 {
		t.Error("a service was called")
	}
}

type broken struct{}

func (*broken) Read([]byte) (int, error) { return 0, http.ErrHandlerTimeout }

func TestMediaTypes(t *testing.T) {
	for _, c := range []struct {
		header string
		ok     bool
	}{
		{"Content-Type: application/json", true},
		{"Content-Type: application/json; charset=UTF-8", true},
		{"Accept: text/html", true}, // no Content-Type at all
		{"Content-Type: application/json; charset=latin1", false},
		{"Content-Type: application/x-www-form-urlencoded", false},
		{"Content-Type: multipart/form-data; boundary=x", false},
		{"Content-Type: text/plain", false},
		{"Content-Type: ", false},
		{"Content-Encoding: gzip", false},
	} {
		door, fake := open(t, Config{}, Deps{})
		res := ask(t, door, "POST", "/v1/places", `{"name":"x"}`, c.header)
		if c.ok {
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", c.header, res.Body)
			}
			continue
		}
		refusal(t, res, http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")
		if len(fake.seen()) != 0 {
			t.Errorf("%s: a service was called", c.header)
		}
	}
}

// A form must not become a GET, nor a header another method.
func TestNoMethodOverride(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	form := "Content-Type: application/x-www-form-urlencoded"
	refusal(t, ask(t, door, "POST", "/v1/places/"+someID, "", form), http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
	res := ask(t, door, "POST", "/v1/places/"+someID, "", form, "X-HTTP-Method-Override: PATCH")
	refusal(t, res, http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
	if len(fake.seen()) != 0 {
		t.Error("a service was called")
	}
}

// The largest attachment of an incident, as base64, is still within the door's largest body.
func TestLargestAttachment(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	content := strings.Repeat("A", 768_000/3*4)
	res := ask(t, door, http.MethodPost, "/v1/meetings/"+someID+"/incidents/"+someID+"/attachments", `{"name": "photo.jpg", "content": "`+content+`"}`)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", res.StatusCode, res.Body)
	}
	if got := fake.last(t).request.(*meetingsv1.AddAttachmentRequest).GetAttachment().GetContent(); len(got) != 768_000 {
		t.Fatalf("%d bytes arrived", len(got))
	}
}
