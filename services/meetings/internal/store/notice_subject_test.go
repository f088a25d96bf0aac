package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// What follows from an ask and a search is kept once, by its subject; what a professional was told is kept by ask.
func TestNoticesOfAnAsk(t *testing.T) {
	both(t, func(w world) {
		m := w.sought()
		asks := orFail1(w.asks(m.ID, domain.Together, now.Add(time.Hour), "a", "b"))
		search := orFail1(w.Search(w.ctx(), m.ID))
		for _, news := range []domain.News{
			{ID: newID(), Name: "ask.sent", MeetingID: m.ID, SubjectID: asks[0].ID, Sent: true},
			{ID: newID(), Name: "ask.superseded", MeetingID: m.ID, SubjectID: asks[1].ID},                                // never had its turn
			{ID: newID(), Name: "ask.superseded", MeetingID: m.ID, SubjectID: asks[1].ID, Sent: true, Engaged: true},     // freed
			{ID: newID(), Name: "search.reopened", MeetingID: m.ID, SubjectID: search.ID, Cause: domain.ReopenedResumed}, // one's own doing
			{ID: newID(), Name: "search.reopened", MeetingID: m.ID, SubjectID: search.ID, Cause: domain.ReopenedLapsed},
			{ID: newID(), Name: "search.started", MeetingID: m.ID, SubjectID: search.ID},
			{ID: newID(), Name: "ask.declined", MeetingID: m.ID, SubjectID: asks[0].ID, Sent: true},
		} {
			w.hear(news)
			w.hear(news)
		}
		var got []string
		for _, n := range w.notices(m.ID, domain.NoticePending) {
			got = append(got, n.Kind.String())
		}
		slices.Sort(got)
		if fmt.Sprint(got) != "[ask-freed ask-sent search-reopened]" || w.jobs(domain.TaskSend) != 3 {
			t.Fatalf("%v, %d tasks", got, w.jobs(domain.TaskSend))
		}
		all := w.notices(m.ID, domain.NoticePending)
		sent := all[slices.IndexFunc(all, func(n domain.Notice) bool { return n.Kind == domain.NoticeAskSent })]
		matter := orFail1(domain.ReadMatter(w.ctx(), w.Store, sent.Key))
		if matter.Ask != asks[0] || matter.Addressee.PersonID != "a" || matter.Addressee.Told.Version != 0 || matter.Decide(now) != (domain.Decision{}) {
			t.Fatalf("%+v", matter)
		}
		w.write(func(tx domain.Tx) error { return domain.EndNotice(w.ctx(), tx, matter, domain.NoticeSent, "", now) })
		if told := orFail1(w.AddresseeAbout(w.ctx(), "a", asks[0].ID)).Told; !told.Same(m.Terms()) || told.Version != m.Version {
			t.Fatalf("%+v", told)
		}
		// The organiser's goes to whoever organises when it is sent.
		reopened := all[slices.IndexFunc(all, func(n domain.Notice) bool { return n.Kind == domain.NoticeSearchReopened })]
		if matter := orFail1(domain.ReadMatter(w.ctx(), w.Store, reopened.Key)); matter.Addressee.PersonID != m.OrganiserID || matter.Search.ID != search.ID {
			t.Fatalf("%+v", matter)
		}
		// The meeting changes: whoever was asked is told once, whoever declines meanwhile is not.
		orFail1(w.decline(asks[1], now))
		start := m.Start.Add(time.Hour)
		w.write(func(tx domain.Tx) error {
			_, err := domain.UpdateMeeting(w.ctx(), tx, m, domain.Change{Start: &start}, now)
			return err
		})
		for range 2 {
			w.announce(domain.Announcement{Kind: domain.NoticeChanged, MeetingID: m.ID, Cause: "1"})
		}
		moved := slices.DeleteFunc(w.notices(m.ID, 0), func(n domain.Notice) bool { return n.Kind != domain.NoticeAskMoved })
		if len(moved) != 1 || moved[0].SubjectID != asks[0].ID {
			t.Fatalf("%+v", moved)
		}
	})
}

