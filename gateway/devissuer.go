package gateway

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/classcode/maillage/pkg/keyfile"
)

// DevAudience is what development tokens are meant for.
const DevAudience = "maillage"

const devIssuer = "http://maillage.localhost/dev"

// DevIssuer mints tokens for whoever asks: for development, on loopback only.
type DevIssuer struct {
	key ed25519.PrivateKey
	now func() time.Time
}

// NewDevIssuer reads the key at keyPath, and makes it when there is none, so that tokens outlive a restart.
func NewDevIssuer(keyPath string) (*DevIssuer, error) {
	if info, err := os.Stat(keyPath); err == nil && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("development issuer: %s: others may read it; want mode 0600", keyPath)
	}
	key, err := keyfile.Ed25519(keyPath)
	if err != nil {
		return nil, fmt.Errorf("development issuer: %w", err)
	}
	return &DevIssuer{key: key, now: time.Now}, nil
}

// Issuer is the "iss" of its tokens; nothing needs to be reachable there.
func (i *DevIssuer) Issuer() string { return devIssuer }

// KeySet verifies its tokens in this process; another process reads /dev/jwks.json.
func (i *DevIssuer) KeySet() oidc.KeySet {
	return &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{i.key.Public()}}
}

// Token mints a token for a subject; the persona only chooses the roles that the subject is given.
func (i *DevIssuer) Token(persona, subject string, ttl time.Duration) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: i.jwk(i.key)}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("development token: %w", err)
	}
	now := i.now()
	token, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer:   devIssuer,
		Subject:  subject,
		Audience: jwt.Audience{DevAudience},
		IssuedAt: jwt.NewNumericDate(now),
		Expiry:   jwt.NewNumericDate(now.Add(ttl)),
	}).Claims(devClaims{persona, subject, devEmail(subject), true, "fr"}).Serialize()
	if err != nil {
		return "", fmt.Errorf("development token: %w", err)
	}
	return token, nil
}

// devClaims say who comes as an issuer would, and which roles they are given.
type devClaims struct {
	Persona  string `json:"persona"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
	Locale   string `json:"locale"`
}

// devEmail is an address that is nobody's (RFC 2606), one for each subject: what an address cannot hold is told apart by a number.
func devEmail(subject string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, strings.ToLower(subject))
	if plain != subject || len(plain) > 40 || strings.HasPrefix(plain, "-") {
		h := fnv.New32a()
		_, _ = h.Write([]byte(subject))
		plain = fmt.Sprintf("%x-%.30s", h.Sum32(), plain)
	}
	return plain + "@example.org"
}

func (i *DevIssuer) keys() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.jwk(i.key.Public())}}
}

func (i *DevIssuer) jwk(key any) jose.JSONWebKey {
	return jose.JSONWebKey{Key: key, KeyID: "dev", Algorithm: string(jose.EdDSA), Use: "sig"}
}
