package meetings_test

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

func TestWhoMayReadiness(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(9)
	w.register("came", m.GetId())
	must[*meetingsv1.Referent](w)(w.NameReferent(w.as("organiser"), &meetingsv1.NameReferentRequest{MeetingId: m.GetId(), PersonId: referent}))
	must[*meetingsv1.ProblemRoute](w)(w.CreateProblemRoute(w.as("coordinator"), routeOf("44109")))
	p := w.problem("came", m.GetId())
	must[*meetingsv1.ProfessionalSearch](w)(w.StartSearch(w.as("organiser"), &meetingsv1.StartSearchRequest{MeetingId: m.GetId()}))
	pro, idle := w.professional(1), w.professional(2)
	line := w.ask(m, oneByOne, pro, idle)
	must[*meetingsv1.Ask](w)(w.AcceptAsk(w.as(pro), &meetingsv1.AcceptAskRequest{Id: line[0].GetId()}))
	asked := append(slices.Clone(everybody), referent, mender, pro, idle)
	for name, c := range map[string]struct {
		call func(person string) error
		may  []string
		kind errs.Kind // of the refusal
	}{
		"read the board": {func(p string) error {
			_, err := w.GetReadiness(w.as(p), &meetingsv1.GetReadinessRequest{MeetingId: m.GetId()})
			return err
		}, []string{"organiser", "coordinator", "relay", "came", referent, pro}, errs.NotFound},
		"check": {func(p string) error {
			_, err := w.CheckItem(w.as(p), &meetingsv1.CheckItemRequest{MeetingId: m.GetId(), Id: w.item(m.GetId(), "KIT_READ").GetId(), State: 2})
			return err
		}, []string{"organiser", "coordinator", "relay", referent}, errs.NotFound},
		"name": {func(p string) error {
			_, err := w.NameReferent(w.as(p), &meetingsv1.NameReferentRequest{MeetingId: m.GetId(), PersonId: referent})
			return err
		}, []string{"organiser", "coordinator", "relay", referent}, errs.NotFound},
		"see incidents": {func(p string) error {
			_, err := w.ListIncidents(w.as(p), &meetingsv1.ListIncidentsRequest{MeetingId: m.GetId()})
			return err
		}, []string{"organiser", "coordinator"}, errs.NotFound}, // the referent was asked, and has not agreed
		"follow": {func(p string) error {
			_, err := w.ListOverdueChecks(w.as(p), &meetingsv1.ListOverdueChecksRequest{TerritoryCode: "DEP-44"})
			return err
		}, []string{"coordinator"}, errs.Denied},
		"see routes": {func(p string) error {
			_, err := w.ListProblemRoutes(w.as(p), &meetingsv1.ListProblemRoutesRequest{TerritoryCode: "44109"})
			return err
		}, []string{"coordinator"}, errs.Denied},
		"keep rules": {func(p string) error {
			_, err := w.CreateRequirement(w.as(p), requirementOf("DEP-44", "CHAIRS"))
			return err
		}, []string{"coordinator", "national"}, errs.Denied},
		"keep everybody's rules": {func(p string) error {
			_, err := w.CreateThreshold(w.as(p), thresholdOf("FR"))
			return err
		}, []string{"national"}, errs.Denied},
		"read a problem": {func(person string) error {
			_, err := w.GetProblem(w.as(person), &meetingsv1.GetProblemRequest{Id: p.GetId()})
			return err
		}, []string{"organiser", "coordinator", "relay", "came", mender}, errs.NotFound},
		"promise": {func(person string) error {
			_, err := w.AssignProblem(w.as(person), &meetingsv1.AssignProblemRequest{Id: p.GetId(), PersonId: mender})
			return err
		}, []string{"organiser", "coordinator", "relay", mender}, errs.NotFound},
		"report about a meeting": {func(p string) error { _, err := w.ReportProblem(w.as(p), problemOf(m.GetId())); return err },
			[]string{"organiser", "coordinator", "relay", "came", referent, pro}, errs.NotFound},
	} {
		w.mayOnly(name, asked, c.may, c.kind, c.call)
	}
	w.mayOnly("accept", asked, []string{referent}, errs.NotFound, func(p string) error {
		_, err := w.AcceptReferent(w.as(p), &meetingsv1.AcceptReferentRequest{MeetingId: m.GetId()})
		return err
	})
	w.mayOnly("see incidents", asked, []string{"organiser", "coordinator", referent}, errs.NotFound, func(p string) error {
		_, err := w.ListIncidents(w.as(p), &meetingsv1.ListIncidentsRequest{MeetingId: m.GetId()})
		return err
	})
}

