package gateway

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
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
	for _, cases := range []map[string]linkCase{registrationCases(), askCases(), swapCases(), pollCases(), groupCases()} {
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
	case l.group != nil && l.group.GetInvitation() == nil:
		action = "joinGroup"
	case l.group != nil:
		action = "acceptInvitation"
	}
	return linkPath + link.DeriveKey([]byte("a secret")).Sign(link.Claim{Action: action, Resource: someID, Expires: linkStart})
}

func plainText(body string) string {
	return strings.NewReplacer("\u00a0", " ", "&#39;", "'", "&amp;", "&").Replace(body)
}

// Every state says what holds, in both languages, and has a button where there is something to do and nowhere else.
func TestLinkPages(t *testing.T) {
	for name, c := range linkCases() {
		t.Run(name, func(t *testing.T) {
			door, _ := c.open(t, Deps{})
			for _, speaks := range []struct{ language, heading, button string }{{"fr-FR", c.fr, c.buttonFr}, {"en", c.en, c.buttonEn}} {
				res := ask(t, door, "GET", linkAddress(&c.linked), "", "Accept-Language: "+speaks.language)
				body := plainText(res.Body)
				if res.StatusCode != http.StatusOK || !strings.Contains(body, "<h1>"+speaks.heading+"</h1>") || !strings.Contains(body, `<html lang="`+speaks.language[:2]+`"`) {
					t.Fatalf("%d %s", res.StatusCode, body)
				}
				if button := `<button type="submit">` + speaks.button + `</button>`; (speaks.button != "") != strings.Contains(body, "<button") || speaks.button != "" && !strings.Contains(body, button) {
					t.Fatalf("want %q in %s", button, body)
				}
				if speaks.language == "fr-FR" && !strings.Contains(body, c.also) {
					t.Fatalf("want %q in %s", c.also, body)
				}
				if strings.Contains(body, "<b>") || strings.Contains(body, "<script") || strings.Contains(body, "{{") {
					t.Fatal(body)
				}
			}
		})
	}
}

