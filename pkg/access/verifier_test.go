package access_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/errs"
)

func reason(err error) string {
	if err == nil {
		return "OK"
	}
	return errs.From(err).Reason
}

func TestTokens(t *testing.T) {
	ours, stranger := accesstest.New(t), accesstest.New(t)
	v := ours.Verifier()
	hour := func(n int) int64 { return time.Now().Add(time.Duration(n) * time.Hour).Unix() }
	valid := ours.Token("ada")
	head, rest, _ := strings.Cut(valid, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	for name, c := range map[string]struct{ token, want string }{
		"valid":            {valid, "OK"},
		"two audiences":    {ours.Sign(map[string]any{"aud": []string{"x", accesstest.Audience}}), "OK"},
		"none":             {"", "TOKEN_MISSING"},
		"expired":          {ours.Sign(map[string]any{"exp": hour(-1)}), "TOKEN_EXPIRED"},
		"without expiry":   {ours.Sign(map[string]any{"exp": nil}), "TOKEN_EXPIRED"},
		"not yet":          {ours.Sign(map[string]any{"nbf": hour(1)}), "TOKEN_INVALID"},
		"forged":           {stranger.Token("ada"), "TOKEN_INVALID"},
		"forged, expired":  {stranger.Sign(map[string]any{"exp": hour(-1)}), "TOKEN_INVALID"},
		"other audience":   {ours.Sign(map[string]any{"aud": "shop"}), "TOKEN_INVALID"},
		"other issuer":     {ours.Sign(map[string]any{"iss": "https://elsewhere.test"}), "TOKEN_INVALID"},
		"issuer with dash": {ours.Sign(map[string]any{"iss": accesstest.URL + "/"}), "TOKEN_INVALID"},
		"no subject":       {ours.Sign(map[string]any{"sub": ""}), "TOKEN_INVALID"},
		"long subject":     {ours.Sign(map[string]any{"sub": strings.Repeat("a", 256)}), "TOKEN_INVALID"},
		"unsigned":         {none + "." + payload + ".", "TOKEN_INVALID"},
		"no signature":     {head + "." + payload + ".", "TOKEN_INVALID"},
		"two parts":        {head + "." + payload, "TOKEN_INVALID"},
		"five parts":       {valid + "." + signature + ".x", "TOKEN_INVALID"},
		"garbage":          {"%%%.%%%.%%%", "TOKEN_INVALID"},
		"symmetric": {oidctest.SignIDToken([]byte(strings.Repeat("k", 32)), "", "HS256", accesstest.Claims(t, nil)),
			"TOKEN_INVALID"},
	} {
		id, err := v.Verify(t.Context(), c.token)
		if reason(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
		if (id == access.Identity{}) != (err != nil) {
			t.Errorf("%s: identity %+v beside %v", name, id, err)
		}
	}
}

func TestAlgorithms(t *testing.T) {
	_, edKey, _ := ed25519.GenerateKey(rand.Reader)
	ecKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ec384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		alg  string
		key  crypto.Signer
		want string
	}{
		{"EdDSA", edKey, "OK"}, {"ES256", ecKey, "OK"}, {"RS256", rsaKey, "OK"},
		{"PS256", rsaKey, "TOKEN_INVALID"}, {"ES384", ec384, "TOKEN_INVALID"},
	} {
		v, err := access.NewVerifier(access.VerifierConfig{Issuers: []access.Issuer{{
			URL: accesstest.URL, Audience: accesstest.Audience,
			Keys: &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{c.key.Public()}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), oidctest.SignIDToken(c.key, "", c.alg, accesstest.Claims(t, nil))); reason(err) != c.want {
			t.Errorf("%s: %v", c.alg, err)
		}
	}
}

func TestPersonaOnlyInDevelopment(t *testing.T) {
	issuer := accesstest.New(t)
	token := issuer.Sign(map[string]any{"persona": "national"})
	for _, development := range []bool{false, true} {
		accepted := issuer.Accepted()
		accepted.Development = development
		v, err := access.NewVerifier(access.VerifierConfig{Issuers: []access.Issuer{accepted}})
		if err != nil {
			t.Fatal(err)
		}
		id, err := v.Verify(t.Context(), token)
		if err != nil || (id.Persona == "national") != development {
			t.Errorf("development %v: %+v %v", development, id, err)
		}
	}
}

func TestIssuersRefused(t *testing.T) {
	static := &oidc.StaticKeySet{}
	for name, c := range map[string]struct {
		issuers []access.Issuer
		want    string
	}{
		"none":        {nil, "no issuer"},
		"no audience": {[]access.Issuer{{URL: "https://a.test"}}, "no audience"},
		"no URL":      {[]access.Issuer{{URL: "a.test", Audience: "x"}}, "not an absolute"},
		"plain http":  {[]access.Issuer{{URL: "http://a.test", Audience: "x"}}, "plain http"},
		"twice":       {[]access.Issuer{{URL: "https://a.test", Audience: "x"}, {URL: "https://a.test", Audience: "y"}}, "twice"},
		"loopback":    {[]access.Issuer{{URL: "http://127.0.0.1:1", Audience: "x"}}, ""},
		"given keys":  {[]access.Issuer{{URL: "http://a.test", Audience: "x", Keys: static}}, ""},
		"development": {[]access.Issuer{{URL: "http://a.test", Audience: "x", Development: true}}, ""},
	} {
		_, err := access.NewVerifier(access.VerifierConfig{Issuers: c.issuers})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// network answers like an issuer, or as broken says, and counts.
type network struct {
	provider *oidctest.Server
	broken   map[string]int // status by path; 0 is no connection, 1 is nonsense
	asked    map[string]int
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	n.asked[req.URL.Path]++
	w := httptest.NewRecorder()
	switch code, broken := n.broken[req.URL.Path]; {
	case broken && code == 0:
		return nil, errors.New("no route")
	case broken && code == 1:
		_, _ = w.WriteString("<html>")
	case broken:
		w.WriteHeader(code)
	default:
		n.provider.ServeHTTP(w, req)
	}
	return w.Result(), nil
}

func online(t *testing.T, keys ...ed25519.PrivateKey) (*network, *access.Verifier) {
	t.Helper()
	n := &network{provider: &oidctest.Server{Algorithms: []string{"EdDSA"}}, broken: map[string]int{}, asked: map[string]int{}}
	n.provider.SetIssuer(accesstest.URL)
	n.publish(keys...)
	v, err := access.NewVerifier(access.VerifierConfig{
		Issuers: []access.Issuer{{URL: accesstest.URL, Audience: accesstest.Audience}},
		Client:  &http.Client{Transport: n},
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, v
}

func (n *network) publish(keys ...ed25519.PrivateKey) {
	n.provider.PublicKeys = nil
	for _, k := range keys {
		n.provider.PublicKeys = append(n.provider.PublicKeys, oidctest.PublicKey{PublicKey: k.Public(), KeyID: "k", Algorithm: "EdDSA"})
	}
}

func sign(t *testing.T, key ed25519.PrivateKey) string {
	t.Helper()
	return oidctest.SignIDToken(key, "k", oidc.EdDSA, accesstest.Claims(t, nil))
}

func TestIssuerDown(t *testing.T) {
	const document, keys = "/.well-known/openid-configuration", "/keys"
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	for name, broken := range map[string]map[string]int{
		"no connection":     {document: 0},
		"discovery fails":   {document: 500},
		"no discovery":      {document: 1},
		"keys away":         {keys: 0},
		"keys fail":         {keys: 503},
		"keys are nonsense": {keys: 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			n, v := online(t, key)
			n.broken = maps.Clone(broken)
			token := sign(t, key)
			for range 20 {
				_, err := v.Verify(t.Context(), token)
				if e := errs.From(err); !errors.Is(err, access.ErrIssuerUnavailable) || e.Kind != errs.Unavailable {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if n.asked[document] > 1 {
				t.Errorf("%s: discovery asked %d times", name, n.asked[document])
			}
			clear(n.broken)
			<-time.After(6 * time.Second) // of the bubble
			if _, err := v.Verify(t.Context(), token); err != nil {
				t.Errorf("%s: still refused: %v", name, err)
			}
		})
	}
}

func TestForgersDoNotReachTheIssuer(t *testing.T) {
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	_, forger, _ := ed25519.GenerateKey(rand.Reader)
	_, next, _ := ed25519.GenerateKey(rand.Reader)
	synctest.Test(t, func(t *testing.T) {
		n, v := online(t, key)
		for range 50 {
			if _, err := v.Verify(t.Context(), sign(t, forger)); reason(err) != "TOKEN_INVALID" {
				t.Fatal(err)
			}
		}
		if n.asked["/keys"] != 1 {
			t.Errorf("keys asked %d times", n.asked["/keys"])
		}
		n.publish(next)
		<-time.After(6 * time.Second)
		if _, err := v.Verify(t.Context(), sign(t, next)); err != nil {
			t.Errorf("rotated key: %v", err)
		}
		synctest.Wait() // go-oidc answers before it has stored the keys
		if _, err := v.Verify(t.Context(), sign(t, key)); reason(err) != "TOKEN_INVALID" {
			t.Errorf("withdrawn key: %v", err)
		}
	})
}