func (w *world) mayOnly(name string, asked, may []string, refusal errs.Kind, call func(person string) error) {
	for _, person := range asked {
		w.Run(name+"/"+person, func(t *testing.T) {
			err := call(person)
			if slices.Contains(may, person) {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || errs.From(rpc.FromStatus(err)).Kind != refusal {
				t.Fatalf("%v; want %v", err, refusal)
			}
		})
	}
}

func TestBoardRefusals(t *testing.T) {
	w := newWorld(t)
	m, other := w.meeting(5), w.meeting(5)
	own, foreign := w.item(m.GetId(), "KIT_READ"), w.item(other.GetId(), "KIT_READ")
	type request = *meetingsv1.CheckItemRequest
	check := func(edit func(request)) func() error {
		return func() error {
			req := &meetingsv1.CheckItemRequest{MeetingId: m.GetId(), Id: own.GetId(), State: 2}
			edit(req)
			_, err := w.CheckItem(w.as("organiser"), req)
			return err
		}
	}
	name := func(meeting, person, etag string) func() error {
		return func() error {
			_, err := w.NameReferent(w.as("organiser"), &meetingsv1.NameReferentRequest{MeetingId: meeting, PersonId: person, Etag: etag})
			return err
		}
	}
	w.refuses(map[string]refusal{
		"no board": {func() error {
			_, err := w.GetReadiness(w.as("organiser"), &meetingsv1.GetReadinessRequest{MeetingId: unknown()})
			return err
		}, errs.NotFound, "NOT_FOUND", "meeting_id"},
		"nobody's board": {func() error {
			_, err := w.GetReadiness(w.as(""), &meetingsv1.GetReadinessRequest{MeetingId: m.GetId()})
			return err
		}, errs.Unauthenticated, "TOKEN_MISSING", ""},
		"unknown item":            {check(func(r request) { r.Id = unknown() }), errs.NotFound, "NOT_FOUND", "id"},
		"item of another meeting": {check(func(r request) { r.Id = foreign.GetId() }), errs.NotFound, "NOT_FOUND", "id"},
		"computed item":           {check(func(r request) { r.Id = "" }), errs.Invalid, "STRING_UUID_EMPTY", "id"},
		"unknown meeting":         {check(func(r request) { r.MeetingId = unknown() }), errs.NotFound, "NOT_FOUND", "meeting_id"},
		"stale etag":              {check(func(r request) { r.Etag = `"9"` }), errs.Stale, "ETAG_MISMATCH", "etag"},
		"no state":                {check(func(r request) { r.State = 0 }), errs.Invalid, "ENUM_NOT_IN", "state"},
		"unknown state":           {check(func(r request) { r.State = 9 }), errs.Invalid, "ENUM_DEFINED_ONLY", "state"},
		"blocked without a word":  {check(func(r request) { r.State = 4 }), errs.Invalid, "FIELD_REQUIRED", "note"},
		"blocked, only spaces":    {check(func(r request) { r.State, r.Note = 4, " \u200b\t" }), errs.Invalid, "FIELD_REQUIRED", "note"},
		"NUL":                     {check(func(r request) { r.Note = "a\x00" }), errs.Invalid, "NUL_CHARACTER", "note"},
		"too long":                {check(func(r request) { r.Note = strings.Repeat("é", 501) }), errs.Invalid, "STRING_MAX_LEN", "note"},
		"referent, no id":         {name(m.GetId(), "someone", ""), errs.Invalid, "STRING_UUID", "person_id"},
		"referent, stale":         {name(m.GetId(), referent, `"3"`), errs.Stale, "ETAG_MISMATCH", "etag"},
		"referent, no meeting":    {name(unknown(), referent, ""), errs.NotFound, "NOT_FOUND", "meeting_id"},
	})
	must[*meetingsv1.Meeting](w)(w.CancelMeeting(w.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: other.GetId(), Cause: "fermé"}))
	w.refuses(map[string]refusal{
		"cancelled": {func() error {
			_, err := w.CheckItem(w.as("organiser"), &meetingsv1.CheckItemRequest{MeetingId: other.GetId(), Id: foreign.GetId(), State: 2})
			return err
		}, errs.Precondition, "MEETING_STATE", ""},
		"referent, cancelled": {name(other.GetId(), referent, ""), errs.Precondition, "MEETING_STATE", ""},
		"problem, cancelled": {func() error {
			_, err := w.ReportProblem(w.as("organiser"), problemOf(other.GetId()))
			return err
		}, errs.Precondition, "MEETING_STATE", ""},
	})
	w.clock.Set(m.GetStartTime().AsTime())
	w.refuses(map[string]refusal{"referent, begun": {name(m.GetId(), referent, ""), errs.Precondition, "MEETING_STATE", ""}})
}

