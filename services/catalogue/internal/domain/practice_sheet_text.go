package domain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/classcode/maillage/pkg/errs"
)

// SheetText is what a group writes.
type SheetText struct {
	ModuleID       string
	Title, Summary string
	MinAge, MaxAge int
	Minutes        int
	Material       []string
	Competences    []string
	Keywords       []string
	Steps          []SheetStep
	Worked         string
	DidNotWork     string
	Licence        string
}

// SheetStep is a moment of an activity.
type SheetStep struct {
	Title, Text string
	Minutes     int
}

// longestSheet is how many characters a sheet holds: some fifteen pages, which an event carries.
const longestSheet = 40_000

// What a text may be refused for.
var (
	ErrSheetLine = errs.New(errs.Invalid, "TEXT_NOT_ONE_LINE",
		"Write this in one line, without tabs, line breaks or invisible signs.",
		"Écrivez ceci sur une seule ligne, sans tabulation, saut de ligne ni signe invisible.")
	ErrSheetSigns = errs.New(errs.Invalid, "TEXT_WITH_CONTROL_CHARACTERS",
		"This text holds invisible control characters; type it again.",
		"Ce texte contient des caractères de contrôle invisibles ; ressaisissez-le.")
	ErrSheetLong = errs.New(errs.Invalid, "PRACTICE_SHEET_TOO_LONG",
		"A practice sheet holds 40,000 characters at most; shorten it, or make two sheets of it.",
		"Une fiche pratique contient 40 000 caractères au plus ; raccourcissez-la, ou faites-en deux fiches.")
	ErrSheetAges = errs.New(errs.Invalid, "AGES_REVERSED",
		"The lowest age is above the highest; exchange them.",
		"L'âge le plus bas dépasse le plus haut ; échangez-les.")
	ErrSheetIncomplete = errs.New(errs.Precondition, "PRACTICE_SHEET_INCOMPLETE",
		"The sheet is not complete; what is missing is named field by field.",
		"La fiche n'est pas complète ; ce qui manque est indiqué champ par champ.")
)

// tidy takes blanks away around texts, and refuses what cannot be read.
func (t *SheetText) tidy() (err error) {
	if t.MinAge > 0 && t.MaxAge > 0 && t.MinAge > t.MaxAge {
		return ErrSheetAges.At("practice_sheet.min_age")
	}
	if err := line(&t.Title, "title"); err != nil {
		return err
	}
	for _, list := range []struct {
		name string
		of   []string
	}{{"material", t.Material}, {"competences", t.Competences}, {"keywords", t.Keywords}} {
		for i := range list.of {
			if err := line(&list.of[i], fmt.Sprintf("%s[%d]", list.name, i)); err != nil {
				return err
			}
		}
	}
	for i := range t.Steps {
		path := fmt.Sprintf("steps[%d].", i)
		if err := either(line(&t.Steps[i].Title, path+"title"), text(&t.Steps[i].Text, path+"text")); err != nil {
			return err
		}
	}
	err = either(text(&t.Summary, "summary"), either(text(&t.Worked, "worked"), text(&t.DidNotWork, "did_not_work")))
	if err == nil && t.length() > longestSheet {
		return ErrSheetLong.At("practice_sheet")
	}
	return err
}

// line is one line in which there is something to read.
func line(of *string, path string) error {
	*of = strings.TrimSpace(*of)
	if strings.ContainsFunc(*of, func(r rune) bool { return masked(r) || r == '\u2028' || r == '\u2029' }) {
		return ErrSheetLine.At("practice_sheet." + path)
	}
	if strings.IndexFunc(*of, visible) < 0 {
		return errs.ErrRequired.At("practice_sheet." + path)
	}
	return nil
}

// text is any number of lines, ended as Unix has it; a form in a browser ends them otherwise.
func text(of *string, path string) error {
	*of = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(*of))
	if strings.ContainsFunc(*of, func(r rune) bool { return masked(r) && r != '\n' && r != '\t' }) {
		return ErrSheetSigns.At("practice_sheet." + path)
	}
	return nil
}

// masked says of a sign that it makes a text read otherwise than it is.
func masked(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r)
}

func (t *SheetText) length() (n int) {
	for _, s := range append([]string{t.Title, t.Summary, t.Worked, t.DidNotWork}, t.lists()...) {
		n += utf8.RuneCountInString(s)
	}
	for _, s := range t.Steps {
		n += utf8.RuneCountInString(s.Title) + utf8.RuneCountInString(s.Text)
	}
	return n
}

func (t *SheetText) lists() (all []string) {
	return append(append(append(all, t.Material...), t.Competences...), t.Keywords...)
}

// complete refuses a sheet that others could not use, and names all that it lacks.
func (t *SheetText) complete() error {
	refusal := *ErrSheetIncomplete
	lacks := func(missing bool, path, en, fr string) {
		if missing {
			refusal.Fields = append(refusal.Fields, errs.Field{Path: "practice_sheet." + path, EN: en, FR: fr, Reason: errs.ErrRequired.Reason})
		}
	}
	lacks(t.Summary == "", "summary", "Say in a few sentences what young people do and learn.", "Dites en quelques phrases ce que les jeunes font et apprennent.")
	lacks(t.MinAge == 0, "min_age", "Say from which age.", "Dites à partir de quel âge.")
	lacks(t.MaxAge == 0, "max_age", "Say up to which age.", "Dites jusqu'à quel âge.")
	lacks(t.Minutes == 0, "duration_minutes", "Say how long it takes.", "Dites combien de temps cela prend.")
	lacks(len(t.Competences) == 0, "competences", "Name at least one competence.", "Citez au moins une compétence.")
	lacks(len(t.Steps) == 0, "steps", "Describe at least one step.", "Décrivez au moins une étape.")
	minutes := 0
	for i, s := range t.Steps {
		lacks(s.Text == "", fmt.Sprintf("steps[%d].text", i), "Say what happens in this step.", "Dites ce qui se passe à cette étape.")
		minutes += s.Minutes
	}
	lacks(t.Minutes > 0 && minutes > t.Minutes, "duration_minutes",
		"The steps take longer than the whole; correct one or the other.", "Les étapes durent plus longtemps que l'ensemble ; corrigez l'un ou l'autre.")
	lacks(t.Worked == "", "worked", "Say what worked when you tried it.", "Dites ce qui a marché quand vous l'avez essayée.")
	lacks(t.Licence == "", "licence", "Choose an open licence.", "Choisissez une licence ouverte.")
	if len(refusal.Fields) > 0 {
		return &refusal
	}
	return nil
}
