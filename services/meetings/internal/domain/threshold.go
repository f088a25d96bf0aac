package domain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Threshold says from when on something calls for postponing. It is never edited: a new version takes its place.
type Threshold struct {
	ID             string // empty for a default
	Type           MeetingType
	Territory      string // empty for a default
	Measure        Measure
	Limit          int // 0 switches off what holds above
	Before         time.Duration
	Recommendation Recommendation
	Version        int
	CreateTime     time.Time
}

// Measure is what a threshold looks at; the numbers are the contract's.
type Measure int

// The measures.
const (
	Registrations Measure = iota + 1
	RequiredMissing
	SevereProblems
	Incidents
)

// Recommendation is what thresholds call for; the numbers are the contract's, and rise with the urgency.
type Recommendation int

// The recommendations.
const (
	NoRecommendation Recommendation = iota
	RecommendWarn
	RecommendPostpone
)

// Crossing is a threshold that was crossed, and by how many.
type Crossing struct {
	Threshold
	Count int
}

// ThresholdReads finds thresholds.
type ThresholdReads interface {
	// Thresholds is what is in force for a type of meeting in these territories.
	Thresholds(ctx context.Context, kind MeetingType, territories []string) ([]Threshold, error)
	// Threshold is one that is in force, or ErrThresholdNotFound.
	Threshold(ctx context.Context, id string) (Threshold, error)
}

// ThresholdWrites changes what is in force.
type ThresholdWrites interface {
	// PutThreshold makes t the version in force of its territory, type, measure and recommendation, and returns it with its number.
	PutThreshold(ctx context.Context, t Threshold) (Threshold, error)
	// RetireThreshold takes a threshold out of force, or refuses with ErrThresholdNotFound when it is not.
	RetireThreshold(ctx context.Context, id string, now time.Time) (Threshold, error)
}

// ErrThresholdNotFound is also for one that is no longer in force.
var ErrThresholdNotFound = errs.Missing("threshold", "seuil")

// ThresholdsInForce is what holds for a type of meeting: the defaults, and what the territories have set instead.
func ThresholdsInForce(rules Rules, kind MeetingType, set []Threshold) []Threshold {
	all := slices.Clone(set)
	for _, t := range rules.Thresholds {
		if t.Type == kind {
			all = append(all, t)
		}
	}
	type key struct {
		Measure
		Recommendation
	}
	list := nearest(all, func(t Threshold) key { return key{t.Measure, t.Recommendation} }, func(t Threshold) string { return t.Territory })
	slices.SortFunc(list, func(a, b Threshold) int {
		return cmp.Or(cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.Recommendation, b.Recommendation))
	})
	return list
}

// Recommend says what the counts of a meeting call for, and why: of each measure, what is most urgent.
func Recommend(thresholds []Threshold, counts map[Measure]int, start, now time.Time) (Recommendation, []Crossing) {
	highest := NoRecommendation
	worst := map[Measure]Crossing{}
	for _, t := range thresholds {
		count := counts[t.Measure]
		if !t.crossed(count) || now.Before(start.Add(-t.Before)) || t.Recommendation <= worst[t.Measure].Recommendation {
			continue
		}
		worst[t.Measure] = Crossing{t, count}
		highest = max(highest, t.Recommendation)
	}
	reasons := make([]Crossing, 0, len(worst))
	for _, r := range worst {
		reasons = append(reasons, r)
	}
	slices.SortFunc(reasons, func(a, b Crossing) int {
		return cmp.Or(cmp.Compare(b.Recommendation, a.Recommendation), cmp.Compare(a.Measure, b.Measure))
	})
	return highest, reasons
}

func (t Threshold) crossed(count int) bool {
	switch {
	case t.Limit == 0:
		return false
	case t.Measure == Registrations:
		return count < t.Limit
	}
	return count >= t.Limit
}

// Say is the reason in French and in English.
func (r Crossing) Say() (fr, en string) {
	switch r.Measure {
	case Registrations:
		fr, en = several(r.Count, "inscription", "inscriptions", "registration", "registrations")
		return fmt.Sprintf("%s, il en faut %d.", fr, r.Limit), fmt.Sprintf("%s, %d needed.", en, r.Limit)
	case RequiredMissing:
		return several(r.Count, "point indispensable manque.", "points indispensables manquent.",
			"required item is missing.", "required items are missing.")
	case SevereProblems:
		return several(r.Count, "problème grave n'est pas réparé.", "problèmes graves ne sont pas réparés.",
			"severe problem is not mended.", "severe problems are not mended.")
	}
	return several(r.Count, "incident pendant la rencontre.", "incidents pendant la rencontre.",
		"incident during the meeting.", "incidents during the meeting.")
}

// several counts in both languages: French has zero in the singular, English in the plural.
func several(n int, oneFR, moreFR, oneEN, moreEN string) (fr, en string) {
	fr, en = moreFR, moreEN
	if n < 2 {
		fr = oneFR
	}
	if n == 1 {
		en = oneEN
	}
	return fmt.Sprint(n, " ", fr), fmt.Sprint(n, " ", en)
}
