package host

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
)

func TestDevelopmentIssuer(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"dev","alg":"EdDSA","use":"sig","x":%q}]}`,
			base64.RawURLEncoding.EncodeToString(public))
	}))
	cfg := settings(t)
	cfg.Issuer, cfg.Audience, cfg.IssuerDevelopment, cfg.IssuerJWKS = []string{"http://login.test/dev"}, accesstest.Audience, true, keys.URL
	token := oidctest.SignIDToken(private, "dev", oidc.EdDSA, accesstest.Claims(t, map[string]any{"iss": cfg.Issuer[0], "sub": "ada", "persona": "relay"}))

	verifier, err := cfg.verifier()
	if err != nil {
		t.Fatal(err)
	}
	if id, err := verifier.Verify(t.Context(), token); err != nil || id.Subject != "ada" || id.Persona != "relay" {
		t.Errorf("%+v %v", id, err)
	}
	if _, err := verifier.Verify(t.Context(), token[:len(token)-4]+"AAAA"); !errors.Is(err, access.ErrTokenInvalid) {
		t.Errorf("forged: %v", err)
	}
	keys.Close()
	if verifier, err = cfg.verifier(); err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.Verify(t.Context(), token); !errors.Is(err, access.ErrIssuerUnavailable) {
		t.Errorf("the issuer is away: %v", err)
	}
}
