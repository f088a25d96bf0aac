package host

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/classcode/maillage/pkg/access"
)

// keysTimeout is below the server's deadline of 5 s, so that the caller hears that the issuer is away and not that time ran out.
const keysTimeout = 3 * time.Second

func (c Config) verifier() (*access.Verifier, error) {
	var issuers []access.Issuer
	for _, at := range c.Issuer {
		issuers = append(issuers, access.Issuer{URL: at, Audience: c.Audience})
	}
	if err := c.checkDevelopment(); err != nil {
		return nil, err
	}
	if c.IssuerDevelopment {
		issuers[0].Development, issuers[0].Keys = true, remoteKeys(c.IssuerJWKS)
	}
	return access.NewVerifier(access.VerifierConfig{Issuers: issuers})
}

func (c Config) checkDevelopment() error {
	switch {
	case !c.IssuerDevelopment && c.IssuerJWKS == "":
		return nil
	case !c.IssuerDevelopment:
		return errors.New("--issuer-jwks is for --issuer-development: another issuer's keys are discovered")
	case !c.loopback():
		return errors.New("--issuer-development makes anyone anybody: --listen and --admin must be loopback addresses")
	case len(c.Issuer) != 1:
		return errors.New("--issuer-development is for a single --issuer")
	}
	if u, err := url.Parse(c.IssuerJWKS); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("--issuer-jwks: want the address of the development issuer's keys, such as http://127.0.0.1:8080/dev/jwks.json")
	}
	return nil
}

// remote tells an issuer that is away, which may come back, from a token that is wrong.
type remote struct{ oidc.KeySet }

func remoteKeys(at string) oidc.KeySet {
	// It asks in its own time: a caller who leaves must not fail the others who wait for the same keys.
	ctx := oidc.ClientContext(context.Background(), &http.Client{Timeout: keysTimeout})
	return remote{oidc.NewRemoteKeySet(ctx, at)}
}

// VerifySignature implements oidc.KeySet.
func (r remote) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := r.KeySet.VerifySignature(ctx, token)
	// go-oidc has no type for it; TestDevelopmentIssuer fails should the words change.
	if err != nil && strings.HasPrefix(err.Error(), "fetching keys") {
		return nil, access.ErrIssuerUnavailable.Because(err)
	}
	return payload, err
}
