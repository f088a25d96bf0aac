// Package events gives what happens in the catalogue the form in which other services hear of it, and hears of meetings.
package events

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/events"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/wire"
)

// subject precedes the event's name.
const subject = "maillage.catalogue.v1."

// Encode gives an event the form in which it is published: the noun's whole state after the change, and its version.
func Encode(e domain.Event) (events.Event, error) {
	switch state := e.State.(type) {
	case domain.Module:
		return event(e, state.ID, state.Version, &cataloguev1.ModuleEvent{Module: wire.Module(state)}), nil
	case domain.Enrolment:
		return event(e, state.ID, state.Version, &cataloguev1.EnrolmentEvent{Enrolment: wire.Enrolment(state)}), nil
	case domain.PracticeSheet:
		return event(e, state.ID, state.Version, &cataloguev1.PracticeSheetEvent{PracticeSheet: wire.ToldSheet(state)}), nil
	}
	return events.Event{}, fmt.Errorf("event %s: no form for %T", e.Name, e.State)
}

func event(e domain.Event, aggregate string, version int64, payload proto.Message) events.Event {
	return events.Event{Subject: subject + e.Name, Aggregate: aggregate, Version: version, Payload: payload}
}
