// Package events gives what happens to indicators the form in which other services hear of it, and hears what they tell.
package events

import (
	"fmt"

	"github.com/classcode/maillage/pkg/events"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	"github.com/classcode/maillage/services/indicators/internal/domain"
	"github.com/classcode/maillage/services/indicators/internal/wire"
)

// subject precedes the event's name.
const subject = "maillage.indicators.v1."

// Encode gives an event the form in which it is published: the definition after the change, and its version.
func Encode(e domain.Event) (events.Event, error) {
	state, ok := e.State.(domain.Indicator)
	if !ok {
		return events.Event{}, fmt.Errorf("event %s: no form for %T", e.Name, e.State)
	}
	state.Measures = nil // they are counted or declared, not part of what an indicator means
	return events.Event{
		Subject: subject + e.Name, Aggregate: state.ID, Version: state.Version,
		Payload: &indicatorsv1.IndicatorEvent{Indicator: wire.Indicator(state)},
	}, nil
}
