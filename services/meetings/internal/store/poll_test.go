package store_test

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// poll asks a group for one of n dates, a day apart; the vote closes in twelve hours.
func (w world) poll(n int, meeting domain.Meeting) domain.Poll {
	w.Helper()
	p := domain.Poll{ID: newID(), GroupID: meeting.GroupID, MeetingID: meeting.ID, Capacity: 5, TimeZone: paris, Closes: now.Add(12 * time.Hour)}
	if p.GroupID == "" {
		p.GroupID = newID()
	}
	for i := range n {
		start := now.Add(time.Duration(i+1) * day)
		p.Options = append(p.Options, domain.PollOption{Position: i + 1, Slot: domain.Slot{Start: start, End: start.Add(time.Hour)}})
	}
	w.write(func(tx domain.Tx) (err error) {
		p, err = domain.CreatePoll(w.ctx(), tx, p, now)
		return err
	})
	return p
}

func (w world) vote(poll, person string, at time.Time, votes ...domain.Vote) (p domain.Poll, err error) {
	err = w.Write(w.ctx(), func(tx domain.Tx) error {
		p, err = domain.CastVotes(w.ctx(), tx, poll, person, votes, at)
		return err
	})
	return p, err
}

func (w world) close(p domain.Poll, option int, at time.Time) (closed domain.Poll, err error) {
	single := plan(5)
	single.Common.GroupID, single.Now = p.GroupID, at
	err = w.Write(w.ctx(), func(tx domain.Tx) error {
		closed, err = domain.ClosePoll(w.ctx(), tx, p.ID, domain.Choice{Option: option, Plan: single, Now: at})
		return err
	})
	return closed, err
}

