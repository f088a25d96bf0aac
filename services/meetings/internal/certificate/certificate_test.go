package certificate_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/certificate"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const page = "https://classcode.example/a/aZ_-aZ_-aZ_-aZ_-aZ_-aZ_-aZ_-aZ_-aZ_-aZ_-abc"

var now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

func shownOne() certificate.Attestation {
	begin := time.Date(2026, 11, 24, 17, 30, 0, 0, time.UTC)
	return certificate.Attestation{Commune: "Saint-Étienne-du-Rouvray", ShownAttestation: domain.ShownAttestation{
		Role: domain.Facilitator, Countersigned: domain.AsRelay, Issuer: "did:web:classcode.example", ModuleTitle: "Découvrir la programmation créative",
		ModuleVersion: 3, Title: "Chez nous", Start: begin, End: begin.Add(150 * time.Minute), IssueTime: begin.Add(48 * time.Hour), Attended: 150 * time.Minute,
		Competences: []domain.Competence{{Number: "3.4", Title: "Programmer"}, {Number: "4.2", Title: "Protéger les données personnelles et la vie privée"}},
		CommuneCode: "76575",
	}}
}

func shown(holder string, all ...certificate.Attestation) certificate.Certificate {
	return certificate.Certificate{Holder: holder, Shown: domain.Everything, All: all, URL: page, Until: now.AddDate(1, 0, 0), Now: now}
}

// read is what a reader of PDF, and one of QR codes, find in a certificate; it leaves the pages as pictures where that is asked for.
func read(t *testing.T, name string, c certificate.Certificate) (text string, pages int) {
	t.Helper()
	content, err := c.Write()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if keep := os.Getenv("MAILLAGE_SCREENSHOTS"); keep != "" {
		dir = keep
	}
	file := filepath.Join(dir, name+".pdf")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "pdftoppm", "-r", "100", "-png", file, filepath.Join(dir, name))
	pictures, err := filepath.Glob(filepath.Join(dir, name+"-*.png"))
	if err != nil || len(pictures) == 0 {
		t.Fatal(err, "no pages")
	}
	if got := strings.TrimSpace(run(t, "zbarimg", "--quiet", "--raw", pictures[0])); got != c.URL {
		t.Fatalf("the code leads to %q", got)
	}
	layout := run(t, "pdftotext", "-bbox", file, "-")
	for _, m := range regexp.MustCompile(`xMin="(-?[\d.]+)"[^>]*xMax="(-?[\d.]+)" yMax="(-?[\d.]+)"`).FindAllStringSubmatch(layout, -1) {
		left, _ := strconv.ParseFloat(m[1], 64)
		right, _ := strconv.ParseFloat(m[2], 64)
		if left < 56 || right > 595.3-56+1 {
			t.Errorf("runs off the page: %s", m[0])
		}
	}
	plain := strings.NewReplacer("\u00a0", " ", "\n", " ", "\f", " ").Replace(run(t, "pdftotext", "-layout", file, "-"))
	return strings.Join(strings.Fields(plain), " "), len(pictures)
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v %s", name, err, &stderr)
	}
	return string(out)
}

func TestCertificate(t *testing.T) {
	text, pages := read(t, "certificate-one", shown("Éléonore Œuvrard-Lefèbvre", shownOne()))
	for _, want := range []string{
		"Attestation d'animation", "Éléonore Œuvrard-Lefèbvre a animé un temps de rencontre", "Découvrir la programmation créative (version 3)", "Chez nous",
		"mardi 24 novembre 2026 à 18 h 30 (heure de Paris)", "2 h 30", "3.4 Programmer", "4.2 Protéger", "Saint-Étienne-du-Rouvray",
		"par un relais de la structure d'accueil", "classcode.example", "mercredi 1er décembre 2027", "s'est donné",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in %s", want, text)
		}
	}
	if pages != 1 || !strings.Contains(strings.ReplaceAll(text, " ", ""), page) {
		t.Errorf("%d pages, or the address is not in %s", pages, text)
	}
	again, err := shown("Éléonore Œuvrard-Lefèbvre", shownOne()).Write()
	first, err2 := shown("Éléonore Œuvrard-Lefèbvre", shownOne()).Write()
	if err != nil || err2 != nil || !bytes.Equal(first, again) {
		t.Error("the same share at the same instant gives other bytes")
	}
}

// What is not shown is not printed, not even as an empty line.
func TestCertificateOfLittle(t *testing.T) {
	c := shown("", certificate.Attestation{ShownAttestation: domain.ShownAttestation{Role: domain.Participant, Countersigned: domain.AsCoordinator, Issuer: "urn:maillage:local"}})
	c.Shown = 0
	text, _ := read(t, "certificate-little", c)
	for _, not := range []string{"Nom", "Module", "Date", "Durée", "CRCN", "Commune", "Délivrée le", "s'est donné"} {
		if strings.Contains(text, not) {
			t.Errorf("%q in %s", not, text)
		}
	}
	if !strings.Contains(text, "La personne attestée a participé à un temps de rencontre") {
		t.Error(text)
	}
}

// Names that no form foresees stay on the page.
func TestCertificateOfNames(t *testing.T) {
	for name, holder := range map[string]string{
		"long": strings.Repeat("Wolfeschlegelsteinhausenbergerdorff", 6)[:200], "words": strings.TrimSpace(strings.Repeat("Marie-Françoise ", 13))[:200],
		"arabic": "محمد بن سلمان الإدريسي", "hebrew": "שרה בן-דוד (לוי)", "emoji": "Zoë 👩‍🏫 Müller 👍🏽", "control": "Bell\aand\ttab\u202eevil",
	} {
		t.Run(name, func(t *testing.T) {
			if _, pages := read(t, "certificate-"+name, shown(holder, shownOne())); pages != 1 {
				t.Errorf("%d pages", pages)
			}
		})
	}
}

