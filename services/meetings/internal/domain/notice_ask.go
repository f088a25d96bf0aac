package domain

import (
	"context"
	"time"
)

// What is told of an ask that has come into a state.
var newsOfAsk = map[string]NoticeKind{
	"ask.sent": NoticeAskSent, "ask.accepted": NoticeAskAccepted, "ask.withdrawn": NoticeAskWithdrawn, "ask.superseded": NoticeAskSuperseded,
}

// kindOfAsk is what an ask's professional is told of the news; nothing when the ask never had its turn.
func (n News) kindOfAsk() NoticeKind {
	kind := newsOfAsk[n.Name]
	if kind != NoticeAskSuperseded {
		return kind
	}
	switch {
	case !n.Sent:
		return 0
	case n.Engaged:
		return NoticeAskFreed
	}
	return kind
}

// kindOfSearch is what the organiser is told of the news; nothing of what was the organiser's own doing.
func (n News) kindOfSearch() NoticeKind {
	switch {
	case n.Name == "search.confirmed":
		return NoticeProfessionalComes
	case n.Name != "search.reopened":
		return 0
	}
	switch n.Cause {
	case ReopenedDeclined, ReopenedLapsed:
		return NoticeSearchReopened
	case ReopenedWithdrawn, ReopenedPostponed:
		return NoticeProfessionalLost
	}
	return 0
}

// withAsk adds whom the ask is to, and what is still to be told of it.
func (m Matter) withAsk(ctx context.Context, from NoticeReads) (_ Matter, err error) {
	if m.Addressee, err = from.AddresseeAbout(ctx, m.Ask.PersonID, m.Ask.ID); err != nil {
		return m, err
	}
	switch m.Kind {
	case NoticeAskChanged:
		m.Awaited, err = from.Awaits(ctx, m.Ask.ID, NoticeAskAccepted)
	case NoticeAskMoved, NoticeAskSuperseded:
		m.Awaited, err = from.Awaits(ctx, m.Ask.ID, NoticeAskSent)
	}
	return m, err
}

func (m Matter) askHolds(now time.Time) bool {
	ask, open := m.Ask.At(now), m.Meeting.TakesRegistrations(now)
	switch m.Kind {
	case NoticeAskSent:
		return open && ask.State == AskSent
	case NoticeAskMoved:
		return open && ask.State == AskSent && (m.Awaited || m.Addressee.Told.Version > 0)
	case NoticeAskAccepted, NoticeAskChanged:
		return open && ask.State == AskAccepted
	case NoticeAskWithdrawn:
		return open && ask.State == AskDeclined
	case NoticeAskSuperseded: // whoever was never asked has nothing to forget
		return now.Before(m.Meeting.Start) && ask.State == AskSuperseded && (m.Awaited || m.Addressee.Told.Version > 0)
	case NoticeAskFreed:
		return now.Before(m.Meeting.Start) && ask.State == AskSuperseded
	case NoticeAskMeetingCancelled:
		return m.Meeting.State == MeetingCancelled && ask.State == AskAccepted && now.Before(m.Meeting.End)
	}
	return false
}

func (m Matter) searchHolds(now time.Time) bool {
	if !m.Meeting.TakesRegistrations(now) {
		return false
	}
	switch state := m.Search.State; m.Kind {
	case NoticeProfessionalComes:
		return state == ProfessionalConfirmed
	case NoticeSearchReopened:
		return state == Searching && (m.Search.ReopenCause == ReopenedDeclined || m.Search.ReopenCause == ReopenedLapsed)
	case NoticeProfessionalLost: // also when the next in line is asked already
		return state == Searching || state == Asked
	}
	return false
}

// toProfessionals are the notices of what has become of a meeting to those who come to it, or may still say that they do.
func (a Announcement) toProfessionals(ctx context.Context, from Store, m Meeting, now time.Time) (all []Notice, err error) {
	if a.Kind != NoticeChanged && a.Kind != NoticeMeetingCancelled {
		return nil, nil
	}
	asks, err := from.Asks(ctx, AskQuery{MeetingID: m.ID, Page: Page{Limit: mostAsks}})
	if err != nil {
		return nil, err
	}
	for _, ask := range asks {
		told := a
		switch state := ask.At(now).State; {
		case state == AskAccepted && a.Kind == NoticeChanged:
			told.Kind = NoticeAskChanged
		case state == AskAccepted:
			told.Kind = NoticeAskMeetingCancelled
		case state == AskSent && a.Kind == NoticeChanged:
			told.Kind = NoticeAskMoved
		default: // who could still answer when a meeting is called off is told by what becomes of the ask
			continue
		}
		matter, err := (Matter{Notice: told.of(ask.ID, "", now), Meeting: m, Ask: ask}).withAsk(ctx, from)
		if err != nil {
			return nil, err
		}
		all = matter.wanted(all, now)
	}
	return all, nil
}
