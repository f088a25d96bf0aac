package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// jobs is how many tasks of a kind there are.
func (w world) jobs(kind string) int {
	w.Helper()
	return w.number(`SELECT count(*) FROM jobs WHERE kind = $1`, kind)
}

// registered gives a seat to each of the persons.
func (w world) registered(m domain.Meeting, persons ...string) (all []domain.Registration) {
	w.Helper()
	requests := make([]domain.Request, len(persons))
	for i, person := range persons {
		requests[i] = domain.Request{Context: w.ctx(), ID: newID(), PersonID: person, Pool: domain.Pool{MeetingID: m.ID}}
	}
	w.write(func(tx domain.Tx) error {
		outcomes, err := domain.Register(w.ctx(), tx, requests, now)
		all = nil
		for _, o := range outcomes {
			all = append(all, o.Registration)
		}
		return err
	})
	return all
}

func persons(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint("person ", i)
	}
	return all
}

func (w world) notices(meeting string, state domain.NoticeState) []domain.Notice {
	w.Helper()
	all, err := w.Notices(w.ctx(), domain.NoticeQuery{MeetingID: meeting, State: state, Page: domain.Page{Limit: 1000}})
	if err != nil {
		w.Fatal(err)
	}
	return all
}

func (w world) hear(n domain.News) {
	w.Helper()
	n.Time = now
	w.write(func(tx domain.Tx) error { return domain.HearNews(w.ctx(), tx, []domain.News{n}, newID, now) })
}

// members are of every group.
type members []string

// Members implements domain.Members.
func (m members) Members(context.Context, string) ([]string, error) { return m, nil }

func (w world) announce(a domain.Announcement) {
	w.Helper()
	if err := domain.Announce(w.ctx(), w.Store, members{"a", "b", "c"}, a, newID, now); err != nil {
		w.Fatal(err)
	}
}

// The same event twice is one notice; what it comes to is kept once.
func TestNotice(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		r := w.registered(m, "anne")[0]
		news := domain.News{ID: newID(), Name: "registration.confirmed", MeetingID: m.ID, SubjectID: r.ID}
		w.hear(news)
		w.hear(news)
		old := news
		old.ID = newID()
		w.write(func(tx domain.Tx) error {
			old.Time = now.Add(-8 * 24 * time.Hour)
			return domain.HearNews(w.ctx(), tx, []domain.News{old}, newID, now)
		})
		all := w.notices(m.ID, domain.NoticePending)
		if len(all) != 1 || w.jobs(domain.TaskSend) != 1 || all[0].SubjectID != r.ID || !all[0].Due.Equal(now) || !all[0].EndTime.IsZero() {
			t.Fatalf("%+v, %d tasks", all, w.jobs(domain.TaskSend))
		}
		if awaits, err := w.Awaits(w.ctx(), r.ID, domain.NoticeConfirmed); !awaits || err != nil {
			t.Fatalf("awaits %t, %v", awaits, err)
		}
		matter, err := domain.ReadMatter(w.ctx(), w.Store, all[0].Key)
		if err != nil || matter.Decide(now) != (domain.Decision{}) || matter.Addressee.PersonID != "anne" || matter.Addressee.Told.Version != 0 {
			t.Fatalf("%+v, %v", matter, err)
		}
		for range 2 {
			w.write(func(tx domain.Tx) error { return domain.EndNotice(w.ctx(), tx, matter, domain.NoticeSent, "", now) })
		}
		w.write(func(tx domain.Tx) error {
			return domain.EndNotice(w.ctx(), tx, matter, domain.NoticeFailed, "LATE", now)
		})
		sent := w.notices(m.ID, domain.NoticeSent)
		told, err := w.Addressee(w.ctx(), r.ID)
		if len(sent) != 1 || sent[0].Reason != "" || err != nil || !told.Told.Same(m.Terms()) || told.Told.Version != m.Version {
			t.Fatalf("%+v, %+v, %v", sent, told, err)
		}
		if len(w.notices(newID(), 0)) != 0 {
			t.Fatal("another meeting's")
		}
	})
}

