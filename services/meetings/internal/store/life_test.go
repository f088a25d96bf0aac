package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/credential"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// on runs a use case on the meeting as it is stored.
func (w world) on(id string, use func(domain.Tx, domain.Meeting) error) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		m, err := tx.Meeting(w.ctx(), id)
		if err != nil {
			return err
		}
		return use(tx, m)
	})
}

func (w world) confirm(id string) error {
	return w.on(id, func(tx domain.Tx, m domain.Meeting) error {
		_, err := domain.ConfirmMeeting(w.ctx(), tx, m)
		return err
	})
}

func (w world) declare(id string, at time.Time) error {
	return w.on(id, func(tx domain.Tx, m domain.Meeting) error {
		_, err := domain.DeclareMeeting(w.ctx(), tx, m, at)
		return err
	})
}

func (w world) attend(id string, at time.Time, lines ...domain.Attendance) error {
	return w.on(id, func(tx domain.Tx, m domain.Meeting) error {
		_, err := domain.RecordAttendance(w.ctx(), tx, m, lines, m.OrganiserID, at)
		return err
	})
}

func (w world) countersign(id, person string, c domain.Credentials) (issued []domain.Attestation, err error) {
	err = w.on(id, func(tx domain.Tx, m domain.Meeting) error {
		_, issued, err = domain.CountersignMeeting(w.ctx(), tx, m, domain.Countersignature{
			PersonID: person, As: domain.AsCoordinator, Credentials: c, NewID: newID, Now: now,
		})
		return err
	})
	return issued, err
}

func (w world) signer() *credential.Signer {
	key, err := credential.LoadOrCreateKey("")
	if err != nil {
		w.Fatal(err)
	}
	signer, err := credential.New(key, domain.Issuer{URI: "urn:test", Door: "http://localhost"})
	if err != nil {
		w.Fatal(err)
	}
	return signer
}

