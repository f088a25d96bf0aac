package meetings_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// place is the mesh's one place.
const place = "0190a1b2-0000-7000-8000-0000000000bb"

func localStarts(s *meetingsv1.Series) (starts []string) {
	for _, m := range s.GetMeetings() {
		starts = append(starts, m.GetLocalStartTime())
	}
	return starts
}

// A series follows from the module's first day, keeps its local hour across the change of clocks, and moves as a whole.
func TestSeriesByDefault(t *testing.T) {
	w := newWorld(t)
	series := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), &meetingsv1.CreateSeriesRequest{
		GroupId: w.group("44109"), ModuleStartDate: "2027-03-08", LocalStartHour: "18:30", TimeZone: "Europe/Paris", Capacity: 9,
	}))
	if got, want := localStarts(series), []string{"2027-03-15T18:30", "2027-03-29T18:30"}; !slices.Equal(got, want) {
		t.Fatalf("%v; want %v", got, want)
	}
	first, second := series.GetMeetings()[0], series.GetMeetings()[1]
	if first.GetStartTime().AsTime().Hour() != 17 || second.GetStartTime().AsTime().Hour() != 16 || second.GetLocalEndTime() != "2027-03-29T20:30" {
		t.Fatalf("%v", series)
	}
	moved := must[*meetingsv1.Series](w)(w.MoveSeries(w.as("coordinator"), &meetingsv1.MoveSeriesRequest{
		Id: series.GetId(), Days: 14, Cause: meetingsv1.CancelCause_CANCEL_CAUSE_HEALTH,
	}))
	if got, want := localStarts(moved), []string{"2027-03-29T18:30", "2027-04-12T18:30"}; !slices.Equal(got, want) {
		t.Fatalf("%v; want %v", got, want)
	}
	moved = must[*meetingsv1.Series](w)(w.MoveSeries(w.as("organiser"), &meetingsv1.MoveSeriesRequest{Id: series.GetId(), LocalFirstStartTime: "2027-03-27T18:00"}))
	if got, want := localStarts(moved), []string{"2027-03-27T18:00", "2027-04-10T18:00"}; !slices.Equal(got, want) {
		t.Fatalf("%v; want %v", got, want)
	}
	if m := moved.GetMeetings()[1]; m.GetPostponedCount() != 1 || m.GetPostponeCause() != meetingsv1.CancelCause_CANCEL_CAUSE_HEALTH {
		t.Fatalf("%v", m)
	}
	postponed := must[*meetingsv1.PostponeMeetingResponse](w)(w.PostponeMeeting(w.as("organiser"), &meetingsv1.PostponeMeetingRequest{
		Id: moved.GetMeetings()[0].GetId(), Rule: meetingsv1.PostponeRule_POSTPONE_RULE_SAME_DAY_NEXT_FORTNIGHT, WithFollowing: true,
		Cause: meetingsv1.CancelCause_CANCEL_CAUSE_OTHER, Note: "Fête de l'école",
	}))
	if m := postponed.GetMeeting(); m.GetLocalStartTime() != "2027-04-10T18:00" || m.GetPostponeNote() != "Fête de l'école" || len(postponed.GetFollowing()) != 1 {
		t.Fatalf("%v", postponed)
	}
	gone := must[*meetingsv1.Series](w)(w.CancelSeries(w.as("organiser"), &meetingsv1.CancelSeriesRequest{
		Id: series.GetId(), CancelCause: meetingsv1.CancelCause_CANCEL_CAUSE_TOO_FEW_REGISTRATIONS,
	}))
	for _, m := range gone.GetMeetings() {
		if m.GetState() != meetingsv1.MeetingState_MEETING_STATE_CANCELLED || m.GetCancelCause() != meetingsv1.CancelCause_CANCEL_CAUSE_TOO_FEW_REGISTRATIONS {
			t.Fatalf("%v", m)
		}
	}
}

