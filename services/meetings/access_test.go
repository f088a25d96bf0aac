package meetings_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

var everybody = []string{"organiser", "coordinator", "elsewhere", "relay", "national", "came", "stranger"}

// Who gets through to the rules of the domain: what these then say does not matter here.
func TestWhoMay(t *testing.T) {
	w := newWorld(t)
	attested := w.attested()
	attestation := must[*meetingsv1.ListAttestationsResponse](w)(w.ListAttestations(w.as("came"), &meetingsv1.ListAttestationsRequest{})).GetAttestations()[0]
	m := w.meeting(5)
	seat := w.register("came", m.GetId())
	for name, c := range map[string]struct {
		call   func(person string) error
		may    []string
		hidden bool
	}{
		"plan": {func(p string) error {
			_, err := w.CreateSeries(w.as(p), seriesOf(w.group("44109"), 5))
			return err
		}, []string{"organiser", "coordinator"}, false},
		"confirm": {func(p string) error {
			_, err := w.ConfirmMeeting(w.as(p), &meetingsv1.ConfirmMeetingRequest{Id: attested.GetId()})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"cancel": {func(p string) error {
			_, err := w.CancelMeeting(w.as(p), &meetingsv1.CancelMeetingRequest{Id: attested.GetId(), Cause: "x"})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"say who came": {func(p string) error {
			_, err := w.RecordAttendance(w.as(p), &meetingsv1.RecordAttendanceRequest{
				MeetingId: attested.GetId(), Attendances: []*meetingsv1.Attendance{{RegistrationId: seat.GetId(), State: 3}},
			})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"declare": {func(p string) error {
			_, err := w.DeclareMeeting(w.as(p), &meetingsv1.DeclareMeetingRequest{Id: attested.GetId()})
			return err
		}, []string{"organiser"}, false},
		"countersign": {func(p string) error {
			_, err := w.CountersignMeeting(w.as(p), &meetingsv1.CountersignMeetingRequest{Id: attested.GetId()})
			return err
		}, []string{"coordinator", "relay"}, false},
		"return": {func(p string) error {
			_, err := w.ReturnDeclaration(w.as(p), &meetingsv1.ReturnDeclarationRequest{Id: attested.GetId(), Reason: "x"})
			return err
		}, []string{"coordinator", "relay"}, false},
		"show the code": {func(p string) error {
			_, err := w.GetCheckInCode(w.as(p), &meetingsv1.GetCheckInCodeRequest{MeetingId: m.GetId()})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"take the sheet along": {func(p string) error {
			_, err := w.GetAttendanceSheet(w.as(p), &meetingsv1.GetAttendanceSheetRequest{MeetingId: m.GetId()})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"bring the sheet back": {func(p string) error {
			_, err := w.MergeAttendance(w.as(p), &meetingsv1.MergeAttendanceRequest{MeetingId: m.GetId(), Lines: []*meetingsv1.OfflineAttendance{
				{RegistrationId: seat.GetId(), State: 3, SaidTime: m.GetStartTime()},
			}})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"write minutes": {func(p string) error {
			_, err := w.WriteMinutes(w.as(p), &meetingsv1.WriteMinutesRequest{MeetingId: m.GetId(), Minutes: minutesOf()})
			return err
		}, []string{"organiser", "coordinator"}, false},
		"close minutes": {func(p string) error {
			_, err := w.CloseMinutes(w.as(p), &meetingsv1.CloseMinutesRequest{MeetingId: m.GetId()})
			return err
		}, []string{"organiser"}, false},
		"read minutes": {func(p string) error {
			_, err := w.GetMinutes(w.as(p), &meetingsv1.GetMinutesRequest{MeetingId: attested.GetId()})
			return err
		}, []string{"organiser", "coordinator", "relay"}, false},
		"read a registration": {func(p string) error {
			_, err := w.GetRegistration(w.as(p), &meetingsv1.GetRegistrationRequest{MeetingId: m.GetId(), Id: seat.GetId()})
			return err
		}, []string{"came", "coordinator", "organiser"}, true},
		"read an attestation": {func(p string) error {
			_, err := w.GetAttestation(w.as(p), &meetingsv1.GetAttestationRequest{Id: attestation.GetId()})
			return err
		}, []string{"came", "coordinator"}, true},
		"revoke an attestation": {func(p string) error {
			_, err := w.RevokeAttestation(w.as(p), &meetingsv1.RevokeAttestationRequest{Id: attestation.GetId(), Reason: "Une erreur"})
			return err
		}, []string{"coordinator"}, true},
		"give a seat back": {func(p string) error {
			_, err := w.CancelRegistration(w.as(p), &meetingsv1.CancelRegistrationRequest{MeetingId: m.GetId(), Id: seat.GetId()})
			return err
		}, []string{"came", "organiser"}, true},
	} {
		for _, person := range everybody {
			t.Run(name+"/"+person, func(t *testing.T) {
				err := c.call(person)
				kind := errs.Kind(255)
				if err != nil {
					kind = errs.From(rpc.FromStatus(err)).Kind
				}
				denied := kind == errs.Denied || kind == errs.NotFound
				if denied == slices.Contains(c.may, person) {
					t.Fatalf("%v", err)
				}
				if denied && (kind == errs.NotFound) != c.hidden {
					t.Fatalf("%v; hidden must be %v", err, c.hidden)
				}
			})
		}
	}
}

func TestCountersignerInvolved(t *testing.T) {
	w := newWorld(t)
	group := w.group("44109")
	w.mesh.groups[group].OrganiserId = "coordinator" // who coordinates the territory as well
	m := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("coordinator"), seriesOf(group, 5))).GetMeetings()[0]
	there := w.register("relay", m.GetId())
	must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("coordinator"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()}))
	w.clock.Set(m.GetStartTime().AsTime())
	must[*meetingsv1.Meeting](w)(w.RecordAttendance(w.as("coordinator"), &meetingsv1.RecordAttendanceRequest{
		MeetingId: m.GetId(), Attendances: []*meetingsv1.Attendance{{RegistrationId: there.GetId(), State: 3}},
	}))
	w.report("coordinator", m.GetId())
	must[*meetingsv1.Meeting](w)(w.DeclareMeeting(w.as("coordinator"), &meetingsv1.DeclareMeetingRequest{Id: m.GetId()}))
	for _, person := range []string{"coordinator", "relay"} {
		_, err := w.CountersignMeeting(w.as(person), &meetingsv1.CountersignMeetingRequest{Id: m.GetId()})
		w.refused(err, errs.Denied, "COUNTERSIGNER_INVOLVED", "id")
		_, err = w.ReturnDeclaration(w.as(person), &meetingsv1.ReturnDeclarationRequest{Id: m.GetId(), Reason: "x"})
		w.refused(err, errs.Denied, "COUNTERSIGNER_INVOLVED", "id")
	}
}

// What each sees in the personal lists.
func TestPersonalLists(t *testing.T) {
	w := newWorld(t)
	m := w.attested()
	for person, want := range map[string][2]string{ // registrations, attestations
		"organiser":   {"[away came]", "[organiser]"},
		"coordinator": {"[away came]", "[came organiser]"},
		"elsewhere":   {"[]", "[]"},
		"relay":       {"[]", "[]"},
		"national":    {"[]", "[]"},
		"came":        {"[came]", "[came]"},
		"away":        {"[away]", "[]"},
	} {
		var seats, proofs []string
		for _, r := range must[*meetingsv1.ListRegistrationsResponse](w)(w.ListRegistrations(w.as(person), &meetingsv1.ListRegistrationsRequest{MeetingId: m.GetId()})).GetRegistrations() {
			seats = append(seats, r.GetPersonId())
		}
		for _, a := range must[*meetingsv1.ListAttestationsResponse](w)(w.ListAttestations(w.as(person), &meetingsv1.ListAttestationsRequest{MeetingId: m.GetId()})).GetAttestations() {
			proofs = append(proofs, a.GetPersonId())
		}
		slices.Sort(seats)
		slices.Sort(proofs)
		if got := [2]string{fmt.Sprint(seats), fmt.Sprint(proofs)}; got != want {
			t.Errorf("%s sees %v; want %v", person, got, want)
		}
	}
}
