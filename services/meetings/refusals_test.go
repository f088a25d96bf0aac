package meetings_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

type refusal struct {
	call          func() error
	kind          errs.Kind
	reason, field string
}

func (w *world) refuses(cases map[string]refusal) {
	w.Helper()
	for name, c := range cases {
		w.Run(name, func(t *testing.T) {
			inner := *w
			inner.T = t
			before := inner.rows()
			inner.refused(c.call(), c.kind, c.reason, c.field)
			if after := inner.rows(); after != before {
				t.Fatalf("rows were %s, are %s", before, after)
			}
		})
	}
}

func TestCreateSeriesRefusals(t *testing.T) {
	w := newWorld(t)
	planned := w.group("44109")
	must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), seriesOf(planned, 25)))
	// with creates a series of a fresh group, changed by edit.
	with := func(edit func(*meetingsv1.CreateSeriesRequest)) func() error {
		return func() error {
			req := seriesOf(w.group("44109"), 25)
			edit(req)
			_, err := w.CreateSeries(w.as("organiser"), req)
			return err
		}
	}
	type request = *meetingsv1.CreateSeriesRequest
	w.refuses(map[string]refusal{
		"malformed group": {with(func(r request) { r.GroupId = "a group" }), errs.Invalid, "STRING_UUID", "group_id"},
		"unknown group":   {with(func(r request) { r.GroupId = uuid.NewString() }), errs.NotFound, "NOT_FOUND", "group_id"},
		"planned already": {with(func(r request) { r.GroupId = planned }), errs.AlreadyExists, "SERIES_EXISTS", "group_id"},
		"no module":       {with(func(r request) { w.mesh.groups[r.GroupId].ModuleId = uuid.NewString() }), errs.Precondition, "MODULE_MISSING", "group_id"},
		"no seat":         {with(func(r request) { r.Capacity = 0 }), errs.Invalid, "INT32_GTE_LTE", "capacity"},
		"too many seats":  {with(func(r request) { r.Capacity = 10_001 }), errs.Invalid, "INT32_GTE_LTE", "capacity"},
		"no slot":         {with(func(r request) { r.Slots = nil }), errs.Invalid, "FIELD_REQUIRED", "slots"},
		"one slot":        {with(func(r request) { r.Slots = r.Slots[:1] }), errs.Invalid, "SLOTS_COUNT", "slots"},
		"no start":        {with(func(r request) { r.Slots[1].StartTime = nil }), errs.Invalid, "FIELD_REQUIRED", "slots[1].start_time"},
		"past":            {with(func(r request) { r.Slots[0] = slot(-1, 2) }), errs.Invalid, "START_IN_PAST", "slots[0].start_time"},
		"backwards":       {with(func(r request) { r.Slots[1] = slot(48, -2) }), errs.Invalid, "END_BEFORE_START", "slots[1].end_time"},
		"two days":        {with(func(r request) { r.Slots[1] = slot(48, 48) }), errs.Invalid, "MEETING_TOO_LONG", "slots[1].end_time"},
		"overlap":         {with(func(r request) { r.Slots[1] = slot(25, 2) }), errs.Invalid, "SLOTS_OVERLAP", "slots[1].start_time"},
		"no such instant": {with(func(r request) { r.Slots[0].StartTime = &timestamppb.Timestamp{Seconds: 1, Nanos: 1e9} }), errs.Invalid, "TIME_INVALID", "slots[0].start_time"},
		"no such year":    {with(func(r request) { r.Slots[1].EndTime = &timestamppb.Timestamp{Seconds: 1 << 60} }), errs.Invalid, "TIME_INVALID", "slots[1].end_time"},
		"no zone":         {with(func(r request) { r.TimeZone = "" }), errs.Invalid, "STRING_MIN_LEN", "time_zone"},
		"unknown zone":    {with(func(r request) { r.TimeZone = "Europe/Nantes" }), errs.Invalid, "TIME_ZONE_UNKNOWN", "time_zone"},
		"request id":      {with(func(r request) { r.RequestId = "once" }), errs.Invalid, "STRING_UUID", "request_id"},
	})
	w.mesh.away = true
	w.refuses(map[string]refusal{"mesh away": {with(func(request) {}), errs.Unavailable, "UNAVAILABLE", ""}})
}

