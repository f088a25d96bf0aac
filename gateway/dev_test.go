package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

var loopback = Config{Listeners: []string{"127.0.0.1:0", "[::1]:0"}}

func issuer(t *testing.T) *DevIssuer {
	t.Helper()
	i, err := NewDevIssuer(filepath.Join(t.TempDir(), "var", "dev.key"))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func verify(t *testing.T, keys oidc.KeySet, i *DevIssuer, token string) *oidc.IDToken {
	t.Helper()
	v := oidc.NewVerifier(i.Issuer(), keys, &oidc.Config{ClientID: DevAudience, SupportedSigningAlgs: []string{oidc.EdDSA}})
	verified, err := v.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return verified
}

func mint(t *testing.T, door http.Handler, query string) (token string, expires int) {
	t.Helper()
	res := ask(t, door, "GET", "/dev/token?"+query, "")
	if res.StatusCode != http.StatusOK || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", res.StatusCode, res.Header, res.Body)
	}
	var answer struct {
		AccessToken, TokenType string
		ExpiresIn              int
	}
	if err := json.NewDecoder(strings.NewReader(res.Body)).Decode(&answer); err != nil || answer.TokenType != "Bearer" {
		t.Fatal(err, answer)
	}
	return answer.AccessToken, answer.ExpiresIn
}

func TestDevToken(t *testing.T) {
	i := issuer(t)
	door, _ := open(t, loopback, Deps{DevIssuer: i})
	for _, persona := range personas {
		for _, subject := range []string{"anne", "ben é", strings.Repeat("x", maxSubject)} {
			token, expires := mint(t, door, "persona="+persona+"&subject="+url.QueryEscape(subject)+"&ttl=30m")
			got := verify(t, i.KeySet(), i, token)
			var claims devClaims
			if err := got.Claims(&claims); err != nil {
				t.Fatal(err)
			}
			if !claims.Verified || !strings.HasSuffix(claims.Email, "@example.org") || len(claims.Email) > 60 {
				t.Errorf("%s: %+v", subject, claims)
			}
			if got.Subject != subject || claims.Persona != persona || expires != 1800 || got.Expiry.Sub(got.IssuedAt) != 30*time.Minute {
				t.Errorf("%s %s: %+v %+v", persona, subject, got, claims)
			}
		}
	}
	if _, expires := mint(t, door, "persona=learner&subject=a"); expires != 3600 {
		t.Errorf("expires in %d s", expires)
	}
}

func TestDevKeysOverHTTP(t *testing.T) {
	i := issuer(t)
	door, _ := open(t, loopback, Deps{DevIssuer: i})
	server := httptest.NewServer(door)
	defer server.Close()
	token, _ := mint(t, door, "persona=learner&subject=anne")
	keys := oidc.NewRemoteKeySet(context.Background(), server.URL+"/dev/jwks.json")
	if got := verify(t, keys, i, token); got.Subject != "anne" {
		t.Errorf("%+v", got)
	}
	if res := ask(t, door, "GET", "/dev/jwks.json", ""); strings.Contains(res.Body, `"d"`) {
		t.Error("the private key is published")
	}
}

func TestDevTokenRefused(t *testing.T) {
	door, _ := open(t, loopback, Deps{DevIssuer: issuer(t)})
	for query, want := range map[string]struct{ reason, field string }{
		"subject=anne":                {"PERSONA_UNKNOWN", "persona"},
		"persona=king&subject=anne":   {"PERSONA_UNKNOWN", "persona"},
		"persona=learner":             {"SUBJECT_INVALID", "subject"},
		"persona=learner&subject=":    {"SUBJECT_INVALID", "subject"},
		"persona=learner&subject=%00": {"SUBJECT_INVALID", "subject"},
		"persona=learner&subject=%ff": {"SUBJECT_INVALID", "subject"},
		"persona=learner&subject=" + strings.Repeat("x", maxSubject+1): {"SUBJECT_INVALID", "subject"},
		"persona=learner&subject=a&ttl=0s":                             {"TTL_INVALID", "ttl"},
		"persona=learner&subject=a&ttl=-1h":                            {"TTL_INVALID", "ttl"},
		"persona=learner&subject=a&ttl=25h":                            {"TTL_INVALID", "ttl"},
		"persona=learner&subject=a&ttl=hour":                           {"TTL_INVALID", "ttl"},
		"persona=learner&subject=a&role=national":                      {"UNKNOWN_PARAMETER", "role"},
		"persona=learner&persona=national&subject=a":                   {"DUPLICATE_FIELD", "persona"},
		"persona=learner&subject=%zz":                                  {"MALFORMED_QUERY", ""},
	} {
		p := refusal(t, ask(t, door, "GET", "/dev/token?"+query, ""), http.StatusBadRequest, want.reason)
		expectField(t, p, want.field)
	}
}

func TestDevKeyOutlivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dev.key")
	first, err := NewDevIssuer(path)
	if err != nil {
		t.Fatal(err)
	}
	token, err := first.Token("learner", "anne", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(err, info.Mode())
	}
	second, err := NewDevIssuer(path)
	if err != nil {
		t.Fatal(err)
	}
	verify(t, second.KeySet(), second, token)
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDevKeyOfTwoStarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dev.key")
	issuers := make([]*DevIssuer, 8)
	var wg sync.WaitGroup
	for n := range issuers {
		wg.Go(func() {
			i, err := NewDevIssuer(path)
			if err != nil {
				t.Error(err)
				return
			}
			issuers[n] = i
		})
	}
	wg.Wait()
	for _, i := range issuers {
		if i == nil || !i.key.Equal(issuers[0].key) {
			t.Fatal("two keys")
		}
	}
}

func TestDevKeyRefused(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.key")
	if _, err := NewDevIssuer(good); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		mode    os.FileMode
	}{
		"open to all": {content, 0o644},
		"not PEM":     {[]byte("hello"), 0o600},
		"empty":       {nil, 0o600},
		"bad key":     {[]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), 0o600},
	} {
		path := filepath.Join(dir, "bad.key")
		if err := os.WriteFile(path, c.content, c.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := NewDevIssuer(path); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCheckLoopback(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:8080": true, "[::1]:8080": true, "localhost:8080": true, "127.9.9.9:1": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "192.0.2.1:80": false, "127.0.0.1": false, "": false,
	} {
		if err := CheckLoopback(t.Context(), addr); (err == nil) != ok {
			t.Errorf("%q: %v", addr, err)
		}
	}
	if CheckLoopback(t.Context()) == nil {
		t.Error("no listener is taken for loopback")
	}
}