func TestLocalSlotsAndUpdates(t *testing.T) {
	w := newWorld(t)
	local := func(start, end string) *meetingsv1.Slot {
		return &meetingsv1.Slot{LocalStartTime: start, LocalEndTime: end}
	}
	create := func(zone string, slots ...*meetingsv1.Slot) (*meetingsv1.Series, error) {
		return w.CreateSeries(w.as("organiser"), &meetingsv1.CreateSeriesRequest{GroupId: w.group("44109"), Slots: slots, TimeZone: zone, Capacity: 5})
	}
	reunion := must[*meetingsv1.Series](w)(create("Indian/Reunion", local("2026-12-01T18:30", "2026-12-01T20:30"), local("2026-12-15T18:30", "2026-12-15T20:30")))
	m := reunion.GetMeetings()[0]
	if !m.GetStartTime().AsTime().Equal(time.Date(2026, 12, 1, 14, 30, 0, 0, time.UTC)) || m.GetLocalStartTime() != "2026-12-01T18:30" {
		t.Fatalf("%v", m)
	}
	update := func(choice meetingsv1.LocalTimeChoice, in *meetingsv1.Meeting, paths ...string) (*meetingsv1.Meeting, error) {
		in.Id = m.GetId()
		return w.UpdateMeeting(w.as("organiser"), &meetingsv1.UpdateMeetingRequest{
			Meeting: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}, LocalTimeChoice: choice,
		})
	}
	// The zone that the same update gives is the one that its hours are read in.
	moved := must[*meetingsv1.Meeting](w)(update(0, &meetingsv1.Meeting{TimeZone: "Pacific/Tahiti", LocalStartTime: "2026-12-02T09:00", LocalEndTime: "2026-12-02T11:00"},
		"local_start_time", "local_end_time", "time_zone"))
	if !moved.GetStartTime().AsTime().Equal(time.Date(2026, 12, 2, 19, 0, 0, 0, time.UTC)) || moved.GetPostponedCount() != 1 {
		t.Fatalf("%v", moved)
	}
	autumn := &meetingsv1.Meeting{TimeZone: "Europe/Paris", LocalStartTime: "2027-10-31T02:30", LocalEndTime: "2027-10-31T04:00"}
	paths := []string{"local_start_time", "local_end_time", "time_zone"}
	refuse := func(reason, field string, call func() error) refusal {
		return refusal{call, errs.Invalid, reason, field}
	}
	with := func(slots ...*meetingsv1.Slot) func() error {
		return func() error { _, err := create("Europe/Paris", slots...); return err }
	}
	fine := local("2027-05-01T18:00", "2027-05-01T20:00")
	both := local("2027-04-01T18:00", "2027-04-01T20:00")
	both.StartTime = timestamppb.New(start)
	w.refuses(map[string]refusal{
		"in the gap": refuse("LOCAL_TIME_MISSING", "slots[0].local_start_time", with(local("2027-03-28T02:30", "2027-03-28T04:30"), fine)),
		"ends in it": refuse("LOCAL_TIME_MISSING", "slots[0].local_end_time", with(local("2027-03-28T01:30", "2027-03-28T02:30"), fine)),
		"twice":      refuse("LOCAL_TIME_TWICE", "slots[1].local_start_time", with(fine, local("2027-10-31T02:30", "2027-10-31T04:30"))),
		"both":       refuse("TIME_GIVEN_TWICE", "slots[0].local_start_time", with(both, fine)),
		"half":       refuse("FIELD_REQUIRED", "slots[0].end_time", with(local("2027-04-01T18:00", ""), fine)),
		"year 9999":  refuse("START_TOO_FAR", "slots[1].start_time", with(fine, local("9999-12-31T18:30", "9999-12-31T20:30"))),
		"no length":  refuse("END_BEFORE_START", "slots[0].end_time", with(local("2027-04-01T18:00", "2027-04-01T18:00"), fine)),
		"a day more": refuse("MEETING_TOO_LONG", "slots[0].end_time", with(local("2027-04-01T18:00", "2027-04-02T18:01"), fine)),
		"unknown zone": refuse("TIME_ZONE_UNKNOWN", "time_zone", func() error {
			_, err := create("Europe/Lutece", fine, fine)
			return err
		}),
		"update, twice":  refuse("LOCAL_TIME_TWICE", "meeting.local_start_time", func() error { _, err := update(0, proto.CloneOf(autumn), paths...); return err }),
		"update, hidden": refuse("FIELD_REQUIRED", "meeting.start_time", func() error { _, err := update(0, &meetingsv1.Meeting{}, "local_start_time"); return err }),
		"update, both": refuse("TIME_GIVEN_TWICE", "meeting.local_start_time", func() error {
			_, err := update(0, &meetingsv1.Meeting{StartTime: timestamppb.New(start), LocalStartTime: "2027-01-01T18:00"}, "start_time", "local_start_time")
			return err
		}),
	})
	later := must[*meetingsv1.Meeting](w)(update(meetingsv1.LocalTimeChoice_LOCAL_TIME_CHOICE_LATER, autumn, paths...))
	if !later.GetStartTime().AsTime().Equal(time.Date(2027, 10, 31, 1, 30, 0, 0, time.UTC)) {
		t.Fatalf("%v", later)
	}
}

