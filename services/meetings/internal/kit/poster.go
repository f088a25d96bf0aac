package kit

import (
	"fmt"
	"strings"

	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/services/meetings/internal/paper"
)

// The poster's lower part: the map or the way in on the left, what to do on the right.
const (
	posterLower = 152.0
	posterMap   = 112.0
	posterGap   = 8.0
)

func writePoster(d *paper.Document, k Kit) {
	const x, width = paper.Margin, paper.TextWidth
	d.Bar(x, 25, width, 3, paper.Accent)
	y := d.FitTop(x, 33, width, 8, "Temps de rencontre, ouvert à toutes et à tous", paper.Style{Size: 13, Bold: true, Color: paper.Quiet})
	y = d.FitTop(x, y+3, width, 44, k.title(), paper.Style{Size: 36, Bold: true, Color: paper.Accent})
	y = d.FitTop(x, y+6, width, 20, upper(k.day()), paper.Style{Size: 22, Bold: true, Color: paper.Ink})
	y = d.FitTop(x, y+1.5, width, 8, upper(k.hours()), paper.Style{Size: 16, Color: paper.Ink})
	name, address := k.spot()
	y = d.FitTop(x, y+5, width, 14, name, paper.Style{Size: 16, Bold: true, Color: paper.Ink})
	if address != "" {
		d.FitTop(x, y+0.5, width, 7, address, paper.Style{Size: 12, Color: paper.Ink})
	}
	d.Fit(x, posterLower-14, width, 7, "On essaie, on s’entraide, on repart avec une activité à faire avec des enfants.", paper.Style{Size: 11, Color: paper.Ink})
	d.Rule(x, posterLower-5, x+width, posterLower-5, 0.6, paper.Accent)
	located := k.atPlace() && k.Place.located()
	if located {
		apart := "par kilomètre"
		if rings := drawMap(d, k, x, posterLower, posterMap); rings != 1 {
			apart = fmt.Sprintf("tous les %g%skm", rings, prose.Space)
		}
		d.Fit(x, posterLower+posterMap+0.5, posterMap, 8, "Carte schématique : distances et directions vraies, à vol d’oiseau ; un cercle "+apart+".",
			paper.Style{Size: 7.5, Color: paper.Quiet})
	} else {
		writeWayIn(d, k)
	}
	left, beside := x+posterMap+posterGap, width-posterMap-posterGap
	y = code(d, left, posterLower, beside, "S’inscrire", k.page())
	if located {
		code(d, left, y+5, beside, "Ouvrir la carte", k.Place.openMap())
	}
	d.MoveTo(posterLower + posterMap + 8)
}

// spot is the place in two lines.
func (k Kit) spot() (name, address string) {
	switch {
	case !k.atPlace():
		return "À distance", ""
	case k.Place.Name == "":
		name = upper(strings.TrimPrefix(k.Commune+", lieu "+unsaid, ", "))
	default:
		name = upper(k.Place.Name)
	}
	address = k.Place.Address
	if k.Place.Name != "" && !strings.Contains(address, k.Commune) || address == "" && k.Place.Name != "" {
		address = strings.TrimPrefix(address+", "+k.Commune, ", ")
	}
	if k.remote() {
		name += ", ou à distance"
	}
	return name, address
}

// code is a QR code under what it is for, and above what it says.
func code(d *paper.Document, x, y, width float64, caption, url string) float64 {
	const side = 36
	d.Fit(x, y, width, 5.5, caption, paper.Style{Size: 11, Bold: true, Color: paper.Ink})
	d.QRAt(x-2, y+5, side, url)
	return d.Column(x, y+5+side, width, func() { d.URL(url) })
}

// writeWayIn stands where there is no map: how to take part, or that the place is not known yet.
func writeWayIn(d *paper.Document, k Kit) {
	const x, y = paper.Margin, posterLower
	d.Bar(x, y, posterMap, 92, paper.Soft)
	heading, steps := "Comment participer", []string{
		"Inscrivez-vous avec le code ci-contre.", "Vous recevez un message de confirmation, avec le lien.",
		"Le jour dit, ouvrez le lien quelques minutes avant l’heure : un navigateur suffit.",
	}
	if k.atPlace() {
		heading, steps = "Le lieu reste à préciser", []string{
			"Inscrivez-vous dès maintenant avec le code ci-contre.", "L’adresse est envoyée aux personnes inscrites dès qu’elle est connue.",
		}
	}
	d.Column(x+8, y+8, posterMap-16, func() {
		d.Text(heading, paper.Style{Size: 17, Bold: true, Color: paper.Accent})
		d.Space(4)
		for _, step := range steps {
			d.Text(step, paper.Style{Size: 13, Color: paper.Ink})
			d.Space(3.5)
		}
	})
}

// upper begins a line with a capital.
func upper(text string) string {
	for i, r := range text {
		if i > 0 {
			break
		}
		if 'a' <= r && r <= 'z' {
			return string(r-'a'+'A') + text[1:]
		}
	}
	return text
}
