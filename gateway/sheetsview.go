package gateway

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/prose"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

// sheetsView is what the list of practice sheets shows.
type sheetsView struct {
	Web          webFiles
	Away         bool
	Query, Where string
	Choices      []sheetChoice
	Notice       string
	Sheets       []sheetCard
	Next         string
}

// sheetChoice is a list of the form from which one thing is chosen.
type sheetChoice struct {
	Name, Label string
	Options     []sheetOption
}

type sheetOption struct {
	Value, Label string
	Chosen       bool
}

// sheetCard is a sheet in a list.
type sheetCard struct{ ID, Title, Brief, Summary, By, Cite, Reuse string }

// sheetView is what the page of one sheet shows; Missing says why there is none.
type sheetView struct {
	Web            webFiles
	Missing        string
	ID, Title      string
	By, Cite, Day  string
	Summary        string
	Facts          []linkFact
	Material       []string
	Competences    []string
	Steps          []sheetStep
	Worked         string
	DidNotWork     string
	Licence        string
	LicenceAddress string
	Origin         *sheetCard // the sheet that it was made from
	Derived        []sheetCard
}

type sheetStep struct{ Title, Text, Length string }

// choose offers what a search can be narrowed to, and takes over what was chosen.
func (v *sheetsView) choose(form url.Values, modules []*cataloguev1.Module, req *cataloguev1.ListPracticeSheetsRequest) {
	offer := func(name, label, all string, options []sheetOption, take func(value string)) {
		options = append([]sheetOption{{Label: all}}, options...)
		for i := range options {
			if options[i].Value != "" && options[i].Value == form.Get(name) {
				options[i].Chosen = true
				take(options[i].Value)
			}
		}
		v.Choices = append(v.Choices, sheetChoice{name, label, options})
	}
	var titles, ages, lengths []sheetOption
	for _, m := range modules {
		titles = append(titles, sheetOption{Value: m.GetId(), Label: m.GetTitle()})
	}
	for age := 6; age <= 16; age++ {
		ages = append(ages, sheetOption{Value: strconv.Itoa(age), Label: strconv.Itoa(age) + prose.Space + "ans"})
	}
	for _, minutes := range []int{30, 60, 90, 120, 180} {
		lengths = append(lengths, sheetOption{Value: strconv.Itoa(minutes), Label: minutesLong(int32(minutes)) + " au plus"}) //nolint:gosec // the five above
	}
	number := func(to *int32) func(string) {
		return func(value string) {
			n, _ := strconv.ParseInt(value, 10, 32) // one of those above
			*to = int32(n)
		}
	}
	offer("module", "Module", "Tous", titles, func(id string) { req.ModuleId = id })
	offer("age", "Pour des enfants de", "Tous les âges", ages, number(&req.Age))
	offer("duree", "Durée", "Toutes", lengths, number(&req.MaxDurationMinutes))
	offer("ordre", "Ordre", "Les plus récentes", []sheetOption{{Value: "reutilisees", Label: "Les plus réutilisées"}}, func(string) {
		req.Order = cataloguev1.PracticeSheetOrder_PRACTICE_SHEET_ORDER_MOST_REUSED
	})
}

func (v *sheetsView) list(asked *cataloguev1.ListPracticeSheetsRequest, all []*cataloguev1.PracticeSheet, names map[string]string) {
	for _, s := range all {
		v.Sheets = append(v.Sheets, card(s, names))
	}
	switch {
	case len(all) > 0:
	case proto.Equal(asked, &cataloguev1.ListPracticeSheetsRequest{PageSize: sheetsShown, Order: asked.GetOrder()}):
		v.Notice = french.say("", "Aucune fiche n'est encore publiée. Les groupes en écrivent après leurs temps de rencontre.")
	default:
		v.Notice = french.say("", "Aucune fiche ne correspond. Enlevez un mot ou un critère.")
	}
}

func card(s *cataloguev1.PracticeSheet, names map[string]string) sheetCard {
	by := group(names[s.GetCommuneCode()])
	return sheetCard{
		ID: s.GetId(), Title: s.GetTitle(), Summary: s.GetSummary(), By: "Par " + by, Cite: by, Reuse: reuse(s),
		Brief: years(s) + ", " + minutesLong(s.GetDurationMinutes()),
	}
}

