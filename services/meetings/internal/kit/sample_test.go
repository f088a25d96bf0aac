package kit_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/kit"
)

const (
	door   = "https://maillage.example"
	number = "0190a1b2-0000-7000-8000-00000000c0de"
)

// names are 25 long ones with the accents of many languages.
var names = []string{
	"Anne-Françoise Éléonore de Saint-Exupéry-Lefèbvre", "Zoë Œuvrard-Ñuñez y Castañeda", "Jean-Étienne Taïeb-Bénâtre", "Maëlys Kœnigsberg-Hélène",
	"Ægir Þórðarson-Guðmundsdóttir", "Nguyễn Thị Ánh Tuyết Hồng Ngọc", "Łukasz Żółkiewski-Świętosławski", "Şükrü İğdeoğlu-Çelebi",
	"Dvořák-Příhodová Jiřina Ľubomíra", "Björn Åkerström-Hägglund", "Máiréad Ní Dhómhnaill-Ó Súilleabháin", "João Guimarães-Conceição dos Anjos",
	"Tímea Szőllősi-Fűzfői", "Ștefănița Brâncoveanu-Țepeș", "Çağla Gökçeoğlu-Yıldırım", "Ēriks Kļaviņš-Bērziņš", "Jurgita Žemaitytė-Šiškūnaitė",
	"Đorđe Živković-Ćosić", "Katarína Ďurišová-Ňaršanská", "Κωνσταντίνα Παπαδοπούλου-Αθανασίου", "Екатерина Александровна Воскресенская-Щербакова",
	"Charles-Édouard d’Haÿ-les-Roses-Lançon", "Noémie Châtaigner-Bûcheron-L’Hôpital", "Göran Fürchtegott-Großschädl", "Aïcha Benoît-Naïm-Déjà-Dûment",
}

// towns are around Nantes.
var towns = []kit.Town{
	{Name: "Nantes", Latitude: 47.2383, Longitude: -1.5603, Population: 323_204}, {Name: "Rezé", Latitude: 47.1818, Longitude: -1.5497, Population: 43_242},
	{Name: "Saint-Sébastien-sur-Loire", Latitude: 47.2065, Longitude: -1.5023, Population: 28_373}, {Name: "Saint-Herblain", Latitude: 47.2247, Longitude: -1.6306, Population: 50_561},
	{Name: "Orvault", Latitude: 47.2721, Longitude: -1.6238, Population: 27_898}, {Name: "Vertou", Latitude: 47.1609, Longitude: -1.4706, Population: 26_165},
	{Name: "La Chapelle-sur-Erdre", Latitude: 47.3007, Longitude: -1.5517, Population: 20_061}, {Name: "Carquefou", Latitude: 47.2977, Longitude: -1.4893, Population: 20_535},
	{Name: "Bouguenais", Latitude: 47.1710, Longitude: -1.6181, Population: 20_590}, {Name: "Sainte-Luce-sur-Loire", Latitude: 47.2539, Longitude: -1.4714, Population: 15_648},
	{Name: "Basse-Goulaine", Latitude: 47.2102, Longitude: -1.4682, Population: 9_300}, {Name: "Haute-Goulaine", Latitude: 47.1975, Longitude: -1.4129, Population: 5_700},
	{Name: "Les Sorinières", Latitude: 47.1418, Longitude: -1.5181, Population: 8_900}, {Name: "Sautron", Latitude: 47.2634, Longitude: -1.6706, Population: 8_200},
	{Name: "Indre", Latitude: 47.1987, Longitude: -1.6756, Population: 4_000}, {Name: "Thouaré-sur-Loire", Latitude: 47.2694, Longitude: -1.4390, Population: 11_000},
}