func singleOf(parent string) *meetingsv1.CreateMeetingRequest {
	return &meetingsv1.CreateMeetingRequest{Parent: parent, Meeting: &meetingsv1.Meeting{
		LocalStartTime: "2026-12-01T18:30", LocalEndTime: "2026-12-01T20:30", TimeZone: "Europe/Paris", Capacity: 12,
		Title: "Portes ouvertes 🤖", PlaceId: place,
	}}
}

func TestSingleMeeting(t *testing.T) {
	w := newWorld(t)
	ofGroup := singleOf("groups/" + w.group("44109"))
	ofGroup.Meeting.Title, ofGroup.Meeting.PlaceId = "", ""
	m := must[*meetingsv1.Meeting](w)(w.CreateMeeting(w.as("organiser"), ofGroup))
	if m.GetSeriesId() != "" || m.GetGroupId() == "" || m.GetModuleTitle() != "Programmation créative" || m.GetPlaceId() == "" || m.GetOrganiserId() != "organiser" {
		t.Fatalf("%v", m)
	}
	m = must[*meetingsv1.Meeting](w)(w.CreateMeeting(w.as("relay"), singleOf("structures/"+structure)))
	if m.GetGroupId() != "" || m.GetTitle() != "Portes ouvertes 🤖" || m.GetStructureId() != structure || m.GetOrganiserId() != "relay" ||
		m.GetCommuneCode() != "44109" || m.GetMode() != meetingsv1.MeetingMode_MEETING_MODE_IN_PERSON {
		t.Fatalf("%v", m)
	}
	w.register("a", m.GetId())
	moved := must[*meetingsv1.PostponeMeetingResponse](w)(w.PostponeMeeting(w.as("relay"), &meetingsv1.PostponeMeetingRequest{
		Id: m.GetId(), Rule: meetingsv1.PostponeRule_POSTPONE_RULE_NEXT_WEEK, WithFollowing: true, Cause: meetingsv1.CancelCause_CANCEL_CAUSE_ORGANISER_AWAY,
	}))
	if moved.GetMeeting().GetLocalStartTime() != "2026-12-08T18:30" || len(moved.GetFollowing()) != 0 {
		t.Fatalf("%v", moved)
	}
	type request = *meetingsv1.CreateMeetingRequest
	with := func(person, parent string, edit func(request)) func() error {
		return func() error {
			req := singleOf(parent)
			edit(req)
			_, err := w.CreateMeeting(w.as(person), req)
			return err
		}
	}
	relay := func(edit func(request)) func() error { return with("relay", "structures/"+structure, edit) }
	same := func(request) {}
	w.refuses(map[string]refusal{
		"no parent":         {with("relay", "", same), errs.Invalid, "STRING_MIN_LEN", "parent"},
		"some parent":       {with("relay", "persons/"+structure, same), errs.Invalid, "PARENT_INVALID", "parent"},
		"malformed":         {with("relay", "structures/../groups", same), errs.Invalid, "PARENT_INVALID", "parent"},
		"unknown structure": {with("relay", "structures/"+uuid.NewString(), same), errs.NotFound, "NOT_FOUND", "parent"},
		"unknown group":     {with("organiser", "groups/"+uuid.NewString(), same), errs.NotFound, "NOT_FOUND", "parent"},
		"stranger":          {with("stranger", "structures/"+structure, same), errs.Denied, "NOT_PERMITTED", ""},
		"relay of the host": {with("relay", "groups/"+w.group("44109"), same), errs.Denied, "NOT_PERMITTED", ""},
		"unknown place":     {relay(func(r request) { r.Meeting.PlaceId = uuid.NewString() }), errs.NotFound, "NOT_FOUND", "meeting.place_id"},
		"malformed place":   {relay(func(r request) { r.Meeting.PlaceId = "ici" }), errs.NotFound, "NOT_FOUND", "meeting.place_id"},
		"no place":          {relay(func(r request) { r.Meeting.PlaceId = "" }), errs.Invalid, "FIELD_REQUIRED", "meeting.place_id"},
		"no title":          {relay(func(r request) { r.Meeting.Title = " " }), errs.Invalid, "TITLE_INVALID", "meeting.title"},
		"title of two":      {relay(func(r request) { r.Meeting.Title = "Robots\r\nBcc: a@b.c" }), errs.Invalid, "TITLE_INVALID", "meeting.title"},
		"long title":        {relay(func(r request) { r.Meeting.Title = strings.Repeat("é", 201) }), errs.Invalid, "STRING_MAX_LEN", "meeting.title"},
		"unknown zone":      {relay(func(r request) { r.Meeting.TimeZone = "Europe/Lutece" }), errs.Invalid, "TIME_ZONE_UNKNOWN", "meeting.time_zone"},
		"no seat":           {relay(func(r request) { r.Meeting.Capacity = 0 }), errs.Invalid, "CAPACITY_RANGE", "meeting.capacity"},
		"past":              {relay(func(r request) { r.Meeting.LocalStartTime = "2026-11-01T18:30" }), errs.Invalid, "START_IN_PAST", "meeting.start_time"},
		"no meeting":        {relay(func(r request) { r.Meeting = nil }), errs.Invalid, "FIELD_REQUIRED", "meeting"},
		"plain link":        {relay(func(r request) { r.Meeting.RemoteUrl = "http://visio.example.org" }), errs.Invalid, "REMOTE_URL_INVALID", "meeting.remote_url"},
	})
	for _, text := range []string{"ورشة البرمجة", strings.Repeat("é", 200), "👩‍💻"} {
		req := singleOf("structures/" + structure)
		req.Meeting.Title = text
		if m := must[*meetingsv1.Meeting](w)(w.CreateMeeting(w.as("relay"), req)); m.GetTitle() != text {
			t.Errorf("%q became %q", text, m.GetTitle())
		}
	}
}

