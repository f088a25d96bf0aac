package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func (w world) askLink(meeting string, at time.Time, persons ...string) error {
	return w.Write(context.Background(), func(tx domain.Tx) error {
		return domain.RequestRegistrationLink(context.Background(), tx, meeting, persons, newID, at)
	})
}

// Whoever asks is written to at once, at night too, and once in ten minutes for a meeting; others and other meetings are no matter of theirs.
func TestRegistrationLink(t *testing.T) {
	both(t, func(w world) {
		m, other := w.meeting(5), w.meeting(5)
		late := now.Add(9*time.Minute + 59*time.Second) // in another span of ten minutes
		for _, c := range []struct {
			meeting string
			at      time.Time
			persons []string
			want    int // notices of the first meeting from then on
		}{
			{m.ID, now, nil, 0},
			{m.ID, now, []string{"anne", "ben"}, 2},
			{m.ID, now, []string{"anne"}, 2},
			{other.ID, now, []string{"anne"}, 2},
			{m.ID, late, []string{"anne", "chloe"}, 3},
			{m.ID, now.Add(10 * time.Minute), []string{"anne"}, 4},
			{m.ID, now.Add(19 * time.Minute), []string{"anne"}, 4},
		} {
			w.want(nil, w.askLink(c.meeting, c.at, c.persons...))
			if got := len(w.notices(m.ID, domain.NoticePending)); got != c.want {
				t.Fatalf("%v at %v: %d notices, want %d", c.persons, c.at, got, c.want)
			}
		}
		n := w.notices(m.ID, domain.NoticePending)[0]
		matter := orFail1(domain.ReadMatter(w.ctx(), w.Store, n.Key))
		night := time.Date(m.Start.Year(), m.Start.Month(), m.Start.Day()-2, 2, 0, 0, 0, time.UTC)
		if matter.Addressee.PersonID != n.PersonID || n.Kind != domain.NoticeRegistrationLink || matter.Decide(now) != (domain.Decision{}) || matter.Decide(night) != (domain.Decision{}) {
			t.Fatalf("%+v, %+v", matter, matter.Decide(night))
		}
		if got := matter.Decide(m.Start).Drop; got != domain.ReasonStale {
			t.Fatalf("begun: %q", got)
		}
		matter.Addressee.Preferences.Level = domain.NoticesEssential
		if got := matter.Decide(now); got != (domain.Decision{}) {
			t.Fatalf("who wants what is essential: %+v", got)
		}
		matter.Addressee.Preferences.Level = domain.NoticesNone
		if got := matter.Decide(now).Drop; got != domain.ReasonUnsubscribed {
			t.Fatalf("who wants no mails at all: %q", got)
		}
		w.want(domain.ErrMeetingClosed, w.askLink(m.ID, m.Start, "anne"))
		w.want(domain.ErrMeetingNotFound, w.askLink(newID(), now, "anne"))
		w.callOff(m.ID)
		w.want(domain.ErrMeetingClosed, w.askLink(m.ID, now.Add(time.Hour), "anne"))
	})
}

func (w world) want(want, err error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("%v, want %v", err, want)
	}
}

// Who was erased is written to no more.
func TestRegistrationLinkOfNobody(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		w.want(nil, w.erase("anne", now))
		w.want(nil, w.askLink(m.ID, now, "anne", "ben"))
		if all := w.notices(m.ID, 0); len(all) != 1 || all[0].PersonID != "ben" {
			t.Fatalf("%+v", all)
		}
	})
}

// Of many who press at once, one mail comes.
func TestRegistrationLinkConcurrent(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := w.askLink(m.ID, now, "anne"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := len(w.notices(m.ID, 0)); got != 1 || w.jobs(domain.TaskSend) != 1 {
			t.Fatalf("%d notices, %d tasks", got, w.jobs(domain.TaskSend))
		}
	})
}
