// Package certificate writes what a holder shows of attestations and badges as a PDF in French, to be printed or sent: it says what the share shows and
// nothing else, and leads by a QR code to the page that says whether it still holds.
package certificate

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/paper"
)

const (
	// factWidth has room for the longest name of a fact.
	factWidth = 44
	codeSide  = 42
	// paris is in which hours are said where an attestation does not show its own.
	paris = "Europe/Paris"
)

// Attestation is one that is shown, with its commune's name.
type Attestation struct {
	domain.ShownAttestation
	Commune string
}

// Certificate is what a share shows at an instant.
type Certificate struct {
	Holder string // empty when it is not shown, or unknown
	Shown  domain.ShownFields
	All    []Attestation
	Badges []domain.ShownBadge
	URL    string // the page that says whether it still holds
	Until  time.Time
	Now    time.Time
}

var (
	titles = map[domain.AttestationRole]string{
		domain.Participant: "Attestation de participation", domain.Organiser: "Attestation d'organisation", domain.Facilitator: "Attestation d'animation",
	}
	deeds = map[domain.AttestationRole]string{
		domain.Participant: "a participé", domain.Organiser: "a organisé", domain.Facilitator: "a animé",
	}
	parts = map[domain.AttestationRole]string{
		domain.Participant: "Participation", domain.Organiser: "Organisation", domain.Facilitator: "Animation",
	}
	qualities = map[domain.Countersigner]string{
		domain.AsCoordinator: "par une coordination du territoire", domain.AsRelay: "par un relais de la structure d'accueil",
	}
	states = map[domain.InvalidReason]string{domain.Revoked: "Révoquée", domain.Expired: "Expirée"}
)

// Write makes the PDF: a page for one attestation or badge, tables for several.
func (c Certificate) Write() ([]byte, error) {
	oneAttestation, oneBadge := len(c.All) == 1 && len(c.Badges) == 0, len(c.Badges) == 1 && len(c.All) == 0
	kind := c.count()
	if oneAttestation {
		kind = cmp.Or(titles[c.All[0].Role], "Attestation")
	}
	d := paper.New(paper.Settings{
		Title: kind, Language: "fr-FR", Made: c.Now, Running: "maillage",
		Footer: prose.French.Replace("Établi le " + prose.FrenchTime(c.Now, paris) + ". Fait foi : la page vérifiable par le code."),
	})
	switch {
	case oneAttestation:
		c.one(d, kind, c.All[0])
	case oneBadge:
		c.oneBadge(d, c.Badges[0])
	default:
		c.many(d)
	}
	return d.Bytes()
}

// count is how many there are of what.
func (c Certificate) count() string {
	var parts []string
	for _, of := range []struct {
		n    int
		noun string
	}{{len(c.All), "attestation"}, {len(c.Badges), "badge"}} {
		switch {
		case of.n == 1:
			parts = append(parts, "1 "+of.noun)
		case of.n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", of.n, of.noun))
		}
	}
	return strings.Join(parts, " et ")
}

// one is a page with all that is shown of an attestation.
func (c Certificate) one(d *paper.Document, kind string, a Attestation) {
	d.Title("Temps de rencontre", kind)
	c.warn(d, a)
	if a.Role != 0 {
		who, what := cmp.Or(c.Holder, "La personne attestée"), " à un temps de rencontre "
		if a.Role != domain.Participant {
			what = " un temps de rencontre "
		}
		d.Lead(prose.French.Replace(who + " " + deeds[a.Role] + what + "déclaré par la personne qui l'organisait et contresigné par une autre."))
	}
	d.Space(2)
	d.Facts(factWidth, c.facts(a)...)
	d.Space(4)
	c.verify(d, "Vérifier cette attestation")
}

// warn says at once that an attestation does not hold.
func (c Certificate) warn(d *paper.Document, a Attestation) {
	if a.Reason != 0 {
		warn(d, "Cette attestation n'est pas valable : "+state(a)+".")
	}
}

func warn(d *paper.Document, text string) {
	d.Text(prose.French.Replace(text), paper.Style{Size: 13, Bold: true, Color: paper.Ink})
	d.Space(3)
}

func state(a Attestation) string {
	if a.Reason == domain.Revoked {
		return "révoquée" + since(a.Revoked)
	}
	return strings.ToLower(cmp.Or(states[a.Reason], "elle ne peut pas être vérifiée"))
}

func since(r domain.Revocation) string {
	return " le " + prose.FrenchTime(r.Time, paris) + ", motif : " + strings.TrimRight(r.Reason, ". ")
}

// facts are what is shown of an attestation.
func (c Certificate) facts(a Attestation) (facts []paper.Fact) {
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, paper.Fact{Name: name, Text: prose.French.Replace(text)})
		}
	}
	zone := cmp.Or(a.TimeZone, paris)
	add("Nom", c.Holder)
	add("Rôle", parts[a.Role])
	add("Module", module(a))
	add("Temps de rencontre", a.Title)
	if !a.Start.IsZero() {
		add("Date", prose.FrenchTime(a.Start, zone))
	}
	if a.Attended > 0 {
		add("Durée attestée", prose.Length(a.Attended))
	}
	for _, competence := range a.Competences {
		add("Compétence (CRCN)", competence.Number+" "+competence.Title)
	}
	add("Commune", a.Commune)
	add("Contresignée", qualities[a.Countersigned])
	if !a.IssueTime.IsZero() {
		add("Délivrée le", prose.FrenchTime(a.IssueTime, paris))
	}
	add("Délivrée par", issuer(a.Issuer))
	return facts
}

// issuer is an issuer as people know it: by its site.
func issuer(uri string) string {
	return strings.ReplaceAll(strings.TrimPrefix(uri, "did:web:"), "%3A", ":")
}

func module(a Attestation) string {
	if a.ModuleTitle == "" || a.ModuleVersion == 0 {
		return a.ModuleTitle
	}
	return fmt.Sprintf("%s (version %d)", a.ModuleTitle, a.ModuleVersion)
}

// verify leads to the page that says whether all this still holds.
func (c Certificate) verify(d *paper.Document, caption string) {
	d.QR(c.URL, caption, codeSide)
	note := "Ce document ne prouve rien par lui-même : la page à laquelle mène ce code dit ce qui est attesté et si cela vaut toujours. " +
		"Elle est vérifiable sans compte jusqu'au " + prose.FrenchTime(c.Until, paris) + ", à moins que la personne ne cesse de la montrer avant."
	if c.Holder != "" {
		note += " Le nom est celui que la personne s'est donné."
	}
	d.Note(prose.French.Replace(note))
}
