package meetings_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	present = meetingsv1.RegistrationState_REGISTRATION_STATE_PRESENT
	absent  = meetingsv1.RegistrationState_REGISTRATION_STATE_ABSENT
)

func (w *world) checkIn(person, meeting, code string) func() error {
	return func() error {
		_, err := w.CheckIn(w.as(person), &meetingsv1.CheckInRequest{MeetingId: meeting, Code: code})
		return err
	}
}

// code is what the organiser's screen shows.
func (w *world) code(meeting string) string {
	w.Helper()
	return must[*meetingsv1.CheckInCode](w)(w.GetCheckInCode(w.as("organiser"), &meetingsv1.GetCheckInCodeRequest{MeetingId: meeting})).GetCode()
}

func TestCheckInByCode(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	seat := w.register("came", m.GetId())
	w.register("late", m.GetId())
	_, err := w.GetCheckInCode(w.as("organiser"), &meetingsv1.GetCheckInCodeRequest{MeetingId: m.GetId()})
	w.refused(err, errs.Precondition, "CHECK_IN_CLOSED", "meeting_id")
	w.clock.Set(m.GetStartTime().AsTime().Add(-30 * time.Minute))
	code := w.code(m.GetId())
	for range 2 {
		r := must[*meetingsv1.Registration](w)(w.CheckIn(w.as("came"), &meetingsv1.CheckInRequest{MeetingId: m.GetId(), Code: code}))
		if r.GetId() != seat.GetId() || r.GetState() != present {
			t.Fatalf("%v", r)
		}
	}
	w.clock.Set(m.GetEndTime().AsTime())
	w.refuses(map[string]refusal{
		"nobody":          {w.checkIn("", m.GetId(), code), errs.Unauthenticated, "TOKEN_MISSING", ""},
		"not a code":      {w.checkIn("late", m.GetId(), "12345a"), errs.Invalid, "STRING_PATTERN", "code"},
		"unknown meeting": {w.checkIn("late", uuid.NewString(), code), errs.NotFound, "NOT_FOUND", "meeting_id"},
		"without a seat":  {w.checkIn("stranger", m.GetId(), w.code(m.GetId())), errs.Precondition, "NO_SEAT_HERE", "meeting_id"},
		"a screenshot's":  {w.checkIn("late", m.GetId(), code), errs.Invalid, "CODE_EXPIRED", "code"},
	})
	w.clock.Set(m.GetEndTime().AsTime().Add(30 * time.Minute))
	w.refused(w.checkIn("late", m.GetId(), code)(), errs.Precondition, "CHECK_IN_CLOSED", "meeting_id")
}

// A thousand tries find nothing: five are looked at in ten minutes, and the answer says when the next one is.
func TestAThousandTries(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	w.register("guesser", m.GetId())
	w.clock.Set(m.GetStartTime().AsTime().Add(time.Minute))
	right := w.code(m.GetId())
	looked := 0
	for n := range 1000 {
		code := "000" + strings.Repeat(string(rune('0'+n%10)), 3)
		if code == right {
			continue
		}
		err := w.checkIn("guesser", m.GetId(), code)()
		if s := status.Convert(err); looked >= 5 {
			w.refused(err, errs.Exhausted, "CHECK_IN_LOCKED", "code")
			for _, d := range s.Details() {
				if retry, ok := d.(*errdetails.RetryInfo); ok && retry.GetRetryDelay().AsDuration() != 10*time.Minute {
					t.Fatalf("%v", retry)
				}
			}
			continue
		}
		w.refused(err, errs.Invalid, "CODE_WRONG", "code")
		looked++
	}
	w.refused(w.checkIn("guesser", m.GetId(), right)(), errs.Exhausted, "CHECK_IN_LOCKED", "code")
}

