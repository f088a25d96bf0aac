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
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func TestAskRefusals(t *testing.T) {
	w := newWorld(t)
	m, pro, asked := w.sought(), w.professional(1), w.professional(2)
	w.ask(m, together, asked)
	fresh, idle := w.meeting(5), w.professional(3)
	w.near.active = w.near.active[:len(w.near.active)-1] // who is not active is not told of
	begun := w.sought()
	cancelled := w.sought()
	must[*meetingsv1.Meeting](w)(w.CancelMeeting(w.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: cancelled.GetId(), Cause: "x"}))
	with := func(edit func(*meetingsv1.AskProfessionalsRequest)) func() error {
		return func() error {
			req := asking(m, together, pro)
			edit(req)
			_, err := w.AskProfessionals(w.as("organiser"), req)
			return err
		}
	}
	begin := func(meeting string, tags ...string) func() error {
		return func() error {
			_, err := w.StartSearch(w.as("organiser"), &meetingsv1.StartSearchRequest{MeetingId: meeting, Tags: tags})
			return err
		}
	}
	many := make([]string, 200)
	for i := range many {
		many[i] = uuid.NewString()
	}
	type request = *meetingsv1.AskProfessionalsRequest
	w.refuses(map[string]refusal{
		"nobody":             {with(func(r request) { r.PersonIds = nil }), errs.Invalid, "REPEATED_MIN_ITEMS", "person_ids"},
		"200 persons":        {with(func(r request) { r.PersonIds = many }), errs.Invalid, "REPEATED_MAX_ITEMS", "person_ids"},
		"the same twice":     {with(func(r request) { r.PersonIds = []string{pro, pro} }), errs.Invalid, "REPEATED_UNIQUE", "person_ids"},
		"no person":          {with(func(r request) { r.PersonIds = []string{"someone"} }), errs.Invalid, "STRING_UUID", "person_ids[0]"},
		"no professional":    {with(func(r request) { r.PersonIds = []string{pro, uuid.NewString()} }), errs.Precondition, "NOT_A_PROFESSIONAL", "person_ids[1]"},
		"at rest":            {with(func(r request) { r.PersonIds = []string{idle} }), errs.Precondition, "NOT_A_PROFESSIONAL", "person_ids[0]"},
		"asked already":      {with(func(r request) { r.PersonIds = []string{pro, asked} }), errs.AlreadyExists, "ALREADY_ASKED", "person_ids[1]"},
		"no mode":            {with(func(r request) { r.Mode = 0 }), errs.Invalid, "ENUM_NOT_IN", "mode"},
		"another mode":       {with(func(r request) { r.Mode = 9 }), errs.Invalid, "ENUM_DEFINED_ONLY", "mode"},
		"no deadline":        {with(func(r request) { r.Deadline = nil }), errs.Invalid, "FIELD_REQUIRED", "deadline"},
		"deadline now":       {with(func(r request) { r.Deadline = timestamppb.New(start) }), errs.Invalid, "DEADLINE_IN_PAST", "deadline"},
		"deadline too late":  {with(func(r request) { r.Deadline = timestamppb.New(m.GetStartTime().AsTime().Add(time.Microsecond)) }), errs.Invalid, "DEADLINE_AFTER_START", "deadline"},
		"deadline of nowhen": {with(func(r request) { r.Deadline = &timestamppb.Timestamp{Seconds: 1 << 60} }), errs.Invalid, "TIME_INVALID", "deadline"},
		"not started":        {with(func(r request) { r.MeetingId = fresh.GetId() }), errs.Precondition, "SEARCH_NOT_STARTED", ""},
		"cancelled":          {with(func(r request) { r.MeetingId = cancelled.GetId() }), errs.Precondition, "MEETING_CLOSED", "meeting_id"},
		"no such meeting":    {with(func(r request) { r.MeetingId = uuid.NewString() }), errs.NotFound, "NOT_FOUND", "meeting_id"},
		"started":            {begin(m.GetId()), errs.Precondition, "SEARCH_STATE", ""},
		"tag with CRLF":      {begin(fresh.GetId(), "a\r\nb"), errs.Invalid, "STRING_PATTERN", "tags[0]"},
		"tag RTL override":   {begin(fresh.GetId(), "a\u202eb"), errs.Invalid, "STRING_PATTERN", "tags[0]"},
	})
	w.near.away = true
	w.refuses(map[string]refusal{"mesh away": {with(func(request) {}), errs.Unavailable, "UNAVAILABLE", ""}})
	w.near.away = false
	w.clock.Set(begun.GetStartTime().AsTime())
	w.refuses(map[string]refusal{
		"begun":           {with(func(r request) { r.MeetingId = begun.GetId() }), errs.Precondition, "MEETING_CLOSED", "meeting_id"},
		"begun, to start": {begin(fresh.GetId()), errs.Precondition, "MEETING_CLOSED", "meeting_id"},
	})
}

