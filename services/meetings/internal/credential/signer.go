package credential

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// mediaType is what VC-JOSE-COSE asks for in the header "typ".
const mediaType = "vc+jwt"

// algorithms is a fixed list: what a token asks for never chooses how it is verified.
var algorithms = []jose.SignatureAlgorithm{jose.EdDSA}

// Signer signs credentials with one key, and opens those that any of our keys has signed.
type Signer struct {
	issuer string
	public ed25519.PublicKey
	id     string
	jws    jose.Signer
}

// New makes a signer; issuer is the URI that its credentials name.
func New(key ed25519.PrivateKey, issuer string) (*Signer, error) {
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
	return &Signer{issuer: issuer, public: public, id: id, jws: jws}, nil
}

// Key is the public half of the signer's key.
func (s *Signer) Key() domain.Key {
	return domain.Key{ID: s.id, X: base64.RawURLEncoding.EncodeToString(s.public)}
}

// Sign makes the credential that says c.
func (s *Signer) Sign(c domain.Claims) (string, error) {
	c.Issuer = s.issuer
	payload, err := write(c)
	if err != nil {
		return "", fmt.Errorf("credential: %w", err)
	}
	signed, err := s.jws.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign credential: %w", err)
	}
	return signed.CompactSerialize()
}

// Open verifies a credential with the keys and reads what it says, or tells why not.
func (s *Signer) Open(credential string, keys []domain.Key) (domain.Claims, domain.InvalidReason) {
	token, err := jose.ParseSignedCompact(credential, algorithms)
	if err != nil || len(token.Signatures) != 1 {
		return domain.Claims{}, domain.Malformed
	}
	header := token.Signatures[0].Protected
	if header.ExtraHeaders[jose.HeaderType] != mediaType {
		return domain.Claims{}, domain.Malformed
	}
	public, known := find(keys, header.KeyID)
	if !known {
		return domain.Claims{}, domain.UnknownKey
	}
	payload, err := token.Verify(public)
	if err != nil {
		return domain.Claims{}, domain.BadSignature
	}
	claims, err := read(payload)
	if err != nil {
		return domain.Claims{}, domain.Malformed
	}
	return claims, 0
}

func find(keys []domain.Key, id string) (ed25519.PublicKey, bool) {
	for _, k := range keys {
		if k.ID != id {
			continue
		}
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		return x, err == nil && len(x) == ed25519.PublicKeySize
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