// sample is a meeting of two hours in Nantes, with 25 participants.
func sample() kit.Kit {
	start := time.Date(2026, time.December, 3, 17, 30, 0, 0, time.UTC)
	hosts := domain.AllowList{}
	hosts.Add(door, domain.HostOfDoor)
	hosts.Add("https://pixees.fr/classcode", domain.HostOfModule)
	hosts.Add("https://scratch.mit.edu", domain.HostOfResource)
	hosts.Add("scratch.mit.edu", domain.HostNeeded)
	hosts.Add("unenomtreslongquinefinitjamais.et-encore-un-sous-domaine.academie-de-nantes.education.gouv.fr", domain.HostNeeded)
	k := kit.Kit{
		Meeting: domain.Meeting{
			ID: number, State: domain.MeetingConfirmed, Mode: domain.MeetingInPerson, Start: start, End: start.Add(2 * time.Hour), TimeZone: "Europe/Paris",
			ModuleTitle: "Programmation créative", ModuleID: "m", Capacity: 25, Taken: 25, Version: 3, CreateTime: start.AddDate(0, -1, 0),
		},
		Module: kit.Module{Title: "Programmation créative", Address: "https://pixees.fr/classcode", Summary: "Découvrir la programmation avec Scratch : décrire une histoire pas à pas, " +
			"la faire jouer, la corriger, la partager. On apprend ce qu’est un algorithme, une boucle, un évènement, en créant une animation avec les enfants."},
		Place:   kit.Place{Name: "Médiathèque Jacques-Demy", Address: "24 quai de la Fosse, 44000 Nantes", Latitude: 47.2118, Longitude: -1.5619},
		Commune: "Nantes", Structure: "Les Petits Débrouillards", Towns: towns, Hosts: hosts.Hosts(), Catalogued: true, Door: door,
		Needs: domain.Needs{Network: domain.Network{BandwidthMbps: 20, WiredPorts: 4, OwnComputers: true}},
	}
	for i, name := range names {
		k.Participants = append(k.Participants, kit.Participant{Name: name, Facilitator: i == 3, Reserved: i == 5})
	}
	return k
}

// hard are kits of meetings that are nothing like the sample.
func hard() map[string]kit.Kit {
	all := map[string]kit.Kit{}
	k := sample()
	k.Meeting.Mode, k.Meeting.RemoteURL, k.Place, k.Towns = domain.MeetingRemote, "https://visio.example/salle/"+strings.Repeat("abc", 60), kit.Place{}, nil
	k.Participants[0].Remote, k.Meeting.TimeZone = true, "Indian/Reunion"
	all["remote in Réunion"] = k

	k = sample()
	k.Meeting.Mode, k.Meeting.RemoteURL, k.Meeting.TimeZone = domain.MeetingHybrid, "https://visio.example/salle", "America/Miquelon"
	for i := range k.Participants {
		k.Participants[i].Remote = i%3 == 0
	}
	all["hybrid in Saint-Pierre"] = k

	k = sample()
	k.Meeting.State, k.Place, k.Towns, k.Commune, k.Structure, k.Participants, k.Hosts, k.Module, k.Catalogued = domain.MeetingDraft, kit.Place{}, nil, "", "", nil, nil, kit.Module{}, false
	k.Meeting.ModuleTitle, k.Meeting.Title, k.Meeting.TimeZone = "", "", "Pacific/Tahiti"
	k.Hosts = []domain.AllowedHost{{Host: "maillage.example", For: []domain.HostUse{domain.HostOfDoor}}}
	all["a draft of nothing"] = k

	k = sample()
	k.Meeting.Start = time.Date(2026, time.October, 24, 20, 0, 0, 0, time.UTC)
	k.Meeting.End = k.Meeting.Start.Add(7 * time.Hour)
	k.Meeting.Title = strings.Repeat("Unenuitdelacreationnumerique", 8)[:200]
	k.Place.Name, k.Place.Address, k.Module.Summary = strings.Repeat("Salle ", 33), strings.Repeat("rue ", 75), strings.Repeat("long ", 400)
	k.Structure, k.Commune = strings.Repeat("Fédération", 20), "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson"
	k.Participants = nil
	for i := range 120 {
		name := []string{
			strings.Repeat("Wolfeschlegelsteinhausen", 9)[:200], "محمد بن سلمان الإدريسي", "שרה בן-דוד", "Zoë 👩‍🏫 Müller", "Bell\a\u202eevil\x00\r\n", "", "=cmd|' /C calc'!A0",
		}[i%7]
		k.Participants = append(k.Participants, kit.Participant{Name: name, Reserved: i == 0})
	}
	all["a night over the change of the clocks"] = k

	k = sample()
	k.Programme = domain.Programme{ID: "p", Title: "Forum des pratiques"}
	for slot := 1; slot <= 3; slot++ {
		begin := k.Meeting.Start.Add(time.Duration(slot-1) * 150 * time.Minute)
		k.Programme.Slots = append(k.Programme.Slots, domain.ProgrammeSlot{Position: slot, Slot: domain.Slot{Start: begin, End: begin.Add(2 * time.Hour)}})
		for workshop := 1; workshop <= 4; workshop++ {
			id := fmt.Sprint(slot, workshop)
			if slot == 1 && workshop == 2 {
				id = number
			}
			k.Programme.Sessions = append(k.Programme.Sessions, domain.Session{MeetingID: id, Workshop: workshop, Title: fmt.Sprintf("Atelier n° %d, aux longs noms et aux vastes ambitions", workshop), Slot: slot, Capacity: 12})
		}
	}
	all["a workshop"] = k
	return all
}
