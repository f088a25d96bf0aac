package e2e

import (
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/testkit"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

// share has the group write down what it tried: two of them write, the organiser sends it up, it comes back once, everyone finds it, and
// somebody elsewhere makes another sheet of it.
func (l *life) share() {
	came := l.in(l.first, confirmed)
	ada, bob := came[1], came[2]
	sheet, path := &cataloguev1.PracticeSheet{}, "/v1/practiceSheets/"
	testkit.Poll(l.t, patience, func() bool { // the catalogue hears of seats
		l.revive()
		reason := l.request(ada, http.MethodPost, of(l.first, "/practiceSheets"), &cataloguev1.PracticeSheet{Title: "Le robot qui dessine"}, sheet)
		return reason == "" || !strings.HasPrefix(reason, "NOT_PERMITTED") && !strings.HasPrefix(reason, "NOT_FOUND")
	}, "the catalogue to hear who was there")
	path += sheet.GetId()
	read := proto.CloneOf(sheet)
	l.must(ada, http.MethodPut, path, written(read, "Le robot qui dessine", ""), sheet)
	if reason := l.request(bob, http.MethodPut, path, written(read, "Un robot", "Les piles"), nil); !strings.HasPrefix(reason, "ETAG_MISMATCH") {
		l.t.Fatalf("two write at once: %q", reason)
	}
	l.must(bob, http.MethodPut, path, written(sheet, sheet.GetTitle(), "Les piles"), sheet)
	if reason := l.request(ada, http.MethodPost, path+":submit", &cataloguev1.SubmitPracticeSheetRequest{}, nil); !strings.HasPrefix(reason, "NOT_PERMITTED") {
		l.t.Fatalf("somebody of the group sends up: %q", reason)
	}
	l.post(l.organiser, path+":submit", &cataloguev1.SubmitPracticeSheetRequest{}, sheet)
	if reason := l.request(l.organiser, http.MethodPost, path+":review", decided(sheet, cataloguev1.ReviewOutcome_REVIEW_OUTCOME_PUBLISHED, ""), nil); !strings.HasPrefix(reason, "NOT_PERMITTED") {
		l.t.Fatalf("the organiser publishes: %q", reason)
	}
	l.post(l.coordinator, path+":review", decided(sheet, cataloguev1.ReviewOutcome_REVIEW_OUTCOME_RETURNED, "Combien de robots ?"), sheet)
	l.owe(l.organiser, "PRACTICE_SHEET_RETURNED", l.first)
	work := &cataloguev1.ListPracticeSheetWorkResponse{}
	l.get(bob, "/v1/practiceSheetWork?meetingId="+l.first.GetId(), work)
	if all := work.GetPracticeSheets(); len(all) != 1 || all[0].GetReturnReason() != "Combien de robots ?" || all[0].GetDidNotWork() != "Les piles" {
		l.t.Fatalf("%v", work)
	}
	l.must(bob, http.MethodPut, path, written(sheet, "Le robot qui dessine, à six", "Les piles"), sheet)
	l.post(l.organiser, path+":submit", &cataloguev1.SubmitPracticeSheetRequest{}, sheet)
	if reason := l.request(nil, http.MethodGet, path, nil, nil); !strings.HasPrefix(reason, "NOT_FOUND") {
		l.t.Fatalf("read before it is published: %q", reason)
	}
	l.post(l.national, path+":review", decided(sheet, cataloguev1.ReviewOutcome_REVIEW_OUTCOME_PUBLISHED, "Merci"), sheet)
	l.owe(l.organiser, "PRACTICE_SHEET_PUBLISHED", l.first)
	l.reuse(path, sheet)
}

// reuse finds the sheet as everyone does, and uses it.
func (l *life) reuse(path string, sheet *cataloguev1.PracticeSheet) {
	found := &cataloguev1.ListPracticeSheetsResponse{}
	l.get(nil, "/v1/practiceSheets?query=ROBOT%20programmer&age=10&maxDurationMinutes=60&territoryCode="+l.first.GetCommuneCode(), found)
	if all := found.GetPracticeSheets(); len(all) != 1 || all[0].GetId() != sheet.GetId() || all[0].GetMeetingId() != "" || len(all[0].GetChanges()) != 0 {
		l.t.Fatalf("%v", found)
	}
	if _, page := l.persist(http.MethodGet, "/fiches/"+sheet.GetId(), "", "", ""); !strings.Contains(page, "<h1>Le robot qui dessine, à six</h1>") || strings.Contains(page, l.organiser.name) {
		l.t.Fatalf("%s", page)
	}
	if reason := l.request(l.organiser, http.MethodPost, path+":recordReuse", &cataloguev1.RecordPracticeSheetReuseRequest{}, nil); !strings.HasPrefix(reason, "PRACTICE_SHEET_OWN_REUSE") {
		l.t.Fatalf("one's own: %q", reason)
	}
	used := &cataloguev1.PracticeSheet{}
	for range 2 {
		l.post(l.relay, path+":recordReuse", &cataloguev1.RecordPracticeSheetReuseRequest{}, used)
	}
	derived := written(&cataloguev1.PracticeSheet{}, "Le robot qui écrit", "")
	derived.DerivedFrom = sheet.GetId()
	l.post(l.organiser, of(l.first, "/practiceSheets"), derived, derived)
	l.post(l.coordinator, "/v1/practiceSheets/"+derived.GetId()+":submit", &cataloguev1.SubmitPracticeSheetRequest{}, derived)
	l.post(l.national, "/v1/practiceSheets/"+derived.GetId()+":review", decided(derived, cataloguev1.ReviewOutcome_REVIEW_OUTCOME_PUBLISHED, ""), derived)
	l.owe(l.organiser, "PRACTICE_SHEET_PUBLISHED", l.first)
	l.get(nil, "/v1/practiceSheets?order=PRACTICE_SHEET_ORDER_MOST_REUSED", found)
	if all := found.GetPracticeSheets(); len(all) != 2 || all[0].GetDerivationCount() != 1 || all[0].GetUserCount() != 0 || !all[0].GetUserCountSuppressed() || all[1].GetDerivedFrom() != all[0].GetId() {
		l.t.Fatalf("%v", found)
	}
}

// written is a complete text, to be put in the place of what was read.
func written(read *cataloguev1.PracticeSheet, title, wrong string) *cataloguev1.PracticeSheet {
	return &cataloguev1.PracticeSheet{
		Title: title, Summary: "Les enfants font dessiner un carré à un robot.", MinAge: 8, MaxAge: 11, DurationMinutes: 60, Material: []string{"Un robot pour trois", "Des feutres"},
		Competences: []string{"Programmer un déplacement"}, Keywords: []string{"robotique"}, Worked: "À trois, chacun a un rôle.", DidNotWork: wrong, Licence: "CC-BY-SA-4.0", Etag: read.GetEtag(),
		Steps: []*cataloguev1.PracticeSheetStep{{Title: "Sans robot", Text: "Un enfant joue le robot.", Minutes: 20}, {Title: "Avec robot", Text: "On programme, on essaie, on corrige.", Minutes: 40}},
	}
}

func decided(read *cataloguev1.PracticeSheet, outcome cataloguev1.ReviewOutcome, note string) *cataloguev1.ReviewPracticeSheetRequest {
	return &cataloguev1.ReviewPracticeSheetRequest{Outcome: outcome, Note: note, Etag: read.GetEtag()}
}
