package paper_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/paper"
	"github.com/classcode/maillage/services/meetings/internal/paper/papertest"
)

var made = time.Date(2026, time.March, 3, 9, 0, 0, 0, time.UTC)

// names are those of people whose parents did not think of tables.
var names = []string{
	"Éléonore Œuvrard-Lefèbvre de la Bâtie",
	"Nguyễn Thị Ánh Tuyết",
	"Đặng Văn Hùng",
	strings.Repeat("Wolfeschlegelsteinhausenbergerdorff", 6)[:200],
	strings.TrimSpace(strings.Repeat("Marie-Françoise ", 13))[:200],
	"محمد بن سلمان الإدريسي",
	"שרה בן-דוד (לוי)",
	"Zoë 👩‍🏫 Müller 👍🏽",
	"Bell\aand\ttab\u202eevil\u0000",
	"Łukasz Żółć", "Ἀθηνᾶ Παπαδοπούλου", "Сергей Иванович",
	"\xff\xfe broken", "", " ", "李小龙",
}

func sample(t *testing.T) []byte {
	t.Helper()
	d := paper.New(paper.Settings{Title: "Éprouvé", Language: "fr-FR", Made: made, Running: "Temps de rencontre", Footer: strings.Repeat("Un pied de page trop long ", 12)})
	d.Title("Feuille", strings.Repeat("Un titre qui ne tient sur aucune ligne ", 9))
	d.Lead("Ce qu’on lit d’abord.")
	d.Facts(30, paper.Fact{Name: "Quand", Text: "samedi 7 mars 2026"}, paper.Fact{Name: "Où", Text: strings.Repeat("loin ", 60)})
	d.Bullets(names...)
	d.Boxes("à cocher")
	d.QR("https://maillage.example/v?c="+strings.Repeat("Ab0-_", 40), "La page", 40)
	var rows [][]string
	for i := range 4 {
		for _, name := range names {
			rows = append(rows, []string{fmt.Sprint(len(rows) + 1), name, fmt.Sprint(i)})
		}
	}
	d.Table(paper.Table{Columns: []paper.Column{{Title: "N°", Width: 12}, {Title: "Nom et prénom"}, {Title: "Émargement", Width: 40}}, Rows: rows, RowHeight: 9, Grid: true})
	for _, name := range names {
		d.Need(12)
		d.Fit(d.Left(), d.Y(), 50, 10, name, paper.Style{Size: 14, Bold: true, Align: paper.Center})
		d.Space(12)
	}
	return finished(t, d)
}

func finished(t *testing.T, d *paper.Document) []byte {
	t.Helper()
	out, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	first := sample(t)
	if !bytes.Equal(first, sample(t)) {
		t.Error("two documents of one input differ")
	}
	if !bytes.Contains(first, []byte("/Lang (fr-FR)")) || !bytes.Contains(first, []byte("D:20260303090000")) {
		t.Error("the document says neither its language nor its date")
	}
}

// The words' boxes are those that a reader of PDF finds: each lies between the margins, on every page.
func TestNothingRunsOffThePage(t *testing.T) {
	if pages := papertest.Inside(t, sample(t)); len(pages) < 4 {
		t.Fatalf("%d pages", len(pages))
	}
}

func TestTheHeadOfATableComesAgain(t *testing.T) {
	text := papertest.Text(t, sample(t), "-layout")
	if got := strings.Count(text, "Émargement"); got < 2 {
		t.Errorf("the head is there %d times", got)
	}
	if first := papertest.Words(t, sample(t))[0]; first[len(first)-3].Text != "1" || first[len(first)-1].Text != "5" {
		t.Errorf("the first page is not page 1 of 5: %+v", first[len(first)-3:])
	}
	for _, want := range []string{"Éléonore Œuvrard-Lefèbvre de la Bâtie", "Nguyễn Thị Ánh Tuyết", "Zoë □ Müller □", "Łukasz Żółć", "Сергей Иванович", "Bell and tabevil", "□□□"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the document", want)
		}
	}
}

// Poppler turns what is drawn from right to left around again, signs and all: a bracket that opens to the left is a closing one.
func TestRightToLeft(t *testing.T) {
	d := paper.New(paper.Settings{Title: "noms", Made: made})
	d.Paragraph("شلاق محمد")
	d.Paragraph("שרה (לוי)")
	text := papertest.Text(t, finished(t, d))
	for _, want := range []string{"שרה )לוי(", "\ufeb7\ufefc\ufed5 \ufee3\ufea4\ufee4\ufeaa"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
}

func TestCodesAreReadBack(t *testing.T) {
	for _, length := range []int{0, 1, 40, 200, 900} {
		url := "https://maillage.example/v?c=" + strings.Repeat("x", length)
		d := paper.New(paper.Settings{Title: "code", Made: made})
		d.QR(url, "À lire", 60)
		if got := papertest.Codes(t, finished(t, d)); len(got) != 1 || got[0] != url {
			t.Errorf("%d characters: read %q", length, got)
		}
	}
	d := paper.New(paper.Settings{Made: made})
	d.QR(strings.Repeat("x", 4000), "trop long", 40)
	if _, err := d.Bytes(); err == nil {
		t.Error("a code that is too long was drawn")
	}
}

func TestAnEmptyDocumentHasAPage(t *testing.T) {
	if got := papertest.Words(t, finished(t, paper.New(paper.Settings{Made: made}))); len(got) != 1 {
		t.Errorf("%d pages", len(got))
	}
}

func BenchmarkNames(b *testing.B) {
	rows := make([][]string, 25)
	for i := range rows {
		rows[i] = []string{names[i%len(names)], ""}
	}
	for b.Loop() {
		d := paper.New(paper.Settings{Title: "noms", Made: made})
		d.Table(paper.Table{Columns: []paper.Column{{Title: "Nom"}, {Title: "Émargement"}}, Rows: rows, RowHeight: 9})
		if _, err := d.Bytes(); err != nil {
			b.Fatal(err)
		}
	}
}