// Looking changes nothing, whoever looks, and leaves the token nowhere.
func TestLinkLooked(t *testing.T) {
	var log bytes.Buffer
	l := registrationCases()["offer"].linked
	door, fake := l.open(t, Deps{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	address := linkAddress(&l)
	for _, method := range []string{"GET", "HEAD"} {
		res := ask(t, door, method, address, "")
		for header, want := range map[string]string{
			"Content-Security-Policy": formPolicy, "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Content-Language": "fr", "Vary": "Accept-Language", "Content-Type": "text/html; charset=utf-8",
		} {
			if res.StatusCode != http.StatusOK || !strings.Contains(strings.Join(res.Header.Values(header), ", "), want) {
				t.Errorf("%d, %s: %q, want %q", res.StatusCode, header, res.Header.Values(header), want)
			}
		}
	}
	body := plainText(ask(t, door, "GET", address, "").Body)
	for _, want := range []string{"Programmation créative", "mardi 24 novembre 2026 à 18 h 30 (heure de Paris)", "Médiathèque &lt;b&gt;, Nantes"} {
		if !strings.Contains(body, want) {
			t.Errorf("want %q in %s", want, body)
		}
	}
	for _, c := range fake.seen() {
		if name := c.method[strings.LastIndex(c.method, "/")+1:]; !strings.HasPrefix(name, "Preview") && !strings.HasPrefix(name, "Get") {
			t.Errorf("looking calls %s", name)
		}
	}
	if token := strings.TrimPrefix(address, linkPath); !strings.Contains(log.String(), "route="+linkPath) || strings.Contains(log.String(), token[:20]) {
		t.Error(log.String())
	}
	l.away = true // the page does without the names
	if res := ask(t, door, "GET", address, ""); res.StatusCode != http.StatusOK || strings.Contains(res.Body, "Nantes") || !strings.Contains(res.Body, "<button") {
		t.Error(res.StatusCode, res.Body)
	}
}

// Who presses has it done, with this very token, and reads what holds then; pressing again is the same answer.
func TestLinkFollowed(t *testing.T) {
	key := link.DeriveKey([]byte("a secret"))
	cases := linkCases()
	for _, c := range []struct {
		action, before, after string
		want                  func(token string) proto.Message
	}{
		{"register", "register", "waits", func(token string) proto.Message { return &meetingsv1.FollowRegistrationLinkRequest{Token: token} }},
		{"cancelRegistration", "give back", "given back", func(token string) proto.Message { return &meetingsv1.FollowRegistrationLinkRequest{Token: token} }},
		{"acceptOffer", "offer", "offer taken", func(token string) proto.Message { return &meetingsv1.FollowRegistrationLinkRequest{Token: token} }},
		{"declineOffer", "decline an offer", "offer declined", func(token string) proto.Message { return &meetingsv1.FollowRegistrationLinkRequest{Token: token} }},
		{"acceptAsk", "come", "comes", func(token string) proto.Message {
			return &meetingsv1.AnswerAskByLinkRequest{Token: token, Answer: meetingsv1.AskAnswer_ASK_ANSWER_ACCEPT}
		}},
		{"declineAsk", "decline to come", "does not come", func(token string) proto.Message {
			return &meetingsv1.AnswerAskByLinkRequest{Token: token, Answer: meetingsv1.AskAnswer_ASK_ANSWER_DECLINE, Reason: "En congé é\ufffd"}
		}},
		{"acceptSwap", "swap", "swapped", func(token string) proto.Message { return &meetingsv1.FollowSwapLinkRequest{Token: token} }},
		{"acceptInvitation", "invitation", "invitation accepted", func(token string) proto.Message { return &meshv1.AnswerInvitationRequest{Token: token} }},
		{"declineInvitation", "decline to join", "invitation declined", func(token string) proto.Message { return &meshv1.AnswerInvitationRequest{Token: token} }},
	} {
		t.Run(c.action, func(t *testing.T) {
			l, after := cases[c.before].linked, cases[c.after]
			l.after = func(l *linked) { l.meeting, l.group = after.meeting, after.group }
			door, fake := l.open(t, Deps{})
			token := key.Sign(link.Claim{Action: c.action, Resource: someID, Expires: linkStart})
			var pages []string
			for range 2 {
				res := ask(t, door, "POST", linkPath+token, "reason=En+cong%C3%A9+%C3%A9%ff", "Content-Type: application/x-www-form-urlencoded", "Origin: null")
				if res.StatusCode != http.StatusOK || !strings.Contains(plainText(res.Body), "<h1>"+after.fr+"</h1>") {
					t.Fatal(res.StatusCode, res.Body)
				}
				pages = append(pages, res.Body)
			}
			if pages[0] != pages[1] || !proto.Equal(fake.seen()[0].request, c.want(token)) {
				t.Fatalf("%v; want %v", fake.seen()[0].request, c.want(token))
			}
		})
	}
}

func refusedBy(code codes.Code, reason string) error {
	st, err := status.New(code, "Why: "+reason).WithDetails(info(reason), &errdetails.LocalizedMessage{Locale: "fr", Message: "Raison : " + reason})
	if err != nil {
		panic(err)
	}
	return st.Err()
}

// What is refused says why, with the status that the API has for it, and what it was about where that is known.
func TestLinkRefused(t *testing.T) {
	cases := linkCases()
	for name, c := range map[string]struct {
		method    string
		linked    linked
		code      int
		heading   string
		say, keep string // keep is a fact
	}{
		"expired":          {"GET", linked{missing: refusedBy(codes.PermissionDenied, "LINK_EXPIRED")}, 403, "Ce lien a expiré", "Vous pouvez vous réinscrire", ""},
		"expired, pressed": {"POST", linked{missing: refusedBy(codes.PermissionDenied, "LINK_EXPIRED"), refused: refusedBy(codes.PermissionDenied, "LINK_EXPIRED")}, 403, "Ce lien a expiré", "Vous pouvez vous réinscrire", ""},
		"forged":           {"GET", linked{missing: refusedBy(codes.PermissionDenied, "LINK_INVALID")}, 403, "Ce lien ne convient pas", "Rouvrez-le depuis le courriel", ""},
		"forged, pressed":  {"POST", linked{missing: refusedBy(codes.PermissionDenied, "LINK_INVALID"), refused: refusedBy(codes.PermissionDenied, "LINK_INVALID")}, 403, "Ce lien ne convient pas", "Rouvrez-le depuis le courriel", ""},
		"gone":             {"GET", linked{missing: refusedBy(codes.NotFound, "NOT_FOUND")}, 404, "Ce lien ne mène plus à rien", "rien à faire", ""},
		"away":             {"GET", linked{missing: status.Error(codes.Unavailable, "dial tcp 10.0.0.7")}, 503, "maillage ne répond pas en ce moment", "Réessayez", ""},
		"away, pressed":    {"POST", linked{missing: status.Error(codes.Unavailable, "x"), refused: status.Error(codes.Unavailable, "x")}, 503, "maillage ne répond pas en ce moment", "Réessayez", ""},
		"lapsed meanwhile": {"POST", linked{meeting: cases["offer lapsed"].meeting, refused: refusedBy(codes.FailedPrecondition, "OFFER_LAPSED")}, 409, "La place est allée à une autre personne", "Vous pouvez vous réinscrire", "Programmation créative"},
		"begun meanwhile":  {"POST", linked{meeting: cases["closed"].meeting, refused: refusedBy(codes.FailedPrecondition, "MEETING_CLOSED")}, 409, "Ce temps de rencontre a commencé", "ne changent plus", "Nantes"},
		"another came":     {"POST", linked{meeting: cases["another comes"].meeting, refused: refusedBy(codes.FailedPrecondition, "ASK_SUPERSEDED")}, 409, "On n'a plus besoin de vous", "Raison", "Nantes"},
		"engaged":          {"POST", linked{meeting: cases["come"].meeting, refused: refusedBy(codes.FailedPrecondition, "PROFESSIONAL_TAKEN")}, 409, "Vous avez un autre engagement à ce moment", "Raison", "Nantes"},
		"another workshop": {"POST", linked{meeting: cases["register"].meeting, refused: refusedBy(codes.FailedPrecondition, "SLOT_CHOSEN")}, 409, "Vous avez un autre atelier à cette heure", "Raison", "Nantes"},
		"swapped before":   {"POST", linked{meeting: cases["swap over"].meeting, refused: refusedBy(codes.FailedPrecondition, "SWAP_OVER")}, 409, "Cet échange n'est plus possible", "reste telle quelle", "Nantes"},
		"full meanwhile":   {"POST", linked{group: cases["group full"].group, refused: refusedBy(codes.FailedPrecondition, "GROUP_FULL")}, 409, "Ce groupe est complet", "Raison", "Nantes"},
		"something new":    {"POST", linked{meeting: cases["register"].meeting, refused: refusedBy(codes.FailedPrecondition, "NEVER_HEARD_OF")}, 409, "Cela n'a pas été possible", "Raison : NEVER_HEARD_OF", "Nantes"},
	} {
		t.Run(name, func(t *testing.T) {
			door, _ := c.linked.open(t, Deps{})
			res := ask(t, door, c.method, linkAddress(&c.linked), "")
			body := plainText(res.Body)
			if res.StatusCode != c.code || !strings.Contains(body, "<h1>"+c.heading+"</h1>") || !strings.Contains(body, c.say) || !strings.Contains(body, c.keep) {
				t.Fatal(res.StatusCode, body)
			}
			if strings.Contains(body, "10.0.0.7") || strings.Contains(body, "<button") || res.Header.Get("Content-Security-Policy") != formPolicy {
				t.Fatal(body)
			}
		})
	}
}

// What is no token reaches no service.
func TestLinkMalformed(t *testing.T) {
	l := registrationCases()["offer"].linked
	door, fake := l.open(t, Deps{})
	for _, token := range []string{"", "a%00", "%ff%fe", "a/b", "..", "a.b", "%e2%80%ae", strings.Repeat("a", 1025), "a+b=", "%252f"} {
		for _, method := range []string{"GET", "POST"} {
			res := ask(t, door, method, linkPath+token, "")
			if res.StatusCode != http.StatusForbidden || !strings.Contains(res.Body, "Ce lien ne convient pas") {
				t.Errorf("%s %q: %d %s", method, token, res.StatusCode, res.Body)
			}
		}
	}
	if res := ask(t, door, "DELETE", linkAddress(&l), ""); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD, POST" {
		t.Error(res.StatusCode, res.Header)
	}
	if res := ask(t, door, "POST", linkAddress(&l), strings.Repeat("x", linkBody+1)); res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Error(res.StatusCode)
	}
	if calls := fake.seen(); len(calls) != 0 {
		t.Errorf("%d calls", len(calls))
	}
	foreign := linkPath + link.DeriveKey([]byte("x")).Sign(link.Claim{Action: "launchMissiles", Resource: someID})
	ask(t, door, "GET", foreign, "")
	if calls := fake.seen(); calls[0].method != "/maillage.meetings.v1.MeetingsService/PreviewLink" { // who knows all, and refuses
		t.Errorf("%v", calls)
	}
}

