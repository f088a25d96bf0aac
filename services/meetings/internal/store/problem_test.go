package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func (w world) report(p domain.Problem, at time.Time) (reported domain.Problem, err error) {
	p.ID, p.Kind, p.Severity, p.Text, p.ReporterID = newID(), domain.NetworkProblem, domain.Severe, "plus de réseau", "reporter"
	err = w.Write(w.ctx(), func(tx domain.Tx) error {
		reported, err = domain.ReportProblem(w.ctx(), tx, domain.Report{Problem: p, Territories: territories, Now: at})
		return err
	})
	return reported, err
}

func (w world) onProblem(id string, use func(domain.Tx, domain.Problem) (domain.Problem, error)) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		p, err := tx.Problem(w.ctx(), id)
		if err == nil {
			_, err = use(tx, p)
		}
		return err
	})
}

func (w world) watch(at time.Time) {
	w.Helper()
	if err := domain.Watch(w.ctx(), w.Store, newID, at); err != nil {
		w.Fatal(err)
	}
}

func TestProblem(t *testing.T) {
	both(t, func(w world) {
		defer w.versions()
		m := w.meeting(5)
		mender := uuid.NewString()
		put := func(r domain.ProblemRoute) {
			r.ID, r.CreateTime = newID(), now
			w.write(func(tx domain.Tx) error { _, err := domain.PutProblemRoute(w.ctx(), tx, r); return err })
		}
		p := orFail1(w.report(domain.Problem{MeetingID: m.ID}, now))
		if p.State != domain.ProblemReported || p.Charge != domain.ByCoordinator || p.RouteID != "" || !p.PromiseTime.Equal(now.Add(72*time.Hour)) || p.PlaceID != m.PlaceID {
			w.Fatalf("by default %+v", p)
		}
		put(domain.ProblemRoute{Territory: "REG-52", Kind: domain.NetworkProblem, Charge: domain.ByOrganiser, Promised: 4 * time.Hour})
		if p := orFail1(w.report(domain.Problem{MeetingID: m.ID}, now)); p.State != domain.ProblemAssigned || p.ResponsibleID != m.OrganiserID {
			w.Fatalf("by the region %+v", p)
		}
		put(domain.ProblemRoute{Territory: "FR", PlaceID: m.PlaceID, Charge: domain.ByPerson, PersonID: mender, Promised: time.Hour})
		p = orFail1(w.report(domain.Problem{MeetingID: m.ID}, now))
		if p.ResponsibleID != mender || !p.PromiseTime.Equal(now.Add(time.Hour)) {
			w.Fatalf("by the place %+v", p)
		}
		if stored := orFail1(w.Problem(w.ctx(), p.ID)); stored != p {
			w.Fatalf("stored %+v; want %+v", stored, p)
		}
		if alone := orFail1(w.report(domain.Problem{PlaceID: newID(), CommuneCode: "44109"}, now)); alone.MeetingID != "" || alone.Charge != domain.ByOrganiser || alone.ResponsibleID != "" {
			w.Fatalf("of a place: %+v", alone) // a place has no organiser: nobody has taken it
		}
		counts := orFail1(w.ProblemCounts(w.ctx(), m.ID, now.Add(2*time.Hour)))
		if counts != (domain.ProblemCounts{Open: 3, Severe: 3, Late: 1}) {
			w.Fatalf("%+v", counts)
		}

		later := now.Add(2 * time.Hour)
		for range 3 {
			w.watch(later)
		}
		if n := w.emitted("problem.overdue"); n != 1 {
			w.Fatalf("told %d times that one promise has passed", n)
		}
		assign := func(promise time.Time) error {
			return w.onProblem(p.ID, func(tx domain.Tx, p domain.Problem) (domain.Problem, error) {
				return domain.AssignProblem(w.ctx(), tx, p, "someone", promise, later)
			})
		}
		w.refuses("PROMISE_TIME", assign(later))
		w.refuses("PROMISE_TIME", assign(later.Add(367*24*time.Hour)))
		w.refuses("", assign(later.Add(time.Hour)))
		w.watch(later)
		w.watch(later.Add(time.Hour)) // another promise, broken as well
		if n := w.emitted("problem.overdue"); n != 2 {
			w.Fatalf("told %d times of two promises", n)
		}
		mend := func(tx domain.Tx, p domain.Problem) (domain.Problem, error) {
			return domain.MendProblem(w.ctx(), tx, p, later)
		}
		w.refuses("PROBLEM_STATE", w.onProblem(p.ID, func(tx domain.Tx, p domain.Problem) (domain.Problem, error) {
			return domain.CloseProblem(w.ctx(), tx, p)
		}))
		w.refuses("", w.onProblem(p.ID, mend))
		w.refuses("PROBLEM_STATE", w.onProblem(p.ID, mend))
		w.watch(later.Add(30 * time.Hour))
		if n := w.emitted("problem.overdue"); n != 4 { // the region's two; not the default's, nor what is mended
			w.Fatalf("told %d times", n)
		}
		w.refuses("", w.onProblem(p.ID, func(tx domain.Tx, p domain.Problem) (domain.Problem, error) {
			return domain.ReopenProblem(w.ctx(), tx, p, later)
		}))
		back := orFail1(w.Problem(w.ctx(), p.ID))
		if back.State != domain.ProblemReopened || back.ReopenedCount != 1 || !back.PromiseTime.Equal(later.Add(time.Hour)) || back.ResponsibleID != "someone" || !back.MendTime.IsZero() {
			w.Fatalf("%+v", back)
		}
	})
}

