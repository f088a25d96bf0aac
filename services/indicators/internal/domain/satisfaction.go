package domain

import (
	"context"
	"slices"
)

// satisfaction is the indicator that surveys feed.
const satisfaction = "I6"

// Feedback is how many were satisfied with a meeting, as meetings tells it.
type Feedback struct {
	MeetingID                  string
	Part                       string // of the indicator: Participants or Actors
	CampaignID                 string // "" outside of any
	Commune                    string
	Wave                       string // the quarter of the meeting, e.g. "2026-T4"
	Asked, Answered, Satisfied int64
	Version                    int64
}

// Those who are asked.
const (
	Participants = "participants"
	Actors       = "actors"
)

// Wave is the answers of one part in one wave, over an area.
type Wave struct {
	Part, Name                 string
	Asked, Answered, Satisfied int64
}

// survey gives the indicator of satisfaction a measure for each wave in which somebody answered.
func (s Survey) survey(ctx context.Context, store Store, indicators []Indicator) error {
	n := slices.IndexFunc(indicators, func(i Indicator) bool { return i.ID == satisfaction })
	if n < 0 {
		return nil
	}
	waves, err := store.Waves(ctx, s.Area)
	for _, w := range waves {
		indicators[n].Measures = append(indicators[n].Measures, s.share(indicators[n], w))
	}
	return err
}

// share is of those who have answered; how many did stands beside it, and tells what it is worth.
func (s Survey) share(i Indicator, w Wave) Measure {
	rate := int(perTenThousand(w.Answered, max(w.Asked, w.Answered)))
	m := Measure{
		IndicatorID: i.ID, Part: w.Part, Qualifier: Exact, Origin: Computed, MeasuredOn: s.Day, Area: s.Area, Source: source,
		DefinitionVersion: i.DefinitionVersion, Wave: w.Name, ResponseRate: &rate,
	}
	if w.Answered < fewest {
		m.Suppressed, m.ResponseRate = true, nil
		return m
	}
	value := perTenThousand(w.Satisfied, w.Answered)
	m.Value = &value
	return m
}

func perTenThousand(part, whole int64) int64 { return (part*20_000 + whole) / (2 * whole) }