func TestMeetingRefusals(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(2)
	for _, person := range []string{"a", "b"} {
		w.register(person, m.GetId())
	}
	cancelled := w.meeting(5)
	must[*meetingsv1.Meeting](w)(w.CancelMeeting(w.as("coordinator"), &meetingsv1.CancelMeetingRequest{Id: cancelled.GetId(), Cause: "salle fermée"}))
	update := func(in *meetingsv1.Meeting, paths ...string) func() error {
		return func() error {
			if in.GetId() == "" {
				in.Id = m.GetId()
			}
			_, err := w.UpdateMeeting(w.as("organiser"), &meetingsv1.UpdateMeetingRequest{Meeting: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
			return err
		}
	}
	cancel := func(id, cause string) func() error {
		return func() error {
			_, err := w.CancelMeeting(w.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: id, Cause: cause})
			return err
		}
	}
	w.refuses(map[string]refusal{
		"malformed id": {func() error { _, err := w.GetMeeting(w.as(""), &meetingsv1.GetMeetingRequest{Id: "1"}); return err }, errs.Invalid, "STRING_UUID", "id"},
		"unknown id": {func() error {
			_, err := w.GetMeeting(w.as(""), &meetingsv1.GetMeetingRequest{Id: uuid.NewString()})
			return err
		}, errs.NotFound, "NOT_FOUND", ""},
		"no series": {func() error {
			_, err := w.GetSeries(w.as(""), &meetingsv1.GetSeriesRequest{Id: uuid.NewString()})
			return err
		}, errs.NotFound, "NOT_FOUND", ""},
		"stale etag": {func() error {
			_, err := w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId(), Etag: `"9"`})
			return err
		}, errs.Stale, "ETAG_MISMATCH", "etag"},
		"weak etag": {func() error {
			_, err := w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId(), Etag: `W/"1"`})
			return err
		}, errs.Stale, "ETAG_MISMATCH", "etag"},
		"update, stale etag":   {update(&meetingsv1.Meeting{Capacity: 9, Etag: `"9"`}, "capacity"), errs.Stale, "ETAG_MISMATCH", "meeting.etag"},
		"update, no id":        {update(&meetingsv1.Meeting{Id: "?"}, "capacity"), errs.Invalid, "STRING_UUID", "meeting.id"},
		"update, no mask":      {update(&meetingsv1.Meeting{}), errs.Invalid, "FIELD_MASK_INVALID", "update_mask"},
		"update, state":        {update(&meetingsv1.Meeting{State: 4}, "state"), errs.Invalid, "FIELD_MASK_INVALID", "update_mask"},
		"update, everything":   {update(&meetingsv1.Meeting{}, "*"), errs.Invalid, "FIELD_MASK_INVALID", "update_mask"},
		"update, no start":     {update(&meetingsv1.Meeting{}, "start_time"), errs.Invalid, "FIELD_REQUIRED", "meeting.start_time"},
		"update, to the past":  {update(&meetingsv1.Meeting{StartTime: timestamppb.New(start)}, "start_time"), errs.Invalid, "START_IN_PAST", "meeting.start_time"},
		"update, past its end": {update(&meetingsv1.Meeting{StartTime: slot(72, 1).GetStartTime()}, "start_time"), errs.Invalid, "END_BEFORE_START", "meeting.end_time"},
		"update, zone":         {update(&meetingsv1.Meeting{TimeZone: "Mars"}, "time_zone"), errs.Invalid, "TIME_ZONE_UNKNOWN", "meeting.time_zone"},
		"update, no seat":      {update(&meetingsv1.Meeting{}, "capacity"), errs.Invalid, "CAPACITY_RANGE", "meeting.capacity"},
		"update, seats taken":  {update(&meetingsv1.Meeting{Capacity: 1}, "capacity"), errs.Precondition, "CAPACITY_BELOW_TAKEN", "meeting.capacity"},
		"update, cancelled":    {update(&meetingsv1.Meeting{Id: cancelled.GetId(), Capacity: 9}, "capacity"), errs.Precondition, "MEETING_STATE", ""},
		"cancel, no cause":     {cancel(m.GetId(), ""), errs.Invalid, "FIELD_REQUIRED", "cancel_cause"},
		"cancel, blank cause":  {cancel(m.GetId(), " \t"), errs.Invalid, "FIELD_REQUIRED", "cancel_cause"},
		"cancel, NUL":          {cancel(m.GetId(), "a\x00b"), errs.Invalid, "NUL_CHARACTER", "cause"},
		"cancel, long cause":   {cancel(m.GetId(), strings.Repeat("é", 501)), errs.Invalid, "STRING_MAX_LEN", "cause"},
		"cancel again":         {cancel(cancelled.GetId(), "encore"), errs.Precondition, "MEETING_STATE", ""},
		"declare too early": {func() error {
			_, err := w.DeclareMeeting(w.as("organiser"), &meetingsv1.DeclareMeetingRequest{Id: m.GetId()})
			return err
		}, errs.Precondition, "MEETING_STATE", ""},
		"countersign too early": {func() error {
			_, err := w.CountersignMeeting(w.as("relay"), &meetingsv1.CountersignMeetingRequest{Id: m.GetId()})
			return err
		}, errs.Precondition, "MEETING_STATE", ""},
	})
}

