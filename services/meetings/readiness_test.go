package meetings_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// A meeting from its plan to its incidents, by those who get it ready.
func TestGettingReady(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	board := w.board("organiser", m.GetId())
	if board.GetReady() || board.GetMissingCount() != 6 || board.GetMeetingType() != meetingsv1.MeetingType_MEETING_TYPE_IN_PERSON ||
		board.GetReferent().GetPersonId() != "organiser" || !strings.HasPrefix(board.GetSummaryFr(), "Pas encore prêt : 6 points manquent") ||
		board.GetRecommendation() != meetingsv1.Recommendation_RECOMMENDATION_POSTPONE || len(board.GetReasons()) != 2 { // it begins tomorrow
		t.Fatalf("planned: %v", board)
	}
	named := must[*meetingsv1.Referent](w)(w.NameReferent(w.as("relay"), &meetingsv1.NameReferentRequest{MeetingId: m.GetId(), PersonId: referent}))
	if named.GetState() != meetingsv1.ReferentState_REFERENT_STATE_NAMED {
		t.Fatalf("named %v", named)
	}
	_, err := w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()})
	w.refused(err, errs.Precondition, "REFERENT_MISSING", "id")
	must[*meetingsv1.Referent](w)(w.AcceptReferent(w.as(referent), &meetingsv1.AcceptReferentRequest{MeetingId: m.GetId()}))
	must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()}))

	for _, i := range w.board(referent, m.GetId()).GetItems() {
		if i.GetComputed() {
			if i.GetId() != "" || i.GetEtag() != "" {
				t.Fatalf("computed, and to be checked: %v", i)
			}
			continue
		}
		must[*meetingsv1.Readiness](w)(w.CheckItem(w.as(referent), &meetingsv1.CheckItemRequest{
			MeetingId: m.GetId(), Id: i.GetId(), State: meetingsv1.ItemState_ITEM_STATE_DONE, Note: "vu avec M. X", Etag: i.GetEtag(),
		}))
	}
	for n := range 4 {
		w.register(string(rune('a'+n)), m.GetId())
	}
	board = w.board("a", m.GetId())
	if !board.GetReady() || board.GetSummaryFr() != "Tout est prêt." || board.GetRecommendation() != 0 {
		t.Fatalf("ready: %v", board)
	}
	for _, i := range board.GetItems() { // whoever is only registered
		if !i.GetComputed() && (i.GetNote() != "" || i.GetPersonId() != "") || i.GetState() != meetingsv1.ItemState_ITEM_STATE_DONE && i.GetRequired() {
			t.Errorf("a registered person sees %v", i)
		}
	}
	if i := w.item(m.GetId(), "KIT_READ"); i.GetNote() == "" || i.GetPersonId() != referent || i.GetCheckTime() == nil {
		t.Errorf("the organiser sees %v", i)
	}

	w.clock.Set(m.GetStartTime().AsTime().Add(time.Hour))
	incident := must[*meetingsv1.Incident](w)(w.ReportIncident(w.as(referent), incidentOf(m.GetId(), "Coupure")))
	picture := pngOf(w)
	added := must[*meetingsv1.Attachment](w)(w.AddAttachment(w.as(referent), attachmentOf(incident, "../../écran.PNG", "image/png", picture)))
	if added.GetName() != "écran.png" || added.GetContent() != nil || int(added.GetSize()) != len(picture) {
		t.Fatalf("added %v", added)
	}
	whole := must[*meetingsv1.Attachment](w)(w.GetAttachment(w.as("coordinator"), &meetingsv1.GetAttachmentRequest{
		MeetingId: m.GetId(), IncidentId: incident.GetId(), Id: added.GetId(),
	}))
	if !bytes.Equal(whole.GetContent(), picture) || whole.GetSha256() != added.GetSha256() {
		t.Fatalf("read back %v", whole)
	}
	list := must[*meetingsv1.ListIncidentsResponse](w)(w.ListIncidents(w.as("organiser"), &meetingsv1.ListIncidentsRequest{MeetingId: m.GetId()})).GetIncidents()
	if len(list) != 1 || len(list[0].GetAttachments()) != 1 || list[0].GetText() != "Coupure" || list[0].GetAttachments()[0].GetContent() != nil {
		t.Fatalf("incidents %v", list)
	}
}

