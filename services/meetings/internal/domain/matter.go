package domain

import (
	"context"
	"time"
)

// soon is when nothing waits for the morning any more.
const soon = 12 * time.Hour

// A notice that waits for a declaration looks again from ten seconds to a day later.
const firstLook, day = 10 * time.Second, 24 * time.Hour

// Matter is a notice with all that decides whether it is sent.
type Matter struct {
	Notice
	Addressee Addressee
	Meeting   Meeting // zero when the notice belongs to none
	Ask       Ask
	Search    Search
	Swap      Swap
	Other     Meeting      // of a swap: the one of the seat that is offered, or that was left
	Offer     Registration // the seat that is offered
	There     bool         // the person is registered for the other meeting already
	Poll      Poll
	// Invitation is the mesh's to tell: whoever decides about one asks before.
	Invitation Invitation
	Badge      Badge
	Return     DeclarationReturn // the last of the meeting's
	Awaited    bool              // the notice that tells the person the same, and first, is still to be sent
}

// Decision is what becomes of a notice now; the zero Decision sends it.
type Decision struct {
	Drop string    // the reason, when it is dropped
	Wait time.Time // until when, when it waits
}

// ReadMatter reads a notice and what decides about it.
func ReadMatter(ctx context.Context, from Store, key string) (m Matter, err error) {
	if m.Notice, err = from.Notice(ctx, key); err != nil {
		return m, err
	}
	if m.MeetingID != "" {
		if m.Meeting, err = from.Meeting(ctx, m.MeetingID); err != nil {
			return m, err
		}
	}
	switch m.Kind.Subject() {
	case AboutRegistration:
		return m.withRegistration(ctx, from)
	case AboutAsk:
		if m.Ask, err = from.Ask(ctx, m.SubjectID); err != nil {
			return m, err
		}
		return m.withAsk(ctx, from)
	case AboutSearch:
		if m.Search, err = from.Search(ctx, m.MeetingID); err != nil {
			return m, err
		}
		m.PersonID = m.Meeting.OrganiserID // whoever it is by now
	case AboutMeeting:
		m.PersonID = m.Meeting.OrganiserID
		if m.Kind == NoticeDeclarationReturned {
			m.Return, err = lastReturn(ctx, from, m.MeetingID)
		}
	case AboutBadge:
		m.Badge, err = from.Badge(ctx, m.SubjectID)
		m.PersonID = m.Badge.PersonID
	case AboutSwap:
		return m.withSwap(ctx, from)
	case AboutPoll:
		return m.withPoll(ctx, from)
	}
	if err != nil {
		return m, err
	}
	m.Addressee, err = from.AddresseeAbout(ctx, m.PersonID, m.SubjectID)
	return m, err
}

// withRegistration adds whose registration it is, and what is still to be told of it.
func (m Matter) withRegistration(ctx context.Context, from Store) (_ Matter, err error) {
	if m.Addressee, err = from.Addressee(ctx, m.SubjectID); err != nil {
		return m, err
	}
	switch {
	case m.Kind == NoticeSwapped:
		return m.withLeft(ctx, from)
	case m.Kind != NoticeChanged || m.Addressee.Told.Version > 0:
		return m, nil
	}
	for _, kind := range []NoticeKind{NoticeConfirmed, NoticeSwapped} {
		if m.Awaited, err = from.Awaits(ctx, m.SubjectID, kind); m.Awaited || err != nil {
			return m, err
		}
	}
	return m, nil
}

// Decide says what becomes of a notice as things stand now.
func (m Matter) Decide(now time.Time) Decision {
	p := m.Addressee.Preferences
	switch {
	case IsNobody(m.Addressee.PersonID):
		return Decision{Drop: ReasonErased}
	case m.undeclared(now): // wait as long again as it has waited
		return Decision{Wait: now.Add(min(max(now.Sub(m.CreateTime), firstLook), day))}
	case !m.holds(now):
		return Decision{Drop: ReasonStale}
	case m.known():
		return Decision{Drop: ReasonUnchanged}
	case !p.Wants(m.Kind):
		return Decision{Drop: ReasonUnsubscribed}
	}
	if until := m.until(); natures[m.Kind].patient && (until.IsZero() || until.Sub(now) > soon) {
		if morning := p.QuietUntil(now, m.zone()); !morning.IsZero() {
			return Decision{Wait: morning}
		}
	}
	if m.Awaited { // what it takes back is not told yet
		return Decision{Wait: now.Add(time.Minute)}
	}
	return Decision{}
}

// undeclared tells whether feedback is asked on a meeting whose declaration was returned: it is asked once, when it is declared again.
func (m Matter) undeclared(now time.Time) bool {
	switch m.Kind {
	case NoticeFeedback, NoticeOrganiserFeedback:
		return m.Meeting.State == MeetingConfirmed && m.Meeting.Begun(now) && now.Before(m.Meeting.FeedbackUntil())
	}
	return false
}

