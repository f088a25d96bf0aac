package e2e

import (
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

func of(m *meetingsv1.Meeting, rest string) string { return "/v1/meetings/" + m.GetId() + rest }

// seek finds a professional: the first in the line declines, the second comes, who also comes elsewhere a week later.
func (l *life) seek() {
	p := l.professionals
	l.post(l.coordinator, of(l.elsewhere, "/professionalSearch:start"), &meetingsv1.StartSearchRequest{}, nil)
	l.comes(l.elsewhere, l.relay, l.asked(l.coordinator, l.elsewhere, p[1])[0])

	l.post(l.organiser, of(l.first, "/professionalSearch:start"), &meetingsv1.StartSearchRequest{}, nil)
	found := &meetingsv1.ListCandidatesResponse{}
	l.get(l.organiser, of(l.first, "/professionalSearch/candidates"), found)
	if len(found.GetCandidates()) != len(p) {
		l.t.Fatalf("%v; want all three", found)
	}
	asks := l.asked(l.organiser, l.first, p[0], p[1])
	l.answer(l.first, asks[0], meetingsv1.AskAnswer_ASK_ANSWER_DECLINE, "Je ne peux pas venir", meetingsv1.AskState_ASK_STATE_DECLINED)
	l.owe(p[1], "ASK_SENT", l.first)
	l.comes(l.first, l.organiser, asks[1])
	l.searched(l.first, meetingsv1.SearchState_SEARCH_STATE_CONFIRMED, 0, p[1].id, 0)
}

// asked asks some professionals one after the other.
func (l *life) asked(who *someone, m *meetingsv1.Meeting, line ...*someone) []*meetingsv1.Ask {
	l.t.Helper()
	request := &meetingsv1.AskProfessionalsRequest{Mode: meetingsv1.AskMode_ASK_MODE_ONE_BY_ONE, Deadline: timestamppb.New(time.Now().Add(48 * time.Hour))}
	for _, p := range line {
		request.PersonIds = append(request.PersonIds, p.id)
	}
	answer := &meetingsv1.AskProfessionalsResponse{}
	l.post(who, of(m, "/professionalSearch:ask"), request, answer)
	for _, a := range answer.GetAsks() {
		l.asks[a.GetId()] = a
	}
	l.owe(line[0], "ASK_SENT", m)
	return answer.GetAsks()
}

// comes has a professional accept, of which the meeting's organiser hears as well.
func (l *life) comes(m *meetingsv1.Meeting, organiser *someone, ask *meetingsv1.Ask) {
	l.t.Helper()
	l.answer(m, ask, meetingsv1.AskAnswer_ASK_ANSWER_ACCEPT, "Je viens", meetingsv1.AskState_ASK_STATE_ACCEPTED)
	l.owe(l.people[ask.GetPersonId()], "ASK_ACCEPTED", m)
	l.owe(organiser, "PROFESSIONAL_COMES", m)
	l.rest()
}

// answer has a professional answer by the mail's link, without being signed in.
func (l *life) answer(m *meetingsv1.Meeting, ask *meetingsv1.Ask, say meetingsv1.AskAnswer, label string, want meetingsv1.AskState) {
	l.t.Helper()
	l.rest()
	answer := &meetingsv1.Ask{}
	token := l.link(m, l.people[ask.GetPersonId()], label)
	l.post(nil, "/v1/asks:answerByLink", &meetingsv1.AnswerAskByLinkRequest{Token: token, Answer: say}, answer)
	if answer.GetState() != want || answer.GetId() != ask.GetId() {
		l.t.Fatalf("%v; want %v", answer, want)
	}
}

func (l *life) searched(m *meetingsv1.Meeting, state meetingsv1.SearchState, cause meetingsv1.ReopenCause, who string, lost int32) {
	l.t.Helper()
	s := &meetingsv1.ProfessionalSearch{}
	l.get(l.coordinator, of(m, "/professionalSearch"), s)
	if s.GetState() != state || s.GetReopenCause() != cause || s.GetPersonId() != who || s.GetLostCount() != lost {
		l.t.Fatalf("%v; want %v, %v, %q and %d lost", s, state, cause, who, lost)
	}
}

// prepare has the two meetings swap their rooms, the relay answer for the first one, and its board done; then it will take place.
func (l *life) prepare() {
	swapped := &meetingsv1.SwapRoomsResponse{}
	l.post(l.coordinator, of(l.first, "/bookings/"+l.rooms[0].GetId()+":swap"), &meetingsv1.SwapRoomsRequest{OtherBookingId: l.rooms[1].GetId()}, swapped)
	if swapped.GetBooking().GetResourceId() != l.large || swapped.GetOtherBooking().GetResourceId() != l.small {
		l.t.Fatalf("%v", swapped)
	}
	referent := &meetingsv1.Referent{}
	l.post(l.organiser, of(l.first, "/referent:name"), &meetingsv1.NameReferentRequest{PersonId: l.relay.id}, referent)
	if reason := l.request(l.organiser, "POST", of(l.first, ":confirm"), &meetingsv1.ConfirmMeetingRequest{}, nil); !strings.HasPrefix(reason, "REFERENT_MISSING") {
		l.t.Fatalf("confirmed before the referent has agreed: %s", reason)
	}
	l.post(l.relay, of(l.first, "/referent:accept"), &meetingsv1.AcceptReferentRequest{}, referent)
	board := &meetingsv1.Readiness{}
	l.get(l.organiser, of(l.first, "/readiness"), board)
	for _, item := range board.GetItems() {
		if item.GetComputed() || item.GetState() != meetingsv1.ItemState_ITEM_STATE_TODO {
			continue
		}
		l.post(l.relay, of(l.first, "/readiness/items/"+item.GetId()+":check"), &meetingsv1.CheckItemRequest{State: meetingsv1.ItemState_ITEM_STATE_DONE}, nil)
	}
	l.read()
	l.confirm()
}

// read has every role read the board; whoever has no part in the meeting does not see it.
func (l *life) read() {
	for _, who := range []*someone{l.organiser, l.coordinator, l.relay, l.learners[2], l.learners[6], l.professionals[1]} {
		board := &meetingsv1.Readiness{}
		l.get(who, of(l.first, "/readiness"), board)
		if !board.GetReady() || board.GetMissingCount() != 0 || board.GetReferent().GetPersonId() != l.relay.id {
			l.t.Fatalf("%s reads %v; want it ready", who.name, board)
		}
	}
	for _, who := range []*someone{l.national, l.learners[0], l.professionals[0]} {
		if reason := l.request(who, "GET", of(l.first, "/readiness"), nil, nil); !strings.HasPrefix(reason, "NOT_FOUND") {
			l.t.Fatalf("%s, who has no part in it, reads the board: %q", who.name, reason)
		}
	}
}

func (l *life) confirm() {
	l.t.Helper()
	l.post(l.organiser, of(l.first, ":confirm"), &meetingsv1.ConfirmMeetingRequest{}, l.first)
	for _, who := range l.in(l.first, confirmed) {
		l.owe(who, "MEETING_CONFIRMED", l.first)
	}
	l.rest()
}

// postpone moves the first meeting by a week, to an hour at which its professional is elsewhere; another one is found.
func (l *life) postpone() {
	answer := &meetingsv1.PostponeMeetingResponse{}
	l.post(l.organiser, of(l.first, ":postpone"), &meetingsv1.PostponeMeetingRequest{
		Rule: meetingsv1.PostponeRule_POSTPONE_RULE_NEXT_WEEK, Cause: meetingsv1.CancelCause_CANCEL_CAUSE_ORGANISER_AWAY,
	}, answer)
	was := l.first.GetStartTime().AsTime()
	l.first = answer.GetMeeting()
	if l.first.GetState() != meetingsv1.MeetingState_MEETING_STATE_OPEN || l.first.GetPostponedCount() != 1 ||
		!l.first.GetStartTime().AsTime().Equal(paris(was).AddDate(0, 0, 7)) {
		l.t.Fatalf("%v; want it a week later, and open", l.first)
	}
	l.starts[l.first.GetStartTime().AsTime()] = l.first
	l.searched(l.first, meetingsv1.SearchState_SEARCH_STATE_SEARCHING, meetingsv1.ReopenCause_REOPEN_CAUSE_POSTPONED, "", 1)
	for _, who := range l.in(l.first, confirmed, waitlisted) {
		l.owe(who, "CHANGED", l.first)
	}
	l.owe(l.professionals[1], "ASK_FREED", l.first)
	l.owe(l.organiser, "PROFESSIONAL_LOST", l.first)
	l.pass("announce:changed:" + l.first.GetId())
	l.rest()
	l.comes(l.first, l.organiser, l.asked(l.organiser, l.first, l.professionals[2])[0])
	l.searched(l.first, meetingsv1.SearchState_SEARCH_STATE_CONFIRMED, 0, l.professionals[2].id, 1)
	l.confirm()
}

// callOff calls the second meeting off: who counted on it is told why, and what was booked for it is free.
func (l *life) callOff() {
	l.post(l.organiser, of(l.second, ":cancel"), &meetingsv1.CancelMeetingRequest{
		CancelCause: meetingsv1.CancelCause_CANCEL_CAUSE_WEATHER_OR_TRANSPORT, CancelNote: "Verglas",
	}, l.second)
	for _, who := range l.in(l.second, confirmed) {
		l.owe(who, "MEETING_CANCELLED", l.second)
	}
	held := &meetingsv1.ListBookingsResponse{}
	l.get(l.organiser, of(l.second, "/bookings"), held)
	for _, b := range held.GetBookings() {
		if b.GetState() != meetingsv1.BookingState_BOOKING_STATE_RELEASED {
			l.t.Fatalf("%v is still booked", b)
		}
	}
	counted := &meetingsv1.CountSearchesResponse{}
	l.get(l.national, "/v1/professionalSearches:count?territoryCode=REG-84", counted)
	if counted.GetLostCount() != 1 {
		l.t.Fatalf("the national team counts %v; want one lost", counted)
	}
	l.rest()
}
