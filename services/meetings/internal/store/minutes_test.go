package store_test

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

func anyVersion(domain.Minutes) error { return nil }

var said = domain.MinutesReport{
	Participants: []domain.ParticipantCount{{Category: 1, Count: 4, Institutions: 3}}, Irritants: []string{"Trop d'outils"},
	Actions: []domain.MinutesAction{{What: "Choisir", Who: "Le conseil pédagogique", When: "À la rentrée"}}, Summary: "Très bien.",
}

func (w world) writeMinutes(id string, modality domain.MeetingMode, report domain.MinutesReport, at time.Time) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		_, err := domain.WriteMinutes(w.ctx(), tx, domain.Minutes{MeetingID: id, Modality: modality, MinutesReport: report, AuthorID: "author"}, anyVersion, at)
		return err
	})
}

func (w world) closeMinutes(id string, at time.Time) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		_, err := domain.CloseMinutes(w.ctx(), tx, id, "closer", anyVersion, at)
		return err
	})
}

func (w world) reopenMinutes(id string, at time.Time) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		_, err := domain.ReopenMinutes(w.ctx(), tx, id, domain.MinutesReopening{PersonID: "opener", Reason: "Une action manque", CreateTime: at}, anyVersion)
		return err
	})
}

// minuted writes and closes a meeting's minutes.
func (w world) minuted(id string, at time.Time) error {
	if err := w.writeMinutes(id, domain.MeetingInPerson, said, at); err != nil {
		return err
	}
	return w.closeMinutes(id, at)
}

func (w world) giveBack(id, person string, at time.Time) error {
	return w.on(id, func(tx domain.Tx, m domain.Meeting) error {
		_, err := domain.ReturnDeclaration(w.ctx(), tx, m, domain.DeclarationReturn{PersonID: person, Reason: "Qui animait ?", CreateTime: at})
		return err
	})
}

func TestMinutes(t *testing.T) {
	both(t, func(w world) {
		m, signer := w.meeting(5), w.signer()
		came := orFail1(w.register(m.ID, "came", now))
		evening := m.Start.Add(time.Hour)
		w.refuses("NOT_BEGUN", w.writeMinutes(m.ID, domain.MeetingInPerson, said, m.Start.Add(-1)))
		w.refuses("NOT_FOUND", w.closeMinutes(m.ID, evening))
		w.refuses("NOT_FOUND", w.reopenMinutes(m.ID, evening))
		w.refuses("FIELD_REQUIRED", w.writeMinutes(m.ID, 0, domain.MinutesReport{Needs: []string{" "}}, evening))
		w.refuses("FIELD_REQUIRED", w.writeMinutes(m.ID, 0, domain.MinutesReport{Actions: []domain.MinutesAction{{What: "x", Who: "\u200b", When: "x"}}}, evening))
		w.refuses("CATEGORY_TWICE", w.writeMinutes(m.ID, 0, domain.MinutesReport{Participants: []domain.ParticipantCount{{Category: 1}, {Category: 1}}}, evening))
		w.refuses("", w.writeMinutes(m.ID, 0, domain.MinutesReport{}, evening))
		w.refuses("MINUTES_WITHOUT_MODALITY", w.closeMinutes(m.ID, evening))
		w.refuses("", w.writeMinutes(m.ID, domain.MeetingInPerson, domain.MinutesReport{}, evening))
		w.refuses("MINUTES_WITHOUT_PARTICIPANTS", w.closeMinutes(m.ID, evening))
		w.refuses("", w.writeMinutes(m.ID, domain.MeetingInPerson, said, evening))
		w.refuses("ATTENDANCE_INCOMPLETE", w.closeMinutes(m.ID, evening))
		w.refuses("", w.confirm(m.ID))
		w.refuses("", w.attend(m.ID, evening, domain.Attendance{RegistrationID: came.ID, State: domain.RegistrationPresent}))
		w.refuses("MINUTES_NOT_CLOSED", w.declare(m.ID, evening)) // a draft is not enough
		w.refuses("", w.closeMinutes(m.ID, evening))
		w.refuses("MINUTES_CLOSED", w.closeMinutes(m.ID, evening))
		w.refuses("MINUTES_CLOSED", w.writeMinutes(m.ID, domain.MeetingRemote, said, evening))
		w.refuses("", w.declare(m.ID, evening))
		w.refuses("", w.reopenMinutes(m.ID, evening))
		w.refuses("MINUTES_DRAFT", w.reopenMinutes(m.ID, evening))
		_, err := w.countersign(m.ID, "coordinator", signer)
		w.refuses("MINUTES_NOT_CLOSED", err) // nothing is attested before the minutes
		w.refuses("", w.minuted(m.ID, evening))
		_, err = w.countersign(m.ID, "coordinator", signer)
		w.refuses("", err)
		w.refuses("MEETING_STATE", w.reopenMinutes(m.ID, evening))
		w.refuses("MEETING_STATE", w.writeMinutes(m.ID, domain.MeetingInPerson, said, evening))
		stored, err := w.Minutes(w.ctx(), m.ID)
		if err != nil || stored.State != domain.MinutesClosed || stored.CloserID != "closer" || stored.AuthorID != "author" || !reflect.DeepEqual(stored.MinutesReport, said) ||
			len(stored.Reopenings) != 1 || stored.Reopenings[0].PersonID != "opener" || stored.Reopenings[0].Reason != "Une action manque" {
			w.Fatalf("%+v, %v", stored, err)
		}
	})
}

