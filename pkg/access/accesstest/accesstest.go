// Package accesstest signs tokens and knows people, so that tests of services pass the real verifier and guard.
package accesstest

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
)

// What the issuer's tokens say.
const (
	URL      = "https://issuer.test"
	Audience = "maillage"
)

// Issuer is an OpenID Connect provider without a network.
type Issuer struct {
	tb     testing.TB
	key    ed25519.PrivateKey
	public ed25519.PublicKey
}

// New makes an issuer with a key of its own.
func New(tb testing.TB) *Issuer {
	tb.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return &Issuer{tb: tb, key: key, public: public}
}

// Accepted is the issuer as a verifier's configuration names it.
func (i *Issuer) Accepted() access.Issuer {
	return access.Issuer{URL: URL, Audience: Audience, Keys: &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{i.public}}}
}

// Verifier accepts this issuer only.
func (i *Issuer) Verifier() *access.Verifier {
	i.tb.Helper()
	v, err := access.NewVerifier(access.VerifierConfig{Issuers: []access.Issuer{i.Accepted()}})
	if err != nil {
		i.tb.Fatal(err)
	}
	return v
}

// Token is valid for an hour.
func (i *Issuer) Token(subject string) string {
	return i.Sign(map[string]any{"sub": subject})
}

// Sign makes a token with these claims, over those of a valid one.
func (i *Issuer) Sign(claims map[string]any) string {
	i.tb.Helper()
	return oidctest.SignIDToken(i.key, "test", oidc.EdDSA, Claims(i.tb, claims))
}

// Claims are a valid token's, with some of them replaced, or left out when nil.
func Claims(tb testing.TB, replaced map[string]any) string {
	tb.Helper()
	claims := map[string]any{
		"iss": URL, "aud": Audience, "sub": "someone",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
	maps.Copy(claims, replaced)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	text, err := json.Marshal(claims)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// People is a Directory: roles by subject. The person's id is the subject; a subject that is not listed has no role.
type People map[string][]access.Role

// Resolve implements access.Directory.
func (p People) Resolve(_ context.Context, id access.Identity) (access.Person, error) {
	return access.Person{ID: id.Subject, Roles: p[id.Subject]}, nil
}

// Ladder is a Territories: what stands above each code, nearest first.
type Ladder map[string][]string

// Ancestors implements access.Territories.
func (l Ladder) Ancestors(_ context.Context, code string) ([]string, error) {
	above, ok := l[code]
	if !ok {
		return nil, errs.Missing("territory", "territoire")
	}
	return append([]string{code}, above...), nil
}