// A swap's four registrations are told as two swaps; what becomes of the same registrations later is told as ever.
func TestNoticesOfASwap(t *testing.T) {
	both(t, func(w world) {
		one, other := w.twins(3)
		ours, theirs := w.seat(one.ID, "ours"), w.seat(other.ID, "theirs")
		swap := orFail1(w.propose(ours, other.ID, now))
		orFail1(w.take(swap, "theirs", now))
		read := func(person string, m domain.Meeting) domain.Registration {
			return orFail1(w.Registrations(w.ctx(), domain.RegistrationQuery{MeetingID: m.ID, PersonID: person, Page: domain.Page{Limit: 1}}))[0]
		}
		news := func(name string, r domain.Registration) domain.News {
			return domain.News{ID: newID(), Name: "registration." + name, MeetingID: r.MeetingID, SubjectID: r.ID, Version: r.Version}
		}
		all := []domain.News{
			news("confirmed", ours), news("confirmed", theirs), // of their own registrations
			news("cancelled", read("ours", one)), news("cancelled", read("theirs", other)),
			news("confirmed", read("ours", other)), news("confirmed", read("theirs", one)),
		}
		later := read("theirs", one)
		w.write(func(tx domain.Tx) (err error) {
			later, err = domain.CancelRegistration(w.ctx(), tx, later, "", now)
			return err
		})
		all = append(all, news("cancelled", later))
		for _, n := range append(all, all...) {
			w.hear(n)
		}
		kinds := map[string]int{}
		for _, m := range []domain.Meeting{one, other} {
			for _, n := range w.notices(m.ID, 0) {
				kinds[n.Kind.String()]++
			}
		}
		if got := fmt.Sprint(kinds); got != "map[cancelled:1 confirmed:2 swapped:2]" {
			t.Fatal(got)
		}
		for _, n := range w.notices(other.ID, 0) {
			if n.Kind != domain.NoticeSwapped {
				continue
			}
			m := orFail1(domain.ReadMatter(w.ctx(), w.Store, n.Key))
			if m.Swap.ID != swap.ID || m.Other.ID != one.ID || m.Addressee.PersonID != "ours" || m.Decide(now) != (domain.Decision{}) {
				t.Fatalf("%+v", m)
			}
		}
	})
}

// A proposal is told to fifty at most of those who hold a seat that is wanted, each once.
func TestSwapProposedToMany(t *testing.T) {
	both(t, func(w world) {
		one, other := w.twins(100)
		many := persons(60)
		ours := w.registered(one, "ours", "person 3")
		w.registered(other, many...)
		swap := orFail1(w.propose(ours[0], other.ID, now))
		w.hear(domain.News{ID: "event", Name: "swap.proposed", MeetingID: other.ID, SubjectID: swap.ID})
		for range 2 {
			w.announce(domain.Announcement{Kind: domain.NoticeSwapProposed, MeetingID: other.ID, SubjectID: swap.ID, Cause: "event"})
		}
		all := w.notices(other.ID, domain.NoticePending)
		if len(all) != 50 || w.jobs(domain.TaskAnnounce) != 1 || slices.ContainsFunc(all, func(n domain.Notice) bool { return n.PersonID == "person 3" || n.SubjectID != swap.ID }) {
			t.Fatalf("%d notices", len(all))
		}
		if m := orFail1(domain.ReadMatter(w.ctx(), w.Store, all[0].Key)); m.Decide(now) != (domain.Decision{}) || m.Other.ID != one.ID || m.Addressee.PersonID != all[0].PersonID {
			t.Fatalf("%+v", m)
		}
	})
}

