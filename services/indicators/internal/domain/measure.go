package domain

import (
	"context"
	"slices"
	"time"
	_ "time/tzdata" // the day is told in Paris, also where the machine knows no zones
)

// Qualifier is what a value is worth, as in the contract.
type Qualifier int

// The qualifiers.
const (
	Exact Qualifier = iota + 1
	Approximate
	Uncertain
	Conditional
	NotYet
	NonNumeric
)

// Origin is how a value was had, as in the contract; the two are never in one series.
type Origin int

// The origins.
const (
	Computed Origin = iota + 1
	Declared
)

// Measure is a value of an indicator at a date, with what is known of its quality.
type Measure struct {
	IndicatorID       string
	Part              string
	Value             *int64 // nil when not known or suppressed, which is not 0
	Unit              Unit   // 0: the indicator's
	Qualifier         Qualifier
	Origin            Origin
	MeasuredOn        string
	Milestone         string
	Area              Area
	Suppressed        bool
	Source            string
	Text              string
	DefinitionVersion int
	Wave              string // of the survey behind it
	ResponseRate      *int   // hundredths of a percent; nil for what is no survey
}

// Area is what a measure covers.
type Area struct {
	Territory string
	Campaign  string // "" for all
}

// Survey says what is to be measured.
type Survey struct {
	Area
	Origin Origin // 0 for both
	Day    string
}

// Counts is what the events that were heard amount to.
type Counts struct {
	Sensitised, Trained           int64 // persons
	Identified, Active, Sustained int64 // places, each includes the next
}

// fewest is the smallest number of persons that is published: below, somebody could be recognised. Nobody is recognised in 0.
const fewest = 5

// source of what is computed here.
const source = "maillage"

var paris = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return zone
}()

// Day is the date of an instant, where the national team reads it.
func Day(t time.Time) string { return t.In(paris).Format(time.DateOnly) }

// Take gives the indicators their measures of the area, declared ones first.
func Take(ctx context.Context, store Store, s Survey, indicators []Indicator) error {
	if s.Origin != Computed {
		if err := declared(ctx, store, s, indicators); err != nil {
			return err
		}
	}
	if s.Origin == Declared {
		return nil
	}
	if slices.ContainsFunc(indicators, computable) {
		if err := compute(ctx, store, s, indicators); err != nil {
			return err
		}
	}
	return s.survey(ctx, store, indicators)
}

func declared(ctx context.Context, store Store, s Survey, indicators []Indicator) error {
	measures, err := store.Declared(ctx, s.Area)
	if err != nil {
		return err
	}
	for i := range indicators {
		for _, m := range measures {
			if m.IndicatorID == indicators[i].ID {
				indicators[i].Measures = append(indicators[i].Measures, m)
			}
		}
	}
	return nil
}

func compute(ctx context.Context, store Store, s Survey, indicators []Indicator) error {
	counts, err := store.Count(ctx, s.Area)
	if err != nil {
		return err
	}
	for i := range indicators {
		if n, ok := counts.of(indicators[i].ID); ok {
			indicators[i].Measures = append(indicators[i].Measures, s.measure(indicators[i], n))
		}
	}
	return nil
}

func (s Survey) measure(i Indicator, n int64) Measure {
	m := Measure{
		IndicatorID: i.ID, Qualifier: Exact, Origin: Computed, MeasuredOn: s.Day, Area: s.Area,
		Source: source, DefinitionVersion: i.DefinitionVersion,
	}
	if i.Unit == Person && n > 0 && n < fewest {
		m.Suppressed = true
		return m
	}
	m.Value = &n
	return m
}

func computable(i Indicator) bool {
	_, ok := Counts{}.of(i.ID)
	return ok
}

// of is the count behind an indicator; the others are declared only.
func (c Counts) of(id string) (int64, bool) {
	switch id {
	case "I2a":
		return c.Sensitised, true
	case "I2b":
		return c.Trained, true
	case "I3a":
		return c.Identified, true
	case "I3b":
		return c.Active, true
	case "I3c":
		return c.Sustained, true
	}
	return 0, false
}
