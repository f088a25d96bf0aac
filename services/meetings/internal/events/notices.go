package events

import (
	"context"
	"errors"
	"strings"

	"github.com/classcode/maillage/pkg/events"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Notices is the consumer of this service's own events: the mails that follow are scheduled behind the requests, never in them. While
// a meeting opens to thousands the database is theirs: calm waits for a moment without registrations, as long as it sees fit.
func Notices(store domain.Store, calm func(context.Context), newID func() string, now domain.Clock) events.Consumer {
	hear := func(ctx context.Context, all []events.Message) error {
		news := make([]domain.News, len(all))
		for i, msg := range all {
			var err error
			if news[i], err = newsOf(msg); err != nil {
				return err
			}
		}
		return store.Write(ctx, func(tx domain.Tx) error { return domain.HearNews(ctx, tx, news, newID, now()) })
	}
	return events.Consumer{
		Durable: "meetings-notices", Stream: events.StreamName("meetings"),
		Subjects: []string{subject + "meeting.*", subject + "registration.*"},
		Handle:   func(ctx context.Context, msg events.Message) error { return hear(ctx, []events.Message{msg}) },
		Batch: func(ctx context.Context, all []events.Message) error {
			calm(ctx)
			return hear(ctx, all)
		},
	}
}

func newsOf(msg events.Message) (domain.News, error) {
	news := domain.News{ID: msg.ID, Name: strings.TrimPrefix(msg.Subject, subject), Time: msg.Time}
	if strings.HasPrefix(news.Name, "registration.") {
		var e meetingsv1.RegistrationEvent
		if err := msg.Decode(&e); err != nil {
			return news, err
		}
		news.MeetingID, news.RegistrationID = e.GetRegistration().GetMeetingId(), e.GetRegistration().GetId()
		if news.RegistrationID == "" {
			return news, events.Permanent(errors.New("a registration event without a registration"))
		}
		return news, nil
	}
	var e meetingsv1.MeetingEvent
	if err := msg.Decode(&e); err != nil {
		return news, err
	}
	news.MeetingID, news.Start = e.GetMeeting().GetId(), e.GetMeeting().GetStartTime().AsTime()
	if news.MeetingID == "" {
		return news, events.Permanent(errors.New("a meeting event without a meeting"))
	}
	return news, nil
}
