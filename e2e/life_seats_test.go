package e2e

import (
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/testkit"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// letter is what somebody must be sent: to whom, what, of which meeting, and the hour that it says.
type letter struct {
	to, kind, meeting string
	start             time.Time
}

// owe notes a letter that follows from an answer; it says the hour to the minute.
func (l *life) owe(who *someone, kind string, m *meetingsv1.Meeting) {
	l.due = append(l.due, letter{who.id, kind, m.GetId(), m.GetStartTime().AsTime().Truncate(time.Minute)})
}

// seat is someone's registration at a meeting, as it was last answered.
func (l *life) seat(m *meetingsv1.Meeting, who *someone) *meetingsv1.Registration {
	return l.registrations[[2]string{m.GetId(), who.id}]
}

const (
	confirmed  = meetingsv1.RegistrationState_REGISTRATION_STATE_CONFIRMED
	waitlisted = meetingsv1.RegistrationState_REGISTRATION_STATE_WAITLISTED
	offered    = meetingsv1.RegistrationState_REGISTRATION_STATE_OFFERED
	declined   = meetingsv1.RegistrationState_REGISTRATION_STATE_DECLINED
	cancelled  = meetingsv1.RegistrationState_REGISTRATION_STATE_CANCELLED
)

// kinds are what a state is told as.
var kinds = map[meetingsv1.RegistrationState]string{
	confirmed: "CONFIRMED", waitlisted: "WAITLISTED", offered: "OFFERED", declined: "DECLINED", cancelled: "CANCELLED",
}

// in are those in one of the states at a meeting, in the order of the learners.
func (l *life) in(m *meetingsv1.Meeting, states ...meetingsv1.RegistrationState) (all []*someone) {
	for _, who := range l.learners {
		if r := l.seat(m, who); r != nil && slices.Contains(states, r.GetState()) {
			all = append(all, who)
		}
	}
	return all
}

// became keeps what a registration has become, and who must be told.
func (l *life) became(m *meetingsv1.Meeting, who *someone, r *meetingsv1.Registration, want meetingsv1.RegistrationState) {
	l.t.Helper()
	if r.GetState() != want || r.GetPersonId() != who.id || r.GetMeetingId() != m.GetId() {
		l.t.Fatalf("%s: %v; want %v", who.name, r, want)
	}
	l.registrations[[2]string{m.GetId(), who.id}] = r
	l.owe(who, kinds[want], m)
}

func (l *life) register(m *meetingsv1.Meeting, who *someone, want meetingsv1.RegistrationState, position int32) {
	l.t.Helper()
	r := &meetingsv1.Registration{}
	l.post(who, "/v1/meetings/"+m.GetId()+"/registrations", &meetingsv1.Registration{}, r)
	l.became(m, who, r, want)
	if r.GetWaitingPosition() != position {
		l.t.Fatalf("%s waits at %d; want %d", who.name, r.GetWaitingPosition(), position)
	}
}

// change has someone do something to the own registration: "cancel", "accept" or "decline".
func (l *life) change(m *meetingsv1.Meeting, who *someone, verb string, want meetingsv1.RegistrationState) {
	l.t.Helper()
	r := &meetingsv1.Registration{}
	l.post(who, "/v1/meetings/"+m.GetId()+"/registrations/"+l.seat(m, who).GetId()+":"+verb, &meetingsv1.CancelRegistrationRequest{}, r)
	l.became(m, who, r, want)
}

// follow does the same by the link of the last mail to someone, without being signed in.
func (l *life) follow(m *meetingsv1.Meeting, who *someone, label string, want meetingsv1.RegistrationState) {
	l.t.Helper()
	r := &meetingsv1.Registration{}
	l.post(nil, "/v1/registrations:followLink", &meetingsv1.FollowRegistrationLinkRequest{Token: l.link(m, who, label)}, r)
	l.became(m, who, r, want)
}

// offer checks that the seat that became free was offered to someone.
func (l *life) offer(m *meetingsv1.Meeting, who *someone) {
	l.t.Helper()
	r := &meetingsv1.Registration{}
	l.get(who, "/v1/meetings/"+m.GetId()+"/registrations/"+l.seat(m, who).GetId(), r)
	l.became(m, who, r, offered)
}

// invite has the organiser ask somebody near who waits into the group, who accepts by the mail's link.
func (l *life) invite() {
	guest, wish := l.learners[9], &meshv1.Interest{}
	l.post(guest, "/v1/interests", &meshv1.Interest{CommuneCode: commune, ModuleId: module}, wish)
	near := &meshv1.FindWaitingLearnersResponse{}
	l.get(l.organiser, "/v1/groups/"+l.group+"/waitingLearners", near)
	if len(near.GetLearners()) != 1 || near.GetLearners()[0].GetInterestId() != wish.GetId() {
		l.t.Fatalf("%v; want one who waits", near)
	}
	l.post(l.organiser, "/v1/groups/"+l.group+"/invitations", &meshv1.CreateInvitationsRequest{InterestIds: []string{wish.GetId()}}, nil)
	l.due = append(l.due, letter{to: guest.id, kind: "INVITED"})
	// It is no meeting's: no list says that it was sent.
	testkit.Poll(l.t, patience, func() bool {
		l.revive()
		return slices.ContainsFunc(l.mail(), func(m delivered) bool { return m.To == guest.email() })
	}, "the invitation")
	answer, group := &meshv1.Invitation{}, &meshv1.Group{}
	l.post(nil, "/v1/invitations:answer", &meshv1.AnswerInvitationRequest{Token: l.link(nil, guest, "Rejoindre le groupe")}, answer)
	l.get(nil, "/v1/groups/"+l.group, group)
	if answer.GetState() != meshv1.InvitationState_INVITATION_STATE_ACCEPTED || group.GetMemberCount() != 10 {
		l.t.Fatalf("%v, %v", answer, group)
	}
}

// fill has the first meeting full with a list behind; the second has room left.
func (l *life) fill() {
	for i, who := range l.learners[:lifeSeats] {
		l.register(l.first, who, confirmed, 0)
		if i < 3 {
			l.register(l.second, who, confirmed, 0)
		}
	}
	for i, who := range l.learners[lifeSeats:english] {
		l.register(l.first, who, waitlisted, int32(i+1)) //nolint:gosec // three
	}
	l.register(l.second, l.learners[english], confirmed, 0) // of another group: open to any
	l.rest()
}

// handOver has seats given back, offered to those who wait in their order, accepted and declined: by mail and signed in.
func (l *life) handOver() {
	p := l.learners
	l.follow(l.first, p[0], "Rendre ma place", cancelled)
	l.offer(l.first, p[5])
	l.rest()
	l.follow(l.first, p[5], "Prendre la place", confirmed)
	l.change(l.first, p[1], "cancel", cancelled)
	l.offer(l.first, p[6])
	l.rest()
	l.follow(l.first, p[6], "Laisser la place", declined)
	l.offer(l.first, p[7])
	l.rest()
	l.change(l.first, p[7], "accept", confirmed)
	l.rest()
	// Who has changed their mind comes last.
	l.register(l.first, p[english], waitlisted, 1)
	l.register(l.first, p[6], waitlisted, 2)
	l.rest()
	now := &meetingsv1.Meeting{}
	l.get(nil, "/v1/meetings/"+l.first.GetId(), now)
	if now.GetTaken() != lifeSeats || now.GetWaiting() != 2 {
		l.t.Fatalf("%v; want it full, and two who wait", now)
	}
}