// The link to join from afar is given to those who take part, and to nobody else, nowhere else.
func TestRemoteLink(t *testing.T) {
	const link = "https://visio.example.org/maillage"
	w := newWorld(t)
	req := singleOf("structures/" + structure)
	req.Meeting.Mode, req.Meeting.PlaceId = meetingsv1.MeetingMode_MEETING_MODE_REMOTE, ""
	m := must[*meetingsv1.Meeting](w)(w.CreateMeeting(w.as("relay"), req))
	_, err := w.ConfirmMeeting(w.as("relay"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()})
	w.refused(err, errs.Precondition, "REMOTE_URL_MISSING", "id")
	update := func(in *meetingsv1.Meeting, paths ...string) (*meetingsv1.Meeting, error) {
		in.Id = m.GetId()
		return w.UpdateMeeting(w.as("relay"), &meetingsv1.UpdateMeetingRequest{Meeting: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
	}
	must[*meetingsv1.Meeting](w)(update(&meetingsv1.Meeting{RemoteUrl: link}, "remote_url"))
	must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("relay"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()}))
	_, err = update(&meetingsv1.Meeting{}, "remote_url")
	w.refused(err, errs.Precondition, "REMOTE_URL_MISSING", "meeting.mode")
	_, err = update(&meetingsv1.Meeting{Mode: meetingsv1.MeetingMode_MEETING_MODE_HYBRID}, "mode")
	w.refused(err, errs.Precondition, "PLACE_MISSING", "meeting.mode")

	w.register("came", m.GetId())
	left := w.register("left", m.GetId())
	must[*meetingsv1.Registration](w)(w.CancelRegistration(w.as("left"), &meetingsv1.CancelRegistrationRequest{MeetingId: m.GetId(), Id: left.GetId()}))
	for person, want := range map[string]string{"came": link, "relay": link, "coordinator": link, "left": "", "stranger": "", "national": "", "elsewhere": "", "": ""} {
		got := must[*meetingsv1.Meeting](w)(w.GetMeeting(w.as(person), &meetingsv1.GetMeetingRequest{Id: m.GetId()}))
		if got.GetRemoteUrl() != want {
			t.Errorf("%q reads the link %q; want %q", person, got.GetRemoteUrl(), want)
		}
	}
	for _, listed := range must[*meetingsv1.ListMeetingsResponse](w)(w.ListMeetings(w.as("relay"), &meetingsv1.ListMeetingsRequest{})).GetMeetings() {
		if listed.GetRemoteUrl() != "" {
			t.Error("the link stands in a list")
		}
	}
	told := func(text string) (n int) {
		if err := w.db.Read().QueryRowContext(w.Context(), `SELECT count(*) FROM outbox WHERE instr(payload, CAST($1 AS BLOB)) > 0`, text).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if told(link) != 0 || told(m.GetTitle()) == 0 {
		t.Errorf("the link stands in %d events, the title in %d", told(link), told(m.GetTitle()))
	}
}

// Nobody sees a draft but those who plan it; opened, it is like any other.
func TestDraft(t *testing.T) {
	w := newWorld(t)
	req := seriesOf(w.group("44109"), 5)
	req.Draft = true
	series := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), req))
	m := series.GetMeetings()[0]
	see := func(person string) (one, all bool) {
		_, err := w.GetMeeting(w.as(person), &meetingsv1.GetMeetingRequest{Id: m.GetId()})
		_, failed := w.GetSeries(w.as(person), &meetingsv1.GetSeriesRequest{Id: series.GetId()})
		return err == nil, failed == nil
	}
	for _, person := range append(everybody, "") {
		may := person == "organiser" || person == "coordinator"
		if one, all := see(person); one != may || all != may {
			t.Errorf("%q sees the draft: %v, the series: %v; want %v", person, one, all, may)
		}
	}
	_, err := w.OpenMeeting(w.as("stranger"), &meetingsv1.OpenMeetingRequest{Id: m.GetId()})
	w.refused(err, errs.NotFound, "NOT_FOUND", "id")
	_, err = w.MoveSeries(w.as("stranger"), &meetingsv1.MoveSeriesRequest{Id: series.GetId(), Days: 1})
	w.refused(err, errs.NotFound, "NOT_FOUND", "id")
	drafts := func(person string) int {
		return len(must[*meetingsv1.ListMeetingsResponse](w)(w.ListMeetings(w.as(person), &meetingsv1.ListMeetingsRequest{State: meetingsv1.MeetingState_MEETING_STATE_DRAFT})).GetMeetings())
	}
	if all := must[*meetingsv1.ListMeetingsResponse](w)(w.ListMeetings(w.as("organiser"), &meetingsv1.ListMeetingsRequest{})).GetMeetings(); len(all) != 0 || drafts("organiser") != 2 || drafts("stranger") != 0 || drafts("") != 0 {
		t.Errorf("%v listed; drafts %d, %d, %d", all, drafts("organiser"), drafts("stranger"), drafts(""))
	}
	_, err = w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()})
	w.refused(err, errs.Precondition, "MEETING_STATE", "")
	opened := must[*meetingsv1.Meeting](w)(w.OpenMeeting(w.as("organiser"), &meetingsv1.OpenMeetingRequest{Id: m.GetId()}))
	if opened.GetState() != meetingsv1.MeetingState_MEETING_STATE_OPEN {
		t.Fatalf("%v", opened)
	}
	half := must[*meetingsv1.Series](w)(w.GetSeries(w.as(""), &meetingsv1.GetSeriesRequest{Id: series.GetId()}))
	if len(half.GetMeetings()) != 1 || half.GetMeetings()[0].GetId() != m.GetId() {
		t.Fatalf("strangers see %v; want the opened one", half)
	}
	w.register("a", m.GetId())
}

