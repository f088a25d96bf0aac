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

// column is one of the table, when it is shown.
type column struct {
	paper.Column
	field domain.ShownField // 0: always
	text  func(n int, a Attestation) string
}

var columns = []column{
	{paper.Column{Title: "N°", Width: 10}, 0, func(n int, _ Attestation) string { return fmt.Sprint(n) }},
	{paper.Column{Title: "Module ou rencontre"}, domain.ShownTitle, func(_ int, a Attestation) string { return cmp.Or(module(a), a.Title) }},
	{paper.Column{Title: "Date", Width: 22}, domain.ShownDates, func(_ int, a Attestation) string {
		if a.Start.IsZero() {
			return ""
		}
		return prose.ShortDate(a.Start, cmp.Or(a.TimeZone, paris))
	}},
	{paper.Column{Title: "Rôle", Width: 27}, 0, func(_ int, a Attestation) string {
		if a.Reason != 0 {
			return strings.TrimSpace(parts[a.Role] + "\n" + cmp.Or(states[a.Reason], "Invérifiable"))
		}
		return parts[a.Role]
	}},
	{paper.Column{Title: "Durée", Width: 17, Align: paper.Right}, domain.ShownHours, func(_ int, a Attestation) string {
		if a.Attended == 0 {
			return ""
		}
		return prose.Length(a.Attended)
	}},
	{paper.Column{Title: "CRCN", Width: 16}, domain.ShownCompetences, func(_ int, a Attestation) string {
		numbers := make([]string, len(a.Competences))
		for i, competence := range a.Competences {
			numbers[i] = competence.Number
		}
		return strings.Join(numbers, ", ")
	}},
	{paper.Column{Title: "Commune", Width: 27}, domain.ShownCommune, func(_ int, a Attestation) string { return a.Commune }},
}

// many are tables over as many pages as they need, with the hours of what holds.
func (c Certificate) many(d *paper.Document) {
	kind := "Temps de rencontre"
	if len(c.All) == 0 {
		kind = "Engagement"
	}
	d.Title(kind, c.count())
	d.Facts(factWidth, c.summary()...)
	c.verify(d, c.caption())
	if len(c.All) > 0 {
		c.attestations(d)
	}
	if len(c.Badges) > 0 {
		c.badges(d)
	}
}

func (c Certificate) caption() string {
	switch {
	case len(c.Badges) == 0:
		return "Vérifier ces attestations"
	case len(c.All) == 0:
		return "Vérifier ces badges"
	}
	return "Vérifier ce qui est montré"
}

func (c Certificate) attestations(d *paper.Document) {
	if len(c.Badges) > 0 {
		d.Heading("Attestations")
	}
	table := paper.Table{}
	var shown []column
	for _, col := range columns {
		if col.field == 0 || c.Shown.Has(col.field) {
			shown, table.Columns = append(shown, col), append(table.Columns, col.Column)
		}
	}
	if !c.Shown.Has(domain.ShownTitle) { // something takes what is left of the width
		table.Columns[1].Width = 0
	}
	for i, a := range c.All {
		row := make([]string, len(shown))
		for j, col := range shown {
			row[j] = col.text(i+1, a)
		}
		table.Rows = append(table.Rows, row)
	}
	d.Table(table)
	for i, a := range c.All {
		if a.Reason != 0 {
			d.Note(prose.French.Replace(fmt.Sprintf("N° %d : %s.", i+1, state(a))))
		}
	}
}

// summary is what holds of all of them.
func (c Certificate) summary() (facts []paper.Fact) {
	if c.Holder != "" {
		facts = append(facts, paper.Fact{Name: "Nom", Text: c.Holder})
	}
	holding, total := 0, time.Duration(0)
	issuers := map[string]bool{}
	for _, a := range c.All {
		issuers[a.Issuer] = true
		if a.Reason == 0 {
			holding++
			total += a.Attended
		}
	}
	for _, b := range c.Badges {
		issuers[b.Issuer] = true
		if b.Reason == 0 {
			holding++
		}
	}
	facts = append(facts, paper.Fact{Name: "Valables", Text: fmt.Sprintf("%d sur %d", holding, len(c.All)+len(c.Badges))})
	if len(c.All) > 0 && c.Shown.Has(domain.ShownHours) {
		facts = append(facts, paper.Fact{Name: "Durée totale", Text: prose.Length(total)})
	}
	if len(issuers) == 1 {
		for uri := range issuers {
			facts = append(facts, paper.Fact{Name: c.issuedBy(), Text: issuer(uri)})
		}
	}
	return facts
}

func (c Certificate) issuedBy() string {
	if len(c.All) == 0 {
		return "Délivrés par"
	}
	if len(c.Badges) == 0 {
		return "Délivrées par"
	}
	return "Émetteur"
}
