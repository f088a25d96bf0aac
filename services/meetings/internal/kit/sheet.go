package kit

import (
	"fmt"

	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/services/meetings/internal/paper"
)

const (
	// spare is how many lines are left for whoever was not expected, and what an empty sheet has.
	spare, empty = 5, 18
	// signing is the height of a line in which one signs.
	signing = 8.6
)

func writeSheet(d *paper.Document, k Kit) {
	d.Title("Feuille d’émargement", k.title())
	d.Facts(32, k.facts(false)...)
	d.Note("Cette feuille porte des noms : ne l’affichez pas et ne la photographiez pas." + k.reserve() +
		" Une fois les présences notées, rangez-la avec le compte rendu.")
	here, afar := k.seated(false), k.seated(true)
	if k.atPlace() {
		d.Table(k.lines(here, max(spare, empty-len(here)), true))
	}
	if len(afar) > 0 || !k.atPlace() {
		if k.atPlace() {
			d.Heading("À distance")
		}
		d.Note("À cocher par l’organisateur : personne ne signe à distance.")
		d.Table(k.lines(afar, spare, false))
	}
	d.Need(22)
	d.Text("Nom et signature de l’organisateur", paper.Style{Size: 9, Bold: true, Color: paper.Ink})
	d.Ruled(1, 14)
}

// reserve is what to do about those who do not wish the others to see their names.
func (k Kit) reserve() string {
	for _, p := range k.Participants {
		if p.Reserved {
			return " Des personnes souhaitent que les autres ne lisent pas leur nom : faites signer à votre table, sans faire passer la feuille."
		}
	}
	return ""
}

// seated are those who come, or those who join from afar; of a meeting that has only one of these, everyone.
func (k Kit) seated(afar bool) (names []string) {
	for _, p := range k.Participants {
		if (p.Remote && k.remote() || !k.atPlace()) != afar {
			continue
		}
		name := mail.Line(p.Name)
		switch {
		case p.Facilitator && name != "":
			name += " (facilitateur)"
		case p.Facilitator:
			name = "(facilitateur)"
		}
		names = append(names, name)
	}
	return names
}

// lines is a table to sign, or to tick, with blank ones at its end.
func (k Kit) lines(names []string, blank int, signed bool) paper.Table {
	columns := []paper.Column{{Title: "N°", Width: 11, Align: paper.Right}, {Title: "Nom et prénom"}}
	switch {
	case signed && k.Meeting.InHalves():
		columns = append(columns, paper.Column{Title: "Signature, première demi-journée", Width: 40}, paper.Column{Title: "Signature, seconde demi-journée", Width: 40})
	case signed:
		columns = append(columns, paper.Column{Title: "Signature", Width: 62})
	case k.Meeting.InHalves():
		columns = append(columns, paper.Column{Title: "Présent, première demi-journée", Width: 40}, paper.Column{Title: "Présent, seconde demi-journée", Width: 40})
	default:
		columns = append(columns, paper.Column{Title: "Présent", Width: 30})
	}
	rows := make([][]string, 0, len(names)+blank)
	for i := range len(names) + blank {
		row := []string{fmt.Sprint(i + 1)}
		if i < len(names) {
			row = append(row, names[i])
		}
		rows = append(rows, row)
	}
	return paper.Table{Columns: columns, Rows: rows, RowHeight: signing, Grid: true, MostLines: 4, Size: 9.5}
}
