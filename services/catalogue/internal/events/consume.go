package events

import (
	"context"
	"errors"

	"github.com/classcode/maillage/pkg/erasure"
	"github.com/classcode/maillage/pkg/events"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

// errNothing is permanent: what has no id will not get one by waiting.
var errNothing = errors.New("the event names no thing, or no person")

// Consumers hear of meetings and of who holds a seat at them, which says who may write practice sheets, and of who was erased.
func Consumers(store domain.Store) []events.Consumer {
	hear := func(noun string) events.Consumer {
		return events.Consumer{
			Durable: "catalogue-" + noun + "s", Stream: events.StreamName("meetings"), Subjects: []string{"maillage.meetings.v1." + noun + ".*"},
		}
	}
	meetings, seats := hear("meeting"), hear("registration")
	meetings.Handle = func(ctx context.Context, msg events.Message) error { return meeting(ctx, store, msg) }
	seats.Batch = func(ctx context.Context, all []events.Message) error { return registrations(ctx, store, all) }
	seats.Handle = func(ctx context.Context, msg events.Message) error { return seats.Batch(ctx, []events.Message{msg}) }
	forget := func(ctx context.Context, personID string) error {
		return store.Write(ctx, func(tx domain.Tx) error { return domain.ErasePerson(ctx, tx, personID) })
	}
	return []events.Consumer{meetings, seats, erasure.Consumer("catalogue", forget)}
}

// known is a person; nobody stands in for whoever was erased here.
func known(personID string) string {
	if erasure.IsStandIn(personID) {
		return ""
	}
	return personID
}

func meeting(ctx context.Context, store domain.Store, msg events.Message) error {
	var e meetingsv1.MeetingEvent
	if err := msg.Decode(&e); err != nil {
		return err
	}
	in := e.GetMeeting()
	if in.GetId() == "" {
		return events.Permanent(errNothing)
	}
	m := domain.Meeting{
		ID: in.GetId(), OrganiserID: known(in.GetOrganiserId()), ModuleID: in.GetModuleId(), CommuneCode: in.GetCommuneCode(), Date: date(in),
		Cancelled: in.GetState() == meetingsv1.MeetingState_MEETING_STATE_CANCELLED, Held: held(in.GetState()), Version: msg.Version,
	}
	return store.Write(ctx, func(tx domain.Tx) error { return domain.RecordMeeting(ctx, tx, m) })
}

// date is the day as the clocks of the meeting's zone show it.
func date(m *meetingsv1.Meeting) string {
	const day = "2006-01-02"
	if local := m.GetLocalStartTime(); len(local) >= len(day) {
		return local[:len(day)]
	}
	if m.GetStartTime() == nil {
		return ""
	}
	return m.GetStartTime().AsTime().Format(day)
}

func held(s meetingsv1.MeetingState) bool {
	switch s {
	case meetingsv1.MeetingState_MEETING_STATE_HELD, meetingsv1.MeetingState_MEETING_STATE_ATTESTED, meetingsv1.MeetingState_MEETING_STATE_CLOSED:
		return true
	}
	return false
}

// registrations hears of seats: who they are of a crowd, in one transaction.
func registrations(ctx context.Context, store domain.Store, all []events.Message) error {
	seats := make([]domain.Seat, len(all))
	for i, msg := range all {
		var e meetingsv1.RegistrationEvent
		if err := msg.Decode(&e); err != nil {
			return err
		}
		in := e.GetRegistration()
		if in.GetId() == "" || in.GetMeetingId() == "" || in.GetPersonId() == "" {
			return events.Permanent(errNothing)
		}
		seats[i] = domain.Seat{RegistrationID: in.GetId(), MeetingID: in.GetMeetingId(), Version: msg.Version}
		if seated(in.GetState()) {
			seats[i].PersonID = known(in.GetPersonId())
		}
	}
	return store.Write(ctx, func(tx domain.Tx) error { return domain.RecordSeats(ctx, tx, seats) })
}

// seated says of a registration that it is a seat; whoever was absent had one, and belongs to the group.
func seated(s meetingsv1.RegistrationState) bool {
	switch s {
	case meetingsv1.RegistrationState_REGISTRATION_STATE_CONFIRMED, meetingsv1.RegistrationState_REGISTRATION_STATE_PRESENT,
		meetingsv1.RegistrationState_REGISTRATION_STATE_ABSENT, meetingsv1.RegistrationState_REGISTRATION_STATE_EXCUSED:
		return true
	}
	return false
}