func TestLinkToAPoll(t *testing.T) {
	l := pollCases()["vote again"].linked
	door, fake := l.open(t, Deps{})
	token := link.DeriveKey([]byte("a secret")).Sign(link.Claim{Action: "votePoll", Resource: someID, Expires: linkStart})
	post := func(form url.Values) answer {
		return ask(t, door, "POST", linkPath+token, form.Encode(), "Content-Type: application/x-www-form-urlencoded")
	}
	res := post(url.Values{"option-1": {"yes"}, "option-3": {"no"}, "option-9": {"yes"}, "other": {"x"}})
	want := &meetingsv1.VoteRequest{Id: someID, LinkToken: token, Votes: []*meetingsv1.Vote{
		{Option: 1, Answer: meetingsv1.PollAnswer_POLL_ANSWER_YES}, {Option: 3, Answer: meetingsv1.PollAnswer_POLL_ANSWER_NO},
	}}
	if got := fake.seen()[1].request; !proto.Equal(got, want) {
		t.Fatalf("%v; want %v", got, want)
	}
	if res.StatusCode != http.StatusOK || !strings.Contains(res.Body, "Vos réponses sont notées") || !strings.Contains(res.Body, "<button") {
		t.Fatal(res.StatusCode, res.Body)
	}
	l.refused = refusedBy(codes.InvalidArgument, "INVALID_ARGUMENT")
	if res := post(nil); res.StatusCode != http.StatusBadRequest || !strings.Contains(plainText(res.Body), "Répondez à une date au moins") || !strings.Contains(res.Body, `name="option-3"`) {
		t.Fatal(res.StatusCode, res.Body)
	}
	l.meeting, l.refused = pollCases()["date chosen"].meeting, refusedBy(codes.FailedPrecondition, "POLL_CLOSED")
	if res := post(url.Values{"option-1": {"yes"}}); res.StatusCode != http.StatusConflict || !strings.Contains(res.Body, "La date est choisie") || !strings.Contains(res.Body, "Rencontre 🤖") {
		t.Fatal(res.StatusCode, res.Body)
	}
}
