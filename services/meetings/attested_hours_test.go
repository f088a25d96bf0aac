package meetings_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// heldWith takes a meeting of so many hours to its attestations, with everyone there for a part of it, those who facilitate included.
func (w *world) heldWith(hours int, parts map[string]meetingsv1.AttendancePart, facilitators ...string) *meetingsv1.Meeting {
	w.Helper()
	series := seriesOf(w.group("44109"), 50)
	series.Slots = []*meetingsv1.Slot{slot(24, hours), slot(96, hours)}
	m := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), series)).GetMeetings()[0]
	m = must[*meetingsv1.Meeting](w)(w.SetSeats(w.as("organiser"), &meetingsv1.SetSeatsRequest{
		MeetingId: m.GetId(), Mode: meetingsv1.SeatMode_SEAT_MODE_IN_PERSON, Role: meetingsv1.SeatRole_SEAT_ROLE_FACILITATOR, Capacity: 5,
	}))
	sheet := &meetingsv1.RecordAttendanceRequest{MeetingId: m.GetId()}
	for person, part := range parts {
		role := meetingsv1.SeatRole_SEAT_ROLE_LEARNER
		if slices.Contains(facilitators, person) {
			role = meetingsv1.SeatRole_SEAT_ROLE_FACILITATOR
		}
		seat := must[*meetingsv1.Registration](w)(w.CreateRegistration(w.as(person), &meetingsv1.CreateRegistrationRequest{
			MeetingId: m.GetId(), Registration: &meetingsv1.Registration{Role: role},
		}))
		sheet.Attendances = append(sheet.Attendances, &meetingsv1.Attendance{
			RegistrationId: seat.GetId(), State: meetingsv1.RegistrationState_REGISTRATION_STATE_PRESENT, Part: part,
		})
	}
	m = must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()}))
	w.clock.Set(m.GetEndTime().AsTime())
	must[*meetingsv1.Meeting](w)(w.RecordAttendance(w.as("organiser"), sheet))
	w.report("organiser", m.GetId())
	must[*meetingsv1.Meeting](w)(w.DeclareMeeting(w.as("organiser"), &meetingsv1.DeclareMeetingRequest{Id: m.GetId()}))
	m = must[*meetingsv1.CountersignMeetingResponse](w)(w.CountersignMeeting(w.as("relay"), &meetingsv1.CountersignMeetingRequest{Id: m.GetId()})).GetMeeting()
	w.clock.Set(start)
	return m
}

// Whoever came to a half of a long day is attested that half; who made it take place, the whole.
func TestAttestedHours(t *testing.T) {
	w := newWorld(t)
	module := w.deps.Catalogue.(catalogue).module
	module.Version, module.Competences = 4, []string{"3.4", "5.2"}
	w.heldWith(7, map[string]meetingsv1.AttendancePart{
		"early": meetingsv1.AttendancePart_ATTENDANCE_PART_MORNING, "late": meetingsv1.AttendancePart_ATTENDANCE_PART_AFTERNOON,
		"stays": meetingsv1.AttendancePart_ATTENDANCE_PART_UNSPECIFIED, "animates": meetingsv1.AttendancePart_ATTENDANCE_PART_MORNING,
	}, "animates")
	for person, want := range map[string]struct {
		length time.Duration
		hours  string
	}{
		"early": {210 * time.Minute, "3.5"}, "late": {210 * time.Minute, "3.5"}, "stays": {7 * time.Hour, "7"}, "animates": {7 * time.Hour, "7"},
		"organiser": {7 * time.Hour, "7"},
	} {
		a := w.own(person)
		for _, form := range []string{a.GetCredential(), a.GetCredentialJson()} {
			v := w.verify(form)
			c := v.GetClaims()
			if !v.GetValid() || c.GetAttendedDuration().AsDuration() != want.length || len(c.GetCompetences()) != 2 || c.GetCompetences()[0].GetTitle() != "Programmer" ||
				c.GetModuleVersion() != 4 || c.GetCountersigner() != meetingsv1.Countersigner_COUNTERSIGNER_RELAY {
				t.Errorf("%s: %v", person, v)
			}
		}
		if !strings.Contains(a.GetCredentialJson(), `"hours":"`+want.hours+`"`) || !strings.Contains(a.GetCredentialJson(), `"tag":["CRCN 3.4","CRCN 5.2"]`) {
			t.Errorf("%s: %s", person, a.GetCredentialJson())
		}
	}
}

// A meeting of one half-day is whole for everyone, and a module without competences names none.
func TestAttestedHoursOfShortMeeting(t *testing.T) {
	w := newWorld(t)
	w.heldWith(2, map[string]meetingsv1.AttendancePart{"came": 0})
	a := w.own("came")
	if c := w.verify(a.GetCredential()).GetClaims(); c.GetAttendedDuration().AsDuration() != 2*time.Hour || len(c.GetCompetences()) != 0 {
		t.Errorf("%v", c)
	}
	if strings.Contains(a.GetCredentialJson(), "tag") {
		t.Error(a.GetCredentialJson())
	}
}
