package gateway

import (
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/link"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// linked answers for one link: what it would do, and what following it comes to.
type linked struct {
	meeting *meetingsv1.LinkPreview
	group   *meshv1.GroupLinkPreview
	after   func(*linked) // what following does
	refused error         // why following it is refused
	missing error         // why nobody says what it does
	away    bool          // the names of places and modules
}

func (l *linked) answer(c call) (proto.Message, error) {
	switch r := c.request.(type) {
	case *meetingsv1.PreviewLinkRequest:
		return l.meeting, l.missing
	case *meshv1.PreviewGroupLinkRequest:
		return l.group, l.missing
	case *meshv1.GetPlaceRequest:
		return &meshv1.Place{Id: r.GetId(), Name: "Médiathèque <b>"}, l.names()
	case *meshv1.GetTerritoryRequest:
		return &meshv1.Territory{Code: r.GetCode(), Name: "Nantes"}, l.names()
	case *meshv1.GetGroupRequest:
		return &meshv1.Group{Id: r.GetId(), ModuleId: "module"}, l.names()
	case *cataloguev1.GetModuleRequest:
		return &cataloguev1.Module{Id: r.GetId(), Title: "Programmation créative"}, l.names()
	}
	if l.refused == nil && l.after != nil {
		l.after(l)
	}
	if l.refused != nil {
		return nil, l.refused
	}
	return empty(c.method)
}

func (l *linked) names() error {
	if l.away {
		return status.Error(codes.Unavailable, "away")
	}
	return nil
}

func (l *linked) open(t *testing.T, deps Deps) (http.Handler, *services) {
	t.Helper()
	door, fake := open(t, Config{}, deps)
	fake.answer = l.answer
	return door, fake
}

var linkStart = time.Date(2026, 11, 24, 17, 30, 0, 0, time.UTC)

func aMeeting(edit ...func(*meetingsv1.Meeting)) *meetingsv1.Meeting {
	m := &meetingsv1.Meeting{
		Id: someID, ModuleTitle: "Programmation créative", State: meetingsv1.MeetingState_MEETING_STATE_OPEN, TimeZone: "Europe/Paris",
		StartTime: timestamppb.New(linkStart), EndTime: timestamppb.New(linkStart.Add(2 * time.Hour)), PlaceId: "place", CommuneCode: "44109",
	}
	for _, e := range edit {
		e(m)
	}
	return m
}

const (
	linkReady = meetingsv1.LinkState_LINK_STATE_READY
	linkDone  = meetingsv1.LinkState_LINK_STATE_DONE
	linkOver  = meetingsv1.LinkState_LINK_STATE_OVER
)

func seatPreview(action meetingsv1.LinkAction, state meetingsv1.LinkState, seat meetingsv1.RegistrationState) *meetingsv1.LinkPreview {
	return &meetingsv1.LinkPreview{
		Action: action, State: state, Meeting: aMeeting(),
		Registration: &meetingsv1.Registration{Id: someID, State: seat, OfferExpireTime: timestamppb.New(linkStart.Add(-24 * time.Hour)), WaitingPosition: waitingIn(seat)},
	}
}

func waitingIn(seat meetingsv1.RegistrationState) int32 {
	if seat == meetingsv1.RegistrationState_REGISTRATION_STATE_WAITLISTED {
		return 3
	}
	return 0
}

func because(p *meetingsv1.LinkPreview, reason string) *meetingsv1.LinkPreview {
	p.State, p.Refusal = linkOver, &meetingsv1.LinkRefusal{Reason: reason, TextFr: "Raison : " + reason, TextEn: "Reason: " + reason}
	return p
}

// linkCase is a state of the page, its heading and its button in both languages.
type linkCase struct {
	linked
	fr, en             string
	buttonFr, buttonEn string
	also               string // in French
}

// linkCases are the states of the page, all of them, by what one would call them.
func linkCases() map[string]linkCase {
	all := map[string]linkCase{}
	for _, cases := range []map[string]linkCase{registrationCases(), askCases(), swapCases(), pollCases(), feedbackCases(), groupCases()} {
		for name, c := range cases {
			all[name] = c
		}
	}
	return all
}

func registrationCases() map[string]linkCase {
	const (
		register, leave = meetingsv1.LinkAction_LINK_ACTION_REGISTER, meetingsv1.LinkAction_LINK_ACTION_CANCEL_REGISTRATION
		accept, decline = meetingsv1.LinkAction_LINK_ACTION_ACCEPT_OFFER, meetingsv1.LinkAction_LINK_ACTION_DECLINE_OFFER
		confirmed       = meetingsv1.RegistrationState_REGISTRATION_STATE_CONFIRMED
		waits           = meetingsv1.RegistrationState_REGISTRATION_STATE_WAITLISTED
		offered         = meetingsv1.RegistrationState_REGISTRATION_STATE_OFFERED
		cancelled       = meetingsv1.RegistrationState_REGISTRATION_STATE_CANCELLED
		declined        = meetingsv1.RegistrationState_REGISTRATION_STATE_DECLINED
		lapsed          = meetingsv1.RegistrationState_REGISTRATION_STATE_LAPSED
	)
	preview := func(p *meetingsv1.LinkPreview) linked { return linked{meeting: p} }
	free := seatPreview(register, linkReady, 0)
	free.Registration = nil
	full := proto.Clone(free).(*meetingsv1.LinkPreview)
	full.Waits = true
	closed := because(proto.Clone(free).(*meetingsv1.LinkPreview), "MEETING_CLOSED")
	off := because(seatPreview(leave, linkOver, confirmed), "MEETING_CLOSED")
	off.Meeting.State = meetingsv1.MeetingState_MEETING_STATE_CANCELLED
	first := seatPreview(register, linkDone, waits)
	first.Registration.WaitingPosition = 1
	return map[string]linkCase{
		"register":          {preview(free), "S'inscrire à ce temps de rencontre ?", "Register for this meeting?", "M'inscrire", "Register", "Il reste des places"},
		"register to wait":  {preview(full), "S'inscrire sur la liste d'attente ?", "Join the waiting list of this meeting?", "M'inscrire sur la liste d'attente", "Join the waiting list", "dans l'ordre d'arrivée"},
		"registered":        {preview(seatPreview(register, linkDone, confirmed)), "Votre place est confirmée", "Your seat is confirmed", "", "", "rendez-la par le lien « Rendre ma place » du courriel"},
		"waits":             {preview(seatPreview(register, linkDone, waits)), "Vous êtes 3e sur la liste d'attente", "You are number 3 on the waiting list", "", "", "dès qu'une place se libère"},
		"waits first":       {preview(first), "Vous êtes en tête de la liste d'attente", "You are first on the waiting list", "", "", "dès qu'une place se libère"},
		"closed":            {preview(closed), "Ce temps de rencontre a commencé", "This meeting has begun", "", "", "ne changent plus"},
		"give back":         {preview(seatPreview(leave, linkReady, confirmed)), "Rendre votre place ?", "Give your seat back?", "Rendre ma place", "Give my seat back", "Cela ne concerne que vous"},
		"leave the line":    {preview(seatPreview(leave, linkReady, waits)), "Quitter la liste d'attente ?", "Leave the waiting list?", "Quitter la liste d'attente", "Leave the waiting list", "Vous êtes 3e sur la liste d'attente."},
		"leave an offer":    {preview(seatPreview(leave, linkReady, offered)), "Laisser la place qui vous est proposée ?", "Leave the seat that is offered to you?", "Laisser la place", "Leave the seat", "lundi 23 novembre 2026 à 18 h 30 (heure de Paris)"},
		"given back":        {preview(seatPreview(leave, linkDone, cancelled)), "Votre inscription est annulée", "Your registration is cancelled", "", "", "Vous pouvez vous réinscrire"},
		"meeting off":       {preview(off), "Ce temps de rencontre est annulé", "This meeting is cancelled", "", "", "Vous n'avez rien à faire"},
		"offer":             {preview(seatPreview(accept, linkReady, offered)), "Prendre la place qui s'est libérée ?", "Take the seat that has become free?", "Prendre la place", "Take the seat", "gardée jusqu'au lundi 23 novembre 2026"},
		"offer taken":       {preview(seatPreview(accept, linkDone, confirmed)), "Votre place est confirmée", "Your seat is confirmed", "", "", "rendez-la par le lien « Rendre ma place » du courriel"},
		"offer lapsed":      {preview(because(seatPreview(accept, linkOver, lapsed), "OFFER_LAPSED")), "La place est allée à une autre personne", "The seat has gone to somebody else", "", "", "Vous pouvez vous réinscrire"},
		"offer, waits":      {preview(because(seatPreview(accept, linkOver, waits), "REGISTRATION_STATE")), "Vous êtes 3e sur la liste d'attente", "You are number 3 on the waiting list", "", "", "dès qu'une place se libère"},
		"decline an offer":  {preview(seatPreview(decline, linkReady, offered)), "Laisser la place qui vous est proposée ?", "Leave the seat that is offered to you?", "Laisser la place", "Leave the seat", "proposée aussitôt à la personne suivante, et vous n'êtes plus sur la liste"},
		"offer declined":    {preview(seatPreview(decline, linkDone, declined)), "Vous avez laissé la place", "You have left the seat", "", "", "Vous pouvez vous réinscrire"},
		"decline too late":  {preview(because(seatPreview(decline, linkOver, confirmed), "REGISTRATION_STATE")), "Votre place est confirmée", "Your seat is confirmed", "", "", "rendez-la par le lien « Rendre ma place » du courriel"},
		"register, offered": {preview(seatPreview(register, linkDone, offered)), "Une place vous est proposée", "A seat is offered to you", "", "", "gardée jusqu'au lundi 23 novembre 2026"},
	}
}

func askCases() map[string]linkCase {
	const accept, decline = meetingsv1.LinkAction_LINK_ACTION_ACCEPT_ASK, meetingsv1.LinkAction_LINK_ACTION_DECLINE_ASK
	preview := func(action meetingsv1.LinkAction, state meetingsv1.LinkState, ask meetingsv1.AskState, reason string) linked {
		p := &meetingsv1.LinkPreview{Action: action, State: state, Meeting: aMeeting(), Ask: &meetingsv1.Ask{State: ask, Deadline: timestamppb.New(linkStart.Add(-48 * time.Hour))}}
		if reason != "" {
			p = because(p, reason)
		}
		return linked{meeting: p}
	}
	const sent, yes, no = meetingsv1.AskState_ASK_STATE_SENT, meetingsv1.AskState_ASK_STATE_ACCEPTED, meetingsv1.AskState_ASK_STATE_DECLINED
	return map[string]linkCase{
		"come":            {preview(accept, linkReady, sent, ""), "Venir à ce temps de rencontre ?", "Come to this meeting?", "Je viens", "I come", "dimanche 22 novembre 2026"},
		"comes":           {preview(accept, linkDone, yes, ""), "Vous venez : c'est noté", "You come: it is noted", "", "", "l'autre lien du courriel"},
		"another comes":   {preview(accept, linkOver, 0, "ASK_SUPERSEDED"), "On n'a plus besoin de vous", "You are no longer needed", "", "", "Raison : ASK_SUPERSEDED"},
		"ask lapsed":      {preview(accept, linkOver, 0, "ASK_LAPSED"), "Le délai de réponse est passé", "The time to answer is over", "", "", "Raison"},
		"ask closed":      {preview(accept, linkOver, 0, "MEETING_CLOSED"), "Ce temps de rencontre a commencé", "This meeting has begun", "", "", "Personne n'est plus recherché"},
		"decline to come": {preview(decline, linkReady, sent, ""), "Décliner ce temps de rencontre ?", "Decline to come to this meeting?", "Je ne peux pas venir", "I cannot come", "facultatif"},
		"withdraw":        {preview(decline, linkReady, yes, ""), "Vous aviez accepté : vous désister ?", "You had accepted: withdraw?", "Me désister", "Withdraw", "compte sur vous"},
		"does not come":   {preview(decline, linkDone, no, ""), "Vous ne venez pas : c'est noté", "You do not come: it is noted", "", "", "Merci d'avoir répondu"},
	}
}

func swapCases() map[string]linkCase {
	preview := func(state meetingsv1.LinkState, reason string) linked {
		p := seatPreview(meetingsv1.LinkAction_LINK_ACTION_ACCEPT_SWAP, state, meetingsv1.RegistrationState_REGISTRATION_STATE_CONFIRMED)
		p.Swap, p.GivenMeeting = &meetingsv1.Swap{Id: someID}, aMeeting(func(m *meetingsv1.Meeting) { m.StartTime = timestamppb.New(linkStart.Add(48 * time.Hour)) })
		if reason != "" {
			p = because(p, reason)
		}
		return linked{meeting: p}
	}
	return map[string]linkCase{
		"swap":             {preview(linkReady, ""), "Échanger votre place ?", "Swap your seat?", "Échanger", "Swap", "jeudi 26 novembre 2026"},
		"swapped":          {preview(linkDone, ""), "Votre place est confirmée", "Your seat is confirmed", "", "", "Les places sont échangées"},
		"swap over":        {preview(linkOver, "SWAP_OVER"), "Cet échange n'est plus possible", "This swap is over", "", "", "reste telle quelle"},
		"swap closed":      {preview(linkOver, "MEETING_CLOSED"), "Cet échange n'est pas possible", "This swap is not possible", "", "", "reste telle quelle"},
		"swap without one": {preview(linkOver, "SWAP_SEAT"), "Cet échange n'est pas possible", "This swap is not possible", "", "", "deux places confirmées"},
		"swap with both":   {preview(linkOver, "ALREADY_REGISTERED"), "Cet échange n'est pas possible", "This swap is not possible", "", "", "reste telle quelle"},
	}
}

func aPoll() *meetingsv1.LinkPreview {
	p := &meetingsv1.LinkPreview{
		Action: meetingsv1.LinkAction_LINK_ACTION_VOTE_POLL, State: linkReady,
		Poll: &meetingsv1.Poll{Id: someID, GroupId: someID, TimeZone: "Europe/Paris", CloseTime: timestamppb.New(linkStart.Add(-72 * time.Hour))},
	}
	for i := range 3 {
		p.Poll.Options = append(p.Poll.Options, &meetingsv1.PollOption{
			Position: int32(i + 1), StartTime: timestamppb.New(linkStart.Add(time.Duration(i) * 24 * time.Hour)), YesCount: int32(i), NoCount: 2, IfNeedBeCount: 1, //nolint:gosec // three
		})
	}
	return p
}

func pollCases() map[string]linkCase {
	voted, counted, chosen := aPoll(), because(aPoll(), "POLL_CLOSED"), because(aPoll(), "POLL_CLOSED")
	voted.Votes = []*meetingsv1.Vote{{Option: 2, Answer: meetingsv1.PollAnswer_POLL_ANSWER_IF_NEED_BE}}
	chosen.Poll.ChosenOption, chosen.Poll.Title = 3, "Rencontre 🤖"
	return map[string]linkCase{
		"vote":        {linked{meeting: aPoll()}, "Quelles dates vous conviennent ?", "Which dates suit you?", "Voter", "Vote", "Pour l'instant : 2 oui, 1 si besoin, 2 non"},
		"vote again":  {linked{meeting: voted}, "Quelles dates vous conviennent ?", "Which dates suit you?", "Changer mes réponses", "Change my answers", `name="option-2" value="perhaps" checked`},
		"poll over":   {linked{meeting: counted}, "Le vote est terminé", "The vote is over", "", "", "pas encore choisie"},
		"date chosen": {linked{meeting: chosen}, "La date est choisie", "The date is chosen", "", "", "jeudi 26 novembre 2026"},
	}
}

func feedbackCases() map[string]linkCase {
	preview := func(state meetingsv1.LinkState) *meetingsv1.LinkPreview {
		return &meetingsv1.LinkPreview{Action: meetingsv1.LinkAction_LINK_ACTION_GIVE_FEEDBACK, State: state, Meeting: aMeeting()}
	}
	late := because(preview(linkOver), "FEEDBACK_TOO_LATE")
	return map[string]linkCase{
		"feedback":       {linked{meeting: preview(linkReady)}, "Que pensez-vous de ce temps de rencontre ?", "What do you think of this meeting?", "Envoyer mon avis", "Send my answer", `name="usefulness" value="4"`},
		"feedback given": {linked{meeting: preview(linkDone)}, "Vous avez déjà répondu", "You have answered already", "", "", "gardées sans nom"},
		"feedback late":  {linked{meeting: late}, "Il est trop tard pour répondre", "It is too late to answer", "", "", "Raison : FEEDBACK_TOO_LATE"},
	}
}

func groupCases() map[string]linkCase {
	const (
		accept  = meshv1.GroupLinkAction_GROUP_LINK_ACTION_ACCEPT_INVITATION
		decline = meshv1.GroupLinkAction_GROUP_LINK_ACTION_DECLINE_INVITATION
		join    = meshv1.GroupLinkAction_GROUP_LINK_ACTION_JOIN_GROUP
		ready   = meshv1.GroupLinkState_GROUP_LINK_STATE_READY
		done    = meshv1.GroupLinkState_GROUP_LINK_STATE_DONE
		over    = meshv1.GroupLinkState_GROUP_LINK_STATE_OVER
	)
	preview := func(action meshv1.GroupLinkAction, state meshv1.GroupLinkState, i meshv1.InvitationState, reason string) linked {
		p := &meshv1.GroupLinkPreview{Action: action, State: state, Group: &meshv1.Group{Id: someID, ModuleId: "module"}, FreeSeats: 4, PlaceName: "Médiathèque <b>", CommuneName: "Nantes"}
		if action != join {
			p.Invitation = &meshv1.Invitation{Id: someID, State: i, ExpireTime: timestamppb.New(linkStart)}
		}
		if reason != "" {
			p.Refusal = &meshv1.GroupLinkRefusal{Reason: reason, TextFr: "Raison : " + reason, TextEn: "Reason: " + reason}
		}
		return linked{group: p}
	}
	const yes, no = meshv1.InvitationState_INVITATION_STATE_ACCEPTED, meshv1.InvitationState_INVITATION_STATE_DECLINED
	const late, back = meshv1.InvitationState_INVITATION_STATE_LAPSED, meshv1.InvitationState_INVITATION_STATE_WITHDRAWN
	return map[string]linkCase{
		"invitation":           {preview(accept, ready, 1, ""), "Rejoindre ce groupe ?", "Join this group?", "Rejoindre le groupe", "Join the group", "Programmation créative"},
		"invitation accepted":  {preview(accept, done, yes, ""), "Vous êtes dans ce groupe", "You are in this group", "", "", "Pour le quitter"},
		"invitation declined":  {preview(decline, done, no, ""), "Vous avez décliné cette invitation", "You have declined this invitation", "", "", "demandez au groupe son lien"},
		"decline to join":      {preview(decline, ready, 1, ""), "Décliner cette invitation ?", "Decline this invitation?", "Décliner", "Decline", "ne vous invitera plus"},
		"declined before":      {preview(accept, over, no, "INVITATION_ANSWERED"), "Vous avez décliné cette invitation", "You have declined this invitation", "", "", "demandez au groupe son lien"},
		"invitation lapsed":    {preview(accept, over, late, "INVITATION_LAPSED"), "Cette invitation n'est plus valable", "This invitation has lapsed", "", "", "Raison"},
		"lapsed, nothing lost": {preview(decline, done, late, ""), "Cette invitation n'est plus valable", "This invitation has lapsed", "", "", "rien à faire"},
		"taken back":           {preview(decline, done, back, ""), "Cette invitation a été retirée", "This invitation was taken back", "", "", "rien à faire"},
		"group full":           {preview(accept, over, 1, "GROUP_FULL"), "Ce groupe est complet", "This group is full", "", "", "Raison : GROUP_FULL"},
		"in another group":     {preview(accept, over, 1, "ALREADY_GROUPED"), "Vous êtes déjà dans un autre groupe", "You are in another group", "", "", "Raison"},
		"group's link":         {preview(join, ready, 0, ""), "Rejoindre ce groupe", "Join this group", "", "", "connectez-vous"},
		"group's link, full":   {preview(join, over, 0, "GROUP_FULL"), "Ce groupe est complet", "This group is full", "", "", "Raison"},
	}
}

// linkAddress is a link as far as the door can read it.
func linkAddress(l *linked) string {
	action := "acceptOffer"
	switch {
	case l.meeting.GetAction() == meetingsv1.LinkAction_LINK_ACTION_GIVE_FEEDBACK:
		action = "giveFeedback"
	case l.group != nil && l.group.GetInvitation() == nil:
		action = "joinGroup"
	case l.group != nil:
		action = "acceptInvitation"
	}
	return linkPath + link.DeriveKey([]byte("a secret")).Sign(link.Claim{Action: action, Resource: someID, Expires: linkStart})
}
