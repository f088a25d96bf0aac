package credential

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// localIssuer is for a deployment without an address of its own.
const localIssuer = "urn:maillage:local"

// IssuerAt is who attests at a door: whoever was named, or else the door's own did:web when it has a name that others can ask.
func IssuerAt(named, door string) domain.Issuer {
	door = strings.TrimSuffix(door, "/")
	if named != "" && named != localIssuer {
		return domain.Issuer{URI: named, Door: door}
	}
	at, err := url.Parse(door)
	if err != nil || at.Scheme != "https" || at.Path != "" {
		return domain.Issuer{URI: localIssuer, Door: door}
	}
	return domain.Issuer{URI: "did:web:" + strings.ReplaceAll(at.Host, ":", "%3A"), Door: door}
}

// FormerIssuer is whom credentials named before badges, when no door could have a name.
func FormerIssuer(named string) domain.Issuer { return domain.Issuer{URI: cmp.Or(named, localIssuer)} }

// identity is a DID document; without a DID, a controlled identifier document of the same form.
type identity struct {
	Context   []string `json:"@context"`
	ID        string   `json:"id"`
	Methods   []method `json:"verificationMethod"`
	Assertion []string `json:"assertionMethod"`
}

type method struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Controller string `json:"controller"`
	Multibase  string `json:"publicKeyMultibase"`
}

// multikeyEd25519 is how a Multikey says that the rest is an Ed25519 key.
var multikeyEd25519 = []byte{0xed, 0x01}

// Identity says which keys the issuer has; retired ones stay, so that old credentials verify.
func (s *Signer) Identity(keys []domain.Key) (string, error) {
	doc := identity{Context: []string{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"}, ID: s.issuer}
	for _, k := range keys {
		public, err := publicKey(k)
		if err != nil {
			return "", err
		}
		id := s.issuer + "#" + k.ID
		doc.Methods = append(doc.Methods, method{ID: id, Type: "Multikey", Controller: s.issuer, Multibase: encodeMultibase(append(multikeyEd25519[:2:2], public...))})
		doc.Assertion = append(doc.Assertion, id)
	}
	text, err := json.Marshal(doc)
	return string(text), err
}

// Terms is our own context, as the door serves it.
func (s *Signer) Terms() string { return string(meetingTerms) }