// group is who wrote a sheet, as far as anybody is told.
func group(commune string) string {
	if commune == "" {
		return "un groupe"
	}
	return "le groupe " + ofTown(commune)
}

// ofTown puts the right word before a town's name: de Nantes, d'Angers, du Mans, des Sables-d'Olonne.
func ofTown(name string) string {
	for article, word := range map[string]string{"Le ": "du ", "Les ": "des "} {
		if rest, ok := strings.CutPrefix(name, article); ok {
			return word + rest
		}
	}
	if first := strings.ToLower(folded(name)); first != "" && strings.ContainsRune("aeiouyhœ", []rune(first)[0]) {
		return "d'" + name
	}
	return "de " + name
}

func years(s *cataloguev1.PracticeSheet) string {
	from, to := strconv.Itoa(int(s.GetMinAge())), strconv.Itoa(int(s.GetMaxAge()))
	if from == to {
		return from + prose.Space + "ans"
	}
	return from + " à " + to + prose.Space + "ans"
}

func minutesLong(minutes int32) string {
	return prose.Length(time.Duration(minutes) * time.Minute)
}

// reuse is how often a sheet was reused, as far as it may be told.
func reuse(s *cataloguev1.PracticeSheet) string {
	var parts []string
	if n := int(s.GetDerivationCount()); n > 0 {
		parts = append(parts, count(n, "fiche en est tirée", "fiches en sont tirées"))
	}
	if n := int(s.GetUserCount()); n > 0 {
		parts = append(parts, count(n, "personne l'a utilisée", "personnes l'ont utilisée"))
	}
	if s.GetUserCountSuppressed() {
		parts = append(parts, "moins de cinq personnes disent l'avoir utilisée")
	}
	return strings.Join(parts, ", ")
}

// viewSheet is the first of these sheets, with the one that it was made from and those that were made from it.
func viewSheet(web webFiles, all []*cataloguev1.PracticeSheet, names map[string]string, module string) sheetView {
	s, first := all[0], card(all[0], names)
	v := sheetView{
		Web: web, ID: s.GetId(), Title: s.GetTitle(), By: first.By, Cite: first.Cite, Summary: s.GetSummary(),
		Material: s.GetMaterial(), Competences: s.GetCompetences(), Worked: s.GetWorked(), DidNotWork: s.GetDidNotWork(),
		Licence: licenceNames[s.GetLicence()], LicenceAddress: licenceAddresses[s.GetLicence()],
		Facts: []linkFact{{"Pour", years(s)}, {"Durée", minutesLong(s.GetDurationMinutes())}},
	}
	if day, err := time.Parse(time.DateOnly, s.GetMeetingDate()); err == nil {
		v.Day = prose.FrenchDate(day)
	}
	for _, fact := range []linkFact{{"Module", module}, {"Mots clés", strings.Join(s.GetKeywords(), ", ")}, {"Réutilisation", first.Reuse}} {
		if fact.Value != "" {
			v.Facts = append(v.Facts, fact)
		}
	}
	for _, step := range s.GetSteps() {
		one := sheetStep{Title: step.GetTitle(), Text: step.GetText()}
		if step.GetMinutes() > 0 {
			one.Length = minutesLong(step.GetMinutes())
		}
		v.Steps = append(v.Steps, one)
	}
	for _, other := range all[1:] {
		c := card(other, names)
		if other.GetId() == s.GetDerivedFrom() {
			v.Origin = &c
			continue
		}
		v.Derived = append(v.Derived, c)
	}
	return v
}

var licenceNames = map[string]string{
	"CC0-1.0": "CC0 1.0 (domaine public)", "CC-BY-4.0": "Creative Commons Attribution 4.0",
	"CC-BY-SA-4.0": "Creative Commons Attribution, partage dans les mêmes conditions 4.0", "etalab-2.0": "Licence Ouverte 2.0",
}

var licenceAddresses = map[string]string{
	"CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/deed.fr", "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/deed.fr",
	"CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/deed.fr",
	"etalab-2.0":   "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
}
