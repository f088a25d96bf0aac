package gateway

import (
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// A kit leaves as a file, for whoever the token names, and nobody else keeps it.
func TestKits(t *testing.T) {
	const content = "%PDF-1.3 \x00\xff"
	for file, c := range map[string]struct {
		want      proto.Message
		mediaType string
	}{
		"kit.pdf":           {&meetingsv1.GetKitRequest{MeetingId: someID, Format: meetingsv1.KitFormat_KIT_FORMAT_PDF}, "application/pdf"},
		"kit.zip":           {&meetingsv1.GetKitRequest{MeetingId: someID, Format: meetingsv1.KitFormat_KIT_FORMAT_ZIP}, "application/zip"},
		"prescriberKit.pdf": {&meetingsv1.GetPrescriberKitRequest{MeetingId: someID, Format: meetingsv1.KitFormat_KIT_FORMAT_PDF}, "application/pdf"},
		"prescriberKit.zip": {&meetingsv1.GetPrescriberKitRequest{MeetingId: someID, Format: meetingsv1.KitFormat_KIT_FORMAT_ZIP}, "application/zip"},
	} {
		t.Run(file, func(t *testing.T) {
			door, fake := open(t, Config{}, Deps{})
			fake.answer = func(call) (proto.Message, error) {
				return &meetingsv1.KitDocument{MediaType: c.mediaType, FileName: file, Content: []byte(content)}, nil
			}
			path := "/v1/meetings/" + someID + "/" + file
			res := ask(t, door, "GET", path, "", "Authorization: Bearer abc")
			if res.StatusCode != http.StatusOK || res.Body != content {
				t.Fatal(res.StatusCode, res.Body)
			}
			for name, want := range map[string]string{
				"Content-Type": c.mediaType, "Content-Disposition": `attachment; filename="` + file + `"`, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex",
			} {
				if got := res.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			got := fake.last(t)
			if !proto.Equal(got.request, c.want) || len(got.md.Get("authorization")) != 1 || got.md.Get("authorization")[0] != "Bearer abc" {
				t.Fatalf("%v with %v", got.request, got.md)
			}
			if again := ask(t, door, "GET", path, "", "If-None-Match: "+res.Header.Get("Etag")); again.StatusCode != http.StatusNotModified || again.Body != "" {
				t.Error(again.StatusCode)
			}
			if res := ask(t, door, "POST", path, "{}"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
				t.Error(res.StatusCode, res.Header)
			}
			fake.answer = func(call) (proto.Message, error) { return nil, refusedBy(codes.PermissionDenied, "PERMISSION_DENIED") }
			refusal(t, ask(t, door, "GET", path, ""), http.StatusForbidden, "PERMISSION_DENIED")
		})
	}
}

// What is no kit's address is the API's.
func TestNoKits(t *testing.T) {
	door, fake := open(t, Config{}, Deps{})
	for _, path := range []string{"/kit.pdf", "//kit.pdf", "/x/kit.PDF", "/x/kit.exe", "/x/kit.pdf/", "/x/y/kit.pdf", "/x/prescriberkit.pdf"} {
		if res := ask(t, door, "GET", "/v1/meetings"+path, ""); res.StatusCode != http.StatusNotFound && path != "/kit.pdf" {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Body)
		}
	}
	for _, c := range fake.seen() {
		if _, kit := c.request.(*meetingsv1.GetKitRequest); kit {
			t.Errorf("a kit was asked for: %v", c.request)
		}
	}
}
