package api_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
	"github.com/classcode/maillage/services/catalogue/internal/events"
	"github.com/classcode/maillage/services/catalogue/internal/store"
)

const (
	heldID     = "0b8f3c1e-3a49-4c8e-9d52-9e6f6d2b8b01" // a meeting that took place in Nantes
	plannedID  = "0b8f3c1e-3a49-4c8e-9d52-9e6f6d2b8b02" // one that is to come
	elsewhere  = "0b8f3c1e-3a49-4c8e-9d52-9e6f6d2b8b03" // one that took place in Lyon, of another group
	nowhereIDs = "0b8f3c1e-3a49-4c8e-9d52-9e6f6d2b8b04"
)

// desk is the service with three meetings of which it has heard.
type desk struct {
	*fixture
	cataloguev1.PracticeSheetServiceClient
	t *testing.T
}

func openDesk(t *testing.T) *desk {
	t.Helper()
	people := accesstest.People{
		"chief": {{Kind: access.National}}, "coordinator": {{Kind: access.Coordinator, Territory: "DEP-44"}},
		"far": {{Kind: access.Coordinator, Territory: "DEP-69"}}, "organiser": {{Kind: access.National}}, "lyon": nil,
	}
	f := startWith(t, people, accesstest.Ladder{"44109": {"DEP-44", "FR"}, "69123": {"DEP-69", "FR"}})
	s, err := store.New(t.Context(), f.db, time.Now, events.Encode)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(tx domain.Tx) error {
		for _, m := range []domain.Meeting{
			{ID: heldID, OrganiserID: "organiser", CommuneCode: "44109", Date: "2026-11-24", Held: true, Version: 1},
			{ID: plannedID, OrganiserID: "organiser", CommuneCode: "44109", Date: "2026-12-24", Version: 1},
			{ID: elsewhere, OrganiserID: "lyon", CommuneCode: "69123", Date: "2026-11-25", Held: true, Version: 1},
		} {
			if err := domain.RecordMeeting(t.Context(), tx, m); err != nil {
				return err
			}
			for _, person := range []string{"ada", "bob"} {
				if m.ID == elsewhere {
					continue
				}
				if err := domain.RecordSeats(t.Context(), tx, []domain.Seat{{RegistrationID: m.ID + person, MeetingID: m.ID, PersonID: person, Version: 1}}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return &desk{f, cataloguev1.NewPracticeSheetServiceClient(f.conn), t}
}

func sheet() *cataloguev1.PracticeSheet {
	return &cataloguev1.PracticeSheet{
		Title: "Trier sans ordinateur", Summary: "On trie des <b>cartes</b>.", MinAge: 8, MaxAge: 11, DurationMinutes: 45, Material: []string{"Cartes"},
		Competences: []string{"Décrire un algorithme"}, Keywords: []string{"débranché"}, Worked: "Les équipes de trois.", Licence: "CC-BY-4.0",
		Steps: []*cataloguev1.PracticeSheetStep{{Title: "Jouer", Text: "Chacun pioche.", Minutes: 20}},
	}
}

func (d *desk) begin(who, meeting string, s *cataloguev1.PracticeSheet) (*cataloguev1.PracticeSheet, error) {
	return d.CreatePracticeSheet(d.as(d.t, who), &cataloguev1.CreatePracticeSheetRequest{MeetingId: meeting, PracticeSheet: s})
}

func (d *desk) submit(who, id string) (*cataloguev1.PracticeSheet, error) {
	return d.SubmitPracticeSheet(d.as(d.t, who), &cataloguev1.SubmitPracticeSheetRequest{Id: id})
}

func (d *desk) review(who string, s *cataloguev1.PracticeSheet, outcome cataloguev1.ReviewOutcome, note string) (*cataloguev1.PracticeSheet, error) {
	return d.ReviewPracticeSheet(d.as(d.t, who), &cataloguev1.ReviewPracticeSheetRequest{Id: s.GetId(), Outcome: outcome, Note: note, Etag: s.GetEtag()})
}

func (d *desk) must(s *cataloguev1.PracticeSheet, err error) *cataloguev1.PracticeSheet {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

const (
	returned  = cataloguev1.ReviewOutcome_REVIEW_OUTCOME_RETURNED
	approved  = cataloguev1.ReviewOutcome_REVIEW_OUTCOME_REVIEWED
	published = cataloguev1.ReviewOutcome_REVIEW_OUTCOME_PUBLISHED
)

// From the group to everyone and back: what each sees of it on the way.
func TestSheetFromGroupToEveryone(t *testing.T) {
	d := openDesk(t)
	s := d.must(d.begin("ada", heldID, sheet()))
	again := sheet()
	again.Etag, again.DidNotWork = s.GetEtag(), "Seul, on s'ennuie."
	s = d.must(d.WritePracticeSheet(d.as(t, "bob"), &cataloguev1.WritePracticeSheetRequest{Id: s.GetId(), PracticeSheet: again}))
	s = d.must(d.submit("organiser", s.GetId()))
	s = d.must(d.review("coordinator", s, returned, "Pour quel âge ?"))
	for who, state := range map[string]cataloguev1.PracticeSheetState{"ada": 5, "organiser": 5, "coordinator": 5, "chief": 5, "lyon": 0, "far": 0, "": 0} {
		ctx := t.Context()
		if who != "" {
			ctx = d.as(t, who)
		}
		got, err := d.GetPracticeSheet(ctx, &cataloguev1.GetPracticeSheetRequest{Id: s.GetId()})
		if state == 0 {
			refused(t, err, codes.NotFound, "NOT_FOUND", "")
		} else if got.GetState() != state || got.GetReturnReason() != "Pour quel âge ?" || got.GetMeetingId() != heldID || len(got.GetChanges()) != 4 || got.GetChanges()[0].GetPersonId() != "coordinator" {
			t.Errorf("%s sees %v, %v", who, got, err)
		}
	}
	again.Etag = s.GetEtag()
	s = d.must(d.WritePracticeSheet(d.as(t, "ada"), &cataloguev1.WritePracticeSheetRequest{Id: s.GetId(), PracticeSheet: again}))
	s = d.must(d.submit("organiser", s.GetId()))
	s = d.must(d.review("chief", s, approved, "Très clair"))
	s = d.must(d.review("coordinator", s, published, ""))
	if s.GetReturnReason() != "" || s.GetRemarks() != "Très clair" {
		t.Errorf("%v", s)
	}
	public := d.must(d.GetPracticeSheet(t.Context(), &cataloguev1.GetPracticeSheetRequest{Id: s.GetId()}))
	if public.GetMeetingId() != "" || public.GetRemarks() != "" || len(public.GetChanges()) != 0 || public.GetCommuneCode() != "44109" || public.GetMeetingDate() != "2026-11-24" || public.GetSummary() != "On trie des <b>cartes</b>." {
		t.Errorf("%v", public)
	}
	for _, person := range []string{"ada", "bob", "organiser", "chief", "coordinator"} {
		if strings.Contains(fmt.Sprint(public), person) {
			t.Errorf("%s is named in %v", person, public)
		}
	}
	for _, who := range []string{"chief", "far", "lyon", "p4"} {
		public = d.must(d.RecordPracticeSheetReuse(d.as(t, who), &cataloguev1.RecordPracticeSheetReuseRequest{Id: s.GetId()}))
	}
	if public.GetUserCount() != 0 || !public.GetUserCountSuppressed() {
		t.Errorf("of four: %v", public)
	}
	public = d.must(d.RecordPracticeSheetReuse(d.as(t, "p5"), &cataloguev1.RecordPracticeSheetReuseRequest{Id: s.GetId()}))
	if public.GetUserCount() != 5 || public.GetUserCountSuppressed() {
		t.Errorf("of five: %v", public)
	}
	_, err := d.RecordPracticeSheetReuse(d.as(t, "ada"), &cataloguev1.RecordPracticeSheetReuseRequest{Id: s.GetId()})
	refused(t, err, codes.FailedPrecondition, "PRACTICE_SHEET_OWN_REUSE", "id")
}

func TestSheetsByPage(t *testing.T) {
	d := openDesk(t)
	for i := range 5 {
		s := sheet()
		s.Title = fmt.Sprint("Fiche ", i)
		draft := d.must(d.begin("ada", heldID, s))
		if i < 4 {
			d.must(d.review("chief", d.must(d.submit("organiser", draft.GetId())), published, ""))
		}
	}
	for _, order := range []cataloguev1.PracticeSheetOrder{0, 2} {
		seen, token := map[string]bool{}, ""
		for range 2 {
			list, err := d.ListPracticeSheets(t.Context(), &cataloguev1.ListPracticeSheetsRequest{PageSize: 2, PageToken: token, Order: order, Query: "FICHE", TerritoryCode: "DEP-44"})
			if err != nil || len(list.GetPracticeSheets()) != 2 {
				t.Fatalf("%v, %v", list, err)
			}
			for _, s := range list.GetPracticeSheets() {
				seen[s.GetId()] = true
			}
			token = list.GetNextPageToken()
			_, err = d.ListPracticeSheets(t.Context(), &cataloguev1.ListPracticeSheetsRequest{PageSize: 2, PageToken: token, Order: order, Query: "autre"})
			if token != "" {
				refused(t, err, codes.InvalidArgument, "PAGE_TOKEN_INVALID", "page_token")
			}
		}
		if len(seen) != 4 || token != "" {
			t.Errorf("order %s: %d sheets, then %q", order, len(seen), token)
		}
	}
	for who, want := range map[string]int{"ada": 5, "organiser": 5, "coordinator": 5, "chief": 4, "far": 0, "lyon": 0} {
		work, err := d.ListPracticeSheetWork(d.as(t, who), &cataloguev1.ListPracticeSheetWorkRequest{MeetingId: heldID})
		if err != nil || len(work.GetPracticeSheets()) != want {
			t.Errorf("%s works on %d sheets, %v; want %d", who, len(work.GetPracticeSheets()), err, want)
		}
	}
	_, err := d.ListPracticeSheetWork(t.Context(), &cataloguev1.ListPracticeSheetWorkRequest{})
	refused(t, err, codes.Unauthenticated, "TOKEN_MISSING", "")
}

func TestBadSheetsChangeNothing(t *testing.T) {
	d := openDesk(t)
	draft := d.must(d.begin("ada", heldID, sheet()))
	bare := d.must(d.begin("ada", heldID, &cataloguev1.PracticeSheet{Title: "Brouillon"}))
	early := d.must(d.begin("ada", plannedID, sheet()))
	waiting := d.must(d.submit("organiser", d.must(d.begin("ada", heldID, sheet())).GetId()))
	out := d.must(d.review("chief", d.must(d.submit("organiser", d.must(d.begin("ada", heldID, sheet())).GetId())), published, ""))
	write := func(who string, change func(*cataloguev1.PracticeSheet)) func() error {
		return func() error {
			s := proto.CloneOf(sheet())
			s.Etag = draft.GetEtag()
			change(s)
			_, err := d.WritePracticeSheet(d.as(t, who), &cataloguev1.WritePracticeSheetRequest{Id: draft.GetId(), PracticeSheet: s})
			return err
		}
	}
	begin := func(who, meeting string) func() error {
		return func() error { _, err := d.begin(who, meeting, sheet()); return err }
	}
	submit := func(who, id string) func() error { return func() error { _, err := d.submit(who, id); return err } }
	review := func(who string, s *cataloguev1.PracticeSheet, outcome cataloguev1.ReviewOutcome, note string) func() error {
		return func() error { _, err := d.review(who, s, outcome, note); return err }
	}
	stale := proto.CloneOf(waiting)
	stale.Etag = draft.GetEtag()
	star := proto.CloneOf(waiting)
	star.Etag = "*"
	for name, c := range map[string]struct {
		call          func() error
		code          codes.Code
		reason, field string
	}{
		"a stranger begins":              {begin("lyon", heldID), codes.PermissionDenied, "NOT_PERMITTED", ""},
		"of a meeting that nobody knows": {begin("ada", nowhereIDs), codes.NotFound, "NOT_FOUND", "meeting_id"},
		"a stranger writes":              {write("lyon", func(*cataloguev1.PracticeSheet) {}), codes.PermissionDenied, "NOT_PERMITTED", ""},
		"title of 201 signs":             {write("ada", func(s *cataloguev1.PracticeSheet) { s.Title = strings.Repeat("é", 201) }), codes.InvalidArgument, "INVALID_ARGUMENT", "practice_sheet.title"},
		"title of two lines":             {write("ada", func(s *cataloguev1.PracticeSheet) { s.Title = "Tri\r\nBcc: x" }), codes.InvalidArgument, "TEXT_NOT_ONE_LINE", "practice_sheet.title"},
		"control characters":             {write("ada", func(s *cataloguev1.PracticeSheet) { s.Summary = "a\x1bb" }), codes.InvalidArgument, "TEXT_WITH_CONTROL_CHARACTERS", "practice_sheet.summary"},
		"a licence that is not open":     {write("ada", func(s *cataloguev1.PracticeSheet) { s.Licence = "CC-BY-NC-4.0" }), codes.InvalidArgument, "INVALID_ARGUMENT", "practice_sheet.licence"},
		"thirty-one steps":               {write("ada", func(s *cataloguev1.PracticeSheet) { s.Steps = append(s.Steps, make30()...) }), codes.InvalidArgument, "INVALID_ARGUMENT", "practice_sheet.steps"},
		"too long in all": {write("ada", func(s *cataloguev1.PracticeSheet) {
			for _, step := range make30()[1:] {
				step.Text = strings.Repeat("a", 4000)
				s.Steps = append(s.Steps, step)
			}
		}), codes.InvalidArgument, "PRACTICE_SHEET_TOO_LONG", "practice_sheet"},
		"a module that is not there": {write("ada", func(s *cataloguev1.PracticeSheet) { s.ModuleId = nowhereIDs }), codes.InvalidArgument, "REFERENCE_NOT_FOUND", "practice_sheet.module_id"},
		"without etag":               {write("ada", func(s *cataloguev1.PracticeSheet) { s.Etag = "" }), codes.InvalidArgument, "FIELD_REQUIRED", "practice_sheet.etag"},
		"with any etag":              {write("ada", func(s *cataloguev1.PracticeSheet) { s.Etag = "*" }), codes.Aborted, "ETAG_MISMATCH", "practice_sheet.etag"},
		"with a stale etag":          {write("ada", func(s *cataloguev1.PracticeSheet) { s.Etag = `"0"` }), codes.Aborted, "ETAG_MISMATCH", "practice_sheet.etag"},
		"made from itself":           {write("ada", func(s *cataloguev1.PracticeSheet) { s.DerivedFrom = draft.GetId() }), codes.InvalidArgument, "PRACTICE_SHEET_ORIGIN_FIXED", "practice_sheet.derived_from"},
		"made from a draft": {func() error {
			s := sheet()
			s.DerivedFrom = draft.GetId()
			_, err := d.begin("lyon", elsewhere, s)
			return err
		}, codes.InvalidArgument, "PRACTICE_SHEET_ORIGIN_NOT_PUBLISHED", "practice_sheet.derived_from"},
		"a participant sends up":        {submit("ada", draft.GetId()), codes.PermissionDenied, "NOT_PERMITTED", ""},
		"a far coordinator sends up":    {submit("far", draft.GetId()), codes.PermissionDenied, "NOT_PERMITTED", ""},
		"sent up before the meeting":    {submit("organiser", early.GetId()), codes.FailedPrecondition, "MEETING_NOT_HELD", "id"},
		"sent up twice":                 {submit("organiser", waiting.GetId()), codes.FailedPrecondition, "PRACTICE_SHEET_STATE", ""},
		"written after it was sent up":  {func() error { return d.rewrite("ada", waiting) }, codes.FailedPrecondition, "PRACTICE_SHEET_STATE", ""},
		"written after it is published": {func() error { return d.rewrite("ada", out) }, codes.FailedPrecondition, "PRACTICE_SHEET_STATE", ""},
		"a draft published":             {review("chief", draft, published, ""), codes.FailedPrecondition, "PRACTICE_SHEET_STATE", ""},
		"reviewed by its organiser":     {review("organiser", waiting, published, ""), codes.PermissionDenied, "PRACTICE_SHEET_OWN_REVIEW", "id"},
		"reviewed by a participant":     {review("ada", waiting, published, ""), codes.PermissionDenied, "NOT_PERMITTED", ""},
		"reviewed from far away":        {review("far", waiting, published, ""), codes.PermissionDenied, "NOT_PERMITTED", ""},
		"returned without a reason":     {review("chief", waiting, returned, " \n"), codes.InvalidArgument, "FIELD_REQUIRED", "note"},
		"returned with a long reason":   {review("chief", waiting, returned, strings.Repeat("é", 1001)), codes.InvalidArgument, "INVALID_ARGUMENT", "note"},
		"of another text than was read": {review("chief", stale, published, ""), codes.Aborted, "ETAG_MISMATCH", "etag"},
		"of whatever text":              {review("chief", star, published, ""), codes.Aborted, "ETAG_MISMATCH", "etag"},
		"an outcome that is none":       {review("chief", waiting, 9, ""), codes.InvalidArgument, "INVALID_ARGUMENT", "outcome"},
		"reuse of a draft": {func() error {
			_, err := d.RecordPracticeSheetReuse(d.as(t, "lyon"), &cataloguev1.RecordPracticeSheetReuseRequest{Id: draft.GetId()})
			return err
		}, codes.NotFound, "NOT_FOUND", ""},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.call(), c.code, c.reason, c.field) })
	}
	_, err := d.submit("organiser", bare.GetId())
	var missing []string
	for _, detail := range status.Convert(err).Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			for _, v := range bad.GetFieldViolations() {
				missing = append(missing, strings.TrimPrefix(v.GetField(), "practice_sheet."))
			}
		}
	}
	if want := "summary min_age max_age duration_minutes competences steps worked licence"; strings.Join(missing, " ") != want {
		t.Errorf("%v: missing %v; want %s", err, missing, want)
	}
	for _, s := range []*cataloguev1.PracticeSheet{draft, bare, early, waiting, out} {
		if got := d.must(d.GetPracticeSheet(d.as(t, "ada"), &cataloguev1.GetPracticeSheetRequest{Id: s.GetId()})); got.GetEtag() != s.GetEtag() {
			t.Errorf("changed: %v", got)
		}
	}
}

