package gateway

import (
	"context"
	"fmt"
	"strings"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// viewGroup is the page of a link to a group: an invitation, or the group's own, with which one signs in.
func (l *mailLink) viewGroup(ctx context.Context, p *meshv1.GroupLinkPreview, lang tongue) linkView {
	ctx, cancel := context.WithTimeout(ctx, linkPatience)
	defer cancel()
	v := groupView(p, lang)
	var facts []linkFact
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, linkFact{label, value})
		}
	}
	add("Module", l.module(ctx, p.GetGroup().GetModuleId()))
	add(lang.say("Place", "Lieu"), strings.TrimPrefix(strings.TrimSuffix(p.GetPlaceName()+", "+p.GetCommuneName(), ", "), ", "))
	if p.GetState() == meshv1.GroupLinkState_GROUP_LINK_STATE_READY {
		add(lang.say("Seats left", "Places libres"), fmt.Sprint(p.GetFreeSeats()))
		if i := p.GetInvitation(); i != nil { // a group has no zone of its own; days are what people plan by
			add(lang.say("Answer until", "Réponse jusqu'au"), lang.time(i.GetExpireTime(), "Europe/Paris"))
		}
	}
	v.Parts = []linkPart{{Facts: facts}}
	return v
}

func groupView(p *meshv1.GroupLinkPreview, lang tongue) linkView {
	done := p.GetState() == meshv1.GroupLinkState_GROUP_LINK_STATE_DONE
	accepting := p.GetAction() == meshv1.GroupLinkAction_GROUP_LINK_ACTION_ACCEPT_INVITATION
	switch {
	case p.GetRefusal().GetReason() == "INVITATION_ANSWERED":
		v := answeredInvitation(p.GetInvitation(), lang)
		v.over = true
		return v
	case p.GetRefusal() != nil:
		return lang.refusal(p.GetRefusal().GetReason(), lang.say(p.GetRefusal().GetTextEn(), p.GetRefusal().GetTextFr()))
	case done:
		return answeredInvitation(p.GetInvitation(), lang)
	case p.GetAction() == meshv1.GroupLinkAction_GROUP_LINK_ACTION_JOIN_GROUP:
		return linkView{
			Heading: lang.say("Join this group", "Rejoindre ce groupe"),
			Texts: []string{lang.say("To join, sign in, then send this link's last part with the commune from which you come (JoinGroup). This page does not sign you in.",
				"Pour le rejoindre, connectez-vous, puis envoyez la dernière partie de ce lien avec la commune d'où vous venez (JoinGroup). Cette page ne permet pas de se connecter.")},
			Docs: lang.say("How to join through the API", "Comment rejoindre le groupe par l'API"),
		}
	case accepting:
		return linkView{
			Heading: lang.say("Join this group?", "Rejoindre ce groupe ?"),
			Texts: []string{lang.say("It meets near you for the module that you wish to follow. Its members and whoever organises it will see that you are in it.",
				"Il se réunit près de chez vous pour le module que vous souhaitez suivre. Ses membres et la personne qui l'organise verront que vous en faites partie.")},
			Form: &linkForm{Button: lang.say("Join the group", "Rejoindre le groupe")},
		}
	}
	return linkView{
		Heading: lang.say("Decline this invitation?", "Décliner cette invitation ?"),
		Texts: []string{lang.say("This group will not invite you again. You keep waiting for another group near you.",
			"Ce groupe ne vous invitera plus. Vous restez parmi les personnes qui attendent un autre groupe près de chez elles.")},
		Form: &linkForm{Button: lang.say("Decline", "Décliner")},
	}
}

// answeredInvitation is what holds of an invitation that waits for no answer any more.
func answeredInvitation(i *meshv1.Invitation, lang tongue) linkView {
	switch i.GetState() {
	case meshv1.InvitationState_INVITATION_STATE_ACCEPTED:
		return linkView{
			Heading: lang.say("You are in this group", "Vous êtes dans ce groupe"),
			Texts: []string{lang.say("Register for each of its meetings: no seat is kept there in advance.",
				"Inscrivez-vous à chacun de ses temps de rencontre : aucune place n'y est gardée d'avance.")},
			Next: []string{lang.say("To leave it, sign in and leave the group: you then wait for another one.",
				"Pour le quitter, connectez-vous et quittez le groupe : vous en attendrez alors un autre.")},
		}
	case meshv1.InvitationState_INVITATION_STATE_DECLINED:
		return linkView{
			Heading: lang.say("You have declined this invitation", "Vous avez décliné cette invitation"),
			Texts:   []string{lang.say("You keep waiting for another group near you.", "Vous restez parmi les personnes qui attendent un autre groupe près de chez elles.")},
			Next:    []string{lang.say("If you change your mind, ask the group for its link.", "Si vous changez d'avis, demandez au groupe son lien.")},
		}
	case meshv1.InvitationState_INVITATION_STATE_WITHDRAWN:
		return lang.refusal("INVITATION_WITHDRAWN", "")
	}
	return linkView{
		Heading: lang.say("This invitation has lapsed", "Cette invitation n'est plus valable"),
		Texts: []string{lang.say("It was not answered in time. You have nothing to do; you keep waiting for a group near you.",
			"Elle n'a pas reçu de réponse à temps. Vous n'avez rien à faire ; vous restez parmi les personnes qui attendent un groupe près de chez elles.")},
	}
}
