package credential

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	// mediaType is what VC-JOSE-COSE asks for in the header "typ".
	mediaType  = "vc+jwt"
	verifiable = "VerifiableCredential"
	// largest is what is looked at; a badge of ours has some 2 KiB.
	largest = 64 << 10
)

// algorithms is a fixed list: what a token asks for never chooses how it is verified.
var algorithms = []jose.SignatureAlgorithm{jose.EdDSA}

var errOther = errors.New("not a credential of ours")

// Signer signs credentials with one key, and opens those that any of our keys has signed.
type Signer struct {
	issuer string
	door   string // where the terms and the status lists are, without a slash at the end
	key    ed25519.PrivateKey
	public ed25519.PublicKey
	id     string
	jws    jose.Signer
}

// New makes a signer; issuer is who its credentials name, and the address at which people reach the door.
func New(key ed25519.PrivateKey, issuer domain.Issuer) (*Signer, error) {
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("signing key: %T is not an Ed25519 key", key.Public())
	}
	id, err := thumbprint(public)
	if err != nil {
		return nil, err
	}
	options := (&jose.SignerOptions{}).WithType(mediaType).WithHeader(jose.HeaderKey("kid"), id)
	jws, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: key}, options)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return &Signer{issuer: issuer.URI, door: issuer.Door, key: key, public: public, id: id, jws: jws}, nil
}

// Key is the public half of the signer's key.
func (s *Signer) Key() domain.Key {
	return domain.Key{ID: s.id, X: base64.RawURLEncoding.EncodeToString(s.public)}
}

// Issuer is who the signer's credentials name.
func (s *Signer) Issuer() domain.Issuer { return domain.Issuer{URI: s.issuer, Door: s.door} }

// Sign makes the two forms of the credential that says c.
func (s *Signer) Sign(c domain.Claims) (domain.Signed, error) {
	d := s.write(c)
	p, err := s.prove(d, d.Context, d.ValidFrom)
	if err != nil {
		return domain.Signed{}, err
	}
	proven := d
	proven.Proof = p
	text, err := json.Marshal(proven)
	if err != nil {
		return domain.Signed{}, fmt.Errorf("credential: %w", err)
	}
	d.registered = registered{Iss: d.Issuer.ID, Sub: d.Subject.ID, Jti: d.ID, Iat: c.IssueTime.Unix()}
	token, err := s.token(d)
	return domain.Signed{JWT: token, JSON: string(text)}, err
}

func (s *Signer) token(d document) (string, error) {
	payload, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("credential: %w", err)
	}
	signed, err := s.jws.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign credential: %w", err)
	}
	return signed.CompactSerialize()
}

// Open verifies a credential of either form with the keys and reads what it says, or tells why not.
func (s *Signer) Open(credential string, keys []domain.Key, issuers []domain.Issuer) (domain.Claims, domain.InvalidReason) {
	if len(credential) > largest {
		return domain.Claims{}, domain.Malformed
	}
	if text := strings.TrimSpace(credential); strings.HasPrefix(text, "{") {
		return s.openProven(text, keys, issuers)
	}
	token, err := jose.ParseSignedCompact(credential, algorithms)
	if err != nil || len(token.Signatures) != 1 {
		return domain.Claims{}, domain.Malformed
	}
	header := token.Signatures[0].Protected
	if header.ExtraHeaders[jose.HeaderType] != mediaType {
		return domain.Claims{}, domain.Malformed
	}
	if issuer := issuerOf(token.UnsafePayloadWithoutVerification()); !ours(issuer, issuers) {
		return domain.Claims{}, reasonOf(issuer)
	}
	public, known := find(keys, header.KeyID)
	if !known {
		return domain.Claims{}, domain.UnknownKey
	}
	payload, err := token.Verify(public)
	if err != nil {
		return domain.Claims{}, domain.BadSignature
	}
	claims, err := readPayload(payload, issuers)
	if err != nil {
		return domain.Claims{}, domain.Malformed
	}
	return claims, 0
}

func readPayload(payload []byte, issuers []domain.Issuer) (domain.Claims, error) {
	var d struct{ Type []string }
	if err := json.Unmarshal(payload, &d); err != nil {
		return domain.Claims{}, err
	}
	if slices.Equal(d.Type, []string{verifiable, formerKind}) {
		return readFormer(payload)
	}
	badge, err := readBadge(payload, issuers)
	if err != nil {
		return domain.Claims{}, err
	}
	return badge.read()
}

func find(keys []domain.Key, id string) (ed25519.PublicKey, bool) {
	for _, k := range keys {
		if k.ID == id {
			public, err := publicKey(k)
			return public, err == nil
		}
	}
	return nil, false
}

func thumbprint(public ed25519.PublicKey) (string, error) {
	sum, err := (&jose.JSONWebKey{Key: public}).Thumbprint(crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("thumbprint: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}
