package store_test

import (
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

var territories = []string{"44109", "DEP-44", "REG-52", "FR"}

// told is how many events of a name there are.
func (w world) told(name string) int {
	w.Helper()
	return w.number(`SELECT count(*) FROM outbox WHERE subject = $1`, "maillage.meetings.v1."+name)
}

func (w world) board(m domain.Meeting, at time.Time) domain.Board {
	w.Helper()
	return orFail1(domain.ReadBoard(w.ctx(), w.Store, newID, m, at))
}

func (w world) require(territory, code string) (r domain.Requirement) {
	w.Helper()
	w.write(func(tx domain.Tx) (err error) {
		r, err = domain.PutRequirement(w.ctx(), tx, domain.Requirement{
			ID: newID(), Type: domain.InPersonMeeting, Territory: territory, Code: code, Domain: domain.AboutRoom, FR: "Chaises", EN: "Chairs",
			Required: true, DueBefore: time.Hour, CheckedBy: domain.ByReferent, CreateTime: now,
		})
		return err
	})
	return r
}

func codes(items []domain.Item) (all []string) {
	for _, i := range items {
		all = append(all, i.Code)
	}
	return all
}

// What is copied when a meeting is planned stays, whatever happens to the list.
func TestChecklistIsACopy(t *testing.T) {
	both(t, func(w world) {
		bare := w.meeting(5)
		w.require("REG-93", "ELSEWHERE")
		first := w.require("REG-52", "CHAIRS")
		m := w.meeting(5)
		second := w.require("REG-52", "CHAIRS")
		if first.Version != 1 || second.Version != 2 {
			w.Fatalf("versions %d, %d", first.Version, second.Version)
		}
		before := orFail1(w.Checklist(w.ctx(), bare.ID))
		with := orFail1(w.Checklist(w.ctx(), m.ID))
		if slices.Contains(codes(before.Items), "CHAIRS") || !slices.Contains(codes(with.Items), "CHAIRS") || slices.Contains(codes(with.Items), "ELSEWHERE") {
			w.Fatalf("%v, then %v", codes(before.Items), codes(with.Items))
		}
		if at := slices.IndexFunc(with.Items, func(i domain.Item) bool { return i.Code == "CHAIRS" }); with.Items[at].RequirementVersion != 1 {
			w.Fatalf("%+v", with.Items[at])
		}
		in := orFail1(w.Requirements(w.ctx(), domain.InPersonMeeting, territories))
		if len(in) != 1 || in[0] != second {
			w.Fatalf("in force %+v; want %+v", in, second)
		}
		w.write(func(tx domain.Tx) error {
			if _, err := tx.RetireRequirement(w.ctx(), first.ID, now); reason(err) != "NOT_FOUND" {
				w.Errorf("a version that is past: %v", err)
			}
			_, err := tx.RetireRequirement(w.ctx(), second.ID, now)
			return err
		})
		if in := orFail1(w.Requirements(w.ctx(), domain.InPersonMeeting, territories)); len(in) != 0 {
			w.Fatalf("%+v", in)
		}
		if third := w.require("REG-52", "CHAIRS"); third.Version != 3 {
			w.Fatalf("version %d after a deletion; want 3", third.Version)
		}
		w.write(func(tx domain.Tx) error { return domain.Prepare(w.ctx(), tx, newID, now, m) }) // again, with another list
		if after := orFail1(w.Checklist(w.ctx(), m.ID)); !slices.Equal(after.Items, with.Items) {
			w.Fatalf("%+v, was %+v", after, with)
		}
	})
}

// A meeting that was planned before there were checklists has one as soon as it is read.
func TestChecklistOfOldMeeting(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		for _, table := range []string{"checklist_items", "checklists"} {
			err := w.db.Write(w.ctx(), func(tx *sql.Tx) error {
				_, err := tx.ExecContext(w.ctx(), `DELETE FROM `+table+` WHERE meeting_id = $1`, m.ID)
				return err
			})
			if err != nil {
				w.Fatal(err)
			}
		}
		if b := w.board(m, now); len(b.Checklist.Items) == 0 || b.Missing == 0 {
			w.Fatalf("%+v", b)
		}
	})
}

func (w world) check(m domain.Meeting, code string, c domain.Check) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		list, err := tx.Checklist(w.ctx(), m.ID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list.Items, func(i domain.Item) bool { return i.Code == code })
		return domain.CheckItem(w.ctx(), tx, m, list.Items[at], c)
	})
}