func TestRuleRefusals(t *testing.T) {
	w := newWorld(t)
	type (
		requirement = *meetingsv1.Requirement
		route       = *meetingsv1.ProblemRoute
		threshold   = *meetingsv1.Threshold
	)
	require := func(edit func(requirement)) func() error {
		return func() error {
			req := requirementOf("REG-52", "CHAIRS")
			edit(req.GetRequirement())
			_, err := w.CreateRequirement(w.as("coordinator"), req)
			return err
		}
	}
	routed := func(edit func(route)) func() error {
		return func() error {
			req := routeOf("REG-52")
			edit(req.GetProblemRoute())
			_, err := w.CreateProblemRoute(w.as("coordinator"), req)
			return err
		}
	}
	limited := func(edit func(threshold)) func() error {
		return func() error {
			req := thresholdOf("REG-52")
			edit(req.GetThreshold())
			_, err := w.CreateThreshold(w.as("coordinator"), req)
			return err
		}
	}
	must[*meetingsv1.Requirement](w)(w.CreateRequirement(w.as("coordinator"), requirementOf("REG-52", "CHAIRS")))
	w.refuses(map[string]refusal{
		"no requirement": {func() error {
			_, err := w.CreateRequirement(w.as("coordinator"), &meetingsv1.CreateRequirementRequest{})
			return err
		}, errs.Invalid, "FIELD_REQUIRED", "requirement"},
		"due after the start": {require(func(r requirement) { r.DueHoursBeforeStart = -1 }), errs.Invalid, "INT32_GTE_LTE", "requirement.due_hours_before_start"},
		"due a year before":   {require(func(r requirement) { r.DueHoursBeforeStart = 9000 }), errs.Invalid, "INT32_GTE_LTE", "requirement.due_hours_before_start"},
		"no type":             {require(func(r requirement) { r.MeetingType = 0 }), errs.Invalid, "ENUM_NOT_IN", "requirement.meeting_type"},
		"by a person":         {require(func(r requirement) { r.CheckedBy = 5 }), errs.Invalid, "ENUM_IN", "requirement.checked_by"},
		"code":                {require(func(r requirement) { r.Code = "chairs; DROP" }), errs.Invalid, "STRING_PATTERN", "requirement.code"},
		"territory":           {require(func(r requirement) { r.TerritoryCode = "52" }), errs.Invalid, "STRING_PATTERN", "requirement.territory_code"},
		"unknown territory":   {require(func(r requirement) { r.TerritoryCode = "REG-99" }), errs.NotFound, "NOT_FOUND", "requirement.territory_code"},
		"blank text":          {require(func(r requirement) { r.TextFr = "\u00a0 " }), errs.Invalid, "FIELD_REQUIRED", "requirement.text_fr"},
		"no such requirement": {func() error {
			_, err := w.DeleteRequirement(w.as("coordinator"), &meetingsv1.DeleteRequirementRequest{Id: unknown()})
			return err
		}, errs.NotFound, "NOT_FOUND", "id"},
		"no such route": {func() error {
			_, err := w.DeleteProblemRoute(w.as("coordinator"), &meetingsv1.DeleteProblemRouteRequest{Id: unknown()})
			return err
		}, errs.NotFound, "NOT_FOUND", "id"},
		"no such threshold": {func() error {
			_, err := w.DeleteThreshold(w.as("coordinator"), &meetingsv1.DeleteThresholdRequest{Id: unknown()})
			return err
		}, errs.NotFound, "NOT_FOUND", "id"},
		"list, no type": {func() error {
			_, err := w.ListRequirements(w.as("a"), &meetingsv1.ListRequirementsRequest{})
			return err
		}, errs.Invalid, "ENUM_NOT_IN", "meeting_type"},
		"list, nowhere": {func() error {
			_, err := w.ListRequirements(w.as("a"), &meetingsv1.ListRequirementsRequest{MeetingType: 1, TerritoryCode: "99999"})
			return err
		}, errs.NotFound, "NOT_FOUND", "territory_code"},
		"list, junk": {func() error {
			_, err := w.ListThresholds(w.as("a"), &meetingsv1.ListThresholdsRequest{MeetingType: 1, PageToken: "junk"})
			return err
		}, errs.Invalid, "PAGE_TOKEN_INVALID", "page_token"},
		"route, person missing":  {routed(func(r route) { r.PersonId = "" }), errs.Invalid, "ROUTE_PERSON", "problem_route.person_id"},
		"route, person too much": {routed(func(r route) { r.Charge = 4 }), errs.Invalid, "ROUTE_PERSON", "problem_route.person_id"},
		"route, at once":         {routed(func(r route) { r.PromisedHours = 0 }), errs.Invalid, "INT32_GTE_LTE", "problem_route.promised_hours"},
		"route, no charge":       {routed(func(r route) { r.Charge = 0 }), errs.Invalid, "ENUM_NOT_IN", "problem_route.charge"},
		"threshold, negative":    {limited(func(h threshold) { h.Limit = -1 }), errs.Invalid, "INT32_GTE_LTE", "threshold.limit"},
		"threshold, two weeks":   {limited(func(h threshold) { h.HoursBeforeStart = 336 }), errs.Invalid, "INT32_GTE_LTE", "threshold.hours_before_start"},
		"threshold, for nothing": {limited(func(h threshold) { h.Recommendation = 0 }), errs.Invalid, "ENUM_NOT_IN", "threshold.recommendation"},
	})
}

