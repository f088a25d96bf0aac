// Package credential gives attestations the form in which they travel: an Open Badge 3.0, which is a W3C Verifiable Credential 2.0,
// secured as a JWT (VC-JOSE-COSE, "vc+jwt") and by a proof inside the document ("eddsa-rdfc-2022"), both with Ed25519. Whoever has
// the published keys verifies one, without this service. It says nothing of a person but a pseudonymous id.
package credential

import (
	"cmp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	badgeKind = "OpenBadgeCredential"
	urn       = "urn:uuid:"
	framework = "CRCN " // of the competences, before each number
	// proven is how an attestation is come by, for people.
	proven = "Présence constatée par la personne qui organisait le temps de rencontre, puis contresignée par une autre : " +
		"une coordination du territoire, ou un relais de la structure d'accueil."
)

// roles as they are written in a credential, in the order of the contract's numbers.
var roles = map[domain.AttestationRole]string{domain.Participant: "LEARNER", domain.Organiser: "ORGANISER", domain.Facilitator: "FACILITATOR"}

// labels name a credential in a wallet, with the title of what it is about.
var labels = map[domain.AttestationRole]string{
	domain.Participant: "Attestation de participation", domain.Organiser: "Attestation d'organisation", domain.Facilitator: "Attestation d'animation",
}

// document is the credential itself. Fields are written in this order, and no others are read.
type document struct {
	Context    []string  `json:"@context"`
	ID         string    `json:"id"`
	Type       []string  `json:"type"`
	Name       string    `json:"name"`
	Issuer     profile   `json:"issuer"`
	ValidFrom  string    `json:"validFrom"`
	ValidUntil string    `json:"validUntil,omitempty"`
	Subject    subject   `json:"credentialSubject"`
	Evidence   *evidence `json:"evidence,omitempty"` // of a badge by category and level
	Status     *status   `json:"credentialStatus,omitempty"`
	Proof      *proof    `json:"proof,omitempty"`
	registered
}

// registered claims of a JWT stand beside the credential, with the same values; none where the proof is inside.
type registered struct {
	Iss string `json:"iss,omitempty"`
	Sub string `json:"sub,omitempty"`
	Jti string `json:"jti,omitempty"`
	Iat int64  `json:"iat,omitempty"`
}

type profile struct {
	ID   string   `json:"id"`
	Type []string `json:"type"`
}

type subject struct {
	ID          string      `json:"id"`
	Type        []string    `json:"type"`
	Role        string      `json:"role,omitempty"`
	Achievement achievement `json:"achievement"`
	Meeting     *meeting    `json:"meeting,omitempty"` // none in a badge by category and level
}

type achievement struct {
	ID          string   `json:"id"`
	Type        []string `json:"type"`
	Name        string   `json:"name"`
	Version     string   `json:"version,omitempty"`
	Description string   `json:"description"`
	Criteria    criteria `json:"criteria"`
	Tag         []string `json:"tag,omitempty"` // the competences
}

type criteria struct {
	Narrative string `json:"narrative"`
}

type meeting struct {
	ID            string   `json:"id"`
	Type          []string `json:"type"`
	Name          string   `json:"name,omitempty"`
	StartTime     string   `json:"startTime"`
	EndTime       string   `json:"endTime"`
	Hours         string   `json:"hours"`
	CommuneCode   string   `json:"communeCode,omitempty"`
	Countersigned string   `json:"countersignedBy"` // in which quality, never by whom
}

