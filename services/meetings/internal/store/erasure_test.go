package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/erasure"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/store"
)

const week = 7 * day

func (w world) erase(person string, at time.Time) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error { return domain.ErasePerson(w.ctx(), tx, person, newID, at) })
}

func (w world) settle(person string, at time.Time) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error { return domain.SettleErasure(w.ctx(), tx, person, newID, at) })
}

// holding is the columns that hold a text, but for the outbox, in which what was told stays for as long as it does.
func (w world) holding(text string) []string {
	w.Helper()
	return slices.DeleteFunc(testkit.Holding(w.ctx(), w, w.db, text), func(column string) bool { return strings.HasPrefix(column, "outbox.") })
}

// states is how a person's registrations stand, whoever the person is by now.
func (w world) state(registrationID string) domain.RegistrationState {
	w.Helper()
	return orFail1(w.Registration(w.ctx(), registrationID)).State
}

// Whoever adds a column that holds people says what an erasure does with it.
func TestErasureKnowsEveryColumn(t *testing.T) {
	both(t, func(w world) {
		all := testkit.Personal(w, w.db)
		if !slices.Contains(all, "registrations.person_id") || !slices.Contains(all, "meetings.countersigner_id") || !slices.Contains(all, "swaps.accepted_by") {
			w.Fatalf("the columns that hold people are not found: %v", all)
		}
		for _, c := range all {
			table, column, _ := strings.Cut(c, ".")
			if table != "erasures" && !store.Forgets(table, column) {
				w.Errorf("%s holds people, and an erasure leaves it as it is: give it a line in erasure.go, and in docs/personal-data.md", c)
			}
		}
	})
}

// everywhere gives a person a part in everything that there is.
func (w world) everywhere(who string) {
	w.Helper()
	w.refuses("", w.giveBack(w.held(uuid.NewString()).ID, who, now.Add(week)))
	held := w.held(who, uuid.NewString())
	w.refuses("", w.feedback(w.Store, held, who))
	m := w.meeting(5)
	r := w.seat(m.ID, who)
	w.hear(domain.News{ID: newID(), Name: "registration.confirmed", MeetingID: m.ID, SubjectID: r.ID})
	w.hear(domain.News{ID: newID(), Name: "invitation.sent", SubjectID: newID(), PersonID: who, Start: now})
	w.write(func(tx domain.Tx) error { return tx.KeepTerms(w.ctx(), r.ID, m.Terms()) })
	w.write(func(tx domain.Tx) error {
		_, err := domain.UpdatePreferences(w.ctx(), tx, who, domain.UsualPreferences(), domain.PreferencesChange{Level: domain.NoticesEssential, Mask: []string{"level"}})
		return err
	})
	w.calendar(who)
	w.refuses("CODE_WRONG", w.checkIn(w.Store, m.ID, who, wrongCode(m.ID, m.Start), m.Start))
	w.refuses("", second(w.vote(w.poll(2, domain.Meeting{}).ID, who, now, domain.Vote{Option: 1, Answer: domain.AnswerYes})))
	p := w.programme(1, 5)
	w.join(p.ID, who)
	w.refuses("", w.choose(p.Sessions[0].MeetingID, who))
	one, other := w.twins(2)
	w.refuses("", second(w.propose(w.seat(one.ID, who), other.ID, now)))
	sought := w.sought()
	asks, err := w.asks(sought.ID, domain.Together, sought.Start, who, uuid.NewString())
	w.refuses("", err)
	w.refuses("", second(w.comes(asks[0], now)))
	w.refuses("", w.name(w.meeting(5).ID, who))
	problem, err := w.report(domain.Problem{MeetingID: w.meeting(5).ID}, now)
	w.refuses("", err)
	w.refuses("", w.onProblem(problem.ID, func(tx domain.Tx, p domain.Problem) (domain.Problem, error) {
		return domain.AssignProblem(w.ctx(), tx, p, who, time.Time{}, now)
	}))
	organised := plan(5)
	organised.Common.OrganiserID = who
	own := w.series(organised).Meetings[0]
	w.refuses("", w.confirm(own.ID))
	w.refuses("", w.attend(own.ID, own.End, domain.Attendance{RegistrationID: w.seat(own.ID, uuid.NewString()).ID, State: domain.RegistrationAbsent}))
}