func TestLife(t *testing.T) {
	both(t, func(w world) {
		m, signer := w.meeting(5), w.signer()
		own := orFail1(w.register(m.ID, m.OrganiserID, now))
		came := orFail1(w.register(m.ID, "came", now))
		away := orFail1(w.register(m.ID, "away", now))
		present, absent := domain.RegistrationPresent, domain.RegistrationAbsent
		evening := m.Start.Add(time.Hour)

		w.refuses("MEETING_STATE", w.declare(m.ID, evening))
		w.refuses("", w.confirm(m.ID))
		w.refuses("NOT_BEGUN", w.declare(m.ID, m.Start.Add(-1)))
		w.refuses("NOT_BEGUN", w.attend(m.ID, m.Start.Add(-1), domain.Attendance{RegistrationID: came.ID, State: present}))
		w.refuses("ATTENDANCE_INCOMPLETE", w.declare(m.ID, evening))
		w.refuses("", w.attend(m.ID, evening, domain.Attendance{RegistrationID: came.ID, State: absent}, domain.Attendance{RegistrationID: own.ID, State: present}))
		w.refuses("ATTENDANCE_INCOMPLETE", w.declare(m.ID, evening))
		w.refuses("", w.attend(m.ID, evening, domain.Attendance{RegistrationID: came.ID, State: present, Reason: "came later"}, domain.Attendance{RegistrationID: away.ID, State: absent}))
		_, err := w.countersign(m.ID, "coordinator", signer)
		w.refuses("MEETING_STATE", err)
		w.refuses("MINUTES_NOT_CLOSED", w.declare(m.ID, evening))
		w.refuses("", w.minuted(m.ID, evening))
		w.refuses("", w.declare(m.ID, evening))
		w.refuses("MEETING_STATE", w.attend(m.ID, evening, domain.Attendance{RegistrationID: came.ID, State: absent}))
		w.refuses("MEETING_STATE", w.resize(m.ID, 9))
		for _, involved := range []string{m.OrganiserID, "came"} {
			_, err := w.countersign(m.ID, involved, signer)
			w.refuses("COUNTERSIGNER_INVOLVED", err)
		}
		issued, err := w.countersign(m.ID, "away", signer) // registered, but was not there
		w.refuses("", err)
		if len(issued) != 2 || issued[0].PersonID != m.OrganiserID || issued[0].Role != domain.Organiser ||
			issued[1].PersonID != "came" || issued[1].Role != domain.Participant {
			w.Fatalf("issued %+v; want the organiser's and one participant's", issued)
		}
		_, err = w.countersign(m.ID, "coordinator", signer)
		w.refuses("MEETING_STATE", err)
		stored, err := w.Meeting(w.ctx(), m.ID)
		if err != nil || stored.State != domain.MeetingAttested || stored.PresentCount != 2 || stored.CountersignerID != "away" ||
			!stored.DeclareTime.Equal(evening) || !stored.AttestTime.Equal(now) || stored.Taken != 3 {
			w.Fatalf("stored %+v, %v", stored, err)
		}
		// One version a change, each told once.
		if n := w.number(`SELECT count(*) FROM outbox WHERE aggregate = $1`, m.ID); int64(n) != stored.Version {
			w.Fatalf("%d events of the meeting at version %d", n, stored.Version)
		}
		verify := func(credential string) domain.Verdict {
			w.Helper()
			v, err := domain.Verify(w.ctx(), w.Store, signer, credential, now)
			w.refuses("", err)
			return v
		}
		credential := issued[1].JWT
		if v := verify(credential); v != (domain.Verdict{Reason: domain.WrongIssuer}) {
			w.Fatalf("%+v; want a wrong issuer before it is published", v)
		}
		w.write(func(tx domain.Tx) error { return tx.SaveIssuer(w.ctx(), signer.Issuer()) })
		if v := verify(credential); v != (domain.Verdict{Reason: domain.UnknownKey}) {
			w.Fatalf("%+v; want an unknown key before it is published", v)
		}
		w.write(func(tx domain.Tx) error {
			return errors.Join(tx.SaveKey(w.ctx(), signer.Key()), tx.SaveIssuer(w.ctx(), signer.Issuer()))
		})
		for _, form := range []string{credential, issued[1].JSON} {
			if v := verify(form); v.Reason != 0 || v.Claims.AttestationID != issued[1].ID || v.Claims.MeetingID != m.ID || v.Claims.Status != issued[1].Status {
				w.Fatalf("%+v", v)
			}
		}
		foreign, err := signer.Sign(domain.Claims{AttestationID: newID(), PersonID: "x", Role: domain.Participant})
		w.refuses("", err)
		if v := verify(foreign.JSON); v != (domain.Verdict{Reason: domain.UnknownAttestation}) {
			w.Fatalf("%+v; want an unknown attestation", v)
		}
		over, err := signer.Sign(domain.Claims{AttestationID: issued[1].ID, PersonID: "came", Role: domain.Participant, ValidUntil: now})
		w.refuses("", err)
		if v := verify(over.JWT); v.Reason != domain.Expired || v.Claims.AttestationID != issued[1].ID {
			w.Fatalf("%+v; want an expired one", v)
		}
	})
}

func (w world) refuses(want string, err error) {
	w.Helper()
	if reason(err) != want {
		w.Fatalf("%v; want %q", err, want)
	}
}

func TestConfirmNeeds(t *testing.T) {
	both(t, func(w world) {
		for want, without := range map[string]func(*domain.Meeting){
			"ORGANISER_MISSING": func(m *domain.Meeting) { m.OrganiserID = "" },
			"PLACE_MISSING":     func(m *domain.Meeting) { m.PlaceID = "" },
		} {
			p := plan(5)
			without(&p.Common)
			w.write(func(tx domain.Tx) error {
				_, err := domain.CreateSeries(w.ctx(), tx, p)
				return err
			})
			s, err := w.Series(w.ctx(), p.SeriesID)
			w.refuses("", err)
			w.refuses(want, w.confirm(s.Meetings[0].ID))
		}
	})
}