func TestPoll(t *testing.T) {
	both(t, func(w world) {
		p := w.poll(3, domain.Meeting{})
		read, err := w.Poll(w.ctx(), p.ID)
		if err != nil || !reflect.DeepEqual(read, p) {
			w.Fatalf("%+v, %v; want %+v", read, err, p)
		}
		yes, perhaps, no := domain.AnswerYes, domain.AnswerIfNeedBe, domain.AnswerNo
		w.refuses("NOT_FOUND", second(w.vote(newID(), "a", now, domain.Vote{Option: 1, Answer: yes})))
		w.refuses("POLL_OPTION_UNKNOWN", second(w.vote(p.ID, "a", now, domain.Vote{Option: 4, Answer: yes})))
		w.refuses("POLL_VOTE_TWICE", second(w.vote(p.ID, "a", now, domain.Vote{Option: 1, Answer: yes}, domain.Vote{Option: 1, Answer: no})))
		w.refuses("", second(w.vote(p.ID, "a", now, domain.Vote{Option: 1, Answer: yes}, domain.Vote{Option: 2, Answer: perhaps})))
		w.refuses("", second(w.vote(p.ID, "b", now, domain.Vote{Option: 2, Answer: yes}, domain.Vote{Option: 1, Answer: no})))
		// A second mind counts once; just before the end it still counts, at the end it does not.
		p, err = w.vote(p.ID, "a", p.Closes.Add(-time.Microsecond), domain.Vote{Option: 1, Answer: no})
		if err != nil || p.Options[0].Yes != 0 || p.Options[0].No != 2 || p.Options[1].Yes != 1 || p.Options[1].Perhaps != 1 || p.Options[2].No != 0 {
			w.Fatalf("%+v, %v", p, err)
		}
		answered, err := w.VotesOf(w.ctx(), p.ID, "a")
		nobody, other := w.VotesOf(w.ctx(), p.ID, "c")
		if want := []domain.Vote{{Option: 1, Answer: no}, {Option: 2, Answer: perhaps}}; err != nil || other != nil || !reflect.DeepEqual(answered, want) || len(nobody) != 0 {
			w.Fatalf("%v, %v; %v, %v", answered, err, nobody, other)
		}
		w.refuses("POLL_CLOSED", second(w.vote(p.ID, "a", p.Closes, domain.Vote{Option: 1, Answer: yes})))
		w.refuses("POLL_OPTION_UNKNOWN", second(w.close(p, 4, now)))
		w.refuses("START_IN_PAST", second(w.close(p, 1, now.Add(day))))
		w.refuses("POLL_DATES_PAST", second(w.close(p, 0, now.Add(4*day))))
		closed, err := w.close(p, 0, now.Add(13*time.Hour))
		if err != nil || closed.Chosen != 2 || closed.State != domain.PollClosed {
			w.Fatalf("%+v, %v", closed, err)
		}
		m, err := w.Meeting(w.ctx(), closed.ResultID)
		if err != nil || !m.Start.Equal(p.Options[1].Slot.Start) || m.GroupID != p.GroupID || m.State != domain.MeetingOpen || m.Capacity != 5 {
			w.Fatalf("%+v, %v", m, err)
		}
		w.refuses("POLL_CLOSED", second(w.close(p, 1, now.Add(13*time.Hour))))
		w.refuses("POLL_CLOSED", second(w.vote(p.ID, "c", now, domain.Vote{Option: 1, Answer: yes})))
		if n := w.number(`SELECT count(*) FROM outbox WHERE aggregate = $1`, p.ID); n != 2 {
			w.Fatalf("%d events of the poll; want it opened and closed", n)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestPollMovesAMeeting(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		p := w.poll(4, m)
		closed, err := w.close(p, 4, now)
		if err != nil || closed.ResultID != m.ID {
			w.Fatalf("%+v, %v", closed, err)
		}
		moved, err := w.Meeting(w.ctx(), m.ID)
		if err != nil || !moved.Start.Equal(p.Options[3].Slot.Start) || moved.PostponedCount != 1 || moved.End.Sub(moved.Start) != time.Hour {
			w.Fatalf("%+v, %v", moved, err)
		}
		// A poll about a meeting that was called off meanwhile changes nothing, and stays open for another choice.
		gone := w.meeting(5)
		p = w.poll(2, gone)
		w.callOff(gone.ID)
		w.refuses("POLL_MEETING", second(w.close(p, 0, now)))
		if left, err := w.Poll(w.ctx(), p.ID); err != nil || left.State != domain.PollOpen {
			w.Fatalf("%+v, %v", left, err)
		}
		for _, id := range []string{gone.ID, newID()} {
			err := w.Write(w.ctx(), func(tx domain.Tx) error {
				again := p
				again.ID, again.MeetingID = newID(), id
				_, err := domain.CreatePoll(w.ctx(), tx, again, now)
				return err
			})
			w.refuses("POLL_MEETING", err)
		}
	})
}

// Everyone votes at once while several choose the date: each vote that was accepted is counted, and one meeting comes of it. The
// control closes without the poll's row.
func TestConcurrentPollClosesOnce(t *testing.T) {
	both(t, func(w world) {
		const voters, closers = 12, 4
		p := w.poll(3, domain.Meeting{})
		var all sync.WaitGroup
		var mu sync.Mutex
		counted, closed := 0, 0
		for i := range voters {
			all.Go(func() {
				_, err := w.vote(p.ID, fmt.Sprint("voter-", i), now, domain.Vote{Option: 2, Answer: domain.AnswerYes})
				w.may("POLL_CLOSED", err)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					counted++
				}
			})
		}
		for range closers {
			all.Go(func() {
				_, err := w.close(p, 0, now)
				w.may("POLL_CLOSED", err)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					closed++
				}
			})
		}
		all.Wait()
		stored, err := w.Poll(w.ctx(), p.ID)
		if err != nil || stored.Options[1].Yes != counted || closed != 1 {
			w.Fatalf("%d votes accepted, %d counted, closed %d times, %v", counted, stored.Options[1].Yes, closed, err)
		}
		if n := w.number(`SELECT count(*) FROM meetings WHERE group_id = $1`, p.GroupID); n != 1 {
			w.Fatalf("%d meetings came of one poll", n)
		}

		naive := w.poll(3, domain.Meeting{})
		var looked sync.WaitGroup
		looked.Add(closers)
		for range closers {
			all.Go(func() {
				seen, err := w.Poll(w.ctx(), naive.ID)
				w.may("", err)
				looked.Done()
				looked.Wait()
				if seen.State != domain.PollOpen {
					return
				}
				single := plan(5)
				single.Common.GroupID, single.Slots = naive.GroupID, single.Slots[:1]
				w.may("", w.Write(w.ctx(), func(tx domain.Tx) error {
					_, err := domain.CreateMeeting(w.ctx(), tx, single)
					return err
				}))
			})
		}
		all.Wait()
		if n := w.number(`SELECT count(*) FROM meetings WHERE group_id = $1`, naive.GroupID); n < 2 {
			w.Fatalf("%d meetings: this test would not notice a poll that is closed twice", n)
		}
	})
}