func TestClosed(t *testing.T) {
	w := newWorld(t)
	m := w.attested()
	closed := must[*meetingsv1.Meeting](w)(w.CloseMeeting(w.as("organiser"), &meetingsv1.CloseMeetingRequest{Id: m.GetId(), Etag: m.GetEtag()}))
	if closed.GetState() != meetingsv1.MeetingState_MEETING_STATE_CLOSED {
		t.Fatalf("%v", closed)
	}
	_, err := w.CloseMeeting(w.as("organiser"), &meetingsv1.CloseMeetingRequest{Id: m.GetId()})
	w.refused(err, errs.Precondition, "MEETING_STATE", "")
}

func TestCancelCauses(t *testing.T) {
	w := newWorld(t)
	cancel := func(in *meetingsv1.CancelMeetingRequest) (*meetingsv1.Meeting, error) {
		return w.CancelMeeting(w.as("organiser"), in)
	}
	m := w.meeting(5)
	gone := must[*meetingsv1.Meeting](w)(cancel(&meetingsv1.CancelMeetingRequest{Id: m.GetId(), Cause: " salle fermée "}))
	if gone.GetCancelCause() != meetingsv1.CancelCause_CANCEL_CAUSE_OTHER || gone.GetCancelNote() != "salle fermée" {
		t.Fatalf("in one's own words: %v", gone)
	}
	other := w.meeting(5).GetId()
	w.refuses(map[string]refusal{
		"again, another cause": {func() error {
			_, err := cancel(&meetingsv1.CancelMeetingRequest{Id: m.GetId(), CancelCause: meetingsv1.CancelCause_CANCEL_CAUSE_HEALTH})
			return err
		}, errs.Precondition, "MEETING_STATE", ""},
		"other, silent": {func() error {
			_, err := cancel(&meetingsv1.CancelMeetingRequest{Id: other, CancelCause: meetingsv1.CancelCause_CANCEL_CAUSE_OTHER, CancelNote: "\t"})
			return err
		}, errs.Invalid, "FIELD_REQUIRED", "cancel_note"},
		"no such cause": {func() error {
			_, err := cancel(&meetingsv1.CancelMeetingRequest{Id: other, CancelCause: 99})
			return err
		}, errs.Invalid, "ENUM_DEFINED_ONLY", "cancel_cause"},
	})
	gone = must[*meetingsv1.Meeting](w)(cancel(&meetingsv1.CancelMeetingRequest{Id: other, CancelCause: meetingsv1.CancelCause_CANCEL_CAUSE_NO_PROFESSIONAL}))
	if gone.GetCancelCause() != meetingsv1.CancelCause_CANCEL_CAUSE_NO_PROFESSIONAL || gone.GetCancelNote() != "" {
		t.Fatalf("%v", gone)
	}
}