func TestAnswerRefusals(t *testing.T) {
	w := newWorld(t)
	m, fast, slow, next := w.sought(), w.professional(1), w.professional(2), w.professional(3)
	first, line := w.ask(m, together, fast, slow), w.ask(m, oneByOne, next)
	busy := w.sought() // at the same time
	taken := w.ask(busy, together, fast)[0]
	late := w.ask(w.sought(), together, slow)[0]
	accept := func(person, id string) func() error {
		return func() error { _, err := w.AcceptAsk(w.as(person), &meetingsv1.AcceptAskRequest{Id: id}); return err }
	}
	decline := func(person, id, reason string) func() error {
		return func() error {
			_, err := w.DeclineAsk(w.as(person), &meetingsv1.DeclineAskRequest{Id: id, Reason: reason})
			return err
		}
	}
	conclude := func(reason meetingsv1.WithoutReason, text, etag string) func() error {
		return func() error {
			_, err := w.ConcludeWithout(w.as("organiser"), &meetingsv1.ConcludeWithoutRequest{MeetingId: busy.GetId(), Reason: reason, Text: text, Etag: etag})
			return err
		}
	}
	w.refuses(map[string]refusal{
		"somebody else's": {accept(slow, first[0].GetId()), errs.NotFound, "NOT_FOUND", "id"},
		"nobody's":        {accept(slow, uuid.NewString()), errs.NotFound, "NOT_FOUND", "id"},
		"before the turn": {accept(next, line[0].GetId()), errs.Precondition, "ASK_NOT_SENT", "id"},
		"long reason":     {decline(slow, first[1].GetId(), strings.Repeat("é", 501)), errs.Invalid, "STRING_MAX_LEN", "reason"},
		"NUL":             {decline(slow, first[1].GetId(), "a\x00"), errs.Invalid, "NUL_CHARACTER", "reason"},
		"no reason":       {conclude(0, "personne", ""), errs.Invalid, "ENUM_NOT_IN", "reason"},
		"no such reason":  {conclude(7, "personne", ""), errs.Invalid, "ENUM_DEFINED_ONLY", "reason"},
		"no words":        {conclude(1, "", ""), errs.Invalid, "STRING_MIN_LEN", "text"},
		"only spaces":     {conclude(1, " \u2003\n", ""), errs.Invalid, "FIELD_REQUIRED", "text"},
		"stale":           {conclude(1, "personne", `"9"`), errs.Stale, "ETAG_MISMATCH", "etag"},
	})
	must[*meetingsv1.Ask](w)(w.AcceptAsk(w.as(fast), &meetingsv1.AcceptAskRequest{Id: first[0].GetId()}))
	w.refuses(map[string]refusal{
		"after another did": {accept(slow, first[1].GetId()), errs.Precondition, "ASK_SUPERSEDED", "id"},
		"at two places":     {accept(fast, taken.GetId()), errs.Precondition, "PROFESSIONAL_TAKEN", "id"},
	})
	w.clock.Set(start.Add(time.Hour - time.Microsecond))
	must[*meetingsv1.Ask](w)(w.DeclineAsk(w.as(fast), &meetingsv1.DeclineAskRequest{Id: taken.GetId(), Reason: strings.Repeat("é", 200) + "\r\n\u200f"}))
	w.clock.Set(start.Add(time.Hour))
	w.refuses(map[string]refusal{
		"at the instant": {accept(slow, late.GetId()), errs.Precondition, "ASK_LAPSED", "id"},
		"and to decline": {decline(slow, late.GetId(), ""), errs.Precondition, "ASK_LAPSED", "id"},
	})
	w.clock.Set(m.GetStartTime().AsTime())
	w.refuses(map[string]refusal{"withdraw at the start": {decline(fast, first[0].GetId(), ""), errs.Precondition, "MEETING_BEGUN", "id"}})
}

// A meeting that moves takes the professional along, unless they are engaged elsewhere then.
func TestPostponedWithAProfessional(t *testing.T) {
	w := newWorld(t)
	pro := w.professional(1)
	group := w.group("44109")
	series := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), seriesOf(group, 5))).GetMeetings()
	for _, m := range series {
		must[*meetingsv1.ProfessionalSearch](w)(w.StartSearch(w.as("organiser"), &meetingsv1.StartSearchRequest{MeetingId: m.GetId()}))
		ask := w.ask(m, together, pro)[0]
		must[*meetingsv1.Ask](w)(w.AcceptAsk(w.as(pro), &meetingsv1.AcceptAskRequest{Id: ask.GetId()}))
	}
	move := func(hours int) meetingsv1.SearchState {
		to := slot(hours, 2)
		must[*meetingsv1.Meeting](w)(w.UpdateMeeting(w.as("organiser"), &meetingsv1.UpdateMeetingRequest{
			Meeting:    &meetingsv1.Meeting{Id: series[0].GetId(), StartTime: to.GetStartTime(), EndTime: to.GetEndTime()},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"start_time", "end_time"}},
		}))
		return w.search(series[0]).GetState()
	}
	if state := move(46); state != meetingsv1.SearchState_SEARCH_STATE_CONFIRMED { // until the other one begins
		t.Fatal(state)
	}
	if c := must[*meetingsv1.ListCandidatesResponse](w)(w.ListCandidates(w.as("organiser"), &meetingsv1.ListCandidatesRequest{MeetingId: series[1].GetId()})).GetCandidates(); c[0].GetParts()[3].GetPoints() != 8 || c[0].GetParts()[4].GetPoints() != 0 {
		t.Fatalf("%v", c)
	}
	if state := move(47); state != meetingsv1.SearchState_SEARCH_STATE_SEARCHING { // an hour too late
		t.Fatal(state)
	}
	if s := w.search(series[0]); s.GetReopenCause() != meetingsv1.ReopenCause_REOPEN_CAUSE_POSTPONED || s.GetLostCount() != 1 || s.GetPersonId() != "" {
		t.Fatalf("%v", s)
	}
	c := must[*meetingsv1.ListCandidatesResponse](w)(w.ListCandidates(w.as("organiser"), &meetingsv1.ListCandidatesRequest{MeetingId: series[0].GetId()})).GetCandidates()[0]
	const why = "En engagement ailleurs du 23/11/2026 à 13:00 au 23/11/2026 à 15:00."
	if c.GetParts()[4].GetPoints() != -100 || c.GetParts()[4].GetTextFr() != why {
		t.Fatalf("%v", c.GetParts()[4])
	}
	if w.near.active[0].GetFree() != meshv1.Free_FREE_YES {
		t.Fatal("their own hours have nothing to do with it")
	}
}
