package kit

import "github.com/classcode/maillage/services/meetings/internal/paper"

func writePractice(d *paper.Document, k Kit) {
	d.Title("Fiche pratique", "Une activité à refaire")
	d.Note("À remplir à la main pendant la mise en commun, puis à recopier et à envoyer par l’organisateur. Temps de rencontre : " + k.title() + ", " + k.day() + ".")
	const apart = 7.4 // room for handwriting
	field := func(name string, lines int) {
		d.Need(8 + apart*float64(lines))
		d.Text(name, paper.Style{Size: 10.5, Bold: true, Color: paper.Ink})
		d.Ruled(lines, apart)
	}
	field("Titre", 1)
	y := d.Y()
	half := (paper.TextWidth - 8) / 2
	for i, name := range []string{"Public, âge, nombre d’enfants", "Durée"} {
		x := paper.Margin + float64(i)*(half+8)
		d.Column(x, y, half, func() { field(name, 1) })
	}
	d.MoveTo(y + 2*apart)
	field("Matériel et préparation", 2)
	field("Ce qu’on apprend (compétences)", 2)
	field("Déroulement, étape par étape", 8)
	field("Bilan : ce qui a marché, ce qu’on changerait", 3)
	field("Écrite par", 1)
	d.Boxes("Nous publions cette fiche sous licence Creative Commons Attribution 4.0 (CC BY 4.0) : chacun peut la reprendre et la changer, en disant d’où elle vient.",
		"Aucun enfant n’y est nommé ni reconnaissable.")
}
