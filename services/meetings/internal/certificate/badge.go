package certificate

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/paper"
)

var (
	categories = map[domain.BadgeCategory]string{
		domain.Pedagogy: "Pédagogie", domain.Schemes: "Dispositifs", domain.Events: "Événements", domain.Technique: "Technicité",
	}
	levels = map[domain.BadgeLevel]string{
		domain.LevelParticipant: "1 sur 4, participant", domain.LevelContributor: "2 sur 4, contributeur",
		domain.LevelMultiplier: "3 sur 4, passeur", domain.LevelReferent: "4 sur 4, référent",
	}
	badgeStates = map[domain.InvalidReason]string{domain.Revoked: "Révoqué", domain.Expired: "Expiré"}
)

// oneBadge is a page with all that is shown of a badge.
func (c Certificate) oneBadge(d *paper.Document, b domain.ShownBadge) {
	d.Title("Engagement", strings.TrimSpace("Badge "+categories[b.Category]))
	if b.Reason != 0 {
		warn(d, "Ce badge n'est pas valable : "+badgeState(b)+".")
	}
	d.Space(2)
	d.Facts(factWidth, c.badgeFacts(b)...)
	d.Space(4)
	c.verify(d, "Vérifier ce badge")
}

// badgeFacts are what is shown of a badge.
func (c Certificate) badgeFacts(b domain.ShownBadge) (facts []paper.Fact) {
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, paper.Fact{Name: name, Text: prose.French.Replace(text)})
		}
	}
	add("Nom", c.Holder)
	if b.Category != 0 {
		add("Catégorie", categories[b.Category])
		add("Niveau", levels[b.Level])
		add("Reconnu par", recognisedBy(b))
	}
	if !b.IssueTime.IsZero() {
		add("Délivré le", prose.FrenchTime(b.IssueTime, paris))
	}
	add("Délivré par", issuer(b.Issuer))
	return facts
}

// recognisedBy is empty when nothing is known of a badge, and says plainly that nobody has.
func recognisedBy(b domain.ShownBadge) string {
	switch {
	case b.Category == 0:
		return ""
	case b.Peers == 0:
		return "aucun pair (auto-positionnement, avec une attestation)"
	case b.Peers == 1:
		return "1 personne présente à une même rencontre attestée"
	}
	return fmt.Sprintf("%d personnes présentes à une même rencontre attestée", b.Peers)
}

func badgeState(b domain.ShownBadge) string {
	if b.Reason == domain.Revoked {
		return "révoqué" + since(b.Revoked)
	}
	return strings.ToLower(cmp.Or(badgeStates[b.Reason], "il ne peut pas être vérifié"))
}

// badges is the table of several, or of one beside attestations.
func (c Certificate) badges(d *paper.Document) {
	if len(c.All) > 0 {
		d.Space(4)
		d.Heading("Badges")
	}
	dates := c.Shown.Has(domain.ShownDates)
	table := paper.Table{Columns: []paper.Column{{Title: "N°", Width: 10}, {Title: "Catégorie", Width: 32}, {Title: "Niveau", Width: 42}, {Title: "Reconnu par"}}}
	if dates {
		table.Columns = append(table.Columns, paper.Column{Title: "Délivré le", Width: 24})
	}
	for i, b := range c.Badges {
		category := categories[b.Category]
		if b.Reason != 0 {
			category = strings.TrimSpace(category + "\n" + cmp.Or(badgeStates[b.Reason], "Invérifiable"))
		}
		row := []string{fmt.Sprint(i + 1), category, levels[b.Level], prose.French.Replace(recognisedBy(b))}
		switch {
		case dates && b.IssueTime.IsZero(): // nothing is known of it
			row = append(row, "")
		case dates:
			row = append(row, prose.ShortDate(b.IssueTime, paris))
		}
		table.Rows = append(table.Rows, row)
	}
	d.Table(table)
	for i, b := range c.Badges {
		if b.Reason != 0 {
			d.Note(prose.French.Replace(fmt.Sprintf("Badge n° %d : %s.", i+1, badgeState(b))))
		}
	}
}
