package domain

import (
	"context"
	"strconv"
	"time"
)

const (
	// oldNews is what nobody is told any more: a stream that is read again from its beginning must not write to everyone.
	oldNews = 7 * 24 * time.Hour
	// collecting is how long the changes of a meeting are collected before they are told as one: an organiser corrects the hour, then
	// the end, then the hour again.
	collecting = 5 * time.Minute

	longBefore  = 48 * time.Hour
	shortBefore = 2 * time.Hour
	// audience is how many registrations are read, and written to, in one transaction.
	audience = 250
)

// News is an event of this service's own, as far as notices follow from it.
type News struct {
	ID             string // of the event
	Name           string // "<noun>.<past_tense>"
	Time           time.Time
	MeetingID      string
	RegistrationID string    // empty for an event of the meeting
	Start          time.Time // the meeting's; zero for an event of a registration
}

// What is told of a registration that has come into a state.
var newsOfRegistration = map[string]NoticeKind{
	"registration.confirmed": NoticeConfirmed, "registration.waitlisted": NoticeWaitlisted, "registration.offered": NoticeOffered,
	"registration.lapsed": NoticeLapsed, "registration.declined": NoticeDeclined, "registration.cancelled": NoticeCancelled,
}

// HearNews schedules what follows from events: one notice for a registration's, an announcement for a meeting's. The same event
// heard again changes nothing.
func HearNews(ctx context.Context, tx Tx, all []News, newID func() string, now time.Time) error {
	var notices []Notice
	for _, n := range all {
		kind, ok := newsOfRegistration[n.Name]
		switch {
		case now.Sub(n.Time) > oldNews:
		case ok:
			notices = append(notices, Notice{
				ID: newID(), Key: noticeKey(kind, n.ID, n.RegistrationID), MeetingID: n.MeetingID, RegistrationID: n.RegistrationID,
				Kind: kind, State: NoticePending, Due: now, CreateTime: now,
			})
		default:
			if err := hearMeeting(ctx, tx, n, now); err != nil {
				return err
			}
		}
	}
	return sendNotices(ctx, tx, notices)
}

func hearMeeting(ctx context.Context, tx Tx, n News, now time.Time) error {
	switch n.Name {
	case "meeting.planned":
		return scheduleReminders(ctx, tx, n, now)
	case "meeting.updated":
		if err := collectChanges(ctx, tx, n, now); err != nil {
			return err
		}
		return scheduleReminders(ctx, tx, n, now)
	case "meeting.confirmed":
		a := Announcement{Kind: NoticeMeetingConfirmed, MeetingID: n.MeetingID, Cause: n.ID}
		return tx.Schedule(ctx, a.task(now))
	case "meeting.cancelled":
		a := Announcement{Kind: NoticeMeetingCancelled, MeetingID: n.MeetingID, Cause: n.ID}
		return tx.Schedule(ctx, a.task(now))
	}
	return nil
}

// scheduleReminders has one task for a meeting's start and not one for each registration: who is reminded is read at that hour. A
// meeting that moves has another start, and what stands for the old one comes to nothing.
func scheduleReminders(ctx context.Context, tx Tx, n News, now time.Time) error {
	for kind, before := range map[NoticeKind]time.Duration{NoticeReminder: longBefore, NoticeShortReminder: shortBefore} {
		due := n.Start.Add(-before)
		if !due.After(now) {
			continue // who learns of it now needs no reminder
		}
		a := Announcement{Kind: kind, MeetingID: n.MeetingID, Cause: startCause(n.Start), Start: n.Start}
		if err := tx.Schedule(ctx, a.task(due)); err != nil {
			return err
		}
	}
	return nil
}

// collectChanges begins a window unless there is one: whatever changes until its end is told together, as the difference to what
// each person was told before.
func collectChanges(ctx context.Context, tx Tx, n News, now time.Time) error {
	number, opened, err := tx.OpenWindow(ctx, n.MeetingID)
	if err != nil || !opened {
		return err
	}
	a := Announcement{Kind: NoticeChanged, MeetingID: n.MeetingID, Cause: strconv.FormatInt(number, 10)}
	return tx.Schedule(ctx, a.task(now.Add(collecting)))
}

// Announce makes a notice for everyone whom an announcement concerns; done again, it makes no second one.
func Announce(ctx context.Context, store Store, a Announcement, newID func() string, now time.Time) error {
	if a.Kind == NoticeChanged {
		// Before the meeting is read: a change that comes later finds the window closed, and opens another.
		if err := store.Write(ctx, func(tx Tx) error { return tx.CloseWindow(ctx, a.MeetingID) }); err != nil {
			return err
		}
	}
	m, err := store.Meeting(ctx, a.MeetingID)
	if err != nil {
		return err
	}
	var page Page
	for page.Limit = audience; ; {
		people, err := store.Addressees(ctx, a.MeetingID, page)
		if err != nil {
			return err
		}
		if err := store.Write(ctx, func(tx Tx) error { return sendNotices(ctx, tx, a.notices(m, people, newID, now)) }); err != nil {
			return err
		}
		if len(people) < audience {
			return nil
		}
		last := people[len(people)-1]
		page.After = []string{startCause(last.CreateTime), last.ID}
	}
}

// notices are for those of the people whom the announcement concerns as things stand.
func (a Announcement) notices(m Meeting, people []Addressee, newID func() string, now time.Time) (all []Notice) {
	for _, who := range people {
		n := Notice{
			ID: newID(), Key: noticeKey(a.Kind, a.Cause, who.ID), MeetingID: m.ID, RegistrationID: who.ID,
			Kind: a.Kind, State: NoticePending, Start: a.Start, Due: now, CreateTime: now,
		}
		decision := Matter{Notice: n, Addressee: who, Meeting: m}.Decide(now)
		if decision.Drop != "" {
			continue
		}
		if !decision.Wait.IsZero() {
			n.Due = decision.Wait
		}
		all = append(all, n)
	}
	return all
}
