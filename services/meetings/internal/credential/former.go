package credential

import (
	"encoding/json"
	"strings"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// formerKind is the type of the credentials that were issued before badges; they stay valid.
const formerKind = "MeetingAttestation"

// former is a credential of that kind.
type former struct {
	ID        string `json:"id"`
	Issuer    string `json:"issuer"`
	ValidFrom string `json:"validFrom"`
	Subject   struct {
		ID      string `json:"id"`
		Role    string `json:"role"`
		Meeting struct {
			ID            string `json:"id"`
			ModuleTitle   string `json:"moduleTitle"`
			StartTime     string `json:"startTime"`
			CommuneCode   string `json:"communeCode"`
			Countersigned string `json:"countersignedBy"`
		} `json:"meeting"`
	} `json:"credentialSubject"`
}

var formerRoles = map[string]domain.AttestationRole{"PARTICIPANT": domain.Participant, "ORGANISER": domain.Organiser}

func readFormer(payload []byte) (domain.Claims, error) {
	var d former
	if err := json.Unmarshal(payload, &d); err != nil {
		return domain.Claims{}, err
	}
	var times reader
	m := d.Subject.Meeting
	c := domain.Claims{
		AttestationID: strings.TrimPrefix(d.ID, urn), PersonID: strings.TrimPrefix(d.Subject.ID, urn), Role: formerRoles[d.Subject.Role],
		MeetingID: strings.TrimPrefix(m.ID, urn), ModuleTitle: m.ModuleTitle, Start: times.at(m.StartTime), CommuneCode: m.CommuneCode,
		Countersigned: domain.Countersigner(m.Countersigned), IssueTime: times.at(d.ValidFrom), Issuer: d.Issuer,
	}
	return c, times.err
}
