package kit_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/classcode/maillage/services/meetings/internal/kit"
	"github.com/classcode/maillage/services/meetings/internal/paper/papertest"
)

// must is for what the test is not about.
func must(t *testing.T) func([]byte, error) []byte {
	return func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

// spaced is a text in which every space is one, and only one.
func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// files are those of an archive, in its order.
func files(t *testing.T, archive []byte) (names []string, content map[string][]byte) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	content = map[string][]byte{}
	for _, f := range r.File {
		file, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content[f.Name] = must(t)(io.ReadAll(file))
		names = append(names, f.Name)
	}
	return names, content
}

func TestTheSheetHasEveryNameWhole(t *testing.T) {
	_, content := files(t, must(t)(sample().ZIP()))
	sheet := content["05-feuille-d-emargement.pdf"]
	papertest.Inside(t, sheet)
	text := spaced(papertest.Text(t, sheet))
	for _, name := range names {
		if !strings.Contains(text, name) {
			t.Errorf("%q is not whole on the sheet", name)
		}
	}
	if !strings.Contains(text, "Maëlys Kœnigsberg-Hélène (facilitateur)") || !strings.Contains(text, "ne lisent pas leur nom") {
		t.Error("the facilitator, or the wish not to be read, is missing")
	}
	whole := spaced(papertest.Text(t, must(t)(sample().PDF())))
	for _, name := range names {
		if strings.Count(whole, name) != 1 {
			t.Errorf("%q is in the kit %d times: it is for the sheet alone", name, strings.Count(whole, name))
		}
	}
}

func TestTheKitSaysWhatIsAsked(t *testing.T) {
	document := must(t)(sample().PDF())
	pages := papertest.Inside(t, document)
	if len(pages) != 9 {
		t.Errorf("%d pages", len(pages))
	}
	text := spaced(papertest.Text(t, document, "-layout"))
	for _, want := range []string{
		"jeudi 3 décembre 2026, de 18 h 30 à 20 h 30", "18 h 30 – 18 h 40", "20 h 20 – 20 h 30", "1 h 05", "Médiathèque Jacques-Demy, 24 quai de la Fosse, 44000 Nantes",
		"Professionnel de l’informatique", "Saint-Sébastien-sur-Loire", "3 km", "scratch.mit.edu", "demandé par l’organisateur", "au moins 20 Mbit/s", "CC BY 4.0",
		"Apportez votre ordinateur", "25 personnes sur 25 places",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the kit does not say %q", want)
		}
	}
	if round := papertest.Inside(t, must(t)(sample().PrescriberPDF())); len(round) != 3 {
		t.Errorf("the prescriber's kit has %d pages: presentation, invitation and poster are one each", len(round))
	}
	if strings.Contains(text, "heure de Paris") || strings.Contains(text, "Brouillon") {
		t.Error("it says what goes without saying")
	}
}

func TestCodesLeadWhereTheySay(t *testing.T) {
	page, chart := door+"/rencontres/"+number, "https://www.openstreetmap.org/?mlat=47.2118&mlon=-1.5619&zoom=16"
	_, whole := files(t, must(t)(sample().ZIP()))
	_, round := files(t, must(t)(sample().PrescriberZIP()))
	_, remote := files(t, must(t)(hard()["remote in Réunion"].ZIP()))
	for name, c := range map[string]struct {
		document []byte
		want     []string
	}{
		"the invitation":          {whole["03-invitation.pdf"], []string{page}},
		"the poster":              {whole["04-affiche.pdf"], []string{page, chart}},
		"the prescriber's poster": {round["03-affiche.pdf"], []string{page, chart}},
		"a remote poster":         {remote["04-affiche.pdf"], []string{page}},
	} {
		got := papertest.Codes(t, c.document)
		slices.Sort(got)
		if !slices.Equal(got, slices.Sorted(slices.Values(c.want))) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		for _, url := range c.want { // in plain text too: broken lines are joined again
			if text := strings.Join(strings.Fields(papertest.Text(t, c.document, "-raw")), ""); !strings.Contains(text, url) {
				t.Errorf("%s: %s is not written below its code", name, url)
			}
		}
	}
}

// Whatever meets: nothing runs off a page, nothing fails, and the same knowledge gives the same bytes.
func TestHardKits(t *testing.T) {
	for name, k := range hard() {
		t.Run(name, func(t *testing.T) {
			papertest.Inside(t, must(t)(k.PDF()))
			papertest.Inside(t, must(t)(k.PrescriberPDF()))
			for _, write := range []func() ([]byte, error){k.PDF, k.PrescriberZIP} {
				if !bytes.Equal(must(t)(write()), must(t)(write())) {
					t.Error("two kits of one meeting differ")
				}
			}
		})
	}
}