func TestErasureEverywhere(t *testing.T) {
	both(t, func(w world) {
		who, stays := uuid.NewString(), uuid.NewString()
		w.everywhere(stays)
		w.everywhere(who)
		before := w.holding(who)
		if len(before) < 20 {
			w.Fatalf("the test gives a person a part in %v only", before)
		}
		control := w.holding(stays)
		w.refuses("", w.erase(who, now))
		if left := w.holding(who); !slices.Equal(left, []string{"erasures.person_id"}) {
			w.Fatalf("after the erasure the person is in %v", left)
		}
		w.refuses("", w.erase(who, now)) // heard twice
		w.refuses("", w.settle(who, now.Add(erasure.Settling)))
		if left := w.holding(who); len(left) > 0 {
			w.Fatalf("once it has settled the person is in %v", left)
		}
		if still := w.holding(stays); !slices.Equal(still, control) {
			w.Fatalf("somebody else was in %v, and is in %v", control, still)
		}
	})
}

// A place in the line, a seat and an offer pass on; what one person leaves, another one gets.
func TestErasureOfSeats(t *testing.T) {
	both(t, func(w world) {
		m, full := w.meeting(1), w.meeting(1)
		who := uuid.NewString()
		seat, next, last := w.seat(m.ID, who), orFail1(w.line(m.ID, "next", now)), orFail1(w.line(m.ID, "last", now))
		w.seat(full.ID, "other")
		first, second := orFail1(w.line(full.ID, who, now)), orFail1(w.line(full.ID, "second", now))
		w.refuses("", w.erase(who, now))
		for _, c := range []struct {
			id   string
			want domain.RegistrationState
		}{
			{seat.ID, domain.RegistrationCancelled}, {next.ID, domain.RegistrationOffered}, {last.ID, domain.RegistrationWaitlisted},
			{first.ID, domain.RegistrationCancelled}, {second.ID, domain.RegistrationWaitlisted},
		} {
			if got := w.state(c.id); got != c.want {
				w.Errorf("%v, want %v", got, c.want)
			}
		}
		ranks, err := w.WaitingPositions(w.ctx(), full.ID)
		if err != nil || ranks[second.ID] != 1 || len(ranks) != 1 {
			w.Errorf("ranks %v, %v", ranks, err)
		}
		w.seats(m.ID, 1)
		w.seats(full.ID, 1)
		// The offered seat passes on as well, and nobody is left in the line of the first one.
		w.refuses("", w.erase("next", now))
		if got := w.state(last.ID); got != domain.RegistrationOffered {
			w.Errorf("%v", got)
		}
		w.seats(m.ID, 1)
		// Whoever was erased comes back as nobody: the id is not one of a person, and another one at each meeting.
		a, b := orFail1(w.Registration(w.ctx(), seat.ID)), orFail1(w.Registration(w.ctx(), first.ID))
		if !erasure.IsStandIn(a.PersonID) || !domain.IsNobody(b.PersonID) || a.PersonID == b.PersonID || domain.IsNobody(who) || erasure.IsStandIn("next") {
			w.Errorf("%q, %q", a.PersonID, b.PersonID)
		}
	})
}

