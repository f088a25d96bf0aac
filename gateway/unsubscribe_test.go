package gateway

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const oneClick = "List-Unsubscribe=One-Click"

// One click of a mail program unsubscribes; a look does not, whoever looks.
func TestUnsubscribe(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	for _, method := range []string{"GET", "HEAD"} {
		res := ask(t, door, method, "/unsubscribe/abc", "")
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Security-Policy") != formPolicy || len(fake.seen()) != 0 {
			t.Fatalf("%d %v, %d calls", res.StatusCode, res.Header, len(fake.seen()))
		}
		if method == "GET" && !strings.Contains(res.Body, `<form method="post">`) {
			t.Fatal(res.Body)
		}
	}
	res := ask(t, door, "POST", "/unsubscribe/abc", oneClick, "Content-Type: application/x-www-form-urlencoded", "Origin: null")
	if res.StatusCode != http.StatusOK || !strings.Contains(res.Body, "C'est fait") || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatal(res.StatusCode, res.Body)
	}
	if got := fake.last(t).request.(*meetingsv1.UnsubscribeRequest).GetToken(); got != "abc" {
		t.Fatalf("%q", got)
	}
}

func TestUnsubscribeRefused(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	fake.answer = func(call) (proto.Message, error) { return nil, status.Error(codes.PermissionDenied, "LINK_EXPIRED") }
	res := ask(t, door, "POST", "/unsubscribe/abc", oneClick)
	if res.StatusCode != http.StatusForbidden || !strings.Contains(res.Body, "Ce lien ne convient pas") {
		t.Fatal(res.StatusCode, res.Body)
	}
	if res := ask(t, door, "DELETE", "/unsubscribe/abc", ""); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD, POST" {
		t.Fatal(res.StatusCode, res.Header)
	}
	if res := ask(t, door, "POST", "/unsubscribe/abc", strings.Repeat("x", 2000)); res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Fatal(res.StatusCode)
	}
}

func TestDevEmail(t *testing.T) {
	seen := map[string]string{}
	for _, subject := range []string{"anne", "Anne", "an ne", "ben é", strings.Repeat("x", 200), strings.Repeat("x", 199), "a\"b", "-", "é"} {
		email := devEmail(subject)
		if other, taken := seen[email]; taken || strings.ContainsAny(email, " \"") || strings.HasPrefix(email, "@") {
			t.Errorf("%q: %q, as %q", subject, email, other)
		}
		seen[email] = subject
	}
}