func TestBoard(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		early := m.Start.Add(-1000 * time.Hour)
		b := w.board(m, early)
		if b.Missing != 6 || b.Late != 0 || b.Next == nil || b.Next.Code != "KIT_READ" || b.Recommendation != 0 {
			w.Fatalf("%d missing, %d late, next %+v", b.Missing, b.Late, b.Next)
		}
		done := domain.Check{State: domain.ItemDone, Note: " fait ", PersonID: "p", Now: now}
		for range 2 { // the second time changes nothing
			w.refuses("", w.check(m, "KIT_READ", done))
		}
		w.refuses("FIELD_REQUIRED", w.check(m, "ROOM_BOOKED", domain.Check{State: domain.ItemNotNeeded, Note: "\u200b ", Now: now}))
		w.refuses("", w.check(m, "ROOM_BOOKED", domain.Check{State: domain.ItemBlocked, Note: "clé perdue", PersonID: "p", Now: now}))
		b = w.board(m, early)
		if b.Missing != 5 || b.Checklist.Version != 3 || w.told("readiness.checked") != 2 {
			w.Fatalf("%d missing, version %d, told %d times", b.Missing, b.Checklist.Version, w.told("readiness.checked"))
		}
		if b = w.board(m, m.Start.Add(-24*time.Hour)); b.Late != 5 || b.Recommendation != domain.RecommendPostpone {
			w.Fatalf("%+v", b)
		}
		overdue := func(territory string, at time.Time) (all []string) {
			for p := (domain.Page{Limit: 2}); ; {
				found := orFail1(w.Overdue(w.ctx(), domain.OverdueQuery{Territory: territory, Now: at, Page: p}))
				for _, o := range found {
					if o.MeetingID == m.ID {
						all = append(all, o.Code)
					}
					p.After = []string{fmt.Sprint(o.Due().UnixMicro()), o.ID}
				}
				if len(found) < 2 {
					return all
				}
			}
		}
		want := []string{"COMPUTERS_TESTED", "CONNECTION_TESTED", "FILTERING_OPEN", "ROOM_ACCESSIBLE", "ROOM_BOOKED"}
		got := overdue("DEP-44", m.Start.Add(-time.Hour))
		if slices.Sort(got); !slices.Equal(got, want) {
			w.Fatalf("overdue %v; want %v", got, want)
		}
		if got := overdue("REG-93", m.Start.Add(-time.Hour)); got != nil {
			w.Fatalf("elsewhere %v", got)
		}
		if got := overdue("FR", m.Start); got != nil {
			w.Fatalf("once it has begun: %v", got)
		}
		if got := overdue("FR", early); got != nil {
			w.Fatalf("before anything is due: %v", got)
		}
		w.refuses("", w.cancelMeeting(m.ID))
		w.refuses("MEETING_STATE", w.check(orFail1(w.Meeting(w.ctx(), m.ID)), "ROOM_BOOKED", done))
	})
}

func (w world) cancelMeeting(id string) error {
	return w.on(id, func(tx domain.Tx, m domain.Meeting) error {
		_, err := domain.CancelMeeting(w.ctx(), tx, m, "salle fermée", now)
		return err
	})
}

// Everyone says something of the same line at once: each word takes effect in turn, and the versions count them.
func TestConcurrentChecks(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		const words = 40
		each(words, func(person string) {
			err := w.check(m, "KIT_READ", domain.Check{State: domain.ItemDone, Note: person, PersonID: person, Now: now})
			for reason(err) == "DATABASE_BUSY" || reason(err) == "ABORTED" {
				err = w.check(m, "KIT_READ", domain.Check{State: domain.ItemDone, Note: person, PersonID: person, Now: now})
			}
			if err != nil {
				w.Error(err)
			}
		})
		list := orFail1(w.Checklist(w.ctx(), m.ID))
		if list.Version != 1+words || w.told("readiness.checked") != words {
			w.Fatalf("version %d after %d words, %d of them told", list.Version, words, w.told("readiness.checked"))
		}
	})
}

func (w world) name(id, person string) error {
	return w.on(id, func(tx domain.Tx, m domain.Meeting) error {
		named, err := tx.Referent(w.ctx(), m.ID)
		if err != nil {
			return err
		}
		_, err = domain.NameReferent(w.ctx(), tx, m, m.Referent(named), person, now)
		return err
	})
}

func (w world) referentAnswers(id, person string, answer domain.ReferentState) error {
	return w.on(id, func(tx domain.Tx, m domain.Meeting) error {
		_, err := domain.AnswerReferent(w.ctx(), tx, m, person, answer, now)
		return err
	})
}