// write says c, as whoever signs it.
func (s *Signer) write(c domain.Claims) document {
	if c.Badge.Category != 0 {
		return s.writeBadge(c)
	}
	title := plain(cmp.Or(c.ModuleTitle, c.Title))
	a := achievement{
		ID: urn + c.ModuleID, Type: []string{"Achievement"}, Name: title, Description: labels[c.Role] + " à un temps de rencontre.",
		Criteria: criteria{proven},
	}
	if c.ModuleID == "" {
		a.ID = urn + c.MeetingID + "#achievement"
	}
	if c.ModuleVersion > 0 {
		a.Version = strconv.FormatInt(c.ModuleVersion, 10)
	}
	for _, number := range strings.Fields(c.Competences) {
		a.Tag = append(a.Tag, framework+number)
	}
	return document{
		Context: []string{credentialsV2, badgesV3, s.door + contextPath}, ID: urn + c.AttestationID, Type: []string{verifiable, badgeKind},
		Name: strings.TrimSuffix(labels[c.Role]+" : "+title, " : "), Issuer: profile{s.issuer, []string{"Profile"}},
		ValidFrom: stamp(c.IssueTime), ValidUntil: stamp(c.ValidUntil),
		Subject: subject{ID: urn + c.PersonID, Type: []string{"AchievementSubject"}, Role: roles[c.Role], Achievement: a, Meeting: &meeting{
			ID: urn + c.MeetingID, Type: []string{"Meeting"}, Name: plain(c.Title), StartTime: stamp(c.Start), EndTime: stamp(c.End),
			Hours: hours(c.Attended), CommuneCode: c.CommuneCode, Countersigned: string(c.Countersigned),
		}},
		Status: s.entry(c.Status),
	}
}

// read is what write has written; the caller has verified it.
func (d document) read() (domain.Claims, error) {
	if d.Subject.Meeting == nil {
		return d.readStanding()
	}
	var times reader
	c := domain.Claims{
		AttestationID: strings.TrimPrefix(d.ID, urn), PersonID: strings.TrimPrefix(d.Subject.ID, urn), Role: roleOf(d.Subject.Role),
		MeetingID: strings.TrimPrefix(d.Subject.Meeting.ID, urn), Title: d.Subject.Meeting.Name, ModuleID: strings.TrimPrefix(d.Subject.Achievement.ID, urn),
		ModuleTitle: d.Subject.Achievement.Name, Start: times.at(d.Subject.Meeting.StartTime), End: times.at(d.Subject.Meeting.EndTime),
		CommuneCode: d.Subject.Meeting.CommuneCode, Countersigned: domain.Countersigner(d.Subject.Meeting.Countersigned),
		IssueTime: times.at(d.ValidFrom), ValidUntil: times.at(d.ValidUntil), Issuer: d.Issuer.ID,
	}
	if strings.HasSuffix(c.ModuleID, "#achievement") { // no module: the meeting's own title stands there
		c.ModuleID, c.ModuleTitle = "", ""
	}
	if d.Subject.Achievement.Version != "" {
		var err error
		if c.ModuleVersion, err = strconv.ParseInt(d.Subject.Achievement.Version, 10, 64); err != nil {
			return domain.Claims{}, err
		}
	}
	c.Competences = strings.ReplaceAll(strings.Join(d.Subject.Achievement.Tag, " "), framework, "")
	if d.Status != nil {
		var err error
		if c.Status, err = d.Status.read(); err != nil {
			return domain.Claims{}, err
		}
	}
	var err error
	c.Attended, err = length(d.Subject.Meeting.Hours)
	return c, cmp.Or(times.err, err)
}

// reader keeps the first time that is none.
type reader struct{ err error }

func (r *reader) at(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	r.err = cmp.Or(r.err, err)
	return t
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// hours is written as a decimal in a text: a JSON number that is not whole has several canonical forms.
func hours(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Minute).Hours(), 'f', -1, 64)
}

// length reads what hours has written.
func length(hours string) (time.Duration, error) {
	h, err := strconv.ParseFloat(hours, 64)
	return time.Duration(h * float64(time.Hour)).Round(time.Minute), err
}

// plain leaves out control characters, which libraries escape in different ways in the canonical form.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

func roleOf(name string) domain.AttestationRole {
	for role, known := range roles {
		if known == name {
			return role
		}
	}
	return 0
}