func TestCertificateRevoked(t *testing.T) {
	a := shownOne()
	a.Reason, a.Revoked = domain.Revoked, domain.Revocation{Time: now.Add(-time.Hour), Reason: "Délivrée par erreur."}
	text, _ := read(t, "certificate-revoked", shown("Zoé", a))
	if !strings.Contains(text, "Cette attestation n'est pas valable : révoquée le mardi 1er décembre 2026 à 9 h (heure de Paris), motif : Délivrée par erreur.") {
		t.Error(text)
	}
}

// Fifty attestations are a table over several pages, with the hours of those that hold.
func TestCertificateOfMany(t *testing.T) {
	all := make([]certificate.Attestation, 50)
	for i := range all {
		all[i] = shownOne()
		all[i].Start = all[i].Start.AddDate(0, 0, i)
	}
	all[7].Reason, all[7].Revoked = domain.Revoked, domain.Revocation{Time: now, Reason: "Une erreur"}
	text, pages := read(t, "certificate-many", shown("Éléonore Œuvrard-Lefèbvre", all...))
	for _, want := range []string{"50 attestations", "49 sur 50", "122 h 30", "24/11/2026", "12/01/2027", "N° 8 : révoquée le", "Révoquée"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in %s", want, text)
		}
	}
	if pages < 2 {
		t.Errorf("%d pages", pages)
	}
	c := shown("", all[:3]...)
	c.Shown = 0
	for i := range c.All {
		c.All[i].ShownAttestation = domain.ShownAttestation{Role: domain.Organiser, Issuer: "urn:maillage:local"}
	}
	if text, _ := read(t, "certificate-many-little", c); strings.Contains(text, "Durée") || strings.Contains(text, "Commune") || !strings.Contains(text, "Organisation") {
		t.Error(text)
	}
}

func badgeOf(category domain.BadgeCategory, level domain.BadgeLevel) domain.ShownBadge {
	return domain.ShownBadge{
		Standing: domain.Standing{Category: category, Level: level}, Peers: int(level - 1), Issuer: "did:web:classcode.example", IssueTime: now.AddDate(0, 0, -3),
	}
}

func TestCertificateOfABadge(t *testing.T) {
	c := shown("Éléonore Œuvrard-Lefèbvre")
	c.Badges = []domain.ShownBadge{badgeOf(domain.Pedagogy, domain.LevelParticipant)}
	text, pages := read(t, "certificate-badge", c)
	for _, want := range []string{
		"Badge Pédagogie", "Éléonore Œuvrard-Lefèbvre", "1 sur 4, participant", "aucun pair (auto-positionnement, avec une attestation)", "samedi 28 novembre 2026", "classcode.example", "Vérifier ce badge",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in %s", want, text)
		}
	}
	if pages != 1 || strings.Contains(text, "valable :") {
		t.Errorf("%d pages: %s", pages, text)
	}
	c = shown("", c.All...)
	c.Shown, c.Badges = 0, []domain.ShownBadge{{Standing: domain.Standing{Category: domain.Events, Level: domain.LevelContributor}, Peers: 1, Reason: domain.Revoked,
		Revoked: domain.Revocation{Time: now, Reason: "Une erreur"}}}
	text, _ = read(t, "certificate-revoked-badge", c)
	if !strings.Contains(text, "Ce badge n'est pas valable : révoqué le mardi 1er décembre 2026") || strings.Contains(text, "Nom") || strings.Contains(text, "Délivré le") {
		t.Error(text)
	}
}

// Attestations and badges are two tables under one sum of hours, which badges do not have.
func TestCertificateOfBoth(t *testing.T) {
	lost := badgeOf(domain.Technique, domain.LevelReferent)
	lost.Reason, lost.Revoked = domain.Revoked, domain.Revocation{Time: now, Reason: "Une erreur"}
	shorter := shownOne()
	shorter.Attended = 2 * time.Hour
	c := shown("Éléonore Œuvrard-Lefèbvre", shownOne(), shorter)
	c.Badges = []domain.ShownBadge{badgeOf(domain.Pedagogy, domain.LevelParticipant), badgeOf(domain.Events, domain.LevelMultiplier)}
	text, pages := read(t, "certificate-both", c)
	for _, want := range []string{
		"2 attestations et 2 badges", "4 sur 4", "4 h 30", "Émetteur", "Attestations", "Badges", "Pédagogie", "1 sur 4, participant", "auto-positionnement",
		"3 sur 4, passeur", "2 personnes présentes", "28/11/2026",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in %s", want, text)
		}
	}
	if pages != 1 {
		t.Errorf("%d pages", pages)
	}
	c = shown("", shownOne())
	c.Shown, c.Badges = 0, []domain.ShownBadge{lost, {Reason: domain.BadSignature}}
	text, _ = read(t, "certificate-little-of-both", c)
	for _, want := range []string{"1 attestation et 2 badges", "1 sur 3", "Badge n° 1 : révoqué le", "Badge n° 2 : il ne peut pas être vérifié", "Invérifiable"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in %s", want, text)
		}
	}
	if strings.Contains(text, "28/11/2026") || strings.Contains(text, "Durée") {
		t.Error(text)
	}
	c.All, c.Badges = nil, []domain.ShownBadge{badgeOf(domain.Schemes, domain.LevelContributor), badgeOf(domain.Schemes, domain.LevelParticipant)}
	c.Shown = domain.Everything
	if text, _ = read(t, "certificate-badges", c); !strings.Contains(text, "2 badges") || strings.Contains(text, "Durée") || strings.Contains(text, "attestations") {
		t.Error(text)
	}
}
