package kit

import "github.com/classcode/maillage/services/meetings/internal/paper"

// role is a card: what someone does before, during and after.
type role struct {
	name, short           string
	before, during, after []string
}

var roles = []role{
	{
		"Organisateur", "Vous tenez le cadre : le lieu, l’heure, les personnes.",
		[]string{"Confirmer le lieu, la salle et le matériel.", "Envoyer l’invitation, poser l’affiche.", "Avec la coordination, chercher un professionnel de l’informatique.", "Essayer le réseau depuis la salle."},
		[]string{"Accueillir et faire signer.", "Donner le déroulé et tenir les heures.", "Veiller à ce que chacun fasse, et parle.", "Noter ce qui bloque."},
		[]string{"Dire qui est venu.", "Écrire le compte rendu et le clore.", "Déclarer le temps de rencontre.", "Faire remonter la fiche pratique."},
	},
	{
		"Facilitateur", "Vous aidez à faire, sans faire à la place.",
		[]string{"Suivre le module en ligne.", "Refaire soi-même chaque activité.", "Prévoir une version simple et une version longue."},
		[]string{"Montrer peu, laisser essayer beaucoup.", "Passer de groupe en groupe.", "Répondre à une question par une question.", "Lancer la mise en commun."},
		[]string{"Relire la fiche pratique.", "Porter les questions restées ouvertes au bureau d’accueil.", "Dire à l’organisateur ce qu’il faudrait changer."},
	},
	{
		"Professionnel de l’informatique", "Vous donnez à voir un métier et vous répondez, sans cours.",
		[]string{"Lire ce kit et le résumé du module.", "Demander qui sera là, et avec quel public.", "Préparer un exemple de votre travail, sans diaporama."},
		[]string{"Vous présenter en deux minutes.", "Travailler dans un groupe, comme les autres.", "Dire « je ne sais pas » quand c’est le cas.", "Relier ce qu’on fait à la vie réelle."},
		[]string{"Dire si vous reviendriez.", "Donner votre avis en une minute, par le lien que vous recevrez."},
	},
	{
		"Participant", "Vous venez apprendre avec d’autres, à votre rythme.",
		[]string{"Regarder le début du module en ligne.", "Penser à un groupe d’enfants avec qui essayer.", "Prévenir si vous ne pouvez pas venir : votre place servira."},
		[]string{"Signer la feuille.", "Essayer, se tromper, demander.", "Noter une activité à refaire avec les enfants."},
		[]string{"Essayer l’activité dans les deux semaines.", "Compléter la fiche pratique.", "Donner votre avis en une minute.", "Garder votre attestation."},
	},
	{
		"Relais et coordination", "Vous faites venir, vous reliez, vous attestez.",
		[]string{"Proposer la formation autour de vous.", "Aider à trouver un lieu, du matériel, un professionnel.", "Répondre à l’organisateur."},
		[]string{"Passer si vous le pouvez.", "Ne pas diriger : le groupe est ouvert et sans hiérarchie."},
		[]string{"Lire le compte rendu.", "Contresigner la déclaration, ou la renvoyer en disant pourquoi.", "Repérer qui pourrait organiser la suite."},
	},
}

// cardHeight is a third of what a page holds.
const cardHeight = 78.0

func writeRoles(d *paper.Document, k Kit) {
	for i, r := range roles {
		switch {
		case i == 0:
			d.Note("À découper : une carte par personne. Les rôles se cumulent et se partagent ; personne n’est obligé d’en prendre un.")
		case d.Room() < cardHeight:
			d.Page()
		default:
			d.Dashes(paper.Margin, d.Y(), paper.PageWidth-paper.Margin, d.Y(), paper.Line)
			d.Space(2)
		}
		r.write(d)
	}
}

func (r role) write(d *paper.Document) {
	y := d.Y()
	d.Bar(paper.Margin, y+2, 1.6, 12, paper.Accent)
	d.Fit(paper.Margin+5, y+1, paper.TextWidth-5, 8, r.name, paper.Style{Size: 15, Bold: true, Color: paper.Accent})
	d.Fit(paper.Margin+5, y+9, paper.TextWidth-5, 6, r.short, paper.Style{Size: 10, Color: paper.Ink})
	const gap = 5.0
	width := (paper.TextWidth - 2*gap) / 3
	for i, column := range []struct {
		name  string
		items []string
	}{{"Avant", r.before}, {"Pendant", r.during}, {"Après", r.after}} {
		x := paper.Margin + float64(i)*(width+gap)
		d.Column(x, y+18, width, func() {
			d.Text(column.name, paper.Style{Size: 10.5, Bold: true, Color: paper.Ink})
			d.Rule(x, d.Y()+0.4, x+width, d.Y()+0.4, 0.4, paper.Accent)
			d.Space(2)
			d.Bullets(column.items...)
		})
	}
	d.MoveTo(y + cardHeight)
}
