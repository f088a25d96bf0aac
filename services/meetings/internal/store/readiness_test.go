package store_test

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

var territories = []string{"44109", "DEP-44", "REG-52", "FR"}

// emitted is how many events of a name there are.
func (w world) emitted(name string) int {
	w.Helper()
	return w.number(`SELECT count(*) FROM outbox WHERE subject = $1`, "maillage.meetings.v1."+name)
}

// versions checks that each version of each aggregate was told once, from the first on.
func (w world) versions() {
	w.Helper()
	if n := w.number(`SELECT count(*) FROM (SELECT aggregate FROM outbox GROUP BY aggregate HAVING count(*) <> count(DISTINCT aggregate_version)
		OR min(aggregate_version) <> 1 OR max(aggregate_version) <> count(*)) AS gaps`); n != 0 {
		w.Fatalf("%d aggregates with versions that are missing or told twice", n)
	}
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
		defer w.versions()
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
		defer w.versions()
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
		defer w.versions()
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
		if b.Missing != 5 || b.Checklist.Version != 2 || w.emitted("readiness.checked") != 2 {
			w.Fatalf("%d missing, version %d, told %d times", b.Missing, b.Checklist.Version, w.emitted("readiness.checked"))
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
		_, err := domain.CancelMeeting(w.ctx(), tx, m, domain.Reason{Cause: domain.PlaceUnavailable}, now)
		return err
	})
}

// Everyone says something of the same line at once: each word takes effect in turn, and the versions count them.
func TestConcurrentChecks(t *testing.T) {
	both(t, func(w world) {
		defer w.versions()
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
		if list.Version != words || w.emitted("readiness.checked") != words {
			w.Fatalf("version %d after %d words, %d of them told", list.Version, words, w.emitted("readiness.checked"))
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
		defer w.versions()
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
		if named, accepted := w.emitted("referent.named"), w.emitted("referent.accepted"); named != 2 || accepted != 1 {
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
		defer w.versions()
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
		if r := orFail1(w.Referent(w.ctx(), m.ID)); accepted != 1 || w.emitted("referent.named") != int(r.Version)-1 {
			w.Fatalf("%d accepted, version %d, %d named", accepted, r.Version, w.emitted("referent.named"))
		}
	})
}

// Two coordinators put a rule in force at once: each has a version of its own, and the last is the one that holds.
func TestConcurrentRules(t *testing.T) {
	both(t, func(w world) {
		defer w.versions()
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
