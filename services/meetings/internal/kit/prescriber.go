package kit

import (
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/paper"
)

// writePresentation tells a relay what the training is, and what to do with this kit. Nobody is named in it.
func writePresentation(d *paper.Document, k Kit) {
	d.Title("Pour les relais et les prescripteurs", k.title())
	d.Lead("Vous connaissez des personnes à qui cette formation servirait. Ces pages vous donnent de quoi en parler, et de quoi les accompagner.")
	d.Facts(32, append(k.facts(false), paper.Fact{Name: "Places", Text: k.free()})...)
	d.Note("Cette version ne contient ni nom, ni feuille d’émargement, ni lien pour rejoindre à distance : vous pouvez la faire circuler.")
	d.Heading("La formation, en trois phrases")
	d.Bullets("Elle apprend à initier des jeunes de 8 à 14 ans à la pensée informatique, sans rien savoir au départ.",
		"Elle se suit en ligne, à son rythme, et se vit à plusieurs : deux temps de rencontre de deux heures environ par module, près de chez soi.",
		"Elle est ouverte, sans hiérarchie et sans formateur obligatoire : on se forme entre pairs, avec l’aide d’un professionnel de l’informatique quand on en trouve un.")
	if k.Module.Summary != "" {
		d.Heading("Ce module")
		d.Paragraph(k.Module.Summary)
	}
	d.Heading("Pourquoi la proposer")
	d.Bullets("On y apprend en faisant, avec des collègues et des voisins.",
		"On en repart avec une activité prête, écrite sous licence libre.",
		"La présence est attestée, et l’attestation se vérifie en ligne.",
		"Les personnes formées peuvent à leur tour animer : c’est ainsi que le réseau grandit.")
	d.Heading("Prescrire")
	d.Boxes("Donner l’invitation de la main à la main, en disant pourquoi on a pensé à cette personne.",
		"Poser l’affiche : salle des professeurs, accueil, médiathèque, mairie.",
		"Écrire à votre liste, avec l’adresse d’inscription qui est sur l’invitation.",
		"Proposer une salle, du matériel ou une heure de votre temps à l’organisateur.")
	d.Heading("Accompagner")
	d.Boxes("Libérer deux heures, et le trajet.", "Demander au retour : qu’est-ce que tu vas essayer ? Quand ?",
		"Aider à faire remonter la fiche pratique.", "Repérer qui pourrait organiser la prochaine fois.")
}

// free is how many seats are left.
func (k Kit) free() string {
	m := k.Meeting
	switch free := m.Capacity - m.Taken; {
	case m.State == domain.MeetingDraft:
		return "les inscriptions ne sont pas encore ouvertes"
	case free <= 0 || m.Waiting > 0:
		return "complet ; les inscriptions vont en liste d’attente, où les places se libèrent"
	default:
		return count(free, "place") + " sur " + count(m.Capacity, "place")
	}
}