// known tells whether there is nothing in a change that the person was not told, or is about to be told by another notice.
func (m Matter) known() bool {
	switch m.Kind {
	case NoticeChanged, NoticeAskChanged, NoticeAskMoved:
		return m.Awaited || m.Addressee.Told.Same(m.Terms())
	case NoticePollClosed: // whoever has registered for what came of it
		return m.Poll.MeetingID == "" && m.Addressee.State.Live()
	}
	return false
}

// until is the hour up to which the notice is of use; zero when there is none.
func (m Matter) until() time.Time {
	switch m.Kind {
	case NoticeAskSent:
		return m.Ask.Deadline
	case NoticeSwapProposed:
		return m.Swap.Expires
	case NoticePollOpened:
		return m.Poll.Closes
	case NoticeInvited:
		return m.Invitation.Expires
	case NoticePollWithoutDate, NoticeDeclarationReturned, NoticeBadgeIssued, NoticeSheetReturned, NoticeSheetPublished:
		return time.Time{}
	case NoticeFeedback, NoticeOrganiserFeedback:
		return m.Meeting.FeedbackUntil()
	}
	return m.Meeting.Start
}

// zone is that of the clocks by which the person's hours are quiet.
func (m Matter) zone() string {
	switch m.Kind.Subject() {
	case AboutPoll:
		return m.Poll.TimeZone
	case AboutInvitation:
		return m.Invitation.Zone()
	case AboutBadge:
		return Invitation{CommuneCode: m.Badge.CommuneCode}.Zone()
	}
	return m.Meeting.TimeZone
}

// holds tells whether what the notice says is still so.
func (m Matter) holds(now time.Time) bool {
	switch m.Kind.Subject() {
	case AboutRegistration:
		return m.registrationHolds(now)
	case AboutAsk:
		return m.askHolds(now)
	case AboutSearch:
		return m.searchHolds(now)
	case AboutSwap:
		return m.swapHolds(now)
	case AboutPoll:
		return m.pollHolds(now)
	case AboutInvitation:
		return m.invitationHolds(now)
	case AboutBadge: // whoever has positioned themselves alone has seen it
		return m.Badge.Peers > 0 && m.Badge.Revoked.Time.IsZero()
	case AboutComing:
		return m.Meeting.TakesRegistrations(now)
	case AboutMeeting:
		switch m.Kind {
		case NoticeDeclarationReturned:
			return m.Meeting.State == MeetingConfirmed // and no longer once it is declared again
		case NoticeSheetReturned, NoticeSheetPublished: // what became of the sheet since, the catalogue says
			return true
		case NoticeOrganiserReminder:
			return m.Meeting.State.ToCome() && m.Start.Equal(m.Meeting.Start) && now.Before(m.Start)
		}
		return m.Meeting.asks(now) == nil
	}
	return false
}

func (m Matter) registrationHolds(now time.Time) bool {
	state := m.Addressee.State
	if m.Kind == NoticeMeetingCancelled {
		return m.Meeting.State == MeetingCancelled && state.Live() && now.Before(m.Meeting.End)
	}
	if m.Kind == NoticeFeedback {
		return m.Meeting.asks(now) == nil && state == RegistrationPresent && m.Addressee.PersonID != m.Meeting.OrganiserID
	}
	if !m.Meeting.TakesRegistrations(now) {
		return false
	}
	switch m.Kind {
	case NoticeConfirmed, NoticeSwapped:
		return state == RegistrationConfirmed
	case NoticeWaitlisted:
		return state == RegistrationWaitlisted
	case NoticeOffered:
		return state == RegistrationOffered && now.Before(m.Addressee.OfferExpires)
	case NoticeLapsed:
		return state == RegistrationLapsed
	case NoticeDeclined:
		return state == RegistrationDeclined
	case NoticeCancelled:
		return state == RegistrationCancelled
	case NoticeReminder, NoticeShortReminder:
		return state == RegistrationConfirmed && m.Start.Equal(m.Meeting.Start)
	case NoticeChanged:
		return state.Live()
	case NoticeMeetingConfirmed:
		return state == RegistrationConfirmed && m.Meeting.State == MeetingConfirmed
	}
	return false
}

// EndNotice keeps what became of a notice, and, when it was sent, what the person knows from it.
func EndNotice(ctx context.Context, tx Tx, m Matter, state NoticeState, reason string, now time.Time) error {
	n := m.Notice
	n.State, n.Reason, n.EndTime = state, reason, now
	if err := tx.EndNotice(ctx, n); err != nil || state != NoticeSent {
		return err
	}
	if about := n.Kind.Subject(); about != AboutRegistration && about != AboutAsk {
		return nil // no change is told as the difference to it
	}
	return tx.KeepTerms(ctx, n.SubjectID, m.Terms())
}
