package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// held is a declared meeting at which these persons were present.
func (w world) held(people ...string) domain.Meeting {
	m := w.meeting(20)
	var sheet []domain.Attendance
	for _, person := range people {
		r, err := w.register(m.ID, person, now)
		sheet = append(sheet, domain.Attendance{RegistrationID: orFail(w, r, err).ID, State: domain.RegistrationPresent})
	}
	w.refuses("", w.confirm(m.ID))
	w.refuses("", w.attend(m.ID, m.End, sheet...))
	w.refuses("", w.minuted(m.ID, m.End))
	w.refuses("", w.declare(m.ID, m.End))
	declared, err := w.Meeting(w.ctx(), m.ID)
	return orFail(w, declared, err)
}

func (w world) feedback(store domain.Store, m domain.Meeting, person string) error {
	answer := domain.Feedback{ID: uuid.NewString(), MeetingID: m.ID, Satisfaction: domain.Fully, Usefulness: domain.RatherNot}
	return store.Write(w.ctx(), func(tx domain.Tx) error {
		_, err := domain.GiveFeedback(w.ctx(), tx, answer, person, m.End.Add(time.Hour))
		return err
	})
}

// answerAtOnce has the same person, and others, answer at the same time; it says how many answers were taken.
func (w world) answerAtOnce(store domain.Store, m domain.Meeting) (taken int) {
	var all sync.WaitGroup
	var ok atomic.Int64
	for n := range 16 {
		person := fmt.Sprint("guest-", n/8*n) // eight times the first one, then others
		all.Go(func() {
			err := w.feedback(store, m, person)
			if err == nil {
				ok.Add(1)
			} else if !errors.Is(err, domain.ErrFeedbackGiven) {
				w.Error(err)
			}
		})
	}
	all.Wait()
	return int(ok.Load())
}

func (w world) crowd() (people []string) {
	for n := range 16 {
		people = append(people, fmt.Sprint("guest-", n))
	}
	return people
}

// However many answers come at once, a person has one, and each is told with counts that hold all before it.
func TestConcurrentFeedbackCountsOncePerPerson(t *testing.T) {
	both(t, func(w world) {
		m := w.held(w.crowd()...)
		if taken := w.answerAtOnce(w.Store, m); taken != 9 {
			w.Errorf("%d answers of nine persons", taken)
		}
		stored, err := w.Feedback(w.ctx(), m.ID)
		s := domain.SummariseFeedback(m, stored)
		if want := (domain.FeedbackCount{Asked: 16, Answered: 9, Satisfied: 9}); err != nil || s.Participants != want || s.Wave != "2026-T4" {
			w.Errorf("%+v, %v", s, err)
		}
		const told = `SELECT count(DISTINCT aggregate_version) FROM outbox WHERE aggregate = $1`
		if n := w.number(told, m.ID+"/feedback"); n != 10 {
			w.Errorf("%d different counts were told, want one for the declaration and nine for the answers", n)
		}
	})
}

// The control: without the note of who has answered, one person answers as often as they ask.
func TestConcurrentFeedbackControl(t *testing.T) {
	both(t, func(w world) {
		if taken := w.answerAtOnce(forgetting{w.Store}, w.held(w.crowd()...)); taken != 16 {
			w.Errorf("%d answers without a note of who answered: the test above would notice nothing", taken)
		}
	})
}

type forgetting struct{ domain.Store }

func (f forgetting) Write(ctx context.Context, use func(domain.Tx) error) error {
	return f.Store.Write(ctx, func(tx domain.Tx) error { return use(nameless{tx}) })
}

type nameless struct{ domain.Tx }

func (nameless) KeepRespondent(context.Context, string, string) error { return nil }
