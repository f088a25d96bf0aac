package gateway

import (
	"context"
	"fmt"
	"strings"
	"time"

	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// linkPatience is how long the page waits for the names of a place or a module, which it can do without.
const linkPatience = 2 * time.Second

// linkView is what the page behind a link shows: what it is about, what to press if there is something to do, and what comes next.
type linkView struct {
	Web     webFiles
	Lang    tongue
	Heading string
	Texts   []string
	Warning string
	Parts   []linkPart
	Form    *linkForm
	Next    []string
	Links   []linkLink
	Docs    string // what leads to the documentation, where one signs in through the API

	over bool // it can no longer be done, and the page says why
}

// linkPart is some facts, under a heading when there are several such parts.
type linkPart struct {
	Heading string
	Facts   []linkFact
	Links   []linkLink // to what the facts are about
}

type linkFact struct{ Label, Value string }

// linkLink is something to take along.
type linkLink struct{ Href, Text string }

// linkForm does what the link stands for.
type linkForm struct {
	Heading    string // empty where the page's own says it
	Note       string // what to know before; empty without
	Email      string // the label of an e-mail address; empty without
	Button     string
	Reason     string // the label of an optional reason; empty without
	Comment    string // the label of an optional comment
	Questions  []linkQuestion
	Unanswered string // what to say to whoever leaves a question out
	Code       string // the label of six digits; empty without
	Paste      string // the label of a text that is pasted; empty without
}

// viewMeeting is the page of a link about a meeting: a registration, an ask, a swap or a poll.
func (l *mailLink) viewMeeting(ctx context.Context, p *meetingsv1.LinkPreview, lang tongue, followed bool) linkView {
	ctx, cancel := context.WithTimeout(ctx, linkPatience)
	defer cancel()
	var v linkView
	switch {
	case p.GetPoll() != nil:
		return l.viewPoll(ctx, p, lang, followed)
	case p.GetAction() == meetingsv1.LinkAction_LINK_ACTION_GIVE_FEEDBACK:
		v = viewFeedback(p, lang, followed)
	case p.GetAsk() != nil:
		v = viewAsk(p, lang)
	case p.GetSwap() != nil:
		v = viewSwap(p, lang)
	default:
		v = viewRegistration(p, lang)
	}
	swapping := p.GetSwap() != nil && p.GetState() == meetingsv1.LinkState_LINK_STATE_READY
	mode := p.GetRegistration().GetMode()
	if swapping { // it is that of the seat that is given
		mode = meetingsv1.SeatMode_SEAT_MODE_UNSPECIFIED
	}
	facts := l.facts(ctx, p.GetMeeting(), mode, lang)
	if until := p.GetAsk().GetDeadline(); until != nil && p.GetAsk().GetState() == meetingsv1.AskState_ASK_STATE_SENT {
		facts = append(facts, linkFact{lang.say("Answer until", "Réponse jusqu'au"), lang.time(until, p.GetMeeting().GetTimeZone())})
	}
	v.Parts = []linkPart{{Facts: facts}}
	if swapping {
		v.Parts[0].Heading = lang.say("You get a seat at this meeting", "Vous recevez une place à ce temps de rencontre")
		v.Parts = append(v.Parts, linkPart{
			Heading: lang.say("You give your seat at this one", "Vous donnez votre place à celui-ci"),
			Facts:   l.facts(ctx, p.GetGivenMeeting(), p.GetRegistration().GetMode(), lang),
		})
	}
	return v
}

// facts are what, when and where.
func (l *mailLink) facts(ctx context.Context, m *meetingsv1.Meeting, mode meetingsv1.SeatMode, lang tongue) []linkFact {
	facts := []linkFact{{lang.say("Meeting", "Temps de rencontre"), title(m)}}
	facts = append(facts,
		linkFact{lang.say("When", "Quand"), lang.time(m.GetStartTime(), m.GetTimeZone())},
		linkFact{lang.say("End", "Fin"), lang.time(m.GetEndTime(), m.GetTimeZone())})
	if where := l.where(ctx, m, mode, lang); where != "" {
		facts = append(facts, linkFact{lang.say("Place", "Lieu"), where})
	}
	return facts
}

func title(m *meetingsv1.Meeting) string {
	if m.GetTitle() != "" {
		return m.GetTitle()
	}
	return m.GetModuleTitle()
}

// where is the place and its commune, as far as the mesh answers, or that one takes part from afar.
func (l *mailLink) where(ctx context.Context, m *meetingsv1.Meeting, mode meetingsv1.SeatMode, lang tongue) string {
	remote := lang.say("remote", "à distance")
	if mode == meetingsv1.SeatMode_SEAT_MODE_REMOTE || m.GetMode() == meetingsv1.MeetingMode_MEETING_MODE_REMOTE {
		return remote
	}
	var parts []string
	if m.GetPlaceId() != "" {
		if place, err := l.mesh.GetPlace(ctx, &meshv1.GetPlaceRequest{Id: m.GetPlaceId()}); err == nil {
			parts = append(parts, place.GetName())
		}
	}
	if m.GetCommuneCode() != "" {
		if commune, err := l.mesh.GetTerritory(ctx, &meshv1.GetTerritoryRequest{Code: m.GetCommuneCode()}); err == nil {
			parts = append(parts, commune.GetName())
		}
	}
	where := strings.Join(parts, ", ")
	if where != "" && m.GetMode() == meetingsv1.MeetingMode_MEETING_MODE_HYBRID && mode == 0 {
		where += lang.say(", or "+remote, ", ou "+remote)
	}
	return where
}

// module is a module's title, as far as the catalogue answers.
func (l *mailLink) module(ctx context.Context, id string) string {
	m, err := l.catalogue.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: id})
	if err != nil {
		return ""
	}
	return m.GetTitle()
}

