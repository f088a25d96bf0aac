package access

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// The algorithms are ours to choose, never the token's or the issuer's: what an issuer may add later is not trusted by
// itself, and a symmetric one would let whoever knows the client secret mint tokens.
var algorithms = []string{oidc.RS256, oidc.ES256, oidc.EdDSA}

// OpenID Connect Core, section 2: a subject has at most 255 characters.
const maxSubject = 255

// Issuer is an OpenID Connect provider whose tokens are accepted.
type Issuer struct {
	URL         string      // as in the tokens' "iss", to the character
	Audience    string      // must be among the tokens' "aud"
	Keys        oidc.KeySet // nil: discovered from URL when the first token comes
	Development bool        // the "persona" claim is honoured, plain http is accepted
}

// VerifierConfig lists the accepted issuers.
type VerifierConfig struct {
	Issuers []Issuer
	Client  *http.Client     // for discovery and keys; nil: one with a timeout of 3 s
	Now     func() time.Time // nil: the clock
}

// Verifier tells whose a bearer token is.
type Verifier struct {
	issuers map[string]Issuer
	now     func() time.Time
	known   remembered
}

// NewVerifier checks the list of issuers; it does not call them.
func NewVerifier(cfg VerifierConfig) (*Verifier, error) {
	v := &Verifier{issuers: make(map[string]Issuer, len(cfg.Issuers)), now: cfg.Now}
	if v.now == nil {
		v.now = time.Now
	}
	for _, i := range cfg.Issuers {
		if err := i.check(); err != nil {
			return nil, fmt.Errorf("issuer %q: %w", i.URL, err)
		}
		if _, twice := v.issuers[i.URL]; twice {
			return nil, fmt.Errorf("issuer %q: listed twice", i.URL)
		}
		if i.Keys == nil {
			i.Keys = discover(i.URL, cfg.Client)
		}
		v.issuers[i.URL] = i
	}
	if len(v.issuers) == 0 {
		return nil, errors.New("no issuer: nobody could sign in")
	}
	return v, nil
}

// Verify returns the identity of a token (without "Bearer "); its errors are ErrTokenMissing, ErrTokenExpired,
// ErrTokenInvalid and ErrIssuerUnavailable.
func (v *Verifier) Verify(ctx context.Context, token string) (Identity, error) {
	if token == "" {
		return Identity{}, ErrTokenMissing
	}
	now := v.now()
	if identity, known := v.known.get(token, now); known {
		return identity, nil
	}
	issuer, ok := v.issuers[claimedIssuer(token)]
	if !ok {
		return Identity{}, ErrTokenInvalid.Because(errors.New("unknown issuer"))
	}
	keys := &attempt{keys: issuer.Keys}
	config := &oidc.Config{ClientID: issuer.Audience, SupportedSigningAlgs: algorithms, Now: v.now}
	verified, err := oidc.NewVerifier(issuer.URL, keys, config).Verify(ctx, token)
	if err != nil {
		return Identity{}, verdict(err, keys.unreachable)
	}
	id, err := identity(issuer, verified)
	if err == nil {
		v.known.put(token, id, now, verified.Expiry)
	}
	return id, err
}

func identity(issuer Issuer, token *oidc.IDToken) (Identity, error) {
	if token.Subject == "" || len(token.Subject) > maxSubject {
		return Identity{}, ErrTokenInvalid.Because(errors.New("subject empty or too long"))
	}
	id := Identity{Issuer: issuer.URL, Subject: token.Subject}
	if issuer.Development {
		var claims struct {
			Persona string `json:"persona"`
		}
		if err := token.Claims(&claims); err != nil {
			return Identity{}, ErrTokenInvalid.Because(err)
		}
		id.Persona = claims.Persona
	}
	id.Profile = profile(token)
	return id, nil
}

// profile reads what OpenID Connect calls the standard claims; what is missing, or written in another way, is nobody's loss.
func profile(token *oidc.IDToken) Profile {
	var claims struct {
		Name     any `json:"name"`
		Email    any `json:"email"`
		Verified any `json:"email_verified"`
		Locale   any `json:"locale"`
	}
	if token.Claims(&claims) != nil {
		return Profile{}
	}
	text := func(v any) string {
		s, _ := v.(string)
		if len(s) > maxSubject {
			return ""
		}
		return s
	}
	p := Profile{Name: text(claims.Name), Language: text(claims.Locale)}
	if claims.Verified == true || claims.Verified == "true" { // a string at some issuers
		p.Email = text(claims.Email)
	}
	return p
}

func verdict(err, unreachable error) error {
	if unreachable != nil {
		return ErrIssuerUnavailable.Because(unreachable)
	}
	if _, expired := errors.AsType[*oidc.TokenExpiredError](err); expired {
		return ErrTokenExpired.Because(err)
	}
	return ErrTokenInvalid.Because(err)
}

// claimedIssuer reads "iss" before anything is verified: it only chooses which issuer verifies.
func claimedIssuer(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.Issuer
}

func (i Issuer) check() error {
	u, err := url.Parse(i.URL)
	switch {
	case err != nil:
		return err
	case u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return errors.New("not an absolute http(s) URL")
	case i.Audience == "":
		return errors.New("no audience: tokens meant for others would be accepted")
	case u.Scheme == "http" && i.Keys == nil && !i.Development && !loopback(u.Hostname()):
		return errors.New("its keys would travel over plain http; use https")
	}
	return nil
}

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