// A poll is told to each member of its group once. Whoever has a seat at the meeting that it moves hears of that as of any change.
func TestNoticesOfAPoll(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		seat := w.registered(m, "b")[0]
		w.write(func(tx domain.Tx) error { return tx.KeepTerms(w.ctx(), seat.ID, m.Terms()) })
		dates := []domain.PollOption{
			{Position: 1, Slot: domain.Slot{Start: m.Start.Add(time.Hour), End: m.End.Add(time.Hour)}},
			{Position: 2, Slot: domain.Slot{Start: m.Start, End: m.End}},
		}
		for _, c := range []struct {
			chosen int
			want   string
		}{{2, "abc"}, {1, "ac"}} { // the date that everybody knows is told to all
			var poll domain.Poll
			w.write(func(tx domain.Tx) (err error) {
				poll, err = domain.CreatePoll(w.ctx(), tx, domain.Poll{
					ID: newID(), GroupID: m.GroupID, MeetingID: m.ID, TimeZone: paris, Closes: now.Add(time.Hour), Options: dates,
				}, now)
				return err
			})
			opened := domain.News{ID: newID(), Name: "poll.opened", MeetingID: m.ID, SubjectID: poll.ID, Start: dates[0].Slot.Start}
			before := w.jobs(domain.TaskAnnounce)
			w.hear(opened)
			w.hear(opened)
			if n := w.jobs(domain.TaskAnnounce) - before; n != 2 { // and that no date was chosen, at the last one
				t.Fatalf("%d tasks", n)
			}
			announced := func(kind domain.NoticeKind) (persons string) {
				for range 2 {
					w.announce(domain.Announcement{Kind: kind, MeetingID: m.ID, SubjectID: poll.ID, Cause: opened.ID})
				}
				for _, n := range w.notices(m.ID, domain.NoticePending) {
					if n.Kind == kind && n.SubjectID == poll.ID {
						persons += n.PersonID
					}
				}
				return persons
			}
			if got := announced(domain.NoticePollOpened); got != "abc" {
				t.Fatalf("%q are asked", got)
			}
			if got := announced(domain.NoticePollWithoutDate); got != "" {
				t.Fatalf("%q hear that no date was chosen", got)
			}
			w.write(func(tx domain.Tx) error {
				_, err := domain.ClosePoll(w.ctx(), tx, poll.ID, domain.Choice{Option: c.chosen, Now: now})
				return err
			})
			if got := announced(domain.NoticePollClosed); got != c.want {
				t.Fatalf("%d is chosen, and told to %q; want %q", c.chosen, got, c.want)
			}
			for _, n := range w.notices(m.ID, domain.NoticePending) {
				matter := orFail1(domain.ReadMatter(w.ctx(), w.Store, n.Key))
				if n.Kind == domain.NoticePollOpened && matter.Decide(now).Drop != "STALE" || n.Kind == domain.NoticePollClosed && matter.Decide(now) != (domain.Decision{}) {
					t.Fatalf("%s: %+v", n.Kind, matter.Decide(now))
				}
			}
		}
	})
}

// An invitation that is heard twice is one notice, of no meeting, in a line of its own.
func TestNoticeOfAnInvitation(t *testing.T) {
	both(t, func(w world) {
		news := domain.News{ID: newID(), Name: "invitation.sent", SubjectID: newID(), PersonID: "anne", Start: now}
		w.hear(news)
		w.hear(news)
		all := w.notices("", domain.NoticePending)
		if len(all) != 1 || w.jobs(domain.TaskInvite) != 1 || w.jobs(domain.TaskSend) != 0 {
			t.Fatalf("%+v", all)
		}
		m := orFail1(domain.ReadMatter(w.ctx(), w.Store, all[0].Key))
		if m.Decide(now).Drop != "STALE" || m.Addressee.PersonID != "anne" { // nobody has asked the mesh
			t.Fatalf("%+v", m)
		}
		m.Invitation = domain.Invitation{Open: true, SendTime: now, Expires: now.Add(14 * 24 * time.Hour)}
		if m.Decide(now) != (domain.Decision{}) {
			t.Fatalf("%+v", m.Decide(now))
		}
		for range 2 {
			w.write(func(tx domain.Tx) error { return domain.EndNotice(w.ctx(), tx, m, domain.NoticeSent, "", now) })
		}
		if sent := w.notices("", domain.NoticeSent); len(sent) != 1 || w.number(`SELECT count(*) FROM notice_terms`) != 0 {
			t.Fatalf("%+v", sent)
		}
	})
}
