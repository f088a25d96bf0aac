// Package credential gives attestations the form in which they travel: a W3C Verifiable Credential 2.0 secured as a JWT
// (VC-JOSE-COSE, "vc+jwt", EdDSA over Ed25519). Whoever has the published keys verifies one, without this service. It says
// nothing of a person but a pseudonymous id.
package credential

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	context = "https://www.w3.org/ns/credentials/v2"
	kind    = "MeetingAttestation"
	urn     = "urn:uuid:"
)

// roles as they are written in a credential, in the order of the contract's numbers.
var roles = map[domain.AttestationRole]string{domain.Participant: "PARTICIPANT", domain.Organiser: "ORGANISER"}

// document is the credential itself; the registered claims of a JWT stand beside it, with the same values.
type document struct {
	Context   []string `json:"@context"`
	ID        string   `json:"id"`
	Type      []string `json:"type"`
	Issuer    string   `json:"issuer"`
	ValidFrom string   `json:"validFrom"`
	Subject   subject  `json:"credentialSubject"`

	Iss string `json:"iss"`
	Sub string `json:"sub"`
	Jti string `json:"jti"`
	Iat int64  `json:"iat"`
}

type subject struct {
	ID      string  `json:"id"`
	Role    string  `json:"role"`
	Meeting meeting `json:"meeting"`
}

type meeting struct {
	ID            string `json:"id"`
	ModuleTitle   string `json:"moduleTitle"`
	StartTime     string `json:"startTime"`
	CommuneCode   string `json:"communeCode"`
	Countersigned string `json:"countersignedBy"` // in which quality, never by whom
}

func write(c domain.Claims) ([]byte, error) {
	return json.Marshal(document{
		Context: []string{context}, ID: urn + c.AttestationID, Type: []string{"VerifiableCredential", kind}, Issuer: c.Issuer,
		ValidFrom: c.IssueTime.UTC().Format(time.RFC3339),
		Subject: subject{ID: urn + c.PersonID, Role: roles[c.Role], Meeting: meeting{
			ID: urn + c.MeetingID, ModuleTitle: c.ModuleTitle, StartTime: c.Start.UTC().Format(time.RFC3339),
			CommuneCode: c.CommuneCode, Countersigned: string(c.Countersigned),
		}},
		Iss: c.Issuer, Sub: urn + c.PersonID, Jti: urn + c.AttestationID, Iat: c.IssueTime.Unix(),
	})
}

var errOther = errors.New("not a meeting attestation")

func read(payload []byte) (domain.Claims, error) {
	var d document
	if err := json.Unmarshal(payload, &d); err != nil {
		return domain.Claims{}, err
	}
	if len(d.Type) != 2 || d.Type[1] != kind {
		return domain.Claims{}, errOther
	}
	issued, err := time.Parse(time.RFC3339, d.ValidFrom)
	if err != nil {
		return domain.Claims{}, err
	}
	start, err := time.Parse(time.RFC3339, d.Subject.Meeting.StartTime)
	if err != nil {
		return domain.Claims{}, err
	}
	return domain.Claims{
		AttestationID: strings.TrimPrefix(d.ID, urn), PersonID: strings.TrimPrefix(d.Subject.ID, urn), Role: roleOf(d.Subject.Role),
		MeetingID: strings.TrimPrefix(d.Subject.Meeting.ID, urn), ModuleTitle: d.Subject.Meeting.ModuleTitle, Start: start,
		CommuneCode: d.Subject.Meeting.CommuneCode, Countersigned: domain.Countersigner(d.Subject.Meeting.Countersigned),
		IssueTime: issued, Issuer: d.Issuer,
	}, nil
}

func roleOf(name string) domain.AttestationRole {
	for role, known := range roles {
		if known == name {
			return role
		}
	}
	return 0
}