func TestProblemOfAMeeting(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	w.register("learner", m.GetId())
	p := w.problem("learner", m.GetId())
	if p.GetState() != meetingsv1.ProblemState_PROBLEM_STATE_REPORTED || p.GetCharge() != meetingsv1.Charge_CHARGE_COORDINATOR || p.GetRouteId() != "" || p.GetReporterId() != "learner" {
		t.Fatalf("by default %v", p)
	}
	route := must[*meetingsv1.ProblemRoute](w)(w.CreateProblemRoute(w.as("coordinator"), routeOf("DEP-44")))
	routed := w.problem("learner", m.GetId())
	if routed.GetState() != meetingsv1.ProblemState_PROBLEM_STATE_ASSIGNED || routed.GetResponsibleId() != mender || routed.GetRouteId() != route.GetId() ||
		!routed.GetPromiseTime().AsTime().Equal(start.Add(4*time.Hour)) {
		t.Fatalf("routed %v", routed)
	}
	routes := must[*meetingsv1.ListProblemRoutesResponse](w)(w.ListProblemRoutes(w.as("coordinator"), &meetingsv1.ListProblemRoutesRequest{TerritoryCode: "44109"})).GetProblemRoutes()
	if len(routes) != 2 || !proto.Equal(routes[0], route) || routes[1].GetTerritoryCode() != "FR" || routes[1].GetPromisedHours() != 72 {
		t.Fatalf("routes %v", routes)
	}
	w.clock.Advance(4 * time.Hour)
	if b := w.board("organiser", m.GetId()); b.GetOpenProblemCount() != 2 || b.GetSevereProblemCount() != 2 || b.GetLateProblemCount() != 1 {
		t.Fatalf("%v", b)
	}
	late := must[*meetingsv1.ListProblemsResponse](w)(w.ListProblems(w.as("coordinator"), &meetingsv1.ListProblemsRequest{Late: true})).GetProblems()
	if len(late) != 1 || late[0].GetId() != routed.GetId() || !late[0].GetLate() {
		t.Fatalf("late %v", late)
	}
	promise := timestamppb.New(w.clock.Now().Add(time.Hour))
	p = must[*meetingsv1.Problem](w)(w.AssignProblem(w.as(mender), &meetingsv1.AssignProblemRequest{Id: routed.GetId(), PromiseTime: promise}))
	if p.GetLate() || p.GetResponsibleId() != mender || !proto.Equal(p.GetPromiseTime(), promise) {
		t.Fatalf("promised anew %v", p)
	}
	p = must[*meetingsv1.Problem](w)(w.MendProblem(w.as(mender), &meetingsv1.MendProblemRequest{Id: p.GetId(), Etag: p.GetEtag()}))
	p = must[*meetingsv1.Problem](w)(w.ReopenProblem(w.as("learner"), &meetingsv1.ReopenProblemRequest{Id: p.GetId(), Etag: p.GetEtag()}))
	p = must[*meetingsv1.Problem](w)(w.MendProblem(w.as("organiser"), &meetingsv1.MendProblemRequest{Id: p.GetId(), Etag: p.GetEtag()}))
	p = must[*meetingsv1.Problem](w)(w.CloseProblem(w.as("learner"), &meetingsv1.CloseProblemRequest{Id: p.GetId(), Etag: p.GetEtag()}))
	if p.GetState() != meetingsv1.ProblemState_PROBLEM_STATE_CLOSED || p.GetReopenedCount() != 1 {
		t.Fatalf("closed %v", p)
	}
	alone := &meetingsv1.ReportProblemRequest{Problem: &meetingsv1.Problem{PlaceId: place, Kind: 4, Severity: 1, Text: "صالة مغلقة"}}
	if p := must[*meetingsv1.Problem](w)(w.ReportProblem(w.as("anyone"), alone)); p.GetStructureId() != structure || p.GetCommuneCode() != "44109" || p.GetResponsibleId() != mender {
		t.Fatalf("of a place %v", p)
	}
}