func TestReturned(t *testing.T) {
	both(t, func(w world) {
		m, signer := w.meeting(5), w.signer()
		came := orFail1(w.register(m.ID, "came", now))
		evening := m.Start.Add(time.Hour)
		w.refuses("", w.confirm(m.ID))
		w.refuses("", w.attend(m.ID, evening, domain.Attendance{RegistrationID: came.ID, State: domain.RegistrationPresent}))
		w.refuses("", w.minuted(m.ID, evening))
		w.refuses("MEETING_STATE", w.giveBack(m.ID, "coordinator", evening))
		for range 2 { // as often as it takes
			w.refuses("", w.declare(m.ID, evening))
			w.refuses("COUNTERSIGNER_INVOLVED", w.giveBack(m.ID, m.OrganiserID, evening))
			w.refuses("COUNTERSIGNER_INVOLVED", w.giveBack(m.ID, "came", evening))
			w.refuses("", w.giveBack(m.ID, "coordinator", evening.Add(time.Minute)))
		}
		news := domain.News{ID: newID(), Name: "meeting.returned", Time: now, MeetingID: m.ID}
		w.hear(news)
		w.hear(news)
		var told []domain.Notice
		for _, n := range w.notices(m.ID, domain.NoticePending) {
			if n.Kind == domain.NoticeDeclarationReturned {
				told = append(told, n)
			}
		}
		if len(told) != 1 {
			w.Fatalf("%+v; want one notice", told)
		}
		matter, err := domain.ReadMatter(w.ctx(), w.Store, told[0].Key)
		if err != nil || matter.Addressee.PersonID != m.OrganiserID || matter.Return.Rank != 2 || matter.Decide(now) != (domain.Decision{}) {
			w.Fatalf("%+v, %v", matter, err)
		}
		back, err := w.Meeting(w.ctx(), m.ID)
		if err != nil || back.State != domain.MeetingConfirmed || !back.DeclareTime.IsZero() || back.PresentCount != 1 {
			w.Fatalf("%+v, %v", back, err)
		}
		_, err = w.countersign(m.ID, "coordinator", signer)
		w.refuses("MEETING_STATE", err)
		w.refuses("MEETING_CLOSED", orFail2(w.register(m.ID, "late", evening))) // its seats stay closed
		w.refuses("", w.declare(m.ID, evening))
		if matter, err = domain.ReadMatter(w.ctx(), w.Store, told[0].Key); err != nil || matter.Decide(now).Drop != domain.ReasonStale {
			w.Fatalf("%+v, %v; it is declared again", matter, err)
		}
		_, err = w.countersign(m.ID, "coordinator", signer)
		w.refuses("", err)
		w.refuses("MEETING_STATE", w.giveBack(m.ID, "coordinator", evening))
		all, err := w.DeclarationReturns(w.ctx(), domain.ReturnQuery{MeetingID: m.ID, Limit: 5})
		if err != nil || len(all) != 2 || all[1].Rank != 2 || all[1].Reason != "Qui animait ?" || all[1].PersonID != "coordinator" || !all[1].DeclareTime.Equal(evening) {
			w.Fatalf("%+v, %v", all, err)
		}
		if n := w.number(`SELECT count(DISTINCT aggregate_version) FROM outbox WHERE subject LIKE '%.feedback.counted'`); n != 3 {
			w.Fatalf("%d versions of who is asked were told; want one for each declaration", n)
		}
		if n := w.number(`SELECT count(*) FROM outbox WHERE aggregate = $1 AND subject LIKE '%.returned'`, m.ID); n != 2 {
			w.Fatalf("%d returns were told; want 2", n)
		}
	})
}

func orFail2(_ domain.Registration, err error) error { return err }

// A declaration is countersigned or returned, whoever does so at once; and nothing is attested on minutes that were opened meanwhile.
func TestConcurrentEnds(t *testing.T) {
	both(t, func(w world) {
		signer := w.signer()
		for range 10 {
			m := w.meeting(5)
			came := orFail1(w.register(m.ID, "came", now))
			w.refuses("", w.confirm(m.ID))
			w.refuses("", w.attend(m.ID, m.End, domain.Attendance{RegistrationID: came.ID, State: domain.RegistrationPresent}))
			w.refuses("", w.minuted(m.ID, m.End))
			w.refuses("", w.declare(m.ID, m.End))
			var signed, returned, opened error
			var all sync.WaitGroup
			all.Go(func() { _, signed = w.countersign(m.ID, "coordinator", signer) })
			all.Go(func() { returned = w.giveBack(m.ID, "coordinator", m.End) })
			all.Go(func() { opened = w.reopenMinutes(m.ID, m.End) })
			all.Wait()
			stored, err := w.Meeting(w.ctx(), m.ID)
			minutes, errMinutes := w.Minutes(w.ctx(), m.ID)
			if err != nil || errMinutes != nil {
				w.Fatal(err, errMinutes)
			}
			attested := stored.State == domain.MeetingAttested
			if attested != (signed == nil) || attested != (returned != nil) || attested != (opened != nil) || attested != (minutes.State == domain.MinutesClosed) {
				w.Fatalf("%v with minutes %v: signed %v, returned %v, opened %v", stored.State, minutes.State, signed, returned, opened)
			}
		}
	})
}
