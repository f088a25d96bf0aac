package kit

import (
	"fmt"
	"slices"

	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/paper"
)

var uses = map[domain.HostUse]string{
	domain.HostOfDoor:     "ce service : inscription, présence, avis",
	domain.HostOfMeeting:  "rejoindre à distance",
	domain.HostOfModule:   "le module en ligne",
	domain.HostOfResource: "une ressource du module",
	domain.HostNeeded:     "demandé par l’organisateur",
}

func purpose(h domain.AllowedHost) (text string) {
	for i, use := range h.For {
		if i > 0 {
			text += ", "
		}
		text += uses[use]
	}
	return text
}

func writeNetwork(d *paper.Document, k Kit) {
	d.Title("Réseau", "Adresses à laisser passer")
	d.Lead("Pour la personne qui tient le réseau du lieu : merci d’autoriser ces adresses, en https, pendant le temps de rencontre.")
	d.Facts(32, k.networkFacts()...)
	if !k.told() {
		d.Heading("Rien n’est connu")
		d.Paragraph("Ni le module, ni ses ressources, ni l’organisateur n’indiquent d’adresse. Demandez à la personne qui anime quels sites elle utilisera, et écrivez-les ici.")
	}
	rows := make([][]string, 0, len(k.Hosts)+4)
	for _, h := range k.Hosts {
		rows = append(rows, []string{h.Host, purpose(h)})
	}
	for range 4 {
		rows = append(rows, nil)
	}
	d.Table(paper.Table{
		Columns: []paper.Column{{Title: "Adresse", Bold: true}, {Title: "Pour quoi faire", Width: 70}, {Title: "Essayée", Width: 22}},
		Rows:    rows, RowHeight: 8.6, Grid: true,
	})
	d.Note(k.limits())
}

// told reports whether anybody has said what the activity itself needs.
func (k Kit) told() bool {
	return slices.ContainsFunc(k.Hosts, func(h domain.AllowedHost) bool {
		return slices.ContainsFunc(h.For, func(use domain.HostUse) bool { return use != domain.HostOfDoor && use != domain.HostOfMeeting })
	})
}

// limits says what the list does not.
func (k Kit) limits() string {
	text := "Cette liste réunit ce que disent le module et l’organisateur. Elle peut être incomplète : un site en charge souvent d’autres. " +
		"Essayez chaque adresse depuis la salle, quelques jours avant."
	if !k.Catalogued {
		text += " Aucun module du catalogue n’est lié à ce temps de rencontre : aucune ressource n’a donc été regardée."
	}
	return text
}

func (k Kit) networkFacts() []paper.Fact {
	facts := []paper.Fact{{Name: "Quand", Text: k.when()}, {Name: "Où", Text: k.where()}}
	n := k.Needs.Network
	if n.BandwidthMbps > 0 {
		facts = append(facts, paper.Fact{Name: "Débit", Text: fmt.Sprintf("au moins %d Mbit/s par salle", n.BandwidthMbps)})
	}
	if n.WiredPorts > 0 {
		facts = append(facts, paper.Fact{Name: "Câbles", Text: count(n.WiredPorts, "prise") + " réseau"})
	}
	if n.OwnComputers {
		facts = append(facts, paper.Fact{Name: "Ordinateurs", Text: "les participants apportent les leurs : ils doivent pouvoir se connecter"})
	}
	return facts
}