func TestReferent(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		for range 2 {
			w.refuses("", w.name(m.ID, "r"))
		}
		w.refuses("REFERENT_MISSING", w.confirm(m.ID))
		w.refuses("NOT_FOUND", w.referentAnswers(m.ID, m.OrganiserID, domain.ReferentAccepted)) // no longer asked
		w.refuses("", w.referentAnswers(m.ID, "r", domain.ReferentDeclined))
		w.refuses("REFERENT_MISSING", w.confirm(m.ID))
		w.refuses("", w.name(m.ID, "r")) // asked again
		for range 2 {
			w.refuses("", w.referentAnswers(m.ID, "r", domain.ReferentAccepted))
		}
		w.refuses("", w.confirm(m.ID))
		if r := orFail1(w.Referent(w.ctx(), m.ID)); r.Version != 4 || r.State != domain.ReferentAccepted {
			w.Fatalf("%+v", r)
		}
		if named, accepted := w.told("referent.named"), w.told("referent.accepted"); named != 2 || accepted != 1 {
			w.Fatalf("named told %d times, accepted %d", named, accepted)
		}
		other := w.meeting(5)
		w.refuses("", w.referentAnswers(other.ID, other.OrganiserID, domain.ReferentDeclined))
		w.refuses("REFERENT_MISSING", w.confirm(other.ID))
		w.refuses("", w.name(other.ID, other.OrganiserID)) // who need not be asked
		w.refuses("", w.confirm(other.ID))
	})
}

// Of many who are named at once one stays, and only this one can accept.
func TestConcurrentReferents(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		each(20, func(person string) {
			if err := w.name(m.ID, person); err != nil && reason(err) != "DATABASE_BUSY" && reason(err) != "ABORTED" {
				w.Error(err)
			}
		})
		accepted := 0
		for i := range 20 {
			if w.referentAnswers(m.ID, fmt.Sprintf("person-%03d", i), domain.ReferentAccepted) == nil {
				accepted++
			}
		}
		if r := orFail1(w.Referent(w.ctx(), m.ID)); accepted != 1 || w.told("referent.named") != int(r.Version)-1 {
			w.Fatalf("%d accepted, version %d, %d named", accepted, r.Version, w.told("referent.named"))
		}
	})
}

// Two coordinators put a rule in force at once: each has a version of its own, and the last is the one that holds.
func TestConcurrentRules(t *testing.T) {
	both(t, func(w world) {
		each(12, func(string) {
			err := w.Write(w.ctx(), func(tx domain.Tx) error {
				_, err := tx.PutThreshold(w.ctx(), domain.Threshold{
					ID: newID(), Type: domain.InPersonMeeting, Territory: "REG-52", Measure: domain.Incidents, Limit: 2,
					Recommendation: domain.RecommendWarn, CreateTime: now,
				})
				return err
			})
			if why := reason(err); why != "" && why != "DATABASE_BUSY" && why != "ABORTED" {
				w.Error(err)
			}
		})
		in := orFail1(w.Thresholds(w.ctx(), domain.InPersonMeeting, territories))
		if all := w.number(`SELECT count(*) FROM thresholds`); len(in) != 1 || in[0].Version != all {
			w.Fatalf("%d versions, in force %+v", all, in)
		}
	})
}

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
		if n := w.told("problem.overdue"); n != 1 {
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
		if n := w.told("problem.overdue"); n != 2 {
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
		if n := w.told("problem.overdue"); n != 4 { // the region's two; not the default's, nor what is mended
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
		if n := w.told("readiness.postponement_recommended"); n != 2 {
			w.Fatalf("recommended %d times; want once for each of two meetings", n)
		}
		sweep(now.Add(80 * time.Hour))
		if n := w.told("problem.overdue"); n != problems {
			w.Fatalf("told %d times of %d", n, problems)
		}
	})
}

// The control: looking first and marking after, as one would without the condition in the update, tells as often as there are replicas.
func TestConcurrentSweepsControl(t *testing.T) {
	both(t, func(w world) {
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
		if n := w.told("problem.overdue"); n < 2 {
			w.Fatalf("told %d times: the test beside this one would not notice an alert that is told twice", n)
		}
	})
}