// viewRegistration is about a person's own seat, or place in the line.
func viewRegistration(p *meetingsv1.LinkPreview, lang tongue) linkView {
	r, zone := p.GetRegistration(), p.GetMeeting().GetTimeZone()
	if p.GetState() != meetingsv1.LinkState_LINK_STATE_READY {
		if p.GetRefusal().GetReason() == meetingClosed {
			return closedMeeting(p.GetMeeting(), lang.say("Its registrations no longer change. Tell whoever organises it if you do not come.",
				"Ses inscriptions ne changent plus. Si vous ne venez pas, dites-le à la personne qui l'organise."), lang)
		}
		if r == nil || p.GetAction() == meetingsv1.LinkAction_LINK_ACTION_REGISTER && p.GetRefusal() != nil {
			return over(p.GetRefusal(), lang)
		}
		return standing(r, zone, p.GetRefusal() != nil, lang)
	}
	held := lang.say("It is held for you until ", "Elle vous est gardée jusqu'au ") + lang.time(r.GetOfferExpireTime(), zone)
	switch p.GetAction() {
	case meetingsv1.LinkAction_LINK_ACTION_ACCEPT_OFFER:
		return linkView{
			Heading: lang.say("Take the seat that has become free?", "Prendre la place qui s'est libérée ?"), Texts: []string{held +
				lang.say("; then it is offered to the next person.", " ; ensuite, elle sera proposée à la personne suivante.")},
			Form: &linkForm{Button: lang.say("Take the seat", "Prendre la place")},
		}
	case meetingsv1.LinkAction_LINK_ACTION_DECLINE_OFFER:
		return leavingOffer(held, lang)
	case meetingsv1.LinkAction_LINK_ACTION_CANCEL_REGISTRATION:
		return leaving(r, held, lang)
	}
	return registering(p.GetWaits(), lang)
}

// registering says whether there is a seat or a line; by the time someone presses, that may have changed.
func registering(waits bool, lang tongue) linkView {
	if !waits {
		return linkView{
			Heading: lang.say("Register for this meeting?", "S'inscrire à ce temps de rencontre ?"),
			Texts:   []string{lang.say("There are seats left.", "Il reste des places.")},
			Form:    &linkForm{Button: lang.say("Register", "M'inscrire")},
		}
	}
	return linkView{
		Heading: lang.say("Join the waiting list of this meeting?", "S'inscrire sur la liste d'attente ?"),
		Texts: []string{lang.say("Every seat is taken. You will be on the waiting list, in the order of arrival, and be written to when a seat becomes free for you.",
			"Toutes les places sont prises. Vous serez sur la liste d'attente, dans l'ordre d'arrivée, et un courriel vous préviendra dès qu'une place se libère pour vous.")},
		Form: &linkForm{Button: lang.say("Join the waiting list", "M'inscrire sur la liste d'attente")},
	}
}

func leaving(r *meetingsv1.Registration, held string, lang tongue) linkView {
	switch r.GetState() {
	case meetingsv1.RegistrationState_REGISTRATION_STATE_WAITLISTED:
		return linkView{
			Heading: lang.say("Leave the waiting list?", "Quitter la liste d'attente ?"),
			Texts: []string{rank(r.GetWaitingPosition(), lang), lang.say("Whoever leaves it and comes back stands at its end.",
				"Qui la quitte puis revient se retrouve à la fin.")},
			Form: &linkForm{Button: lang.say("Leave the waiting list", "Quitter la liste d'attente")},
		}
	case meetingsv1.RegistrationState_REGISTRATION_STATE_OFFERED:
		return leavingOffer(held, lang)
	}
	return linkView{
		Heading: lang.say("Give your seat back?", "Rendre votre place ?"),
		Texts: []string{lang.say("It goes to whoever waits first, if anybody does. This concerns you only; nobody else's registration changes.",
			"Elle ira à la personne qui attend en premier, s'il y en a une. Cela ne concerne que vous : l'inscription des autres ne change pas.")},
		Form: &linkForm{Button: lang.say("Give my seat back", "Rendre ma place")},
	}
}

