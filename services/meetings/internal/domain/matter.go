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
	Meeting   Meeting
	Awaited   bool // the notice that tells the person of their seat is still to be sent, and will tell everything
}

// Decision is what becomes of a notice now; the zero Decision sends it.
type Decision struct {
	Drop string    // the reason, when it is dropped
	Wait time.Time // until when, when it waits
}

// ReadMatter reads a notice and what decides about it.
func ReadMatter(ctx context.Context, from interface {
	MeetingReads
	NoticeReads
}, key string) (m Matter, err error) {
	if m.Notice, err = from.Notice(ctx, key); err != nil {
		return m, err
	}
	if m.Addressee, err = from.Addressee(ctx, m.RegistrationID); err != nil {
		return m, err
	}
	if m.Meeting, err = from.Meeting(ctx, m.MeetingID); err != nil {
		return m, err
	}
	if m.Kind == NoticeChanged && m.Addressee.Told.Version == 0 {
		m.Awaited, err = from.Awaits(ctx, m.RegistrationID, NoticeConfirmed)
	}
	return m, err
}

// Decide says what becomes of a notice as things stand now.
func (m Matter) Decide(now time.Time) Decision {
	p := m.Addressee.Preferences
	switch {
	case !m.true(now):
		return Decision{Drop: ReasonStale}
	case m.Kind == NoticeChanged && (m.Awaited || m.Addressee.Told.Same(m.Meeting.Terms())):
		return Decision{Drop: ReasonUnchanged}
	case !p.Wants(m.Kind):
		return Decision{Drop: ReasonUnsubscribed}
	case m.Kind.essential() || m.Meeting.Start.Sub(now) <= soon:
		return Decision{}
	}
	return Decision{Wait: p.QuietUntil(now, m.Meeting.TimeZone)}
}

// true tells whether what the notice says still holds.
func (m Matter) true(now time.Time) bool {
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

// essential is what a person's own seat depends on: it never waits for the morning.
func (k NoticeKind) essential() bool {
	switch k {
	case NoticeReminder, NoticeShortReminder, NoticeChanged, NoticeMeetingConfirmed:
		return false
	}
	return true
}

// EndNotice keeps what became of a notice, and, when it was sent, what the person knows from it.
func EndNotice(ctx context.Context, tx Tx, m Matter, state NoticeState, reason string, now time.Time) error {
	n := m.Notice
	n.State, n.Reason, n.EndTime = state, reason, now
	if err := tx.EndNotice(ctx, n); err != nil || state != NoticeSent {
		return err
	}
	return tx.KeepTerms(ctx, n.RegistrationID, m.Meeting.Terms())
}
