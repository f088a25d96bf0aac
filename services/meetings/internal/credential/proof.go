package credential

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	proofType   = "DataIntegrityProof"
	cryptosuite = "eddsa-rdfc-2022"
	purpose     = "assertionMethod"
	// deepest is more than our documents have; what is deeper is not looked at.
	deepest = 8
)

// proof is a Data Integrity proof, in its document or, without its value, as what is signed beside it.
type proof struct {
	Context     []string `json:"@context,omitempty"`
	Type        string   `json:"type"`
	Cryptosuite string   `json:"cryptosuite"`
	Created     string   `json:"created"`
	Method      string   `json:"verificationMethod"`
	Purpose     string   `json:"proofPurpose"`
	Value       string   `json:"proofValue,omitempty"`
}

// prove makes the proof of a document that has none yet.
func (s *Signer) prove(document any, context []string, created string) (*proof, error) {
	p := &proof{Context: context, Type: proofType, Cryptosuite: cryptosuite, Created: created, Method: s.issuer + "#" + s.id, Purpose: purpose}
	hash, err := hashOf(document, *p)
	if err != nil {
		return nil, err
	}
	p.Context, p.Value = nil, encodeMultibase(ed25519.Sign(s.key, hash))
	return p, nil
}

// hashOf is what is signed: the hash of the proof's settings, then the document's.
func hashOf(document any, settings proof) ([]byte, error) {
	settings.Value = ""
	var out []byte
	for _, part := range []any{settings, document} {
		text, err := canonical(part)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		out = append(out, sum[:]...)
	}
	return out, nil
}

// openProven opens a document with a proof inside. What is verified is what was read, written anew: a field that is not ours, or that
// comes twice, has no way into it.
func (s *Signer) openProven(text string, keys []domain.Key, issuers []domain.Issuer) (domain.Claims, domain.InvalidReason) {
	if !shallow(text) {
		return domain.Claims{}, domain.Malformed
	}
	if !ours(issuerOf([]byte(text)), issuers) {
		return domain.Claims{}, reasonOf(issuerOf([]byte(text)))
	}
	d, err := readBadge([]byte(text), issuers)
	if err != nil || d.Proof == nil || d.registered != (registered{}) {
		return domain.Claims{}, domain.Malformed
	}
	p := *d.Proof
	d.Proof = nil
	if p.Type != proofType || p.Cryptosuite != cryptosuite || p.Purpose != purpose || p.Context != nil {
		return domain.Claims{}, domain.Malformed
	}
	public, known := find(keys, strings.TrimPrefix(p.Method, d.Issuer.ID+"#"))
	if !known {
		return domain.Claims{}, domain.UnknownKey
	}
	signature, err := decodeMultibase(p.Value)
	if err != nil {
		return domain.Claims{}, domain.Malformed
	}
	p.Context = d.Context
	hash, err := hashOf(d, p)
	if err != nil {
		return domain.Claims{}, domain.Malformed
	}
	if !ed25519.Verify(public, hash, signature) {
		return domain.Claims{}, domain.BadSignature
	}
	c, err := d.read()
	if err != nil {
		return domain.Claims{}, domain.Malformed
	}
	return c, 0
}

// readBadge takes a badge in our form only.
func readBadge(text []byte, issuers []domain.Issuer) (document, error) {
	var d document
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err := in.Decode(&d); err != nil {
		return d, err
	}
	if _, err := in.Token(); err != io.EOF {
		return d, errOther
	}
	known := len(d.Context) == 3 && d.Context[0] == credentialsV2 && d.Context[1] == badgesV3 &&
		slices.ContainsFunc(issuers, func(i domain.Issuer) bool { return i.URI == d.Issuer.ID && i.Door+contextPath == d.Context[2] })
	if !known || !slices.Equal(d.Type, []string{verifiable, badgeKind}) || !d.attests() && !d.recognises() {
		return d, errOther
	}
	return d, nil
}

// shallow reports whether the text is one JSON value that is not too deep.
func shallow(text string) bool {
	in, depth := json.NewDecoder(strings.NewReader(text)), 0
	for {
		token, err := in.Token()
		switch {
		case err == io.EOF:
			return true
		case err != nil:
			return false
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth > deepest {
			return false
		}
	}
}

// issuerOf is who a credential says has issued it; "" when it does not say.
func issuerOf(text []byte) string {
	var d struct{ Issuer json.RawMessage }
	if json.Unmarshal(text, &d) != nil {
		return ""
	}
	var p profile
	if json.Unmarshal(d.Issuer, &p.ID) != nil && json.Unmarshal(d.Issuer, &p) != nil {
		return ""
	}
	return p.ID
}

func ours(issuer string, issuers []domain.Issuer) bool {
	return slices.ContainsFunc(issuers, func(i domain.Issuer) bool { return i.URI == issuer })
}

// reasonOf tells a credential of others from what is none.
func reasonOf(issuer string) domain.InvalidReason {
	if issuer == "" {
		return domain.Malformed
	}
	return domain.WrongIssuer
}

func publicKey(k domain.Key) (ed25519.PublicKey, error) {
	x, err := base64.RawURLEncoding.DecodeString(k.X)
	if err != nil || len(x) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("key %s is no Ed25519 key", k.ID)
	}
	return x, nil
}