func leavingOffer(held string, lang tongue) linkView {
	return linkView{
		Heading: lang.say("Leave the seat that is offered to you?", "Laisser la place qui vous est proposée ?"),
		Texts: []string{held + ".", lang.say("If you leave it, it is offered to the next person at once, and you are no longer on the waiting list.",
			"Si vous la laissez, elle est proposée aussitôt à la personne suivante, et vous n'êtes plus sur la liste d'attente.")},
		Form: &linkForm{Button: lang.say("Leave the seat", "Laisser la place")},
	}
}

// rank is a place in the waiting list, in a sentence.
func rank(n int32, lang tongue) string {
	switch {
	case n == 1:
		return lang.say("You are first on the waiting list", "Vous êtes en tête de la liste d'attente") + "."
	case n > 1:
		return lang.say(fmt.Sprintf("You are number %d on the waiting list", n), fmt.Sprintf("Vous êtes %de sur la liste d'attente", n)) + "."
	}
	return lang.say("You are on the waiting list", "Vous êtes sur la liste d'attente") + "."
}

// standing is what holds of a registration of which the link changes nothing (any more).
func standing(r *meetingsv1.Registration, zone string, refused bool, lang tongue) linkView {
	v := linkView{over: refused}
	again := lang.say("You may register again as long as the meeting has not begun.",
		"Vous pouvez vous réinscrire tant que le temps de rencontre n'a pas commencé.")
	switch r.GetState() {
	case meetingsv1.RegistrationState_REGISTRATION_STATE_CONFIRMED:
		v.Heading = lang.say("Your seat is confirmed", "Votre place est confirmée")
		v.Next = []string{lang.say("If you cannot come, give it back by the link \"Give my seat back\" of the mail that confirms it: somebody may wait for it.",
			"Si vous ne pouvez plus venir, rendez-la par le lien « Rendre ma place » du courriel qui la confirme : quelqu'un l'attend peut-être.")}
	case meetingsv1.RegistrationState_REGISTRATION_STATE_WAITLISTED:
		v.Heading = strings.TrimSuffix(rank(r.GetWaitingPosition(), lang), ".")
		v.Next = []string{lang.say("You will be written to when a seat becomes free for you. The mail about the waiting list has a link to leave it.",
			"Un courriel vous préviendra dès qu'une place se libère pour vous. Pour quitter la liste, suivez le lien du courriel qui vous y a inscrit.")}
	case meetingsv1.RegistrationState_REGISTRATION_STATE_OFFERED:
		v.Heading = lang.say("A seat is offered to you", "Une place vous est proposée")
		v.Texts = []string{lang.say("It is held until ", "Elle vous est gardée jusqu'au ") + lang.time(r.GetOfferExpireTime(), zone) + "."}
		v.Next = []string{lang.say("Take or leave it by the links in the mail that offers it.", "Prenez-la ou laissez-la par les liens du courriel qui la propose.")}
	case meetingsv1.RegistrationState_REGISTRATION_STATE_CANCELLED:
		v.Heading = lang.say("Your registration is cancelled", "Votre inscription est annulée")
		v.Texts = []string{lang.say("You have no seat at this meeting, and do not wait for one.", "Vous n'avez pas de place à ce temps de rencontre, et n'en attendez pas.")}
		v.Next = []string{again}
	case meetingsv1.RegistrationState_REGISTRATION_STATE_DECLINED:
		v.Heading = lang.say("You have left the seat", "Vous avez laissé la place")
		v.Texts, v.Next = []string{lang.say("It is offered to the next person.", "Elle est proposée à la personne suivante.")}, []string{again}
	case meetingsv1.RegistrationState_REGISTRATION_STATE_LAPSED:
		v.Heading = lang.say("The seat has gone to somebody else", "La place est allée à une autre personne")
		v.Texts = []string{lang.say("The offer was not answered in time.", "La proposition n'a pas reçu de réponse à temps.")}
		v.Next = []string{again}
	default:
		v.Heading = lang.say("This meeting has taken place", "Ce temps de rencontre a eu lieu")
	}
	return v
}

// notAnswering is what a page says while a service is away.
func notAnswering(lang tongue) linkView {
	return linkView{
		Heading: lang.say("maillage does not answer at the moment", "maillage ne répond pas en ce moment"),
		Texts:   []string{lang.say("Try again in a few minutes.", "Réessayez dans quelques minutes.")},
	}
}