func TestRegistrationRefusals(t *testing.T) {
	w := newWorld(t)
	m, other := w.meeting(2), w.meeting(2)
	own := w.register("own", m.GetId())
	w.register("b", m.GetId())
	foreign := w.register("own", other.GetId())
	register := func(person, meeting string) func() error {
		return func() error {
			_, err := w.CreateRegistration(w.as(person), &meetingsv1.CreateRegistrationRequest{MeetingId: meeting, SeatOnly: true})
			return err
		}
	}
	cancel := func(person, meeting, id, etag string) func() error {
		return func() error {
			_, err := w.CancelRegistration(w.as(person), &meetingsv1.CancelRegistrationRequest{MeetingId: meeting, Id: id, Etag: etag})
			return err
		}
	}
	attend := func(ids ...string) func() error {
		return func() error {
			req := &meetingsv1.RecordAttendanceRequest{MeetingId: m.GetId()}
			for _, id := range ids {
				req.Attendances = append(req.Attendances, &meetingsv1.Attendance{RegistrationId: id, State: 3})
			}
			_, err := w.RecordAttendance(w.as("organiser"), req)
			return err
		}
	}
	w.refuses(map[string]refusal{
		"malformed meeting": {register("own", "x"), errs.Invalid, "STRING_UUID", "meeting_id"},
		"unknown meeting":   {register("own", uuid.NewString()), errs.NotFound, "NOT_FOUND", "meeting_id"},
		"full":              {register("late", m.GetId()), errs.Precondition, "MEETING_FULL", "meeting_id"},
		"twice":             {register("own", m.GetId()), errs.AlreadyExists, "ALREADY_REGISTERED", "meeting_id"},
		"stale":             {cancel("own", m.GetId(), own.GetId(), `"7"`), errs.Stale, "ETAG_MISMATCH", "etag"},
		"another meeting":   {cancel("own", other.GetId(), own.GetId(), ""), errs.NotFound, "NOT_FOUND", "id"},
		"too early":         {attend(own.GetId()), errs.Precondition, "NOT_BEGUN", "meeting_id"},
		"no line":           {attend(), errs.Invalid, "REPEATED_MIN_ITEMS", "attendances"},
		"no attendance": {func() error {
			_, err := w.RecordAttendance(w.as("organiser"), &meetingsv1.RecordAttendanceRequest{
				MeetingId: m.GetId(), Attendances: []*meetingsv1.Attendance{{RegistrationId: own.GetId(), State: 1}},
			})
			return err
		}, errs.Invalid, "ENUM_IN", "attendances[0].state"},
	})
	w.clock.Set(m.GetStartTime().AsTime())
	w.refuses(map[string]refusal{
		"begun":            {register("late", m.GetId()), errs.Precondition, "MEETING_CLOSED", "meeting_id"},
		"given back begun": {cancel("own", m.GetId(), own.GetId(), ""), errs.Precondition, "MEETING_CLOSED", "meeting_id"},
		"of another":       {attend(own.GetId(), foreign.GetId()), errs.Invalid, "REGISTRATION_OF_ANOTHER_MEETING", "attendances[1].registration_id"},
		"line twice":       {attend(own.GetId(), own.GetId()), errs.Invalid, "REGISTRATION_TWICE", "attendances[1].registration_id"},
		"updated once begun": {func() error {
			_, err := w.UpdateMeeting(w.as("organiser"), &meetingsv1.UpdateMeetingRequest{
				Meeting: &meetingsv1.Meeting{Id: m.GetId(), Capacity: 9}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"capacity"}},
			})
			return err
		}, errs.Precondition, "MEETING_BEGUN", "meeting.id"},
	})
	must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()}))
	w.refuses(map[string]refusal{"attendance incomplete": {func() error {
		_, err := w.DeclareMeeting(w.as("organiser"), &meetingsv1.DeclareMeetingRequest{Id: m.GetId()})
		return err
	}, errs.Precondition, "ATTENDANCE_INCOMPLETE", "id"}})
}

