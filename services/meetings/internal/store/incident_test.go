package store_test

import (
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

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
		defer w.versions()
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
		if reported, documented := w.emitted("incident.reported"), w.emitted("incident.documented"); reported != 2 || documented != 5 {
			w.Fatalf("%d reported, %d documented", reported, documented)
		}
		evening := m.Start.Add(2 * time.Hour)
		w.refuses("", w.attend(m.ID, evening, domain.Attendance{RegistrationID: came.ID, State: domain.RegistrationPresent}))
		w.refuses("", w.minuted(m.ID, evening))
		w.refuses("", w.declare(m.ID, evening))
		_, err = w.incident(m.ID, evening, time.Time{})
		w.refuses("MEETING_NOT_RUNNING", err)
		w.refuses("MEETING_NOT_RUNNING", w.attach(m.ID, first.ID, evening))
	})
}

// Many attach at once, and the organiser declares meanwhile: five at most are kept, and none after the declaration.
func TestConcurrentAttachments(t *testing.T) {
	both(t, func(w world) {
		defer w.versions()
		m := w.meeting(5)
		came := orFail1(w.register(m.ID, "came", now))
		w.refuses("", w.confirm(m.ID))
		evening := m.Start.Add(2 * time.Hour)
		i := orFail1(w.incident(m.ID, evening, time.Time{}))
		w.refuses("", w.attend(m.ID, evening, domain.Attendance{RegistrationID: came.ID, State: domain.RegistrationPresent}))
		w.refuses("", w.minuted(m.ID, evening))
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
		if counted := w.number(`SELECT attachment_count FROM incidents WHERE id = $1`, i.ID); kept > 5 || kept != counted || w.emitted("incident.documented") != kept {
			w.Fatalf("%d kept, %d counted, %d told", kept, counted, w.emitted("incident.documented"))
		}
	})
}
