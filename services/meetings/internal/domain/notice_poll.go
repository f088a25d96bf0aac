package domain

import (
	"context"
	"time"
)

// Members tells who is in a group; the mesh knows.
type Members interface {
	Members(ctx context.Context, groupID string) (persons []string, err error)
}

// hearPoll announces a poll to its group: that it is open, what was chosen, or, once all its dates are past, that nothing was.
func hearPoll(ctx context.Context, tx Tx, n News, now time.Time) error {
	a := Announcement{MeetingID: n.MeetingID, SubjectID: n.SubjectID, Cause: n.ID}
	switch n.Name {
	case "poll.opened":
		opened, without := a, a
		opened.Kind, without.Kind = NoticePollOpened, NoticePollWithoutDate
		return tx.Schedule(ctx, opened.task(now), without.task(n.Start))
	case "poll.closed":
		a.Kind = NoticePollClosed
		return tx.Schedule(ctx, a.task(now))
	}
	return nil
}

// toGroup are the notices of a poll. Whoever has a seat at the meeting that it has moved hears of that as of any other change, and of
// nothing else.
func (a Announcement) toGroup(ctx context.Context, from Store, group Members, now time.Time) (all []Notice, err error) {
	poll, err := from.Poll(ctx, a.SubjectID)
	if err != nil {
		return nil, err
	}
	persons, err := group.Members(ctx, poll.GroupID)
	if err != nil {
		return nil, err
	}
	matter := Matter{Poll: poll}
	if a.MeetingID != "" {
		if matter.Meeting, err = from.Meeting(ctx, a.MeetingID); err != nil {
			return nil, err
		}
	}
	for _, person := range persons {
		matter.Notice = a.of(poll.ID, person, now)
		if matter, err = matter.withVoter(ctx, from); err != nil {
			return nil, err
		}
		if a.Kind == NoticePollClosed && matter.Addressee.State.Live() && !matter.Addressee.Told.Same(matter.Terms()) {
			continue
		}
		all = matter.wanted(all, now)
	}
	return all, nil
}

// withPoll adds the poll, and whom it asks.
func (m Matter) withPoll(ctx context.Context, from Store) (_ Matter, err error) {
	if m.Poll, err = from.Poll(ctx, m.SubjectID); err != nil {
		return m, err
	}
	return m.withVoter(ctx, from)
}

// withVoter adds a member of the group, with what they have at the meeting.
func (m Matter) withVoter(ctx context.Context, from Store) (_ Matter, err error) {
	if m.MeetingID != "" {
		held, err := from.Registrations(ctx, RegistrationQuery{MeetingID: m.MeetingID, PersonID: m.PersonID, Page: Page{Limit: 1}})
		if err != nil {
			return m, err
		}
		if len(held) > 0 {
			m.Addressee, err = from.Addressee(ctx, held[0].ID)
			return m, err
		}
	}
	m.Addressee, err = from.AddresseeAbout(ctx, m.PersonID, m.SubjectID)
	return m, err
}

func (m Matter) pollHolds(now time.Time) bool {
	switch m.Kind {
	case NoticePollOpened:
		return m.Poll.voting(now)
	case NoticePollClosed:
		return m.Poll.State == PollClosed && m.Meeting.TakesRegistrations(now)
	case NoticePollWithoutDate:
		return m.Poll.State == PollOpen && m.Poll.Best(now) == 0
	}
	return false
}