func TestListRefusals(t *testing.T) {
	w := newWorld(t)
	m, other := w.meeting(5), w.meeting(5)
	for _, person := range []string{"a", "b", "c"} {
		w.register(person, m.GetId())
	}
	meetingsPage := must[*meetingsv1.ListMeetingsResponse](w)(w.ListMeetings(w.as(""), &meetingsv1.ListMeetingsRequest{PageSize: 1}))
	sheet := must[*meetingsv1.ListRegistrationsResponse](w)(w.ListRegistrations(w.as("organiser"), &meetingsv1.ListRegistrationsRequest{MeetingId: m.GetId(), PageSize: 1}))
	if meetingsPage.GetNextPageToken() == "" || sheet.GetNextPageToken() == "" {
		t.Fatal("no second page")
	}
	list := func(req *meetingsv1.ListMeetingsRequest) func() error {
		return func() error { _, err := w.ListMeetings(w.as(""), req); return err }
	}
	registrations := func(person, meeting, token string) func() error {
		return func() error {
			_, err := w.ListRegistrations(w.as(person), &meetingsv1.ListRegistrationsRequest{MeetingId: meeting, PageToken: token})
			return err
		}
	}
	token := sheet.GetNextPageToken()
	w.refuses(map[string]refusal{
		"negative size":      {list(&meetingsv1.ListMeetingsRequest{PageSize: -1}), errs.Invalid, "INT32_GTE", "page_size"},
		"unknown state":      {list(&meetingsv1.ListMeetingsRequest{State: 99}), errs.Invalid, "ENUM_DEFINED_ONLY", "state"},
		"junk":               {list(&meetingsv1.ListMeetingsRequest{PageToken: "junk"}), errs.Invalid, "PAGE_TOKEN_INVALID", "page_token"},
		"another filter's":   {list(&meetingsv1.ListMeetingsRequest{PageToken: meetingsPage.GetNextPageToken(), GroupId: m.GetGroupId()}), errs.Invalid, "PAGE_TOKEN_INVALID", "page_token"},
		"another method's":   {list(&meetingsv1.ListMeetingsRequest{PageToken: token}), errs.Invalid, "PAGE_TOKEN_INVALID", "page_token"},
		"another meeting's":  {registrations("organiser", other.GetId(), token), errs.Invalid, "PAGE_TOKEN_INVALID", "page_token"},
		"another person's":   {registrations("a", m.GetId(), token), errs.Invalid, "PAGE_TOKEN_INVALID", "page_token"},
		"no such meeting":    {registrations("a", uuid.NewString(), ""), errs.NotFound, "NOT_FOUND", ""},
		"nobody's":           {registrations("", m.GetId(), ""), errs.Unauthenticated, "TOKEN_MISSING", ""},
		"tampered, of right": {registrations("organiser", m.GetId(), token[:len(token)-2]+"AA"), errs.Invalid, "PAGE_TOKEN_INVALID", "page_token"},
	})
}

func TestTokens(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	with := func(token string) func() error {
		return func() error {
			_, err := w.CreateRegistration(w.bearer(token), &meetingsv1.CreateRegistrationRequest{MeetingId: m.GetId()})
			return err
		}
	}
	stranger := newWorld(t)
	w.refuses(map[string]refusal{
		"none": {func() error {
			_, err := w.CreateRegistration(w.as(""), &meetingsv1.CreateRegistrationRequest{MeetingId: m.GetId()})
			return err
		}, errs.Unauthenticated, "TOKEN_MISSING", ""},
		"expired": {with(w.issuer.Sign(map[string]any{"sub": "a", "exp": time.Now().Add(-time.Hour).Unix()})), errs.Unauthenticated, "TOKEN_EXPIRED", ""},
		"forged":  {with(stranger.issuer.Token("a")), errs.Unauthenticated, "TOKEN_INVALID", ""},
		"junk":    {with("junk"), errs.Unauthenticated, "TOKEN_INVALID", ""},
	})
}
