package kit

import (
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/paper"
)

// phases are what happens, and what to do.
var phases = map[domain.PhaseKind]struct{ name, text string }{
	domain.PhaseWelcome:  {"Accueil", "Les personnes arrivent, signent la feuille, s’installent. Vérifier que chacun a le réseau."},
	domain.PhaseRound:    {"Tour de table", "Chacun dit qui il est, avec quel public il travaille et ce qu’il attend. Une minute par personne."},
	domain.PhasePractice: {"Pratique", "Faire ensemble, à deux ou trois par poste : on essaie, on se trompe, on s’entraide."},
	domain.PhaseBreak:    {"Pause", "Sortir de la salle, aérer, échanger."},
	domain.PhaseSharing:  {"Mise en commun et fiche pratique", "Ce qui a marché, ce qui a coincé. Choisir une activité et commencer sa fiche pratique."},
	domain.PhaseClosing:  {"Suites et satisfaction", "Dire ce qui vient ensuite et qui fait quoi. Annoncer le message qui demande un avis, en une minute."},
}

// afar is what differs where nobody is in the same room.
var afar = map[domain.PhaseKind]string{
	domain.PhaseWelcome:  "Les personnes se connectent. Vérifier le son et l’image de chacun, cocher les présences.",
	domain.PhasePractice: "Faire ensemble, à deux ou trois par salle virtuelle : on essaie, on se trompe, on s’entraide.",
	domain.PhaseBreak:    "Quitter l’écran, bouger, boire un verre d’eau.",
}

// meal is how long a break is that has the time for one.
const meal = time.Hour

func writeOrder(d *paper.Document, k Kit) {
	d.Title("Déroulé minuté", k.title())
	d.Facts(32, k.facts(true)...)
	if shift := k.shift(); shift != "" {
		d.Note(shift)
	}
	if k.Programme.ID != "" {
		writeProgramme(d, k)
		d.Heading("Le déroulé de cet atelier")
	}
	d.Table(paper.Table{
		Columns: []paper.Column{{Title: "Heures", Width: 38, Bold: true}, {Title: "Durée", Width: 20}, {Title: "Moment", Width: 40, Bold: true}, {Title: "Ce qu’on y fait"}},
		Rows:    k.orderRows(), RowHeight: 13,
	})
	k.checks(d)
	d.Note("Ce déroulé est une proposition : gardez l’accueil, la mise en commun et la fin, et adaptez le reste à votre groupe.")
}

// checks are what is looked at before and after.
func (k Kit) checks(d *paper.Document) {
	if !k.atPlace() {
		d.Heading("Avant d’ouvrir la réunion")
		d.Boxes("Le lien a été essayé depuis un autre ordinateur ; chacun peut partager son écran.",
			"Quelqu’un aide les personnes qui n’arrivent pas à se connecter, par téléphone s’il le faut.",
			"La liste des personnes inscrites est prête à être cochée.")
	} else {
		d.Heading("Avant d’ouvrir la porte")
		d.Boxes("La feuille d’émargement et des stylos sont à l’entrée.",
			"Les adresses de la page « réseau » ont été essayées depuis la salle.",
			"Les postes ou robots sont chargés et branchés ; les rallonges sont posées.",
			"Le plan d’accès, les issues de secours et les toilettes sont connus.")
	}
	d.Heading("Avant de partir")
	last := []string{"Toutes les présences sont notées, et les absences excusées aussi.", "La fiche pratique a un auteur et une date pour être finie."}
	if k.atPlace() {
		last = append(last, "La salle et le matériel sont rendus comme on les a trouvés.")
	}
	d.Boxes(last...)
}

// facts are the lines that most parts begin with; those who run the meeting also read how to join it and who comes.
func (k Kit) facts(inside bool) []paper.Fact {
	facts := []paper.Fact{{Name: "Quand", Text: k.when()}, {Name: "Où", Text: k.where()}}
	if subject := k.subject(); subject != "" {
		facts = append(facts, paper.Fact{Name: "Module", Text: subject})
	}
	if k.Structure != "" {
		facts = append(facts, paper.Fact{Name: "Structure", Text: k.Structure})
	}
	if !inside {
		return facts
	}
	facts = append(facts, paper.Fact{Name: "Inscriptions", Text: fmt.Sprintf("%s sur %s", count(len(k.Participants), "personne"), count(k.Meeting.Capacity, "place"))})
	if k.remote() {
		text := unsaid
		if k.Meeting.RemoteURL != "" {
			text = k.Meeting.RemoteURL + " (pour les personnes inscrites seulement)"
		}
		facts = append(facts, paper.Fact{Name: "Lien à distance", Text: text})
	}
	return facts
}

func (k Kit) orderRows() (rows [][]string) {
	for _, p := range k.Meeting.RunningOrder() {
		said := phases[p.Kind]
		name, text := said.name, said.text
		if other, differs := afar[p.Kind]; differs && !k.atPlace() {
			text = other
		}
		switch {
		case p.Kind == domain.PhasePractice && k.subject()+k.Module.Title != "":
			name = "Pratique sur le module"
		case p.Kind == domain.PhaseBreak && p.End.Sub(p.Start) >= meal:
			name, text = "Grande pause", "Le temps d’un repas, ensemble si possible."
		}
		if p.Part > 0 {
			name += fmt.Sprintf(", %d", p.Part)
		}
		rows = append(rows, []string{k.span(p.Slot), length(p.End.Sub(p.Start)), name, text})
	}
	return rows
}

// writeProgramme prints the slots of the event to which the workshop belongs.
func writeProgramme(d *paper.Document, k Kit) {
	d.Heading("Le programme : " + k.Programme.Title)
	var rows [][]string
	for _, slot := range k.Programme.Slots {
		held := ""
		for _, s := range k.Programme.Sessions {
			if s.Slot != slot.Position || s.State == domain.MeetingCancelled {
				continue
			}
			if held != "" {
				held += "\n"
			}
			held += s.Title + ", " + count(s.Capacity, "place")
			if s.MeetingID == k.Meeting.ID {
				held += " · cet atelier"
			}
		}
		if held == "" {
			held = "Pas d’atelier"
		}
		rows = append(rows, []string{fmt.Sprintf("Créneau %d", slot.Position), prose.FrenchDay(slot.Slot.Start, k.Meeting.TimeZone), k.span(slot.Slot), held})
	}
	d.Table(paper.Table{
		Columns: []paper.Column{{Title: "Créneau", Width: 26, Bold: true}, {Title: "Jour", Width: 38}, {Title: "Heures", Width: 36}, {Title: "Ateliers en parallèle"}},
		Rows:    rows, MostLines: 40,
	})
}

// span is «18 h 30 – 18 h 45», on the clocks of the meeting.
func (k Kit) span(s domain.Slot) string {
	return prose.FrenchHour(s.Start, k.Meeting.TimeZone) + " – " + prose.FrenchHour(s.End, k.Meeting.TimeZone)
}

// length is «1 h 05» or «25 min».
func length(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch {
	case minutes < 60:
		return fmt.Sprintf("%d%smin", minutes, prose.Space)
	case minutes%60 == 0:
		return fmt.Sprintf("%d%sh", minutes/60, prose.Space)
	}
	return fmt.Sprintf("%d%sh%s%02d", minutes/60, prose.Space, prose.Space, minutes%60)
}

// count is a number with its noun: nothing and one are singular in French.
func count(n int, noun string) string {
	if n > 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d%s%s", n, prose.Space, noun)
}
