package events

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/classcode/maillage/pkg/events"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Notices are the consumers of this service's own events: the mails that follow are scheduled behind the requests, never in them. While
// a meeting opens to thousands the database is theirs: calm waits for a moment without registrations, as long as it sees fit. What is
// asked of people has a consumer of its own, which is not behind the thousands.
func Notices(store domain.Store, calm func(context.Context), newID func() string, now domain.Clock) []events.Consumer {
	consumer := func(durable string, nouns ...string) events.Consumer {
		c := hearing(store, newsOf, calm, newID, now)
		c.Durable, c.Stream = durable, events.StreamName("meetings")
		for _, noun := range nouns {
			c.Subjects = append(c.Subjects, subject+noun+".*")
		}
		return c
	}
	return []events.Consumer{
		consumer("meetings-notices", "meeting", "registration"),
		consumer("meetings-questions", "ask", "search", "swap", "poll"),
		consumer("meetings-badges", "badge"),
	}
}

// Invitations is the consumer of the invitations that the mesh sends: who is invited is written to.
func Invitations(store domain.Store, calm func(context.Context), newID func() string, now domain.Clock) events.Consumer {
	c := hearing(store, invitationOf, calm, newID, now)
	c.Durable, c.Stream, c.Subjects = "meetings-invitations", events.StreamName("mesh"), []string{invitationSent}
	return c
}

const invitationSent = "maillage.mesh.v1.invitation.sent"

func invitationOf(msg events.Message) (domain.News, error) {
	var e meshv1.InvitationEvent
	if err := msg.Decode(&e); err != nil {
		return domain.News{}, err
	}
	if e.GetInvitation().GetId() == "" || e.GetPersonId() == "" {
		return domain.News{}, events.Permanent(errors.New("an invitation of nobody"))
	}
	return domain.News{
		ID: msg.ID, Name: "invitation.sent", Time: msg.Time, SubjectID: e.GetInvitation().GetId(), PersonID: e.GetPersonId(),
		Start: e.GetInvitation().GetCreateTime().AsTime(),
	}, nil
}

// Sheets is the consumer of what becomes of practice sheets: the organiser who sent one up is written to.
func Sheets(store domain.Store, calm func(context.Context), newID func() string, now domain.Clock) events.Consumer {
	c := hearing(store, sheetOf, calm, newID, now)
	c.Durable, c.Stream, c.Subjects = "meetings-sheets", events.StreamName("catalogue"), []string{sheetSubject + "returned", sheetSubject + "published"}
	return c
}

const sheetSubject = "maillage.catalogue.v1.practice_sheet."

func sheetOf(msg events.Message) (domain.News, error) {
	var e cataloguev1.PracticeSheetEvent
	if err := msg.Decode(&e); err != nil {
		return domain.News{}, err
	}
	sheet := e.GetPracticeSheet()
	if sheet.GetId() == "" || sheet.GetMeetingId() == "" {
		return domain.News{}, events.Permanent(errors.New("a practice sheet of no meeting"))
	}
	name := "practice_sheet." + strings.TrimPrefix(msg.Subject, sheetSubject)
	return domain.News{ID: msg.ID, Name: name, Time: msg.Time, MeetingID: sheet.GetMeetingId(), SubjectID: sheet.GetId()}, nil
}

// hearing is a consumer of news.
func hearing(
	store domain.Store, read func(events.Message) (domain.News, error), calm func(context.Context), newID func() string, now domain.Clock,
) events.Consumer {
	hear := func(ctx context.Context, all []events.Message) error {
		news := make([]domain.News, len(all))
		for i, msg := range all {
			var err error
			if news[i], err = read(msg); err != nil {
				return err
			}
		}
		return store.Write(ctx, func(tx domain.Tx) error { return domain.HearNews(ctx, tx, news, newID, now()) })
	}
	return events.Consumer{
		Handle: func(ctx context.Context, msg events.Message) error { return hear(ctx, []events.Message{msg}) },
		Batch: func(ctx context.Context, all []events.Message) error {
			calm(ctx)
			return hear(ctx, all)
		},
	}
}

// newsOf is what a message says, as far as notices follow from it.
func newsOf(msg events.Message) (domain.News, error) {
	n := domain.News{ID: msg.ID, Name: strings.TrimPrefix(msg.Subject, subject), Time: msg.Time, Version: msg.Version}
	noun, _, _ := strings.Cut(n.Name, ".")
	read, ok := readers[noun]
	if !ok {
		return n, events.Permanent(fmt.Errorf("no news of %q", noun))
	}
	if err := read(msg, &n); err != nil {
		return n, err
	}
	if n.MeetingID == "" && n.SubjectID == "" {
		return n, events.Permanent(fmt.Errorf("an event of a %s without one", noun))
	}
	return n, nil
}

// readers take from an event of a noun what its news are.
var readers = map[string]func(events.Message, *domain.News) error{
	"meeting": func(msg events.Message, n *domain.News) error {
		var e meetingsv1.MeetingEvent
		err := msg.Decode(&e)
		n.MeetingID, n.Start = e.GetMeeting().GetId(), e.GetMeeting().GetStartTime().AsTime()
		return err
	},
	"registration": func(msg events.Message, n *domain.News) error {
		var e meetingsv1.RegistrationEvent
		err := msg.Decode(&e)
		if n.SubjectID = e.GetRegistration().GetId(); n.SubjectID != "" {
			n.MeetingID = e.GetRegistration().GetMeetingId()
		}
		return err
	},
	"ask": func(msg events.Message, n *domain.News) error {
		var e meetingsv1.AskEvent
		err := msg.Decode(&e)
		ask := e.GetAsk()
		n.MeetingID, n.SubjectID, n.Sent, n.Engaged = ask.GetMeetingId(), ask.GetId(), ask.GetSendTime() != nil, ask.GetAnswerTime() != nil
		return err
	},
	"search": func(msg events.Message, n *domain.News) error {
		var e meetingsv1.ProfessionalSearchEvent
		err := msg.Decode(&e)
		n.MeetingID, n.SubjectID, n.Cause = e.GetSearch().GetMeetingId(), e.GetSearch().GetId(), domain.ReopenCause(e.GetSearch().GetReopenCause())
		return err
	},
	"badge": func(msg events.Message, n *domain.News) error {
		var e meetingsv1.BadgeEvent
		err := msg.Decode(&e)
		n.SubjectID = e.GetBadgeId()
		return err
	},
	"swap": func(msg events.Message, n *domain.News) error {
		var e meetingsv1.SwapEvent
		err := msg.Decode(&e)
		if n.SubjectID, n.MeetingID = e.GetSwap().GetId(), e.GetSwap().GetMeetingId(); n.Name == "swap.proposed" {
			n.MeetingID = e.GetSwap().GetWantedMeetingId()
		}
		return err
	},
	"poll": func(msg events.Message, n *domain.News) error {
		var e meetingsv1.PollEvent
		err := msg.Decode(&e)
		poll := e.GetPoll()
		n.SubjectID, n.MeetingID = poll.GetId(), cmp.Or(poll.GetResultMeetingId(), poll.GetMeetingId())
		for _, o := range poll.GetOptions() {
			if start := o.GetStartTime().AsTime(); start.After(n.Start) {
				n.Start = start
			}
		}
		return err
	},
}
