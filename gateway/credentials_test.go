package gateway

import (
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// The documents leave as they were written, with their types, for wallets on any page.
func TestAttestationDocuments(t *testing.T) {
	const content = `{"signed": "as it is"}`
	for path, c := range map[string]struct {
		want      proto.Message
		mediaType string
	}{
		"/.well-known/did.json":           {&meetingsv1.GetIssuerRequest{}, "application/did+json"},
		"/v1/credentials/context":         {&meetingsv1.GetTermsRequest{}, "application/ld+json"},
		"/v1/credentials/status/1":        {&meetingsv1.GetStatusListRequest{List: 1}, "application/vc"},
		"/v1/credentials/status/21474836": {&meetingsv1.GetStatusListRequest{List: 21474836}, "application/vc"},
	} {
		t.Run(path, func(t *testing.T) {
			door, fake := open(t, Config{}, Deps{})
			fake.answer = func(call) (proto.Message, error) {
				return &meetingsv1.CredentialDocument{MediaType: c.mediaType, Content: content}, nil
			}
			res := ask(t, door, "GET", path, "", "Origin: https://wallet.example")
			if res.StatusCode != http.StatusOK || res.Body != content || res.Header.Get("Content-Type") != c.mediaType ||
				res.Header.Get("Access-Control-Allow-Origin") != "*" || res.Header.Get("Etag") == "" {
				t.Fatal(res.StatusCode, res.Header, res.Body)
			}
			if got := fake.last(t).request; !proto.Equal(got, c.want) {
				t.Fatalf("%v; want %v", got, c.want)
			}
			if again := ask(t, door, "GET", path, "", "If-None-Match: "+res.Header.Get("Etag")); again.StatusCode != http.StatusNotModified {
				t.Fatal(again.StatusCode)
			}
			if res := ask(t, door, "POST", path, "{}"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
				t.Fatal(res.StatusCode, res.Header)
			}
			fake.answer = func(call) (proto.Message, error) { return nil, refusedBy(codes.NotFound, "NOT_FOUND") }
			if res := ask(t, door, "GET", path, ""); res.StatusCode != http.StatusNotFound || res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Fatal(res.StatusCode, res.Header)
			}
		})
	}
}

// What names no list reaches no service.
func TestAttestationDocumentsMalformed(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	for _, path := range []string{
		"/v1/credentials/status/", "/v1/credentials/status/0", "/v1/credentials/status/-1", "/v1/credentials/status/01", "/v1/credentials/status/1/",
		"/v1/credentials/status/2147483648", "/v1/credentials/status/x", "/v1/credentials/context/x", "/.well-known/did.jsonx",
	} {
		if res := ask(t, door, "GET", path, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Body)
		}
	}
	if n := len(fake.seen()); n != 0 {
		t.Errorf("%d calls", n)
	}
}
