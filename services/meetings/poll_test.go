package meetings_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/link"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// ListGroupMembers answers for two members of every group, to anybody, unless it is closed to the caller.
func (m *mesh) ListGroupMembers(_ context.Context, in *meshv1.ListGroupMembersRequest, _ ...grpc.CallOption) (*meshv1.ListGroupMembersResponse, error) {
	if m.groups[in.GetGroupId()] == nil || m.closed {
		return nil, status.Error(codes.NotFound, "no such group")
	}
	return &meshv1.ListGroupMembersResponse{Members: []*meshv1.GroupMember{{PersonId: "a"}, {PersonId: "b"}}}, nil
}

func pollOf(group string) *meetingsv1.CreatePollRequest {
	local := func(from, to string) *meetingsv1.Slot {
		return &meetingsv1.Slot{LocalStartTime: from, LocalEndTime: to}
	}
	return &meetingsv1.CreatePollRequest{
		GroupId: group, TimeZone: "Europe/Paris", Capacity: 8, CloseTime: timestamppb.New(start.Add(24 * time.Hour)), Title: "Rencontre 🤖",
		Options: []*meetingsv1.Slot{local("2026-12-01T18:30", "2026-12-01T20:30"), local("2026-12-02T18:30", "2026-12-02T20:30"), local("2026-12-03T12:00", "2026-12-03T14:00")},
	}
}

func (w *world) votes(id string, answers ...meetingsv1.PollAnswer) *meetingsv1.VoteRequest {
	req := &meetingsv1.VoteRequest{Id: id}
	for i, a := range answers {
		req.Votes = append(req.Votes, &meetingsv1.Vote{Option: int32(i + 1), Answer: a})
	}
	return req
}

func (w *world) voteLink(poll, person, action string, until time.Time) string {
	return link.DeriveKey(w.cfg.PageKey).Sign(link.Claim{Action: action, Resource: poll, PersonID: person, Expires: until})
}

const yes, perhaps, no = meetingsv1.PollAnswer_POLL_ANSWER_YES, meetingsv1.PollAnswer_POLL_ANSWER_IF_NEED_BE, meetingsv1.PollAnswer_POLL_ANSWER_NO

func TestPollByAccountAndLink(t *testing.T) {
	w := newWorld(t)
	p := must[*meetingsv1.Poll](w)(w.CreatePoll(w.as("organiser"), pollOf(w.group("44109"))))
	if len(p.GetOptions()) != 3 || p.GetOptions()[2].GetLocalStartTime() != "2026-12-03T12:00" || p.GetState() != meetingsv1.PollState_POLL_STATE_OPEN {
		t.Fatalf("%v", p)
	}
	must[*meetingsv1.Poll](w)(w.Vote(w.as("a"), w.votes(p.GetId(), yes, perhaps, no)))
	must[*meetingsv1.Poll](w)(w.Vote(w.as("organiser"), w.votes(p.GetId(), no, yes, no)))
	byLink := w.votes(p.GetId(), no, yes, perhaps)
	byLink.LinkToken = w.voteLink(p.GetId(), "b", "votePoll", start.Add(time.Hour))
	counted := must[*meetingsv1.Poll](w)(w.Vote(w.as(""), byLink))
	if o := counted.GetOptions(); o[0].GetYesCount() != 1 || o[0].GetNoCount() != 2 || o[1].GetYesCount() != 2 || o[1].GetIfNeedBeCount() != 1 || o[2].GetNoCount() != 2 {
		t.Fatalf("%v", counted)
	}
	// The same person, by account this time: a second mind, not a second vote.
	again := must[*meetingsv1.Poll](w)(w.Vote(w.as("b"), w.votes(p.GetId(), no, yes, perhaps)))
	if !proto.Equal(again, counted) {
		t.Fatalf("%v; want %v", again, counted)
	}
	read := must[*meetingsv1.Poll](w)(w.GetPoll(w.as(""), &meetingsv1.GetPollRequest{Id: p.GetId(), LinkToken: byLink.GetLinkToken()}))
	if !proto.Equal(read, counted) {
		t.Fatalf("%v; want %v", read, counted)
	}
	closing := &meetingsv1.ClosePollRequest{Id: p.GetId(), RequestId: uuid.NewString()}
	closed := must[*meetingsv1.Poll](w)(w.ClosePoll(w.as("coordinator"), closing))
	m := must[*meetingsv1.Meeting](w)(w.GetMeeting(w.as(""), &meetingsv1.GetMeetingRequest{Id: closed.GetResultMeetingId()}))
	if closed.GetChosenOption() != 2 || m.GetLocalStartTime() != "2026-12-02T18:30" || m.GetTitle() != "Rencontre 🤖" || m.GetCapacity() != 8 || m.GetGroupId() != p.GetGroupId() {
		t.Fatalf("%v\n%v", closed, m)
	}
	if same := must[*meetingsv1.Poll](w)(w.ClosePoll(w.as("coordinator"), closing)); !proto.Equal(same, closed) {
		t.Fatalf("%v; want %v", same, closed)
	}
	_, err := w.ClosePoll(w.as("organiser"), &meetingsv1.ClosePollRequest{Id: p.GetId(), Option: 1})
	w.refused(err, errs.Precondition, "POLL_CLOSED", "id")
}