// What others hold verifies as before, to the byte; a copy of what the person held does, too, though nothing here is theirs any more.
func TestErasureLeavesProofsWhole(t *testing.T) {
	both(t, func(w world) {
		signer := w.signer()
		w.write(func(tx domain.Tx) error {
			return errors.Join(tx.SaveKey(w.ctx(), signer.Key()), tx.SaveIssuer(w.ctx(), signer.Issuer()))
		})
		issued := w.attested(4, signer) // the organiser's first
		m := orFail1(w.Meeting(w.ctx(), issued[0].MeetingID))
		orFail1(w.revoke(issued[2].ID, "Délivrée par erreur"))
		type proof struct {
			verdicts [2]domain.Verdict
			row      domain.Attestation
		}
		look := func() (all []proof) {
			for _, a := range issued {
				var p proof
				for i, form := range []string{a.JWT, a.JSON} {
					p.verdicts[i] = orFail1(domain.Verify(w.ctx(), w.Store, signer, form, now))
				}
				p.row = orFail1(w.Attestation(w.ctx(), a.ID))
				all = append(all, p)
			}
			return all
		}
		list := func() string { return orFail1(signer.StatusList(orFail1(w.StatusList(w.ctx(), 1)))) }
		before, listed := look(), list()
		gone := map[int]bool{0: true, 1: true, 2: true} // the organiser, a learner, a learner whose attestation is revoked
		for i := range gone {
			w.refuses("", w.erase(issued[i].PersonID, m.End.Add(time.Hour)))
		}
		w.refuses("", w.erase("coordinator", m.End.Add(time.Hour))) // who has countersigned, and revoked
		after := look()
		if list() != listed {
			w.Error("the status list has changed")
		}
		for i := range issued {
			revoked := before[i].verdicts[0].Revoked
			for form, v := range after[i].verdicts {
				v.Revoked.PersonID = revoked.PersonID // who revoked is told to nobody, and was erased
				if v != before[i].verdicts[form] {
					w.Errorf("%d: verdict %+v, was %+v", i, v, before[i].verdicts[form])
				}
			}
			if row := after[i].row; gone[i] {
				if row.JWT != "" || row.JSON != "" || !domain.IsNobody(row.PersonID) || row.Status != before[i].row.Status || row.MeetingID != m.ID {
					w.Errorf("%d: %+v", i, row)
				}
			} else if row != before[i].row {
				w.Errorf("%d: of somebody else: %+v, was %+v", i, row, before[i].row)
			}
		}
		if now := orFail1(w.Meeting(w.ctx(), m.ID)); now.PresentCount != m.PresentCount || now.State != m.State || !domain.IsNobody(now.OrganiserID) || !domain.IsNobody(now.CountersignerID) {
			w.Errorf("%+v", now)
		}
		// The control: a row that is gone is a proof that is gone.
		w.exec(`DELETE FROM attestations WHERE id = $1`, issued[3].ID)
		if v := orFail1(domain.Verify(w.ctx(), w.Store, signer, issued[3].JWT, now)); v.Reason != domain.UnknownAttestation {
			w.Errorf("%+v", v)
		}
	})
}

func (w world) exec(query string, args ...any) {
	w.Helper()
	err := w.db.Write(w.ctx(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(w.ctx(), query, args...)
		return err
	})
	w.refuses("", err)
}

// Who was there and is erased before the second signature gets no attestation; the others do.
func TestErasureBeforeCountersignature(t *testing.T) {
	both(t, func(w world) {
		who, stays := uuid.NewString(), uuid.NewString()
		m := w.held(who, stays)
		w.refuses("", w.erase(who, m.End))
		w.refuses("", w.erase(m.OrganiserID, m.End))
		issued, err := w.countersign(m.ID, "coordinator", w.signer())
		if err != nil || len(issued) != 1 || issued[0].PersonID != stays {
			w.Fatalf("%+v, %v", issued, err)
		}
	})
}

// A meeting whose organiser is erased waits for another one, and coordinators are told; the group's next organiser gets it.
func TestErasureOfOrganiser(t *testing.T) {
	both(t, func(w world) {
		m, begun := w.meeting(5), w.meeting(5)
		w.refuses("", w.confirm(m.ID))
		w.refuses("", w.confirm(begun.ID))
		r := w.seat(m.ID, "learner")
		w.refuses("", w.erase(m.OrganiserID, now))
		w.refuses("", w.erase(begun.OrganiserID, begun.Start))
		after := orFail1(w.Meeting(w.ctx(), m.ID))
		if after.State != domain.MeetingOpen || after.OrganiserID != "" || after.Version != m.Version+2 {
			w.Fatalf("%+v", after)
		}
		if late := orFail1(w.Meeting(w.ctx(), begun.ID)); late.State != domain.MeetingConfirmed || late.OrganiserID != "" {
			w.Fatalf("%+v", late)
		}
		if got := w.state(r.ID); got != domain.RegistrationConfirmed {
			w.Errorf("the learner's seat is %v", got)
		}
		problems := orFail1(w.Problems(w.ctx(), domain.ProblemQuery{
			Viewer: domain.Viewer{PersonID: "coordinator", Territories: []string{"REG-52"}}, MeetingID: m.ID, Page: domain.Page{Limit: 10},
		}))
		if len(problems) != 1 || problems[0].Kind != domain.PeopleProblem || problems[0].Charge != domain.ByCoordinator {
			w.Errorf("%+v", problems)
		}
		if n := w.number(`SELECT count(*) FROM problems WHERE meeting_id = $1`, begun.ID); n != 0 {
			w.Errorf("%d problems of a meeting that has begun", n)
		}
		// An older word of the group, heard late, brings nobody back; a newer one brings another organiser.
		hear := func(organiser string, version int64) {
			w.write(func(tx domain.Tx) error {
				return domain.HearGroup(w.ctx(), tx, domain.Group{ID: m.GroupID, OrganiserID: organiser, Version: version}, "cause")
			})
		}
		hear(m.OrganiserID, 7)
		if got := orFail1(w.Meeting(w.ctx(), m.ID)).OrganiserID; got != "" {
			w.Fatalf("%q is back", got)
		}
		hear("another", 8)
		if got := orFail1(w.Meeting(w.ctx(), m.ID)).OrganiserID; got != "another" {
			w.Fatalf("%q organises", got)
		}
	})
}

