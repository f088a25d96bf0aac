package refdata_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/classcode/maillage/services/indicators/internal/domain"
	"github.com/classcode/maillage/services/indicators/internal/refdata"
)

// The report's table of performance indicators, line by line: part, value, unit, qualifier, date.
var table = []string{
	"I1 | 10000 basis points conditional 2017-09",
	"I2a | 25000 persons exact 2017-06",
	"I2b | 9000 persons exact 2017-06",
	"I2c | 120000 persons uncertain 2017-09",
	"I3a | 100 places approximate 2017-09",
	"I3b | 100 places approximate 2017-09",
	"I3c | null places not yet -",
	"I4 | primary 1500 basis points exact 2017-09",
	"I4 | secondary 3000 basis points exact 2017-09",
	"I5 | public-months 25 person months approximate 2017-09",
	"I5 | public-euros 3000000 euro cents approximate 2017-09",
	"I5 | private-months 4 person months approximate 2017-09",
	"I6 | actors null text non-numeric 2017-09",
	"I6 | participants 8100 basis points exact 2016",
	"I7 | null text not yet -",
}

func TestM24IsTheReportsTable(t *testing.T) {
	units := []string{"", "persons", "places", "basis points", "person months", "euro cents", "deliverables", "text"}
	qualifiers := []string{"", "exact", "approximate", "uncertain", "conditional", "not yet", "non-numeric"}
	indicators, err := refdata.Indicators()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, i := range indicators {
		for _, m := range i.Measures {
			value, unit, date := "null", m.Unit, m.MeasuredOn
			if m.Value != nil {
				value = fmt.Sprint(*m.Value)
			}
			if unit == 0 {
				unit = i.Unit
			}
			if date == "" {
				date = "-"
			}
			words := []string{i.ID, "|", m.Part, value, units[unit], qualifiers[m.Qualifier], date}
			lines = append(lines, strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " "))
		}
	}
	if got, want := strings.Join(lines, "\n"), strings.Join(table, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEveryMeasureSaysWhereItComesFrom(t *testing.T) {
	indicators, err := refdata.Indicators()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, i := range indicators {
		if i.Title == "" || i.Definition == "" || i.DefinitionVersion < 1 {
			t.Errorf("%s is not defined: %+v", i.ID, i)
		}
		for _, m := range i.Measures {
			texts[i.ID+m.Part] = m.Text
			if m.Milestone != "M24" || m.Area != (domain.Area{Territory: domain.Country}) || m.Origin != domain.Declared ||
				m.DefinitionVersion != i.DefinitionVersion || !strings.HasPrefix(m.Source, "Rapport M24, ligne") {
				t.Errorf("%s %s: %+v", i.ID, m.Part, m)
			}
		}
	}
	for part, want := range map[string]string{"I6actors": "+1 :)", "I6participants": "2016", "I2c": "(¿120000?)", "I3c": "à venir", "I7": "à venir", "I1": "sous réserve de validation par la CDC"} {
		if !strings.Contains(texts[part], want) {
			t.Errorf("%s says %q, without %q", part, texts[part], want)
		}
	}
}