func TestPollRefusals(t *testing.T) {
	w := newWorld(t)
	group := w.group("44109")
	p := must[*meetingsv1.Poll](w)(w.CreatePoll(w.as("organiser"), pollOf(group)))
	other := must[*meetingsv1.Poll](w)(w.CreatePoll(w.as("organiser"), pollOf(w.group("44109"))))
	foreign := w.meeting(5).GetId()
	type request = *meetingsv1.CreatePollRequest
	create := func(edit func(request)) func() error {
		return func() error {
			req := pollOf(group)
			edit(req)
			_, err := w.CreatePoll(w.as("organiser"), req)
			return err
		}
	}
	vote := func(person string, req *meetingsv1.VoteRequest) func() error {
		return func() error { _, err := w.Vote(w.as(person), req); return err }
	}
	byLink := func(token string) func() error {
		req := w.votes(p.GetId(), yes)
		req.LinkToken = token
		return vote("", req)
	}
	hour := start.Add(time.Hour)
	w.refuses(map[string]refusal{
		"one date":       {create(func(r request) { r.Options = r.Options[:1] }), errs.Invalid, "REPEATED_MIN_ITEMS", "options"},
		"equal dates":    {create(func(r request) { r.Options[2] = r.Options[0] }), errs.Invalid, "POLL_OPTIONS_EQUAL", "options[2]"},
		"in the gap":     {create(func(r request) { r.Options[1].LocalStartTime = "2027-03-28T02:30" }), errs.Invalid, "LOCAL_TIME_MISSING", "options[1].local_start_time"},
		"no closing":     {create(func(r request) { r.CloseTime = nil }), errs.Invalid, "FIELD_REQUIRED", "close_time"},
		"closed already": {create(func(r request) { r.CloseTime = timestamppb.New(start) }), errs.Invalid, "POLL_CLOSE_TIME", "close_time"},
		"no seats":       {create(func(r request) { r.Capacity = 0 }), errs.Invalid, "CAPACITY_RANGE", "capacity"},
		"two lines":      {create(func(r request) { r.Title = "a\r\nb" }), errs.Invalid, "TITLE_INVALID", "title"},
		"another's":      {create(func(r request) { r.MeetingId = foreign }), errs.Precondition, "POLL_MEETING", "meeting_id"},
		"unknown zone":   {create(func(r request) { r.TimeZone = "Local" }), errs.Invalid, "TIME_ZONE_UNKNOWN", "time_zone"},
		"nobody votes":   {vote("", w.votes(p.GetId(), yes)), errs.Unauthenticated, "TOKEN_MISSING", ""},
		"no poll":        {vote("a", w.votes(uuid.NewString(), yes)), errs.NotFound, "NOT_FOUND", ""},
		"no answer":      {vote("a", w.votes(p.GetId())), errs.Invalid, "REPEATED_MIN_ITEMS", "votes"},
		"unknown answer": {vote("a", w.votes(p.GetId(), 9)), errs.Invalid, "ENUM_DEFINED_ONLY", "votes[0].answer"},
		"unknown date":   {vote("a", w.votes(p.GetId(), yes, yes, yes, yes)), errs.Invalid, "POLL_OPTION_UNKNOWN", "votes[3].option"},
		"coordinator":    {vote("coordinator", w.votes(p.GetId(), yes)), errs.Denied, "PERMISSION_DENIED", ""},
		"junk link":      {byLink("junk"), errs.Denied, "LINK_INVALID", ""},
		"another action": {byLink(w.voteLink(p.GetId(), "b", "acceptOffer", hour)), errs.Denied, "LINK_INVALID", ""},
		"another poll's": {byLink(w.voteLink(other.GetId(), "b", "votePoll", hour)), errs.NotFound, "NOT_FOUND", "id"},
		"expired link":   {byLink(w.voteLink(p.GetId(), "b", "votePoll", start)), errs.Denied, "LINK_EXPIRED", ""},
		"stranger closes": {func() error {
			_, err := w.ClosePoll(w.as("a"), &meetingsv1.ClosePollRequest{Id: p.GetId()})
			return err
		}, errs.NotFound, "NOT_FOUND", "id"},
		"unknown choice": {func() error {
			_, err := w.ClosePoll(w.as("organiser"), &meetingsv1.ClosePollRequest{Id: p.GetId(), Option: 4})
			return err
		}, errs.Invalid, "POLL_OPTION_UNKNOWN", "option"},
	})
	w.mesh.closed = true
	w.refuses(map[string]refusal{
		"stranger votes": {vote("stranger", w.votes(p.GetId(), yes)), errs.NotFound, "NOT_FOUND", "id"},
		"stranger reads": {func() error {
			_, err := w.GetPoll(w.as("stranger"), &meetingsv1.GetPollRequest{Id: p.GetId()})
			return err
		}, errs.NotFound, "NOT_FOUND", "id"},
	})
	w.mesh.closed = false
	w.clock.Set(p.GetCloseTime().AsTime())
	w.refuses(map[string]refusal{"at the instant": {vote("a", w.votes(p.GetId(), yes)), errs.Precondition, "POLL_CLOSED", "id"}})
}