// A search goes on when the professional who was to come is erased: the next in the line is asked.
func TestErasureOfProfessional(t *testing.T) {
	both(t, func(w world) {
		who := uuid.NewString()
		m := w.sought()
		asks, err := w.asks(m.ID, domain.OneByOne, now.Add(time.Hour), who, "next")
		w.refuses("", err)
		w.refuses("", second(w.comes(asks[0], now)))
		w.refuses("", w.erase(who, now))
		search := orFail1(w.Search(w.ctx(), m.ID))
		if search.State != domain.Asked || search.LostCount != 1 || search.PersonID != "" {
			w.Errorf("%+v", search)
		}
		if a := orFail1(w.Ask(w.ctx(), asks[1].ID)); a.State != domain.AskSent {
			w.Errorf("the next one: %+v", a)
		}
		if left := w.holding(who); !slices.Equal(left, []string{"erasures.person_id"}) {
			w.Errorf("the person is in %v", left)
		}
	})
}

// No mail follows: neither those that waited nor those that follow from what was told before, heard in whatever order.
func TestErasureOfNotices(t *testing.T) {
	both(t, func(w world) {
		who := uuid.NewString()
		m := w.meeting(2)
		r, other := w.seat(m.ID, who), w.seat(m.ID, "other")
		news := func(event string, of domain.Registration) domain.News {
			return domain.News{ID: event + of.ID, Name: "registration." + event, MeetingID: m.ID, SubjectID: of.ID}
		}
		w.hear(news("confirmed", r))
		w.hear(news("confirmed", other))
		w.refuses("", w.erase(who, now))
		w.hear(news("cancelled", r)) // after the erasure
		w.hear(domain.News{ID: newID(), Name: "invitation.sent", SubjectID: newID(), PersonID: who, Start: now})
		sent := 0
		for _, n := range w.notices(m.ID, domain.NoticePending) {
			matter := orFail1(domain.ReadMatter(w.ctx(), w.Store, n.Key))
			if d := matter.Decide(now); n.SubjectID == r.ID && d.Drop != domain.ReasonErased {
				w.Errorf("%+v is sent", n)
			} else if n.SubjectID == other.ID && d == (domain.Decision{}) {
				sent++
			}
		}
		if sent != 1 {
			w.Errorf("%d mails to somebody else", sent)
		}
		if left := w.holding(who); !slices.Equal(left, []string{"erasures.person_id"}) {
			w.Errorf("the person is in %v", left)
		}
		w.refuses("PERSON_ERASED", w.name(m.ID, who))
	})
}

// Whoever registers in the very moment is found when the erasure settles, and the seats are right at every moment.
func TestConcurrentErasure(t *testing.T) {
	both(t, func(w world) {
		const seats, people = 3, 8
		m := w.meeting(seats)
		gone := make([]string, people)
		var all sync.WaitGroup
		for i := range gone {
			gone[i] = uuid.NewString()
			all.Go(func() {
				if _, err := w.line(m.ID, gone[i], now); err != nil {
					w.Error(err)
				}
			})
			all.Go(func() {
				if err := w.erase(gone[i], now); err != nil {
					w.Error(err)
				}
			})
			all.Go(func() {
				if _, err := w.line(m.ID, fmt.Sprint("stays ", i), now); err != nil {
					w.Error(err)
				}
			})
		}
		all.Wait()
		w.seats(m.ID, seats)
		for i := range gone {
			all.Go(func() {
				if err := w.settle(gone[i], now); err != nil {
					w.Error(err)
				}
			})
		}
		all.Wait()
		w.seats(m.ID, seats)
		live := w.number(`SELECT count(*) FROM registrations WHERE meeting_id = $1 AND state IN (1, 6, 7)`, m.ID)
		waiting := w.number(`SELECT sum(waiting) FROM seats WHERE meeting_id = $1`, m.ID)
		if live != people || waiting != people-seats {
			w.Errorf("%d live registrations, %d wait", live, waiting)
		}
		for _, person := range gone {
			if left := w.holding(person); len(left) > 0 {
				w.Errorf("a person is in %v", left)
			}
		}
	})
}
