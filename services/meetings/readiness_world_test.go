package meetings_test

import (
	"bytes"
	"image"
	"image/png"

	"github.com/google/uuid"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	referent = "0190a1b2-0000-4000-8000-0000000000cc" // a person's id, as names of referents have to be
	mender   = "0190a1b2-0000-4000-8000-0000000000dd"
)

func (w *world) board(person, meeting string) *meetingsv1.Readiness {
	w.Helper()
	return must[*meetingsv1.Readiness](w)(w.GetReadiness(w.as(person), &meetingsv1.GetReadinessRequest{MeetingId: meeting}))
}

func (w *world) item(meeting, code string) *meetingsv1.ReadinessItem {
	w.Helper()
	for _, i := range w.board("organiser", meeting).GetItems() {
		if i.GetCode() == code {
			return i
		}
	}
	w.Fatalf("no line %s", code)
	return nil
}

func (w *world) problem(person, meeting string) *meetingsv1.Problem {
	w.Helper()
	return must[*meetingsv1.Problem](w)(w.ReportProblem(w.as(person), problemOf(meeting)))
}

func problemOf(meeting string) *meetingsv1.ReportProblemRequest {
	return &meetingsv1.ReportProblemRequest{Problem: &meetingsv1.Problem{
		MeetingId: meeting, Kind: meetingsv1.ProblemKind_PROBLEM_KIND_NETWORK, Severity: meetingsv1.Severity_SEVERITY_SEVERE, Text: "Pas de réseau 🙂",
	}}
}

func incidentOf(meeting, text string) *meetingsv1.ReportIncidentRequest {
	return &meetingsv1.ReportIncidentRequest{MeetingId: meeting, Incident: &meetingsv1.Incident{
		Kind: meetingsv1.ProblemKind_PROBLEM_KIND_NETWORK, Text: text,
	}}
}

func attachmentOf(i *meetingsv1.Incident, name, contentType string, content []byte) *meetingsv1.AddAttachmentRequest {
	return &meetingsv1.AddAttachmentRequest{MeetingId: i.GetMeetingId(), IncidentId: i.GetId(), Attachment: &meetingsv1.Attachment{
		Name: name, ContentType: contentType, Content: content,
	}}
}

func requirementOf(territory, code string) *meetingsv1.CreateRequirementRequest {
	return &meetingsv1.CreateRequirementRequest{Requirement: &meetingsv1.Requirement{
		MeetingType: meetingsv1.MeetingType_MEETING_TYPE_IN_PERSON, TerritoryCode: territory, Code: code, Domain: 4, TextFr: "Chaises",
		TextEn: "Chairs", Required: true, DueHoursBeforeStart: 24, CheckedBy: meetingsv1.Charge_CHARGE_REFERENT,
	}}
}

func routeOf(territory string) *meetingsv1.CreateProblemRouteRequest {
	return &meetingsv1.CreateProblemRouteRequest{ProblemRoute: &meetingsv1.ProblemRoute{
		TerritoryCode: territory, Charge: meetingsv1.Charge_CHARGE_PERSON, PersonId: mender, PromisedHours: 4,
	}}
}

func thresholdOf(territory string) *meetingsv1.CreateThresholdRequest {
	return &meetingsv1.CreateThresholdRequest{Threshold: &meetingsv1.Threshold{
		MeetingType: meetingsv1.MeetingType_MEETING_TYPE_IN_PERSON, TerritoryCode: territory, Measure: meetingsv1.Measure_MEASURE_REGISTRATIONS,
		Limit: 2, HoursBeforeStart: 72, Recommendation: meetingsv1.Recommendation_RECOMMENDATION_POSTPONE,
	}}
}

func pngOf(w *world) []byte {
	w.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 4, 4))); err != nil {
		w.Fatal(err)
	}
	return b.Bytes()
}

// unknown is an id that nothing has.
func unknown() string { return uuid.NewString() }
