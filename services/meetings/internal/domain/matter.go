package domain

import (
	"context"
	"time"
)

// soon is when nothing waits for the morning any more.
const soon = 12 * time.Hour

// Matter is a notice with all that decides whether it is sent.
type Matter struct {
	Notice
	Addressee Addressee
	Meeting   Meeting // zero when the notice belongs to none
	Ask       Ask
	Search    Search
	Awaited   bool // the notice that tells the person the same, and first, is still to be sent
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
		if m.Addressee, err = from.Addressee(ctx, m.SubjectID); err != nil || m.Kind != NoticeChanged || m.Addressee.Told.Version > 0 {
			return m, err
		}
		m.Awaited, err = from.Awaits(ctx, m.SubjectID, NoticeConfirmed)
		return m, err
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
	}
	m.Addressee, err = from.AddresseeAbout(ctx, m.PersonID, m.SubjectID)
	return m, err
}

// Decide says what becomes of a notice as things stand now.
func (m Matter) Decide(now time.Time) Decision {
	p := m.Addressee.Preferences
	switch {
	case !m.holds(now):
		return Decision{Drop: ReasonStale}
	case m.known():
		return Decision{Drop: ReasonUnchanged}
	case !p.Wants(m.Kind):
		return Decision{Drop: ReasonUnsubscribed}
	}
	if natures[m.Kind].patient && m.until().Sub(now) > soon {
		if morning := p.QuietUntil(now, m.zone()); !morning.IsZero() {
			return Decision{Wait: morning}
		}
	}
	if m.Awaited { // what it takes back is not told yet
		return Decision{Wait: now.Add(time.Minute)}
	}
	return Decision{}
}

// known tells whether there is nothing in a change that the person was not told, or is about to be told by another notice.
func (m Matter) known() bool {
	switch m.Kind {
	case NoticeChanged, NoticeAskChanged, NoticeAskMoved:
		return m.Awaited || m.Addressee.Told.Same(m.Meeting.Terms())
	}
	return false
}

// until is the hour up to which the notice is of use.
func (m Matter) until() time.Time {
	if m.Kind == NoticeAskSent {
		return m.Ask.Deadline
	}
	return m.Meeting.Start
}

// zone is that of the clocks by which the person's hours are quiet.
func (m Matter) zone() string { return m.Meeting.TimeZone }

// holds tells whether what the notice says is still so.
func (m Matter) holds(now time.Time) bool {
	switch m.Kind.Subject() {
	case AboutRegistration:
		return m.registrationHolds(now)
	case AboutAsk:
		return m.askHolds(now)
	case AboutSearch:
		return m.searchHolds(now)
	}
	return false
}

func (m Matter) registrationHolds(now time.Time) bool {
	state := m.Addressee.State
	if m.Kind == NoticeMeetingCancelled {
		return m.Meeting.State == MeetingCancelled && state.Live() && now.Before(m.Meeting.End)
	}
	if !m.Meeting.TakesRegistrations(now) {
		return false
	}
	switch m.Kind {
	case NoticeConfirmed:
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
	if m.Meeting.ID == "" {
		return nil
	}
	return tx.KeepTerms(ctx, n.SubjectID, m.Meeting.Terms())
}