// Several edits in a row are told once, as the difference to what each person knew; edits that undo each other are not told.
func TestChangesAreCollected(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		for _, r := range w.registered(m, persons(3)...) {
			w.write(func(tx domain.Tx) error { return tx.KeepTerms(w.ctx(), r.ID, m.Terms()) })
		}
		moved := m
		for i := range 3 {
			start, end := m.Start.Add(time.Duration(i)*time.Hour), m.End.Add(time.Duration(i)*time.Hour)
			w.write(func(tx domain.Tx) (err error) {
				moved, err = domain.UpdateMeeting(w.ctx(), tx, moved, domain.Change{Start: &start, End: &end}, now)
				return err
			})
			w.hear(domain.News{ID: newID(), Name: "meeting.updated", MeetingID: m.ID, Start: start})
		}
		if n := w.jobs(domain.TaskAnnounce); n != 1+3 { // one for the changes, and a short reminder for each start
			t.Fatalf("%d announcements", n)
		}
		for range 2 { // killed halfway, done again
			w.announce(domain.Announcement{Kind: domain.NoticeChanged, MeetingID: m.ID, Cause: "1"})
		}
		if all := w.notices(m.ID, 0); len(all) != 3 || w.jobs(domain.TaskSend) != 3 {
			t.Fatalf("%+v", all)
		}
		// Another window; and back to what was told.
		w.hear(domain.News{ID: newID(), Name: "meeting.updated", MeetingID: m.ID, Start: m.Start})
		w.write(func(tx domain.Tx) (err error) {
			moved, err = domain.UpdateMeeting(w.ctx(), tx, moved, domain.Change{Start: &m.Start, End: &m.End}, now)
			return err
		})
		w.announce(domain.Announcement{Kind: domain.NoticeChanged, MeetingID: m.ID, Cause: "2"})
		if all := w.notices(m.ID, 0); len(all) != 3 {
			t.Fatalf("told of nothing: %+v", all)
		}
	})
}

// Of many events at once one opens the window.
func TestWindowConcurrent(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		var opened atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				err := w.Write(context.Background(), func(tx domain.Tx) error {
					_, first, err := tx.OpenWindow(context.Background(), m.ID)
					if first && err == nil {
						opened.Add(1)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if opened.Load() != 1 {
			t.Fatalf("opened %d times", opened.Load())
		}
	})
}

// A reminder finds who has a seat at its hour, page after page, and nobody when the meeting has moved.
func TestAnnouncedToAll(t *testing.T) {
	both(t, func(w world) {
		const many = 600 // more than two pages
		m := w.meeting(many)
		w.registered(m, persons(many)...)
		a := domain.Announcement{Kind: domain.NoticeReminder, MeetingID: m.ID, Cause: "x", Start: m.Start.Add(time.Hour)}
		w.announce(a)
		if n := len(w.notices(m.ID, 0)); n != 0 {
			t.Fatalf("%d reminded of an hour that has changed", n)
		}
		a.Start = m.Start
		w.write(func(tx domain.Tx) error {
			p, err := tx.NoticePreferences(w.ctx(), "person 7")
			if err != nil {
				return err
			}
			_, err = domain.UpdatePreferences(w.ctx(), tx, "person 7", p, domain.PreferencesChange{Level: domain.NoticesEssential, Mask: []string{"level"}})
			return err
		})
		for range 2 {
			w.announce(a)
		}
		// Everyone but who wants no reminders, and the organiser.
		if n := len(w.notices(m.ID, domain.NoticePending)); n != many || w.jobs(domain.TaskSend) != many {
			t.Fatalf("%d reminded, %d tasks", n, w.jobs(domain.TaskSend))
		}
	})
}

func TestPreferences(t *testing.T) {
	both(t, func(w world) {
		person := uuid.NewString()
		if p, err := w.NoticePreferences(w.ctx(), person); err != nil || p != domain.UsualPreferences() {
			t.Fatalf("%+v, %v", p, err)
		}
		w.write(func(tx domain.Tx) error {
			p, err := tx.NoticePreferences(w.ctx(), person)
			if err != nil {
				return err
			}
			_, err = domain.UpdatePreferences(w.ctx(), tx, person, p, domain.PreferencesChange{ShortReminder: true, QuietStartTime: "20:30"})
			return err
		})
		want := domain.NoticePreferences{Level: domain.NoticesAll, ShortReminder: true, QuietStart: 20*60 + 30, QuietEnd: 7 * 60, Version: 1}
		if p, err := w.NoticePreferences(w.ctx(), person); err != nil || p != want {
			t.Fatalf("%+v, %v", p, err)
		}
		for range 2 {
			w.write(func(tx domain.Tx) error { return domain.Unsubscribe(w.ctx(), tx, person) })
		}
		want.Level, want.Version = domain.NoticesEssential, 2
		if p, err := w.NoticePreferences(w.ctx(), person); err != nil || p != want {
			t.Fatalf("%+v, %v", p, err)
		}
	})
}