func TestRulesInForce(t *testing.T) {
	w := newWorld(t)
	list := func(territory string, size int32, token string) *meetingsv1.ListRequirementsResponse {
		return must[*meetingsv1.ListRequirementsResponse](w)(w.ListRequirements(w.as("anyone"), &meetingsv1.ListRequirementsRequest{
			MeetingType: 1, TerritoryCode: territory, PageSize: size, PageToken: token,
		}))
	}
	defaults := len(list("", 0, "").GetRequirements())
	before := w.meeting(5)
	first := must[*meetingsv1.Requirement](w)(w.CreateRequirement(w.as("coordinator"), requirementOf("REG-52", "CHAIRS")))
	second := must[*meetingsv1.Requirement](w)(w.CreateRequirement(w.as("coordinator"), requirementOf("REG-52", "CHAIRS")))
	if first.GetVersion() != 1 || second.GetVersion() != 2 {
		t.Fatalf("%v, %v", first, second)
	}
	if here, there := len(list("44109", 0, "").GetRequirements()), len(list("13055", 0, "").GetRequirements()); here != defaults+1 || there != defaults {
		t.Fatalf("%d here, %d there, %d everywhere", here, there, defaults)
	}
	var paged []*meetingsv1.Requirement
	for token := ""; ; {
		page := list("44109", 3, token)
		paged = append(paged, page.GetRequirements()...)
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	for n, r := range list("44109", 0, "").GetRequirements() {
		if !proto.Equal(r, paged[n]) {
			t.Fatalf("by pages %v; want %v", paged[n], r)
		}
	}
	if was, is := w.board("organiser", before.GetId()).GetMissingCount(), w.board("organiser", w.meeting(5).GetId()).GetMissingCount(); is != was+1 {
		t.Fatalf("%d missing on a board from before, %d on one from after", was, is)
	}
	must[*meetingsv1.Requirement](w)(w.DeleteRequirement(w.as("coordinator"), &meetingsv1.DeleteRequirementRequest{Id: second.GetId()}))
	_, err := w.DeleteRequirement(w.as("coordinator"), &meetingsv1.DeleteRequirementRequest{Id: second.GetId()})
	w.refused(err, errs.NotFound, "NOT_FOUND", "id")

	h := must[*meetingsv1.Threshold](w)(w.CreateThreshold(w.as("coordinator"), thresholdOf("REG-52")))
	thresholds := must[*meetingsv1.ListThresholdsResponse](w)(w.ListThresholds(w.as("anyone"), &meetingsv1.ListThresholdsRequest{MeetingType: 1, TerritoryCode: "44109"})).GetThresholds()
	if len(thresholds) != 5 || !proto.Equal(thresholds[0], h) {
		t.Fatalf("%v", thresholds)
	}
	must[*meetingsv1.Threshold](w)(w.DeleteThreshold(w.as("coordinator"), &meetingsv1.DeleteThresholdRequest{Id: h.GetId()}))
	route := must[*meetingsv1.ProblemRoute](w)(w.CreateProblemRoute(w.as("national"), routeOf("FR")))
	must[*meetingsv1.ProblemRoute](w)(w.DeleteProblemRoute(w.as("national"), &meetingsv1.DeleteProblemRouteRequest{Id: route.GetId()}))
}

func TestOverdueChecks(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5) // tomorrow: what was to be done a week before is late at once
	list := func(territory string) []*meetingsv1.OverdueCheck {
		return must[*meetingsv1.ListOverdueChecksResponse](w)(w.ListOverdueChecks(w.as("coordinator"), &meetingsv1.ListOverdueChecksRequest{TerritoryCode: territory})).GetOverdueChecks()
	}
	late := list("DEP-44")
	if len(late) != 12 || late[0].GetMeetingId() != m.GetId() || !late[0].GetItem().GetLate() || late[0].GetItem().GetDueTime().AsTime().After(start) {
		t.Fatalf("%d late: %v", len(late), late[0])
	}
	i := late[0].GetItem()
	must[*meetingsv1.Readiness](w)(w.CheckItem(w.as("coordinator"), &meetingsv1.CheckItemRequest{MeetingId: m.GetId(), Id: i.GetId(), State: 3, Note: "prêtée"}))
	if after := list("REG-52"); len(after) != 11 {
		t.Fatalf("%d late after one was spared", len(after))
	}
}

// The same request ten times at once, and then with another content.
func TestConcurrentSameReadinessRequest(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	i := w.item(m.GetId(), "KIT_READ")
	check := &meetingsv1.CheckItemRequest{MeetingId: m.GetId(), Id: i.GetId(), State: 2, Etag: i.GetEtag(), RequestId: uuid.NewString()}
	report := problemOf(m.GetId())
	report.RequestId = uuid.NewString()
	var all sync.WaitGroup
	var mu sync.Mutex
	boards, problems := map[string]bool{}, map[string]bool{}
	ctx := w.as("organiser")
	for range 10 {
		all.Go(func() {
			b, err := w.CheckItem(ctx, check)
			p, err2 := w.ReportProblem(ctx, report)
			mu.Lock()
			defer mu.Unlock()
			boards[b.GetEtag()], problems[p.GetId()] = true, true
			if err != nil || err2 != nil {
				t.Error(err, err2)
			}
		})
	}
	all.Wait()
	if len(boards) != 1 || len(problems) != 1 || w.item(m.GetId(), "KIT_READ").GetEtag() != `"2"` {
		t.Fatalf("%v, %v", boards, problems)
	}
	check.State = 4
	_, err := w.CheckItem(w.as("organiser"), check)
	w.refused(err, errs.Precondition, "REQUEST_ID_REUSED", "request_id")

	// Ten different words on the same etag: one is heard, nine are told to read again.
	i, heard := w.item(m.GetId(), "ROOM_BOOKED"), 0
	for n := range 10 {
		all.Go(func() {
			_, err := w.CheckItem(ctx, &meetingsv1.CheckItemRequest{MeetingId: m.GetId(), Id: i.GetId(), State: 2, Etag: i.GetEtag(), Note: strings.Repeat("!", n)})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				heard++
			}
		})
	}
	if all.Wait(); heard != 1 {
		t.Fatalf("%d of ten were heard", heard)
	}
}
