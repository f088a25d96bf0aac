// Package events gives what happens in the mesh the form in which other services hear of it, and hears of their meetings.
package events

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/events"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// subject precedes the event's name.
const subject = "maillage.mesh.v1."

// Encode gives an event the form in which it is published: the noun's whole state after the change, and its version.
func Encode(e domain.Event) (events.Event, error) {
	switch state := e.State.(type) {
	case domain.Place:
		return event(e, state.ID, state.Version, &meshv1.PlaceEvent{Place: wire.Place(state)}), nil
	case domain.Room:
		return event(e, state.ID, state.Version, &meshv1.RoomEvent{Room: wire.Room(state)}), nil
	case domain.Person:
		return event(e, state.ID, state.Version, &meshv1.PersonEvent{Person: wire.Person(state)}), nil
	case domain.Campaign:
		return event(e, state.ID, state.Version, &meshv1.CampaignEvent{Campaign: wire.Campaign(state)}), nil
	case domain.Interest:
		return event(e, state.ID, state.Version, &meshv1.InterestEvent{Interest: wire.Interest(state)}), nil
	case domain.Group:
		return event(e, state.ID, state.Version, &meshv1.GroupEvent{Group: wire.Group(state)}), nil
	case domain.Membership:
		return event(e, state.ID, state.Version(), &meshv1.MembershipEvent{Membership: wire.Membership(state)}), nil
	case domain.Invitation:
		return event(e, state.ID, state.Version, &meshv1.InvitationEvent{Invitation: wire.Invitation(state), PersonId: state.PersonID}), nil
	case domain.Organiser:
		organiser := wire.Organiser(state)
		organiser.OverrideReason = "" // words that people wrote may name people
		return event(e, state.ID, state.Version, &meshv1.OrganiserEvent{Organiser: organiser}), nil
	}
	return events.Event{}, fmt.Errorf("event %s: no form for %T", e.Name, e.State)
}

func event(e domain.Event, aggregate string, version int64, payload proto.Message) events.Event {
	return events.Event{Subject: subject + e.Name, Aggregate: aggregate, Version: version, Payload: payload, Cause: e.Cause}
}