func TestWhoseProblems(t *testing.T) {
	both(t, func(w world) {
		defer w.versions()
		m := w.meeting(5)
		w.refuses("", w.name(m.ID, "asked"))
		p := orFail1(w.report(domain.Problem{MeetingID: m.ID}, now))
		for name, c := range map[string]struct {
			domain.Viewer
			sees bool
		}{
			"reporter":    {domain.Viewer{PersonID: "reporter"}, true},
			"organiser":   {domain.Viewer{PersonID: m.OrganiserID}, true},
			"coordinator": {domain.Viewer{PersonID: "c", Territories: []string{"REG-93", "REG-52"}}, true},
			"elsewhere":   {domain.Viewer{PersonID: "c", Territories: []string{"REG-93"}}, false},
			"relay":       {domain.Viewer{PersonID: "c", Structures: []string{"other"}}, false},
			"only asked":  {domain.Viewer{PersonID: "asked"}, false},
			"stranger":    {domain.Viewer{PersonID: "s"}, false},
		} {
			found := orFail1(w.Problems(w.ctx(), domain.ProblemQuery{Viewer: c.Viewer, Page: domain.Page{Limit: 9}}))
			if c.sees != slices.Contains(found, p) {
				w.Errorf("%s sees %v", name, found)
			}
		}
		w.refuses("", w.referentAnswers(m.ID, "asked", domain.ReferentAccepted))
		mine := domain.Viewer{PersonID: "asked"}
		for want, q := range map[int]domain.ProblemQuery{
			1: {Viewer: mine, MeetingID: m.ID, State: domain.ProblemReported, LateAt: now.Add(73 * time.Hour)}, 0: {Viewer: mine, LateAt: now},
		} {
			if q.Limit = 9; len(orFail1(w.Problems(w.ctx(), q))) != want {
				w.Errorf("%+v: want %d", q, want)
			}
		}
	})
}