func TestWhatHardKitsSay(t *testing.T) {
	for name, want := range map[string][]string{
		"remote in Réunion":      {"de 21 h 30 à 23 h 30 (heure de La Réunion)", "À distance", "pour les personnes inscrites seulement", "personne ne signe à distance", "Aïcha Benoît-Naïm", "cocher les présences"},
		"hybrid in Saint-Pierre": {"de 14 h 30 à 16 h 30 (heure de Saint-Pierre-et-Miquelon)", "ou à distance", "Saint-Herblain"},
		"a draft of nothing":     {"de 7 h 30 à 9 h 30 (heure de Tahiti)", "Brouillon, ne pas diffuser", "à préciser", "Rien n’est connu", "0 personne sur 25 places", "Aucun module du catalogue"},
		"a night over the change of the clocks": {
			"du samedi 24 octobre 2026 à 22 h au dimanche 25 octobre 2026 à 4 h", "les horloges reculent", "2 h 40 – 2 h 55", "première demi-journée", "Bell evil", "120 personnes",
		},
		"a workshop": {"Forum des pratiques", "Créneau 3", "23 h 30 – 1 h 30", "Atelier n° 2, aux longs noms et aux vastes ambitions, 12 places · cet atelier"},
	} {
		text := spaced(papertest.Text(t, must(t)(hard()[name].PDF()), "-layout"))
		flowing := spaced(papertest.Text(t, must(t)(hard()[name].PDF())))
		for _, w := range want {
			if !strings.Contains(text, w) && !strings.Contains(flowing, w) {
				t.Errorf("%s does not say %q", name, w)
			}
		}
	}
}

// What goes round names nobody and lets nobody in.
func TestWhatGoesRound(t *testing.T) {
	k := hard()["hybrid in Saint-Pierre"]
	_, whole := files(t, must(t)(k.ZIP()))
	for name, document := range map[string][]byte{"invitation": whole["03-invitation.pdf"], "poster": whole["04-affiche.pdf"], "prescriber's": must(t)(k.PrescriberPDF())} {
		text := spaced(papertest.Text(t, document))
		if strings.Contains(text, "visio.example") || slices.ContainsFunc(names, func(n string) bool { return strings.Contains(text, n) }) {
			t.Errorf("the %s says a name, or the link to join", name)
		}
	}
	if bytes.Contains(whole["03-invitation.ics"], []byte("visio")) {
		t.Error("the calendar's entry has the link to join")
	}
	if inside := spaced(papertest.Text(t, whole["01-deroule.pdf"])); !strings.Contains(inside, "https://visio.example/salle") {
		t.Error("the organiser's own page lacks the link")
	}
}

func TestArchives(t *testing.T) {
	names, content := files(t, must(t)(sample().ZIP()))
	want := "[01-deroule.pdf 02-cartes-des-roles.pdf 03-invitation.pdf 03-invitation.ics 04-affiche.pdf 05-feuille-d-emargement.pdf 06-reseau.pdf 06-reseau.txt 06-reseau.csv 07-fiche-pratique.pdf]"
	if fmt.Sprint(names) != want {
		t.Errorf("%v", names)
	}
	for name, some := range content {
		if strings.HasSuffix(name, ".pdf") && (!bytes.HasPrefix(some, []byte("%PDF-")) || len(papertest.Words(t, some)) == 0) {
			t.Errorf("%s is no PDF", name)
		}
	}
	if got := string(content["06-reseau.txt"]); !strings.HasPrefix(got, "maillage.example\npixees.fr\nscratch.mit.edu\n") {
		t.Errorf("%q", got)
	}
	if got := string(content["06-reseau.csv"]); !strings.HasPrefix(got, "\ufeffadresse;pour quoi faire\r\nmaillage.example;\"ce service") {
		t.Errorf("%q", got)
	}
	if got := string(content["03-invitation.ics"]); !strings.Contains(got, "DTSTART;TZID=Europe/Paris:20261203T183000") || !strings.Contains(got, "UID:"+number) {
		t.Errorf("%q", got)
	}
	names, _ = files(t, must(t)(sample().PrescriberZIP()))
	if got := fmt.Sprint(names); got != "[01-presentation.pdf 02-invitation.pdf 02-invitation.ics 03-affiche.pdf]" {
		t.Errorf("%v", got)
	}
	_, content = files(t, must(t)(hard()["a draft of nothing"].ZIP()))
	if got := string(content["06-reseau.txt"]); !strings.HasPrefix(got, "# Ce que l'activité") {
		t.Errorf("%q", got)
	}
}

// Around Nantes, a kilometre to the north is a kilometre up, and one to the east is one to the right.
func TestTheMapIsTrue(t *testing.T) {
	k := sample()
	k.Towns = []kit.Town{{Name: "Nord", Latitude: 47.2118 + 0.045, Longitude: -1.5619}, {Name: "Est", Latitude: 47.2118, Longitude: -1.5619 + 0.0662}}
	for i := range 8 { // enough to stay near
		k.Towns = append(k.Towns, kit.Town{Name: fmt.Sprint("x", i), Latitude: 47.2118 - 0.004*float64(i+2), Longitude: -1.5619 - 0.008*float64(i)})
	}
	_, content := files(t, must(t)(k.ZIP()))
	at := map[string]papertest.Word{}
	for _, w := range papertest.Words(t, content["04-affiche.pdf"])[0] {
		at[w.Text] = w
	}
	// 5 km are 5/6 of half of the map's 112 mm; names stand 1.6 mm to the right of their dots.
	const centreX, centreY, reach = 20 + 56, 152 + 56, 5.0 / 6 * 56
	north, east := at["Nord"], at["Est"]
	near := func(got, want float64) bool { return got > want-2 && got < want+2 }
	if !near(north.Left-2, centreX) || !near((north.Top+north.Bottom)/2, centreY-reach) {
		t.Errorf("north is at %+v", north)
	}
	if !near(east.Left-2, centreX+reach) && !near(east.Right+2, centreX+reach) || !near((east.Top+east.Bottom)/2, centreY) {
		t.Errorf("east is at %+v", east)
	}
}

func BenchmarkKit(b *testing.B) {
	k := sample()
	for name, write := range map[string]func() ([]byte, error){"pdf": k.PDF, "zip": k.ZIP} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := write(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