func TestAttendanceKeepsWhoAndWhy(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	came := w.register("came", m.GetId())
	w.register("other", m.GetId())
	w.clock.Set(m.GetStartTime().AsTime())
	say := func(state meetingsv1.RegistrationState, part meetingsv1.AttendancePart, reason string) error {
		_, err := w.RecordAttendance(w.as("coordinator"), &meetingsv1.RecordAttendanceRequest{
			MeetingId: m.GetId(), Attendances: []*meetingsv1.Attendance{{RegistrationId: came.GetId(), State: state, Part: part, Reason: reason}},
		})
		return err
	}
	w.refused(say(present, meetingsv1.AttendancePart_ATTENDANCE_PART_MORNING, ""), errs.Invalid, "ATTENDANCE_PART", "attendances[0].part") // two hours
	if err := say(absent, 0, ""); err != nil {
		t.Fatal(err)
	}
	w.refused(say(present, 0, " "), errs.Invalid, "ATTENDANCE_REASON_REQUIRED", "attendances[0].reason")
	if err := say(present, 0, "Arrivée en retard"); err != nil {
		t.Fatal(err)
	}
	for person, want := range map[string]int{"organiser": 2, "coordinator": 2, "came": 2, "other": 0, "stranger": 0, "national": 0} {
		all := must[*meetingsv1.ListAttendanceChangesResponse](w)(w.ListAttendanceChanges(w.as(person), &meetingsv1.ListAttendanceChangesRequest{MeetingId: m.GetId()})).GetChanges()
		if len(all) != want {
			t.Fatalf("%s reads %v; want %d", person, all, want)
		}
		if want > 0 && (all[1].GetFromState() != absent || all[1].GetToState() != present || all[1].GetReason() != "Arrivée en retard" || all[1].GetPersonId() != "coordinator") {
			t.Fatalf("%v", all[1])
		}
	}
	sheet := must[*meetingsv1.AttendanceSheet](w)(w.GetAttendanceSheet(w.as("organiser"), &meetingsv1.GetAttendanceSheetRequest{MeetingId: m.GetId()}))
	if sheet.GetEtag() != `"2"` || len(sheet.GetLines()) != 2 || sheet.GetLines()[0].GetState() != present ||
		sheet.GetLines()[0].GetWay() != meetingsv1.AttendanceWay_ATTENDANCE_WAY_SHEET || sheet.GetLines()[1].GetSaidTime() != nil {
		t.Fatalf("%v", sheet)
	}
}

func TestMergeRefusals(t *testing.T) {
	w := newWorld(t)
	m, other := w.meeting(5), w.meeting(5)
	own, foreign := w.register("came", m.GetId()), w.register("came", other.GetId())
	merge := func(at time.Time, ids ...string) func() error {
		return func() error {
			req := &meetingsv1.MergeAttendanceRequest{MeetingId: m.GetId()}
			for _, id := range ids {
				req.Lines = append(req.Lines, &meetingsv1.OfflineAttendance{RegistrationId: id, State: present, SaidTime: timestamppb.New(at)})
			}
			_, err := w.MergeAttendance(w.as("organiser"), req)
			return err
		}
	}
	begin := m.GetStartTime().AsTime()
	w.refused(merge(begin, own.GetId())(), errs.Precondition, "NOT_BEGUN", "meeting_id")
	w.clock.Set(begin.Add(time.Hour))
	before := w.rows()
	w.refuses(map[string]refusal{
		"no line":      {merge(begin), errs.Invalid, "REPEATED_MIN_ITEMS", "lines"},
		"of another":   {merge(begin, own.GetId(), foreign.GetId()), errs.Invalid, "REGISTRATION_OF_ANOTHER_MEETING", "lines[1].registration_id"},
		"line twice":   {merge(begin, own.GetId(), own.GetId()), errs.Invalid, "REGISTRATION_TWICE", "lines[1].registration_id"},
		"to come":      {merge(begin.Add(2*time.Hour), own.GetId()), errs.Invalid, "SAID_TIME", "lines[0].said_time"},
		"long before":  {merge(begin.Add(-time.Hour), own.GetId()), errs.Invalid, "SAID_TIME", "lines[0].said_time"},
		"year one":     {merge(time.Time{}, own.GetId()), errs.Invalid, "SAID_TIME", "lines[0].said_time"},
		"no such hour": {merge(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), own.GetId()), errs.Invalid, "TIME_INVALID", "lines[0].said_time"},
	})
	if after := w.rows(); after != before {
		t.Fatalf("a refused sheet left %s; before %s", after, before)
	}
}

