package gateway

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
)

// indicatorsView parts what is measured here from what a document only declares: the two are never one series.
type indicatorsView struct{ Measured, Declared []indicatorView }

type indicatorView struct {
	ID, Title, Definition string
	Here, Reported        []measureView
}

type measureView struct{ Part, Value, Note string }

func (h *home) loadIndicators(ctx context.Context) ([]*indicatorsv1.Indicator, error) {
	// One call, and a quick one: the mesh needs what is left of the time.
	ctx, cancel := context.WithTimeout(ctx, homePatience/4)
	defer cancel()
	res, err := h.indicators.ListIndicators(ctx, &indicatorsv1.ListIndicatorsRequest{PageSize: listPage})
	return res.GetIndicators(), err
}

func viewIndicators(all []*indicatorsv1.Indicator) *indicatorsView {
	v := &indicatorsView{}
	for _, i := range all {
		one := indicatorView{ID: i.GetId(), Title: i.GetTitle(), Definition: i.GetDefinition()}
		for _, m := range i.GetMeasures() {
			shown := viewMeasure(m, i.GetUnit())
			if m.GetOrigin() == indicatorsv1.Origin_ORIGIN_COMPUTED {
				one.Here = append(one.Here, shown)
			} else {
				one.Reported = append(one.Reported, shown)
			}
		}
		if len(one.Here) > 0 {
			v.Measured = append(v.Measured, one)
		} else {
			v.Declared = append(v.Declared, one)
		}
	}
	return v
}

func viewMeasure(m *indicatorsv1.Measure, unit indicatorsv1.Unit) measureView {
	if m.GetUnit() != indicatorsv1.Unit_UNIT_UNSPECIFIED {
		unit = m.GetUnit()
	}
	v := measureView{Part: partName(m.GetPart()), Value: worth(m, unit)}
	v.Note = strings.Join(notes(m), ". ")
	return v
}

// notes say when a value was had, from where, and what its author added.
func notes(m *indicatorsv1.Measure) []string {
	var all []string
	day := frenchDate(m.GetMeasuredOn())
	if m.GetMilestone() != "" {
		day = strings.TrimPrefix(day+", à l'échéance "+m.GetMilestone(), ", ")
	}
	if day != "" {
		first, size := utf8.DecodeRuneInString(day)
		all = append(all, string(unicode.ToUpper(first))+day[size:])
	}
	if m.GetSource() != "" {
		all = append(all, "Source"+nbsp+": "+m.GetSource())
	}
	if m.GetText() != "" && m.Value != nil && m.GetQualifier() != indicatorsv1.Qualifier_QUALIFIER_APPROXIMATE {
		all = append(all, "Précision"+nbsp+": "+m.GetText())
	}
	return all
}

// worth says the value with its unit and with what it is worth; what is not known is not 0.
func worth(m *indicatorsv1.Measure, unit indicatorsv1.Unit) string {
	switch {
	case m.GetSuppressed():
		return persons(leastCounted - 1)
	case m.GetQualifier() == indicatorsv1.Qualifier_QUALIFIER_NOT_YET:
		return "à venir"
	case m.Value == nil && m.GetText() != "":
		return "«" + nbsp + m.GetText() + nbsp + "»"
	case m.Value == nil:
		return "inconnu"
	}
	value := withUnit(m.GetValue(), unit)
	switch m.GetQualifier() {
	case indicatorsv1.Qualifier_QUALIFIER_APPROXIMATE:
		return "environ " + value
	case indicatorsv1.Qualifier_QUALIFIER_UNCERTAIN:
		return value + " (chiffre incertain)"
	case indicatorsv1.Qualifier_QUALIFIER_CONDITIONAL:
		return value + " (sous condition)"
	}
	return value
}

func withUnit(n int64, unit indicatorsv1.Unit) string {
	switch unit {
	case indicatorsv1.Unit_UNIT_PERSON:
		return count(int(n), "personne", "personnes")
	case indicatorsv1.Unit_UNIT_PLACE:
		return count(int(n), "lieu", "lieux")
	case indicatorsv1.Unit_UNIT_DELIVERABLE:
		return count(int(n), "livrable", "livrables")
	case indicatorsv1.Unit_UNIT_PERSON_MONTH:
		return count(int(n), "mois de travail d'une personne", "mois de travail d'une personne")
	case indicatorsv1.Unit_UNIT_BASIS_POINT:
		return hundredths(n) + nbsp + "%"
	case indicatorsv1.Unit_UNIT_EUR_CENT:
		return hundredths(n) + nbsp + "€"
	}
	return grouped(n) + " (unité non précisée)"
}

// What stands between a number and its sign, and between thousands, in French typography.
const nbsp, thin = "\u00a0", "\u202f"

func count(n int, one, many string) string {
	word := many
	if n > -2 && n < 2 { // in French, 0 and 1 are singular
		word = one
	}
	return grouped(int64(n)) + nbsp + word
}

func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + thin + digits[i:]
	}
	return sign + digits
}

func hundredths(n int64) string {
	if n%100 == 0 {
		return grouped(n / 100)
	}
	return strings.Replace(strconv.FormatFloat(float64(n)/100, 'f', -1, 64), ".", ",", 1)
}

var months = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

// frenchDate says an ISO date, to the day, the month or the year.
func frenchDate(iso string) string {
	switch len(iso) {
	case len(time.DateOnly):
		if t, err := time.Parse(time.DateOnly, iso); err == nil {
			day := strconv.Itoa(t.Day())
			if day == "1" {
				day = "1er"
			}
			return "le " + day + nbsp + months[t.Month()-1] + " " + strconv.Itoa(t.Year())
		}
	case len("2006-01"):
		if t, err := time.Parse("2006-01", iso); err == nil {
			return months[t.Month()-1] + " " + strconv.Itoa(t.Year())
		}
	}
	return iso
}

func partName(part string) string {
	switch part {
	case "primary":
		return "École primaire"
	case "secondary":
		return "Collège"
	case "public-months", "public-euros":
		return "Acteurs publics"
	case "private-months":
		return "Acteurs privés"
	case "actors":
		return "Acteurs du projet"
	case "participants":
		return "Participants"
	}
	return part
}