// A recommendation is told once for each date, and once more when it becomes more urgent.
func TestRecommendedOnce(t *testing.T) {
	both(t, func(w world) {
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
			if got := []int{w.told("readiness.warned"), w.told("readiness.postponement_recommended") - 1}; !slices.Equal(got, want) { // 1: the series's other meeting
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

func (w world) incident(id string, at, occurred time.Time) (i domain.Incident, err error) {
	err = w.on(id, func(tx domain.Tx, m domain.Meeting) error {
		i, err = domain.ReportIncident(w.ctx(), tx, m, domain.Incident{
			ID: newID(), Kind: domain.NetworkProblem, Text: "coupure", ReporterID: "o", OccurTime: occurred, CreateTime: at,
		})
		return err
	})
	return i, err
}

func (w world) attach(meetingID, incidentID string, at time.Time) error {
	a, err := domain.NewAttachment("note", "text/plain", []byte("à 14 h"))
	if err != nil {
		return err
	}
	a.ID, a.IncidentID, a.CreateTime = newID(), incidentID, at
	return w.Write(w.ctx(), func(tx domain.Tx) error { _, err := domain.AddAttachment(w.ctx(), tx, meetingID, a); return err })
}

func TestIncident(t *testing.T) {
	both(t, func(w world) {
		m, other := w.meeting(5), w.meeting(5)
		came := orFail1(w.register(m.ID, "came", now))
		w.refuses("", w.confirm(m.ID))
		_, err := w.incident(m.ID, m.Start.Add(-1), time.Time{})
		w.refuses("MEETING_NOT_RUNNING", err)
		first := orFail1(w.incident(m.ID, m.Start, time.Time{}))
		if !first.OccurTime.Equal(m.Start) || first.Version != 1 {
			w.Fatalf("%+v", first)
		}
		for _, wrong := range []time.Time{m.Start.Add(-1), m.Start.Add(time.Hour + 1)} {
			_, err := w.incident(m.ID, m.Start.Add(time.Hour), wrong)
			w.refuses("OCCUR_TIME", err)
		}
		second := orFail1(w.incident(m.ID, m.Start.Add(time.Hour), m.Start.Add(time.Minute)))
		w.refuses("NOT_FOUND", w.attach(other.ID, first.ID, m.Start))
		for range 5 {
			w.refuses("", w.attach(m.ID, second.ID, m.Start.Add(time.Hour)))
		}
		w.refuses("ATTACHMENTS_FULL", w.attach(m.ID, second.ID, m.Start.Add(time.Hour)))
		list := orFail1(w.Incidents(w.ctx(), domain.IncidentQuery{MeetingID: m.ID, Page: domain.Page{Limit: 9}}))
		if len(list) != 2 || len(list[0].Attachments) != 0 || len(list[1].Attachments) != 5 || list[1].Version != 6 {
			w.Fatalf("%+v", list)
		}
		a := orFail1(w.Attachment(w.ctx(), second.ID, list[1].Attachments[0].ID))
		if string(a.Content) != "à 14 h" || a.Size != 7 || a.Name != "note.txt" {
			w.Fatalf("%+v", a)
		}
		if reported, documented := w.told("incident.reported"), w.told("incident.documented"); reported != 2 || documented != 5 {
			w.Fatalf("%d reported, %d documented", reported, documented)
		}
		evening := m.Start.Add(2 * time.Hour)
		w.refuses("", w.attend(m.ID, evening, domain.Attendance{RegistrationID: came.ID, State: domain.RegistrationPresent}))
		w.refuses("", w.declare(m.ID, evening))
		_, err = w.incident(m.ID, evening, time.Time{})
		w.refuses("MEETING_NOT_RUNNING", err)
		w.refuses("MEETING_NOT_RUNNING", w.attach(m.ID, first.ID, evening))
	})
}

// Many attach at once, and the organiser declares meanwhile: five at most are kept, and none after the declaration.
func TestConcurrentAttachments(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		came := orFail1(w.register(m.ID, "came", now))
		w.refuses("", w.confirm(m.ID))
		evening := m.Start.Add(2 * time.Hour)
		i := orFail1(w.incident(m.ID, evening, time.Time{}))
		w.refuses("", w.attend(m.ID, evening, domain.Attendance{RegistrationID: came.ID, State: domain.RegistrationPresent}))
		each(30, func(person string) {
			var err error
			if person == "person-015" {
				err = w.declare(m.ID, evening)
			} else {
				err = w.attach(m.ID, i.ID, evening)
			}
			switch reason(err) {
			case "", "ATTACHMENTS_FULL", "MEETING_NOT_RUNNING", "DATABASE_BUSY", "ABORTED":
			default:
				w.Error(err)
			}
		})
		kept := w.number(`SELECT count(*) FROM attachments WHERE incident_id = $1`, i.ID)
		if counted := w.number(`SELECT attachment_count FROM incidents WHERE id = $1`, i.ID); kept > 5 || kept != counted || w.told("incident.documented") != kept {
			w.Fatalf("%d kept, %d counted, %d told", kept, counted, w.told("incident.documented"))
		}
	})
}