// What a report may be refused for, and who reads what of it.
func TestMinutesRefusals(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	own := w.register("came", m.GetId())
	write := func(change func(*meetingsv1.Minutes)) func() error {
		return func() error {
			in := minutesOf()
			change(in)
			_, err := w.WriteMinutes(w.as("organiser"), &meetingsv1.WriteMinutesRequest{MeetingId: m.GetId(), Minutes: in})
			return err
		}
	}
	declare := func() error {
		_, err := w.DeclareMeeting(w.as("organiser"), &meetingsv1.DeclareMeetingRequest{Id: m.GetId()})
		return err
	}
	must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()}))
	w.refused(write(func(*meetingsv1.Minutes) {})(), errs.Precondition, "NOT_BEGUN", "meeting_id")
	w.clock.Set(m.GetEndTime().AsTime())
	w.refuses(map[string]refusal{
		"long summary":   {write(func(in *meetingsv1.Minutes) { in.Summary = strings.Repeat("é", 10001) }), errs.Invalid, "STRING_MAX_LEN", "minutes.summary"},
		"too many needs": {write(func(in *meetingsv1.Minutes) { in.Needs = make([]string, 51) }), errs.Invalid, "REPEATED_MAX_ITEMS", "minutes.needs"},
		"blank need":     {write(func(in *meetingsv1.Minutes) { in.Needs = []string{"\u200b"} }), errs.Invalid, "FIELD_REQUIRED", "minutes.needs[0]"},
		"nobody's":       {write(func(in *meetingsv1.Minutes) { in.Actions[0].Who = "" }), errs.Invalid, "STRING_MIN_LEN", "minutes.actions[0].who"},
		"category twice": {write(func(in *meetingsv1.Minutes) { in.Participants[1].Category = 1 }), errs.Invalid, "CATEGORY_TWICE", "minutes.participants[1].category"},
		"no category":    {write(func(in *meetingsv1.Minutes) { in.Participants[1].Category = 99 }), errs.Invalid, "ENUM_DEFINED_ONLY", "minutes.participants[1].category"},
		"a debt":         {write(func(in *meetingsv1.Minutes) { in.Participants[0].Count = -1 }), errs.Invalid, "INT32_GTE_LTE", "minutes.participants[0].count"},
		"NUL":            {write(func(in *meetingsv1.Minutes) { in.Summary = "a\x00b" }), errs.Invalid, "NUL_CHARACTER", "minutes.summary"},
		"stale":          {write(func(in *meetingsv1.Minutes) { in.Etag = `"7"` }), errs.Stale, "ETAG_MISMATCH", "minutes.etag"},
		"none": {func() error {
			_, err := w.GetMinutes(w.as("relay"), &meetingsv1.GetMinutesRequest{MeetingId: m.GetId()})
			return err
		}, errs.NotFound, "NOT_FOUND", "meeting_id"},
	})
	must[*meetingsv1.Incident](w)(w.ReportIncident(w.as("organiser"), &meetingsv1.ReportIncidentRequest{
		MeetingId: m.GetId(), Incident: &meetingsv1.Incident{Kind: meetingsv1.ProblemKind_PROBLEM_KIND_NETWORK, Text: "Plus de réseau"},
	}))
	must[*meetingsv1.Meeting](w)(w.RecordAttendance(w.as("organiser"), &meetingsv1.RecordAttendanceRequest{
		MeetingId: m.GetId(), Attendances: []*meetingsv1.Attendance{{RegistrationId: own.GetId(), State: present}},
	}))
	w.refused(declare(), errs.Precondition, "MINUTES_NOT_CLOSED", "id")
	w.report("organiser", m.GetId())
	for person, incidents := range map[string]int{"organiser": 1, "coordinator": 1, "relay": 0} {
		read := must[*meetingsv1.Minutes](w)(w.GetMinutes(w.as(person), &meetingsv1.GetMinutesRequest{MeetingId: m.GetId()}))
		if len(read.GetIncidents()) != incidents || read.GetIncidentCount() != 1 || len(read.GetActions()) != 1 || read.GetEtag() != `"2"` {
			t.Fatalf("%s reads %v", person, read)
		}
	}
	if err := declare(); err != nil {
		t.Fatal(err)
	}
}
