// Package kit writes what is printed for a meeting («kit d'animation et d'intercommunication»): who does what and when, the invitation, the
// poster, the sheet to sign, the hosts to allow, the practice sheet; for relays, what they need to recommend it. Its texts are French,
// as those who come read it.
package kit

import (
	"cmp"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/paper"
)

// Kit is what is known of a meeting when it is printed. The same knowledge gives the same bytes.
type Kit struct {
	Meeting      domain.Meeting
	Programme    domain.Programme // the zero Programme unless the meeting is one of its workshops
	Module       Module
	Place        Place  // the zero Place while there is none
	Commune      string // its name
	Structure    string // the name of the one that hosts; empty when unknown
	Towns        []Town // around the place, nearest first
	Participants []Participant
	Needs        domain.Needs
	Hosts        []domain.AllowedHost
	Catalogued   bool   // the catalogue's resources were looked at for the hosts
	Door         string // the address at which people reach this instance
}

// Module is what the meeting is about, as the catalogue has it; its title is empty when there is none.
type Module struct{ Title, Summary, Address string }

// Place is where people meet.
type Place struct {
	Name, Address       string
	Latitude, Longitude float64
}

// Town is a commune that the map may name.
type Town struct {
	Name                string
	Latitude, Longitude float64
	Population          int64
}

// Participant is who has a seat. Without a name, it is written by hand.
type Participant struct {
	Name        string
	Remote      bool
	Facilitator bool
	Reserved    bool // does not wish the others to see the name
}

// unsaid stands for what nobody has decided yet.
const unsaid = "à préciser"

// A part is one document of the kit.
type part struct {
	file, title string
	write       func(d *paper.Document, k Kit)
}

// The parts of the kit, and those of the prescriber's, in the order in which they are printed.
var (
	parts = []part{
		{"01-deroule", "Déroulé minuté", writeOrder},
		{"02-cartes-des-roles", "Cartes des rôles", writeRoles},
		{"03-invitation", "Invitation", writeInvitation},
		{"04-affiche", "Affiche", writePoster},
		{"05-feuille-d-emargement", "Feuille d’émargement", writeSheet},
		{"06-reseau", "Adresses à laisser passer", writeNetwork},
		{"07-fiche-pratique", "Fiche pratique", writePractice},
	}
	prescriberParts = []part{
		{"01-presentation", "Présentation pour les relais", writePresentation},
		{"02-invitation", "Invitation", writeInvitation},
		{"03-affiche", "Affiche", writePoster},
	}
)

// PDF is the whole kit, to print.
func (k Kit) PDF() ([]byte, error) { return k.print("Kit d’animation", parts) }

// PrescriberPDF is what a relay needs to recommend the meeting; it names nobody.
func (k Kit) PrescriberPDF() ([]byte, error) {
	return k.unnamed().print("Kit du prescripteur", prescriberParts)
}

// unnamed is the kit without what is only for those who run the meeting.
func (k Kit) unnamed() Kit {
	k.Participants, k.Meeting.RemoteURL = nil, ""
	return k
}

func (k Kit) print(kind string, parts []part) ([]byte, error) {
	d := paper.New(paper.Settings{Title: kind + " : " + k.title(), Language: "fr-FR", Made: k.Meeting.CreateTime})
	for _, p := range parts {
		k.add(d, p)
	}
	return d.Bytes()
}

func (k Kit) add(d *paper.Document, p part) {
	running := "Temps de rencontre · " + p.title
	if k.Meeting.State == domain.MeetingDraft {
		running += " · Brouillon, ne pas diffuser"
	}
	d.Section(p.title, running, k.title()+" · "+k.day())
	p.write(d, k)
}

// title is what the meeting is called.
func (k Kit) title() string {
	return cmp.Or(strings.TrimSpace(k.Meeting.Title), strings.TrimSpace(k.Module.Title), strings.TrimSpace(k.Meeting.ModuleTitle), "Temps de rencontre")
}

// subject is the module, where the title is another.
func (k Kit) subject() string {
	if module := cmp.Or(k.Module.Title, k.Meeting.ModuleTitle); module != k.title() {
		return module
	}
	return ""
}

// remote and atPlace are the ways in which people take part.
func (k Kit) remote() bool {
	return k.Meeting.Mode == domain.MeetingRemote || k.Meeting.Mode == domain.MeetingHybrid
}
func (k Kit) atPlace() bool { return k.Meeting.Mode != domain.MeetingRemote }

// where is the place in one line.
func (k Kit) where() string {
	if !k.atPlace() {
		return "À distance"
	}
	where := unsaid
	if k.Place.Name != "" {
		where = k.Place.Name
		if k.Place.Address != "" {
			where += ", " + k.Place.Address
		}
	}
	if k.Commune != "" && !strings.Contains(where, k.Commune) {
		where += ", " + k.Commune
	}
	if k.remote() {
		where += ", ou à distance"
	}
	return where
}

// page is where people register.
func (k Kit) page() string { return k.Door + "/rencontres/" + k.Meeting.ID }

func (k Kit) day() string { return prose.FrenchDay(k.Meeting.Start, k.Meeting.TimeZone) }

// when is the day and the hours: in their zone where it is another than that of Paris, or where people join from anywhere.
func (k Kit) when() string {
	m := k.Meeting
	from, to := prose.FrenchHour(m.Start, m.TimeZone), prose.FrenchHour(m.End, m.TimeZone)
	said := k.day() + ", de " + from + " à " + to
	if end := prose.FrenchDay(m.End, m.TimeZone); end != k.day() {
		said = "du " + k.day() + " à " + from + " au " + end + " à " + to
	}
	return said + k.zone()
}

func (k Kit) hours() string {
	m := k.Meeting
	end := prose.FrenchHour(m.End, m.TimeZone)
	if day := prose.FrenchDay(m.End, m.TimeZone); day != k.day() {
		end = strings.Join(strings.Fields(day)[:1], "") + " " + end
	}
	return "de " + prose.FrenchHour(m.Start, m.TimeZone) + " à " + end + k.zone()
}

func (k Kit) zone() string {
	if k.Meeting.TimeZone == "Europe/Paris" && !k.remote() {
		return ""
	}
	return " (" + prose.FrenchZone(k.Meeting.TimeZone) + ")"
}

// shift says how clocks change while people meet; empty when they do not.
func (k Kit) shift() string {
	zone, err := time.LoadLocation(k.Meeting.TimeZone)
	if err != nil {
		return ""
	}
	_, before := k.Meeting.Start.In(zone).Zone()
	_, after := k.Meeting.End.In(zone).Zone()
	switch {
	case after > before:
		return "On change d’heure pendant ce temps de rencontre : les horloges avancent. Les heures ci-dessous sont celles qu’elles montrent."
	case after < before:
		return "On change d’heure pendant ce temps de rencontre : les horloges reculent. Les heures ci-dessous sont celles qu’elles montrent."
	}
	return ""
}
