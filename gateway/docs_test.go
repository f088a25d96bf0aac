package gateway

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestOpenAPIHoldsEveryRoute(t *testing.T) {
	door, _ := open(t, Config{}, Deps{})
	res := ask(t, door, "GET", "/openapi.json", "")
	var doc struct {
		OpenAPI string
		Info    struct{ Title, Version string }
		Paths   map[string]map[string]any
	}
	if err := json.NewDecoder(strings.NewReader(res.Body)).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.0.3" || doc.Info.Title != "maillage" || doc.Info.Version != "v1" || res.Header.Get("ETag") == "" {
		t.Errorf("%+v", doc.Info)
	}
	rs, err := contractRoutes()
	if err != nil {
		t.Fatal(err)
	}
	operations := 0
	for _, item := range doc.Paths {
		operations += len(item)
	}
	if operations != len(rs.all) {
		t.Errorf("%d operations for %d routes: run make generate", operations, len(rs.all))
	}
}

var (
	links    = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	external = regexp.MustCompile(`(?i)(?:https?:)?//[a-z]`)
)

func TestPagesLinkOnlyToWhatStands(t *testing.T) {
	door, _ := open(t, loopback, Deps{DevIssuer: issuer(t)})
	for _, page := range []string{"/", "/docs/"} {
		body := ask(t, door, "GET", page, "").Body
		if !strings.Contains(body, `<html lang="fr">`) || external.MatchString(body) || strings.Contains(body, "<script>") || strings.Contains(body, "style=") {
			t.Errorf("%s: %s", page, body)
		}
		found := links.FindAllStringSubmatch(body, -1)
		if len(found) < 3 {
			t.Errorf("%s: %d links", page, len(found))
		}
		for _, l := range found {
			target := strings.ReplaceAll(l[1], "&amp;", "&")
			if id, here := strings.CutPrefix(target, "#"); here {
				if !strings.Contains(body, `id="`+id+`"`) {
					t.Errorf("%s: nothing is called %s", page, id)
				}
				continue
			}
			if res := ask(t, door, "GET", target, ""); res.StatusCode != http.StatusOK {
				t.Errorf("%s: %s answers %d", page, target, res.StatusCode)
			}
		}
	}
}

func TestDocs(t *testing.T) {
	door, _ := open(t, Config{}, Deps{})
	if res := ask(t, door, "GET", "/docs", ""); res.StatusCode != http.StatusPermanentRedirect || res.Header.Get("Location") != "/docs/" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	for _, encoding := range []string{"gzip", "identity"} {
		res := ask(t, door, "GET", "/docs/swagger-ui-bundle.js", "", "Accept-Encoding: "+encoding)
		body := res.Body
		if res.StatusCode != http.StatusOK || len(body) < 100_000 || !strings.Contains(res.Header.Get("Content-Type"), "javascript") {
			t.Errorf("%s: %d, %d bytes, %v", encoding, res.StatusCode, len(body), res.Header)
		}
		if (encoding == "gzip") != (res.Header.Get("Content-Encoding") == "gzip") {
			t.Errorf("%s: %v", encoding, res.Header)
		}
	}
	if home := ask(t, door, "GET", "/", "").Body; strings.Contains(home, "/dev/") {
		t.Error("the development login shows without an issuer")
	}
	if res := ask(t, door, "GET", "/healthz", ""); res.StatusCode != http.StatusOK || res.Body != "{\"status\":\"ok\"}\n" {
		t.Errorf("%d", res.StatusCode)
	}
}
