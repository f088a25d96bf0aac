package gateway

import (
	"net/http"

	"github.com/classcode/maillage/pkg/link"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// meetingClosed is a reason of which the meeting says more.
const meetingClosed = "MEETING_CLOSED"

// phrase is a sentence in both languages.
type phrase struct{ en, fr string }

func (t tongue) of(p phrase) string { return t.say(p.en, p.fr) }

// refusalPhrase is how the page says a reason: a heading, and where the service's own words speak of records and of signing in rather
// than of mails, other words.
type refusalPhrase struct{ heading, text phrase }

var refusalPhrases = map[string]refusalPhrase{
	"LINK_INVALID": {phrase{"This link does not work", "Ce lien ne convient pas"}, phrase{
		"It is not one of ours, or was cut short. Open it again from the mail; if it stands there in two lines, copy all of it into the address bar.",
		"Il n'est pas de nous, ou a été tronqué. Rouvrez-le depuis le courriel ; s'il y est coupé en deux lignes, recopiez-le en entier dans la barre d'adresse."}},
	"LINK_EXPIRED": {phrase{"This link has expired", "Ce lien a expiré"}, phrase{
		"It changes nothing any more. If you had a later mail about the same thing, use the links there.",
		"Il ne change plus rien. Si vous avez reçu un courriel plus récent sur le même sujet, suivez les liens de celui-là."}},
	"NOT_FOUND": {phrase{"This link leads nowhere any more", "Ce lien ne mène plus à rien"}, phrase{
		"What it was about does not exist any more, or does not concern you any more. You have nothing to do.",
		"Ce dont il parlait n'existe plus, ou ne vous concerne plus. Vous n'avez rien à faire."}},
	"OFFER_LAPSED":       {heading: phrase{"Too late for this seat", "Trop tard pour cette place"}},
	"SLOT_CHOSEN":        {heading: phrase{"You have another workshop at that hour", "Vous avez un autre atelier à cette heure"}},
	"ASK_NOT_SENT":       {heading: phrase{"Your turn has not come yet", "Votre tour n'est pas encore venu"}},
	"ASK_DECLINED":       {heading: phrase{"You have declined", "Vous avez décliné"}},
	"ASK_LAPSED":         {heading: phrase{"The time to answer is over", "Le délai de réponse est passé"}},
	"ASK_SUPERSEDED":     {heading: phrase{"You are no longer needed", "On n'a plus besoin de vous"}},
	"PROFESSIONAL_TAKEN": {heading: phrase{"You are engaged elsewhere at that time", "Vous avez un autre engagement à ce moment"}},
	"MEETING_BEGUN":      {heading: phrase{"This meeting has begun", "Ce temps de rencontre a commencé"}},
	"SWAP_OVER":          {heading: phrase{"This swap is over", "Cet échange n'est plus possible"}},
	"SWAP_WITH_ONESELF":  {heading: phrase{"This is your own proposal", "C'est votre propre proposition"}},
	"INVITATION_LAPSED":  {heading: phrase{"This invitation has lapsed", "Cette invitation n'est plus valable"}},
	"INVITATION_WITHDRAWN": {phrase{"This invitation was taken back", "Cette invitation a été retirée"}, phrase{
		"The group has taken it back. You keep your place among those who wait for a group near them, and have nothing to do.",
		"Le groupe l'a retirée. Vous restez parmi les personnes qui attendent un groupe près de chez elles, et n'avez rien à faire."}},
	"INTEREST_WITHDRAWN": {phrase{"You do not wait for a group any more", "Vous n'attendez plus de groupe"}, phrase{
		"You have withdrawn your wish to follow this module. Register again to come back.",
		"Vous avez retiré votre souhait de suivre ce module. Inscrivez-vous de nouveau pour revenir."}},
	"GROUP_FULL":           {heading: phrase{"This group is full", "Ce groupe est complet"}},
	"ALREADY_GROUPED":      {heading: phrase{"You are in another group", "Vous êtes déjà dans un autre groupe"}},
	"FEEDBACK_TOO_EARLY":   {heading: phrase{"It is too early to answer", "Il est trop tôt pour répondre"}},
	"FEEDBACK_TOO_LATE":    {heading: phrase{"It is too late to answer", "Il est trop tard pour répondre"}},
	"FEEDBACK_NOT_PRESENT": {heading: phrase{"You are not noted as present", "Vous n'êtes pas noté comme présent"}},
	"CHECK_IN_CLOSED": {phrase{"One cannot check in now", "On ne s'enregistre pas à cette heure"}, phrase{
		"One checks in from half an hour before the start until half an hour after the end. Afterwards, tell the organiser that you were there.",
		"On dit qu'on est là d'une demi-heure avant le début à une demi-heure après la fin. Ensuite, dites à la personne qui organise que vous y étiez."}},
	"NO_SEAT_HERE": {phrase{"You have no seat at this meeting", "Vous n'avez pas de place à ce temps de rencontre"}, phrase{
		"Tell your name to the organiser: there may be a seat left.",
		"Dites votre nom à la personne qui organise : il reste peut-être une place."}},
	"ATTENDANCE_SAID": {phrase{"Your absence was noted", "Votre absence a été notée"}, phrase{
		"The organiser has said so. If you are there, tell them: they correct it, with a reason.",
		"C'est la personne qui organise qui l'a dit. Si vous êtes là, dites-le-lui : elle le corrigera."}},
	"CHECK_IN_LOCKED": {heading: phrase{"Too many wrong codes", "Trop de codes faux"}},
	"SWAP_SEAT": {phrase{"This swap is not possible", "Cet échange n'est pas possible"}, phrase{
		"Two seats are swapped only when both are confirmed, and of the same kind. Your registration stays as it is.",
		"On n'échange que deux places confirmées et de même sorte. Votre inscription reste telle quelle."}},
	"ALREADY_REGISTERED": {phrase{"This swap is not possible", "Cet échange n'est pas possible"}, phrase{
		"One of the two persons is registered for both meetings already. Your registration stays as it is.",
		"L'une des deux personnes a déjà une inscription aux deux temps de rencontre. Votre inscription reste telle quelle."}},
}

// offerExpired is said of the links about an offer, which end with it.
var offerExpired = phrase{
	"The seat was held until then; since, it has been offered to the next person. You may register again as long as the meeting has not begun.",
	"La place était gardée jusque-là ; depuis, elle est proposée à la personne suivante. Vous pouvez vous réinscrire tant que le temps de rencontre n'a pas commencé.",
}

// refusedLink is the page of a link that was refused, also when nobody knows what it is about.
func refusedLink(lang tongue, token string, p problem) linkView {
	switch p.Code {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return linkView{
			Heading: lang.say("maillage does not answer at present", "maillage ne répond pas en ce moment"),
			Texts: []string{lang.say("Try again in a moment. Pressing twice does nothing more than pressing once.",
				"Réessayez dans quelques instants. Appuyer deux fois ne fait rien de plus qu'une seule.")},
		}
	}
	v := lang.refusal(p.Reason, said(p))
	if action := link.ActionOf(token); p.Reason == link.ErrExpired.Reason && (action == "acceptOffer" || action == "declineOffer") {
		v.Texts = []string{lang.of(offerExpired)}
	}
	return v
}

// said is a problem in the words of whoever found it; a field says more than the whole.
func said(p problem) string {
	if len(p.Fields) > 0 && p.Fields[0].Message != "" {
		return p.Fields[0].Message
	}
	return p.Message
}

// refusal says why something cannot be done; text is the service's.
func (t tongue) refusal(reason, text string) linkView {
	heading := t.say("This was not possible", "Cela n'a pas été possible")
	if words, ok := refusalPhrases[reason]; ok {
		heading = t.of(words.heading)
		if words.text != (phrase{}) {
			text = t.of(words.text)
		}
	}
	return linkView{Heading: heading, Texts: []string{text}, over: true}
}

// over is what a preview says of something that can no longer be done.
func over(r *meetingsv1.LinkRefusal, lang tongue) linkView {
	return lang.refusal(r.GetReason(), lang.say(r.GetTextEn(), r.GetTextFr()))
}

// closedMeeting says why nothing changes any more at a meeting: it is off, or has begun, of which text says what follows.
func closedMeeting(m *meetingsv1.Meeting, text string, lang tongue) linkView {
	if m.GetState() == meetingsv1.MeetingState_MEETING_STATE_CANCELLED {
		return linkView{
			Heading: lang.say("This meeting is cancelled", "Ce temps de rencontre est annulé"),
			Texts:   []string{lang.say("It will not take place. You have nothing to do.", "Il n'aura pas lieu. Vous n'avez rien à faire.")}, over: true,
		}
	}
	return linkView{
		Heading: lang.say("This meeting has begun", "Ce temps de rencontre a commencé"),
		Texts:   []string{text}, over: true,
	}
}
