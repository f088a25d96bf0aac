package domain

import (
	"cmp"
	"context"
	"strconv"
	"strings"
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

// News is an event, as far as notices follow from it: of this service's own, that the mesh has sent an invitation, or what
// became of a practice sheet.
type News struct {
	ID        string // of the event
	Name      string // "<noun>.<past_tense>"
	Time      time.Time
	MeetingID string      // empty when it belongs to none; of a proposal, the one where a seat is wanted
	SubjectID string      // of what it is about; empty for an event of the meeting
	PersonID  string      // to whom, where the subject does not say it
	Version   int64       // of the subject
	Start     time.Time   // the meeting's, the last date's of a poll, or when an invitation was sent; zero for other events
	Sent      bool        // of an ask: it had its turn
	Engaged   bool        // of an ask: the professional had accepted
	Cause     ReopenCause // of a search that is open again
}

// What is told of a registration that has come into a state.
var newsOfRegistration = map[string]NoticeKind{
	"registration.confirmed": NoticeConfirmed, "registration.waitlisted": NoticeWaitlisted, "registration.offered": NoticeOffered,
	"registration.lapsed": NoticeLapsed, "registration.declined": NoticeDeclined, "registration.cancelled": NoticeCancelled,
}

// What the organiser is told of a practice sheet of the meeting.
var newsOfSheet = map[string]NoticeKind{
	"practice_sheet.returned": NoticeSheetReturned, "practice_sheet.published": NoticeSheetPublished,
}

// HearNews schedules what follows from events: one notice for what concerns one person, an announcement for what concerns many. The
// same event heard again changes nothing.
func HearNews(ctx context.Context, tx Tx, all []News, newID func() string, now time.Time) error {
	swapped, err := swaps(ctx, tx, all)
	if err != nil {
		return err
	}
	var notices []Notice
	for _, n := range all {
		if now.Sub(n.Time) > oldNews {
			continue
		}
		kind := n.kind()
		if swapped[RegistrationVersion{n.SubjectID, n.Version}] != "" {
			kind = n.kindOfSwapped()
		}
		if kind != 0 {
			gone, err := tx.Erased(ctx, n.PersonID)
			if err != nil {
				return err
			}
			if gone {
				continue
			}
			notice := Announcement{Kind: kind, MeetingID: n.MeetingID, Cause: n.ID, Start: n.start(kind)}.of(cmp.Or(n.SubjectID, n.MeetingID), n.PersonID, now)
			notices = append(notices, notice)
			continue
		}
		if err := hearForMany(ctx, tx, n, now); err != nil {
			return err
		}
	}
	return sendNotices(ctx, tx, notices, newID)
}

// kind is what one person is told of the news; 0 when it is for many, or for nobody.
func (n News) kind() NoticeKind {
	switch noun, _, _ := strings.Cut(n.Name, "."); noun {
	case "registration":
		return newsOfRegistration[n.Name]
	case "meeting":
		if n.Name == "meeting.returned" {
			return NoticeDeclarationReturned
		}
	case "ask":
		return n.kindOfAsk()
	case "search":
		return n.kindOfSearch()
	case "swap":
		if n.Name == "swap.lapsed" {
			return NoticeSwapLapsed
		}
	case "practice_sheet":
		return newsOfSheet[n.Name]
	case "badge":
		if n.Name == "badge.issued" {
			return NoticeBadgeIssued
		}
	case "invitation":
		if n.Name == "invitation.sent" {
			return NoticeInvited
		}
	}
	return 0
}

// start is what a notice about one person keeps of the news's hour.
func (n News) start(kind NoticeKind) time.Time {
	if kind == NoticeInvited {
		return n.Start
	}
	return time.Time{}
}

// hearForMany schedules what is told to everyone whom it concerns.
func hearForMany(ctx context.Context, tx Tx, n News, now time.Time) error {
	switch noun, _, _ := strings.Cut(n.Name, "."); noun {
	case "meeting":
		return hearMeeting(ctx, tx, n, now)
	case "swap":
		return hearSwap(ctx, tx, n, now)
	case "poll":
		return hearPoll(ctx, tx, n, now)
	}
	return nil
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
	case "meeting.declared":
		a := Announcement{Kind: NoticeFeedback, MeetingID: n.MeetingID, Cause: n.MeetingID} // once, also when it is declared again
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
func Announce(ctx context.Context, store Store, group Members, a Announcement, newID func() string, now time.Time) error {
	if a.Kind == NoticeChanged {
		// Before the meeting is read: a change that comes later finds the window closed, and opens another.
		if err := store.Write(ctx, func(tx Tx) error { return tx.CloseWindow(ctx, a.MeetingID) }); err != nil {
			return err
		}
	}
	switch a.Kind.Subject() {
	case AboutSwap:
		return a.told(ctx, store, newID, func() ([]Notice, error) { return a.toHolders(ctx, store, now) })
	case AboutPoll:
		return a.told(ctx, store, newID, func() ([]Notice, error) { return a.toGroup(ctx, store, group, now) })
	}
	m, err := store.Meeting(ctx, a.MeetingID)
	if err != nil {
		return err
	}
	err = a.told(ctx, store, newID, func() ([]Notice, error) { return a.toOthers(ctx, store, m, now) })
	if err != nil {
		return err
	}
	return eachPage(ctx, store, a.MeetingID, func(people []Addressee) (bool, error) {
		return true, store.Write(ctx, func(tx Tx) error { return sendNotices(ctx, tx, a.notices(m, people, now), newID) })
	})
}

// toOthers are the notices to those who have no registration.
func (a Announcement) toOthers(ctx context.Context, from Store, m Meeting, now time.Time) ([]Notice, error) {
	switch a.Kind {
	case NoticeFeedback:
		a.Kind = NoticeOrganiserFeedback
	case NoticeReminder, NoticeShortReminder: // one notice of both: of a start, the organiser is reminded once
		if !a.Start.Equal(m.Start) {
			return nil, nil // it has moved since, and is announced again
		}
		a.Kind = NoticeOrganiserReminder
	default:
		return a.toProfessionals(ctx, from, m, now)
	}
	return []Notice{a.of(m.ID, m.OrganiserID, now)}, nil
}

// told schedules what there is to tell.
func (a Announcement) told(ctx context.Context, store Store, newID func() string, notices func() ([]Notice, error)) error {
	all, err := notices()
	if err != nil {
		return err
	}
	return store.Write(ctx, func(tx Tx) error { return sendNotices(ctx, tx, all, newID) })
}

// eachPage reads a meeting's registrations, oldest first, as long as use wants more.
func eachPage(ctx context.Context, from NoticeReads, meetingID string, use func([]Addressee) (more bool, err error)) error {
	var page Page
	for page.Limit = audience; ; {
		people, err := from.Addressees(ctx, meetingID, page)
		if err != nil {
			return err
		}
		if more, err := use(people); err != nil || !more || len(people) < audience {
			return err
		}
		last := people[len(people)-1]
		page.After = []string{startCause(last.CreateTime), last.ID}
	}
}

// notices are for those of the people whom the announcement concerns as things stand.
func (a Announcement) notices(m Meeting, people []Addressee, now time.Time) (all []Notice) {
	for _, who := range people {
		all = Matter{Notice: a.of(who.ID, "", now), Addressee: who, Meeting: m}.wanted(all, now)
	}
	return all
}

// wanted appends the notice unless it would be dropped now, due when it may be sent.
func (m Matter) wanted(all []Notice, now time.Time) []Notice {
	decision := m.Decide(now)
	if decision.Drop != "" {
		return all
	}
	n := m.Notice
	if !decision.Wait.IsZero() {
		n.Due = decision.Wait
	}
	return append(all, n)
}