func TestProblemRefusals(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	w.register("came", m.GetId())
	p := w.problem("came", m.GetId())
	type problem = *meetingsv1.Problem
	report := func(edit func(problem)) func() error {
		return func() error {
			req := problemOf(m.GetId())
			edit(req.GetProblem())
			_, err := w.ReportProblem(w.as("came"), req)
			return err
		}
	}
	promise := func(at *timestamppb.Timestamp, etag string) func() error {
		return func() error {
			_, err := w.AssignProblem(w.as("coordinator"), &meetingsv1.AssignProblemRequest{Id: p.GetId(), PromiseTime: at, Etag: etag})
			return err
		}
	}
	in := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(start.Add(d)) }
	w.refuses(map[string]refusal{
		"nowhere":        {report(func(p problem) { p.MeetingId = "" }), errs.Invalid, "PROBLEM_WHERE", "problem.meeting_id"},
		"twice":          {report(func(p problem) { p.PlaceId = place }), errs.Invalid, "PROBLEM_WHERE", "problem.meeting_id"},
		"no meeting":     {report(func(p problem) { p.MeetingId = unknown() }), errs.NotFound, "NOT_FOUND", "problem.meeting_id"},
		"no place":       {report(func(p problem) { p.MeetingId, p.PlaceId = "", unknown() }), errs.NotFound, "NOT_FOUND", "problem.place_id"},
		"no kind":        {report(func(p problem) { p.Kind = 0 }), errs.Invalid, "ENUM_NOT_IN", "problem.kind"},
		"no severity":    {report(func(p problem) { p.Severity = 0 }), errs.Invalid, "ENUM_NOT_IN", "problem.severity"},
		"only spaces":    {report(func(p problem) { p.Text = " \n\u200f" }), errs.Invalid, "FIELD_REQUIRED", "problem.text"},
		"NUL":            {report(func(p problem) { p.Text = "x\x00y" }), errs.Invalid, "NUL_CHARACTER", "problem.text"},
		"too long":       {report(func(p problem) { p.Text = strings.Repeat("é", 2001) }), errs.Invalid, "STRING_MAX_LEN", "problem.text"},
		"promised past":  {promise(in(-time.Hour), ""), errs.Invalid, "PROMISE_TIME", "promise_time"},
		"promised now":   {promise(in(0), ""), errs.Invalid, "PROMISE_TIME", "promise_time"},
		"promised 2099":  {promise(in(70*366*24*time.Hour), ""), errs.Invalid, "PROMISE_TIME", "promise_time"},
		"no such moment": {promise(&timestamppb.Timestamp{Seconds: 1 << 60}, ""), errs.Invalid, "TIME_INVALID", "promise_time"},
		"stale":          {promise(in(time.Hour), `"9"`), errs.Stale, "ETAG_MISMATCH", "etag"},
		"close open": {func() error {
			_, err := w.CloseProblem(w.as("came"), &meetingsv1.CloseProblemRequest{Id: p.GetId()})
			return err
		}, errs.Precondition, "PROBLEM_STATE", ""},
		"reopen open": {func() error {
			_, err := w.ReopenProblem(w.as("came"), &meetingsv1.ReopenProblemRequest{Id: p.GetId()})
			return err
		}, errs.Precondition, "PROBLEM_STATE", ""},
		"unknown": {func() error {
			_, err := w.GetProblem(w.as("came"), &meetingsv1.GetProblemRequest{Id: unknown()})
			return err
		}, errs.NotFound, "NOT_FOUND", "id"},
	})
	w.mesh.away = true
	w.refuses(map[string]refusal{"mesh away": {report(func(p problem) { p.MeetingId, p.PlaceId = "", place }), errs.Unavailable, "UNAVAILABLE", ""}})
}