// Replicas sweep at the same instant: of each broken promise one of them tells, once.
func TestConcurrentSweepsTellOnce(t *testing.T) {
	both(t, func(w world) {
		defer w.versions()
		m := w.meeting(5)
		const problems, replicas = 250, 8 // more than one transaction takes
		for range problems {
			orFail1(w.report(domain.Problem{MeetingID: m.ID}, now))
		}
		sweep := func(at time.Time) {
			each(replicas, func(string) {
				why := "ABORTED"
				for why == "ABORTED" || why == "DATABASE_BUSY" { // a slow machine: the next sweep tells
					why = reason(domain.Watch(w.ctx(), w.Store, newID, at))
				}
				if why != "" {
					w.Error(why)
				}
			})
		}
		sweep(now.Add(23 * time.Hour)) // both meetings of the series begin soon, with nobody registered
		if n := w.emitted("readiness.postponement_recommended"); n != 2 {
			w.Fatalf("recommended %d times; want once for each of two meetings", n)
		}
		sweep(now.Add(80 * time.Hour))
		if n := w.emitted("problem.overdue"); n != problems {
			w.Fatalf("told %d times of %d", n, problems)
		}
	})
}

// The control: looking first and marking after, as one would without the condition in the update, tells as often as there are replicas.
func TestConcurrentSweepsControl(t *testing.T) {
	both(t, func(w world) {
		defer w.versions()
		m := w.meeting(5)
		p := orFail1(w.report(domain.Problem{MeetingID: m.ID}, now))
		const replicas = 4
		var looked sync.WaitGroup
		looked.Add(replicas)
		each(replicas, func(string) {
			seen, err := w.Problem(w.ctx(), p.ID)
			looked.Done()
			looked.Wait()
			if err != nil || !seen.AlertTime.IsZero() {
				return
			}
			err = errs.ErrAborted
			for reason(err) == "ABORTED" || reason(err) == "DATABASE_BUSY" {
				err = w.Write(w.ctx(), func(tx domain.Tx) error {
					current, err := tx.Problem(w.ctx(), p.ID)
					if err != nil {
						return err
					}
					current.AlertTime, current.Version = now.Add(80*time.Hour), current.Version+1
					if err := tx.UpdateProblem(w.ctx(), current); err != nil {
						return err
					}
					return tx.Emit(w.ctx(), domain.Event{Name: "problem.overdue", State: current})
				})
			}
			if err != nil {
				w.Error(err)
			}
		})
		if n := w.emitted("problem.overdue"); n < 2 {
			w.Fatalf("told %d times: the test beside this one would not notice an alert that is told twice", n)
		}
	})
}

// A recommendation is told once for each date, and once more when it becomes more urgent.
func TestRecommendedOnce(t *testing.T) {
	both(t, func(w world) {
		defer w.versions()
		m := w.meeting(25)
		for i := range 4 {
			orFail1(w.register(m.ID, fmt.Sprint("p", i), now))
		}
		for _, code := range []string{"KIT_READ", "ROOM_BOOKED", "ROOM_ACCESSIBLE", "COMPUTERS_TESTED", "CONNECTION_TESTED"} {
			w.refuses("", w.check(m, code, domain.Check{State: domain.ItemDone, PersonID: "p", Now: now}))
		}
		told := func(want ...int) {
			w.Helper()
			for range 2 {
				w.watch(m.Start.Add(-time.Hour))
			}
			if got := []int{w.emitted("readiness.warned"), w.emitted("readiness.postponement_recommended") - 1}; !slices.Equal(got, want) { // 1: the series's other meeting
				w.Fatalf("%v; want %v", got, want)
			}
		}
		told(1, 0) // one thing is missing
		orFail1(w.report(domain.Problem{MeetingID: m.ID}, now))
		told(1, 1)
		w.refuses("", w.on(m.ID, func(tx domain.Tx, m domain.Meeting) error {
			start, end := m.Start.Add(time.Minute), m.End.Add(time.Minute)
			_, err := domain.UpdateMeeting(w.ctx(), tx, m, domain.Change{Start: &start, End: &end}, now)
			return err
		}))
		told(1, 2) // another date
		if b := w.board(orFail1(w.Meeting(w.ctx(), m.ID)), m.Start); b.Meeting.State != domain.MeetingOpen || b.Meeting.PostponedCount != 1 {
			w.Fatalf("%+v", b.Meeting)
		}
	})
}
