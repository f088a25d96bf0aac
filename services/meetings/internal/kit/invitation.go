package kit

import "github.com/classcode/maillage/services/meetings/internal/paper"

func writeInvitation(d *paper.Document, k Kit) {
	d.Title("Invitation", k.title())
	d.Lead(k.pitch())
	d.Facts(32, k.facts(false)...)
	if shift := k.shift(); shift != "" {
		d.Note(shift)
	}
	if k.Module.Summary != "" {
		d.Heading("De quoi s’agit-il ?")
		d.Paragraph(k.Module.Summary)
	}
	d.Heading("Pour qui ?")
	d.Paragraph("Pour toute personne qui travaille avec des jeunes : enseignants, animateurs, médiateurs, bibliothécaires, bénévoles. " +
		"Il ne faut rien savoir de l’informatique, ni demander l’accord de qui que ce soit pour s’inscrire.")
	d.Heading("Bon à savoir")
	d.Bullets(k.goodToKnow()...)
	d.Heading("S’inscrire")
	d.QR(k.page(), "Visez ce code avec un téléphone, ou tapez l’adresse :", 42)
	d.Facts(32, paper.Fact{Name: "Votre contact", Text: "……………………………………………………………………………………"})
}

// pitch is what a meeting is, in two sentences.
func (k Kit) pitch() string {
	near := "près de chez vous"
	if !k.atPlace() {
		near = "depuis chez vous"
	}
	return "Apprenez à initier des enfants à la pensée informatique, " + near + ", avec des personnes qui font le même métier que vous ou un autre. " +
		"On essaie, on s’entraide, on repart avec une activité à faire."
}

func (k Kit) goodToKnow() []string {
	var all []string
	if k.Needs.Network.OwnComputers {
		all = append(all, "Apportez votre ordinateur portable et son chargeur.")
	}
	if k.remote() {
		all = append(all, "Le lien pour rejoindre à distance est envoyé aux personnes inscrites.")
	}
	if k.Module.Title != "" {
		all = append(all, "Une partie de la formation est en ligne : regardez-en le début avant de venir, à votre rythme.")
	}
	return append(all, "Si vous ne pouvez plus venir, rendez votre place par le lien du message de confirmation : elle servira à quelqu’un d’autre.",
		"Votre présence donne droit à une attestation.")
}
