package events

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/erasure"
	"github.com/classcode/maillage/pkg/events"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

// Ear hears what other services tell. It asks mesh where a commune lies before it writes; with mesh away the event comes again.
type Ear struct {
	Store       domain.Store
	Territories domain.Territories
}

// errNobody is permanent: what has no id or no person will not get one by waiting.
var errNobody = errors.New("the event names no thing, or no person")

// Consumers are one reader for each noun, so that none waits for another.
func (e *Ear) Consumers() []events.Consumer {
	hear := func(service, noun string, handle events.Handler) events.Consumer {
		return events.Consumer{
			Durable: "indicators-" + noun, Stream: events.StreamName(service),
			Subjects: []string{"maillage." + service + ".v1." + noun + ".*"}, Handle: handle,
		}
	}
	return []events.Consumer{
		hear("mesh", "place", e.Place),
		hear("mesh", "interest", e.Interest),
		hear("meetings", "meeting", e.Meeting),
		hear("meetings", "attestation", e.Attestation),
		hear("meetings", "feedback", e.Feedback),
		hear("catalogue", "enrolment", e.Enrolment),
		erasure.Consumer("indicators", e.Erasure),
	}
}

// Erasure takes in that a person was erased.
func (e *Ear) Erasure(ctx context.Context, personID string) error {
	return e.Store.Write(ctx, func(tx domain.Tx) error { return domain.ErasePerson(ctx, tx, personID) })
}

// Place takes in a place.
func (e *Ear) Place(ctx context.Context, msg events.Message) error {
	var event meshv1.PlaceEvent
	if err := msg.Decode(&event); err != nil {
		return err
	}
	in := event.GetPlace()
	if in.GetId() == "" {
		return events.Permanent(errNobody)
	}
	place := domain.Place{
		ID: in.GetId(), Commune: in.GetCommuneCode(), Status: domain.PlaceStatus(in.GetStatus()), Version: msg.Version,
	}
	return e.at(ctx, place.Commune, func(tx domain.Tx) error {
		_, err := tx.SavePlace(ctx, place)
		return err
	})
}

// Interest takes in an interest.
func (e *Ear) Interest(ctx context.Context, msg events.Message) error {
	var event meshv1.InterestEvent
	if err := msg.Decode(&event); err != nil {
		return err
	}
	in := event.GetInterest()
	if in.GetId() == "" || in.GetPersonId() == "" {
		return events.Permanent(errNobody)
	}
	interest := domain.Interest{
		ID: in.GetId(), PersonID: in.GetPersonId(), CampaignID: in.GetCampaignId(), Commune: in.GetCommuneCode(),
		Withdrawn:  in.GetState() == meshv1.InterestState_INTEREST_STATE_WITHDRAWN,
		Registered: instant(in.GetCreateTime()), Version: msg.Version,
	}
	return e.at(ctx, interest.Commune, func(tx domain.Tx) error { return domain.RecordInterest(ctx, tx, interest) })
}

// Meeting takes in a meeting; it counts where its place is, so nobody is asked where its commune lies.
func (e *Ear) Meeting(ctx context.Context, msg events.Message) error {
	var event meetingsv1.MeetingEvent
	if err := msg.Decode(&event); err != nil {
		return err
	}
	in := event.GetMeeting()
	if in.GetId() == "" {
		return events.Permanent(errNobody)
	}
	meeting := domain.Meeting{
		ID: in.GetId(), CampaignID: in.GetCampaignId(), PlaceID: in.GetPlaceId(), Commune: in.GetCommuneCode(),
		State: int(in.GetState()), Version: msg.Version,
	}
	return e.Store.Write(ctx, func(tx domain.Tx) error {
		_, err := tx.SaveMeeting(ctx, meeting)
		return err
	})
}

// Attestation takes in an attestation.
func (e *Ear) Attestation(ctx context.Context, msg events.Message) error {
	var event meetingsv1.AttestationEvent
	if err := msg.Decode(&event); err != nil {
		return err
	}
	in := event.GetAttestation()
	if in.GetId() == "" || in.GetPersonId() == "" {
		return events.Permanent(errNobody)
	}
	if erasure.IsStandIn(in.GetPersonId()) { // revoked after its holder was erased: it counts for nobody any more
		return nil
	}
	attestation := domain.Attestation{
		ID: in.GetId(), PersonID: in.GetPersonId(), MeetingID: in.GetMeetingId(), CampaignID: event.GetCampaignId(),
		Commune: event.GetCommuneCode(), Issued: instant(in.GetCreateTime()), Version: msg.Version,
		Revoked: in.GetRevokeTime() != nil,
	}
	return e.at(ctx, attestation.Commune, func(tx domain.Tx) error { return domain.RecordAttestation(ctx, tx, attestation) })
}

// Feedback takes in what was answered of a meeting.
func (e *Ear) Feedback(ctx context.Context, msg events.Message) error {
	var event meetingsv1.FeedbackEvent
	if err := msg.Decode(&event); err != nil {
		return err
	}
	in := event.GetSummary()
	if in.GetMeetingId() == "" {
		return events.Permanent(errNobody)
	}
	return e.at(ctx, event.GetCommuneCode(), func(tx domain.Tx) error {
		for part, c := range map[string]*meetingsv1.FeedbackCount{domain.Participants: in.GetParticipants(), domain.Actors: in.GetOrganisers()} {
			_, err := tx.SaveFeedback(ctx, domain.Feedback{
				MeetingID: in.GetMeetingId(), Part: part, CampaignID: event.GetCampaignId(), Commune: event.GetCommuneCode(), Wave: in.GetWave(),
				Asked: int64(c.GetAsked()), Answered: int64(c.GetAnswered()), Satisfied: int64(c.GetSatisfied()), Version: msg.Version,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Enrolment takes in an enrolment.
func (e *Ear) Enrolment(ctx context.Context, msg events.Message) error {
	var event cataloguev1.EnrolmentEvent
	if err := msg.Decode(&event); err != nil {
		return err
	}
	in := event.GetEnrolment()
	if in.GetId() == "" || in.GetPersonId() == "" {
		return events.Permanent(errNobody)
	}
	enrolment := domain.Enrolment{
		ID: in.GetId(), PersonID: in.GetPersonId(), Version: msg.Version,
		Completed: in.GetState() == cataloguev1.EnrolmentState_ENROLMENT_STATE_COMPLETED,
	}
	return e.Store.Write(ctx, func(tx domain.Tx) error { return domain.RecordEnrolment(ctx, tx, enrolment) })
}

// at locates the commune first, then writes.
func (e *Ear) at(ctx context.Context, commune string, use func(domain.Tx) error) error {
	if err := domain.Locate(ctx, e.Store, e.Territories, commune); err != nil {
		return err
	}
	return e.Store.Write(ctx, use)
}

// instant is 1970 for an absent time: the oldest, which decides against nothing else.
func instant(t *timestamppb.Timestamp) time.Time {
	return time.Unix(t.GetSeconds(), int64(t.GetNanos()))
}