func TestIncidentRefusals(t *testing.T) {
	w := newWorld(t)
	m, other := w.meeting(5), w.meeting(5)
	report := func(text string, at *timestamppb.Timestamp) func() error {
		return func() error {
			req := incidentOf(m.GetId(), text)
			req.Incident.OccurTime = at
			_, err := w.ReportIncident(w.as("organiser"), req)
			return err
		}
	}
	w.refuses(map[string]refusal{"before the start": {report("x", nil), errs.Precondition, "MEETING_NOT_RUNNING", ""}})
	begin := m.GetStartTime().AsTime()
	w.clock.Set(begin.Add(time.Hour))
	incident := must[*meetingsv1.Incident](w)(w.ReportIncident(w.as("organiser"), incidentOf(m.GetId(), "انقطاع 🙂")))
	attach := func(name, contentType string, content []byte) func() error {
		return func() error {
			_, err := w.AddAttachment(w.as("organiser"), attachmentOf(incident, name, contentType, content))
			return err
		}
	}
	elsewhere := attachmentOf(incident, "x", "text/plain", []byte("x"))
	elsewhere.MeetingId = other.GetId()
	w.refuses(map[string]refusal{
		"happened before":   {report("x", timestamppb.New(begin.Add(-1))), errs.Invalid, "OCCUR_TIME", "incident.occur_time"},
		"happens tomorrow":  {report("x", timestamppb.New(begin.Add(25*time.Hour))), errs.Invalid, "OCCUR_TIME", "incident.occur_time"},
		"only spaces":       {report("\u00a0\t", nil), errs.Invalid, "FIELD_REQUIRED", "incident.text"},
		"NUL":               {report("\x00", nil), errs.Invalid, "NUL_CHARACTER", "incident.text"},
		"wrong magic":       {attach("x.png", "image/png", []byte("GIF89a")), errs.Invalid, "ATTACHMENT_TYPE", "attachment.content"},
		"zip bomb":          {attach("x.png", "image/png", zipBomb(w)), errs.Invalid, "ATTACHMENT_TYPE", "attachment.content"},
		"0 byte":            {attach("x.png", "image/png", nil), errs.Invalid, "FIELD_REQUIRED", "attachment.content"},
		"too big":           {attach("x.txt", "text/plain", bytes.Repeat([]byte("a"), 768_001)), errs.Invalid, "BYTES_MAX_LEN", "attachment.content"},
		"another type":      {attach("x.svg", "image/svg+xml", []byte("<svg/>")), errs.Invalid, "STRING_IN", "attachment.content_type"},
		"NUL in the name":   {attach("x\x00.png", "image/png", pngOf(w)), errs.Invalid, "NUL_CHARACTER", "attachment.name"},
		"another meeting's": {func() error { _, err := w.AddAttachment(w.as("organiser"), elsewhere); return err }, errs.NotFound, "NOT_FOUND", "incident_id"},
		"nobody's": {func() error {
			_, err := w.GetAttachment(w.as("organiser"), &meetingsv1.GetAttachmentRequest{MeetingId: m.GetId(), IncidentId: incident.GetId(), Id: unknown()})
			return err
		}, errs.NotFound, "NOT_FOUND", "id"},
	})
	for range 5 {
		must[*meetingsv1.Attachment](w)(w.AddAttachment(w.as("organiser"), attachmentOf(incident, "..\\CON", "text/plain", bytes.Repeat([]byte("a"), 768_000))))
	}
	w.refuses(map[string]refusal{"a sixth": {attach("x.txt", "text/plain", []byte("x")), errs.Precondition, "ATTACHMENTS_FULL", "incident_id"}})
	w.declared(m)
	w.refuses(map[string]refusal{
		"declared":            {report("x", nil), errs.Precondition, "MEETING_NOT_RUNNING", ""},
		"attached afterwards": {attach("x.txt", "text/plain", []byte("x")), errs.Precondition, "MEETING_NOT_RUNNING", ""},
	})
}

// declared has the organiser come alone and declare the meeting.
func (w *world) declared(m *meetingsv1.Meeting) {
	w.Helper()
	at := w.clock.Now()
	w.clock.Set(start)
	own := w.register("organiser", m.GetId())
	must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()}))
	w.clock.Set(at)
	must[*meetingsv1.Meeting](w)(w.RecordAttendance(w.as("organiser"), &meetingsv1.RecordAttendanceRequest{
		MeetingId: m.GetId(), Attendances: []*meetingsv1.Attendance{{RegistrationId: own.GetId(), State: 3}},
	}))
	w.report("organiser", m.GetId())
	must[*meetingsv1.Meeting](w)(w.DeclareMeeting(w.as("organiser"), &meetingsv1.DeclareMeetingRequest{Id: m.GetId()}))
}

func zipBomb(w *world) []byte {
	w.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	inside, err := z.Create("bomb")
	if err == nil {
		_, err = inside.Write(make([]byte, 4<<20))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		w.Fatal(err)
	}
	return b.Bytes()
}