func make30() (steps []*cataloguev1.PracticeSheetStep) {
	for range 30 {
		steps = append(steps, &cataloguev1.PracticeSheetStep{Title: "Étape"})
	}
	return steps
}

func (d *desk) rewrite(who string, s *cataloguev1.PracticeSheet) error {
	again := sheet()
	again.Etag = s.GetEtag()
	_, err := d.WritePracticeSheet(d.as(d.t, who), &cataloguev1.WritePracticeSheetRequest{Id: s.GetId(), PracticeSheet: again})
	return err
}

// Submitted twice at once under one request_id, the answer is the same; under two, one is refused.
func TestConcurrentSubmissions(t *testing.T) {
	d := openDesk(t)
	s := d.must(d.begin("ada", heldID, sheet()))
	const key = "0b8f3c1e-3a49-4c8e-9d52-9e6f6d2b8c01"
	var wg sync.WaitGroup
	outcomes := make([]error, 6)
	ctx := d.as(t, "organiser")
	for i := range outcomes {
		wg.Go(func() {
			req := &cataloguev1.SubmitPracticeSheetRequest{Id: s.GetId()}
			if i < 3 {
				req.RequestId = key
			}
			_, outcomes[i] = d.SubmitPracticeSheet(context.WithoutCancel(ctx), req)
		})
	}
	wg.Wait()
	done := 0
	for _, err := range outcomes {
		if err == nil {
			done++
		} else if status.Code(err) != codes.FailedPrecondition {
			t.Error(err)
		}
	}
	got := d.must(d.GetPracticeSheet(d.as(t, "ada"), &cataloguev1.GetPracticeSheetRequest{Id: s.GetId()}))
	if (done != 1 && done != 3) || len(got.GetChanges()) != 2 || got.GetState() != cataloguev1.PracticeSheetState_PRACTICE_SHEET_STATE_SUBMITTED {
		t.Errorf("%d were answered; %v", done, got)
	}
}
