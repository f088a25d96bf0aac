package events

import (
	"context"
	"errors"

	"github.com/classcode/maillage/pkg/events"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Meetings hears of meetings, from which the status of their places follows.
func Meetings(store domain.Store) events.Consumer {
	return events.Consumer{
		Durable: "mesh-meetings", Stream: events.StreamName("meetings"), Subjects: []string{"maillage.meetings.v1.meeting.*"},
		Handle: func(ctx context.Context, msg events.Message) error { return handleMeeting(ctx, store, msg) },
	}
}

var errNoMeeting = errors.New("the event holds no meeting")

func handleMeeting(ctx context.Context, store domain.Store, msg events.Message) error {
	var e meetingsv1.MeetingEvent
	if err := msg.Decode(&e); err != nil {
		return err
	}
	m := e.GetMeeting()
	if m.GetId() == "" || m.GetStartTime() == nil {
		return events.Permanent(errNoMeeting)
	}
	meeting := domain.Meeting{
		ID: m.GetId(), Version: msg.Version, PlaceID: m.GetPlaceId(), HeldAt: m.GetStartTime().AsTime(), Held: held(m.GetState()), Cause: msg.ID,
	}
	return store.Write(ctx, func(tx domain.Tx) error { return domain.RecordMeeting(ctx, tx, meeting) })
}

func held(s meetingsv1.MeetingState) bool {
	switch s {
	case meetingsv1.MeetingState_MEETING_STATE_HELD, meetingsv1.MeetingState_MEETING_STATE_ATTESTED, meetingsv1.MeetingState_MEETING_STATE_CLOSED:
		return true
	}
	return false
}