func TestPostponed(t *testing.T) {
	both(t, func(w world) {
		m := w.meeting(5)
		w.refuses("", w.confirm(m.ID))
		start, end := m.Start.Add(24*time.Hour), m.End.Add(24*time.Hour)
		w.refuses("", w.on(m.ID, func(tx domain.Tx, m domain.Meeting) error {
			_, err := domain.UpdateMeeting(w.ctx(), tx, m, domain.Change{Start: &start, End: &end}, now)
			return err
		}))
		stored, err := w.Meeting(w.ctx(), m.ID)
		if err != nil || stored.State != domain.MeetingOpen || stored.PostponedCount != 1 || !stored.Start.Equal(start) || stored.Version != 3 {
			w.Fatalf("stored %+v, %v", stored, err)
		}
		w.refuses("MEETING_BEGUN", w.on(m.ID, func(tx domain.Tx, m domain.Meeting) error {
			_, err := domain.UpdateMeeting(w.ctx(), tx, m, domain.Change{Start: &end}, start)
			return err
		}))
	})
}

// Of two who change the same version, the second reads again what the first left.
func TestTurns(t *testing.T) {
	both(t, func(w world) {
		var all sync.WaitGroup
		defer all.Wait()
		for range 20 {
			m := w.meeting(5)
			came := orFail1(w.register(m.ID, "came", now))
			w.refuses("", w.confirm(m.ID))
			w.refuses("", w.attend(m.ID, m.Start, domain.Attendance{RegistrationID: came.ID, State: domain.RegistrationPresent}))
			w.refuses("", w.minuted(m.ID, m.Start))
			all.Go(func() { w.turn(m, came) })
		}
	})
}

// turn declares a meeting while its only participant is marked absent.
func (w world) turn(m domain.Meeting, came domain.Registration) {
	var declared, attended error
	var both sync.WaitGroup
	both.Go(func() { declared = w.declare(m.ID, m.Start) })
	both.Go(func() {
		attended = w.attend(m.ID, m.Start, domain.Attendance{RegistrationID: came.ID, State: domain.RegistrationAbsent, Reason: "left at once"})
	})
	both.Wait()
	stored, errMeeting := w.Meeting(w.ctx(), m.ID)
	sheet, errSheet := w.Registration(w.ctx(), came.ID)
	if errMeeting != nil || errSheet != nil {
		w.Error(errMeeting, errSheet)
		return
	}
	if got := [2]string{reason(declared), reason(attended)}; got != [2]string{"", "MEETING_STATE"} && got != [2]string{"NOBODY_PRESENT", ""} {
		w.Errorf("declared %v, marked %v; want one of them refused", declared, attended)
	}
	held, there := stored.State == domain.MeetingHeld, sheet.State == domain.RegistrationPresent
	if held != (declared == nil) || there != held || there != (stored.PresentCount == 1) {
		w.Errorf("%v with %d present, marked %d", stored.State, stored.PresentCount, sheet.State)
	}
}

// may accepts success and one refusal.
func (w world) may(other string, err error) {
	w.Helper()
	if why := reason(err); why != "" && why != other {
		w.Errorf("%v; want none or %q", err, other)
	}
}

// Whichever comes first, the series or the news of who organises the group, the meetings have their organiser.
func TestOrganiserHeardMeanwhile(t *testing.T) {
	both(t, func(w world) {
		plans := make([]domain.Plan, 20)
		var all sync.WaitGroup
		for i := range plans {
			plans[i] = plan(5)
			plans[i].Common.OrganiserID = "" // as the mesh answered, just before
			all.Go(func() {
				w.may("", w.Write(w.ctx(), func(tx domain.Tx) error {
					_, err := domain.CreateSeries(w.ctx(), tx, plans[i])
					return err
				}))
			})
			all.Go(func() {
				g := domain.Group{ID: plans[i].Common.GroupID, OrganiserID: "organiser", Version: 2}
				w.may("", w.Write(w.ctx(), func(tx domain.Tx) error { return domain.HearGroup(w.ctx(), tx, g, "cause") }))
			})
		}
		all.Wait()
		if n := w.number(`SELECT count(*) FROM meetings WHERE organiser_id <> 'organiser'`); n != 0 {
			w.Fatalf("%d meetings will never have an organiser", n)
		}
	})
}
