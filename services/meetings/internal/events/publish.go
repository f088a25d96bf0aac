// Package events gives what happens to meetings the form in which other services hear of it, and hears of groups.
package events

import (
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/events"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// subject precedes the event's name.
const subject = "maillage.meetings.v1."

// Encode gives an event the form in which it is published: the noun's whole state after the change, and its version.
func Encode(e domain.Event) (events.Event, error) {
	switch state := e.State.(type) {
	case domain.Meeting:
		meeting := wire.Meeting(state)
		meeting.Taken, meeting.Waiting = 0, 0 // they change without a new version, and would say different things under the same one
		for _, s := range meeting.GetSeats() {
			s.Taken, s.Waiting = 0, 0
		}
		return event(e, state.ID, state.Version, &meetingsv1.MeetingEvent{Meeting: meeting}), nil
	case domain.Registration:
		registration := wire.Registration(state)
		registration.Reason = "" // the organiser's to read
		return event(e, state.ID, state.Version, &meetingsv1.RegistrationEvent{Registration: registration, CampaignId: state.CampaignID}), nil
	case domain.Attestation:
		attestation := wire.Attestation(state)
		attestation.Credential, attestation.CredentialJson, attestation.RevokeReason = "", "", "" // the holder's to show
		return event(e, state.ID, state.Version(), &meetingsv1.AttestationEvent{
			Attestation: attestation, CampaignId: state.CampaignID, CommuneCode: state.CommuneCode,
		}), nil
	case domain.Badge:
		return event(e, state.ID, state.Version(), wire.BadgeEvent(state)), nil
	case domain.Swap:
		return event(e, state.ID, state.Version, &meetingsv1.SwapEvent{
			Swap: wire.Swap(state), PersonId: state.PersonID, AcceptedByPersonId: state.AcceptedBy,
		}), nil
	case domain.Poll:
		state.Options = slices.Clone(state.Options)
		for i, o := range state.Options { // without their counts
			state.Options[i] = domain.PollOption{Position: o.Position, Slot: o.Slot}
		}
		return event(e, state.ID, state.Version, &meetingsv1.PollEvent{Poll: wire.Poll(state)}), nil
	case domain.Programme:
		state.Joined = 0 // it changes without a new version
		return event(e, state.ID, state.Version, &meetingsv1.ProgrammeEvent{Programme: wire.Programme(state)}), nil
	case domain.Search:
		search := wire.Search(state)
		search.WithoutText = "" // words that people wrote may name people
		return event(e, state.ID, state.Version, &meetingsv1.ProfessionalSearchEvent{Search: search, CommuneCode: state.CommuneCode}), nil
	case domain.Ask:
		ask := wire.Ask(state)
		ask.Reason = ""
		return event(e, state.ID, state.Version, &meetingsv1.AskEvent{Ask: ask}), nil
	case domain.Booking:
		return event(e, state.ID, state.Version, &meetingsv1.BookingEvent{Booking: wire.Booking(state)}), nil
	case domain.Equipment:
		return event(e, state.ID, state.Version, &meetingsv1.EquipmentEvent{Equipment: wire.Equipment(state)}), nil
	case domain.Loan:
		state.Start, state.Due = time.Time{}, time.Time{} // its booking's: they change without a new version of the loan
		return event(e, state.ID, state.Version, &meetingsv1.LoanEvent{Loan: wire.Loan(state, time.Time{})}), nil
	case domain.FeedbackSummary:
		return event(e, state.MeetingID+feedbackOf, state.Version(), &meetingsv1.FeedbackEvent{
			Summary: wire.FeedbackCounts(state), CampaignId: state.CampaignID, CommuneCode: state.CommuneCode,
		}), nil
	case domain.Needs:
		return event(e, state.MeetingID+needsOf, state.Version, &meetingsv1.NeedsEvent{Needs: wire.Needs(state)}), nil
	}
	if encoded, ok := readiness(e); ok {
		return encoded, nil
	}
	return events.Event{}, fmt.Errorf("event %s: no form for %T", e.Name, e.State)
}

func event(e domain.Event, aggregate string, version int64, payload proto.Message) events.Event {
	return events.Event{Subject: subject + e.Name, Aggregate: aggregate, Version: version, Payload: payload, Cause: e.Cause}
}
