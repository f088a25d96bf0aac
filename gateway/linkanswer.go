package gateway

import (
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// viewAsk is about a professional who is asked to come.
func viewAsk(p *meetingsv1.LinkPreview, lang tongue) linkView {
	coming := p.GetAction() == meetingsv1.LinkAction_LINK_ACTION_ACCEPT_ASK
	switch {
	case p.GetRefusal().GetReason() == meetingClosed:
		return closedMeeting(p.GetMeeting(), lang.say("Nobody is looked for any more. Thank you for answering.", "Personne n'est plus recherché. Merci d'avoir répondu."), lang)
	case p.GetRefusal() != nil:
		return over(p.GetRefusal(), lang)
	case p.GetState() == meetingsv1.LinkState_LINK_STATE_DONE && coming:
		return linkView{
			Heading: lang.say("You come: it is noted", "Vous venez : c'est noté"), Texts: []string{lang.say("Thank you. Whoever organises sees it at once.", "Merci. La personne qui organise le voit aussitôt.")},
			Next: []string{lang.say("If you cannot come after all, say so by the other link of the mail that asked you, before the meeting begins.",
				"Si vous ne pouvez finalement pas venir, dites-le par l'autre lien du courriel qui vous a sollicité, avant le début du temps de rencontre.")},
		}
	case p.GetState() == meetingsv1.LinkState_LINK_STATE_DONE:
		return linkView{
			Heading: lang.say("You do not come: it is noted", "Vous ne venez pas : c'est noté"), Texts: []string{lang.say("Thank you for answering.", "Merci d'avoir répondu.")},
			Next: []string{lang.say("Tell the organiser if you can come after all.", "Si vous pouvez finalement venir, dites-le à la personne qui organise.")},
		}
	case coming:
		return linkView{
			Heading: lang.say("Come to this meeting?", "Venir à ce temps de rencontre ?"),
			Texts: []string{lang.say("Its group looks for an IT professional. Of those who were asked, the first to accept comes, and is expected at the hour and place below.",
				"Son groupe cherche une personne dont l'informatique est le métier. Parmi les personnes sollicitées, la première qui accepte vient ; on l'attend à l'heure et au lieu ci-dessous.")},
			Form: &linkForm{Button: lang.say("I come", "Je viens")},
		}
	}
	v := linkView{
		Heading: lang.say("Decline to come to this meeting?", "Décliner ce temps de rencontre ?"),
		Texts:   []string{lang.say("Others may be asked in your place. You need not say why.", "D'autres personnes pourront être sollicitées à votre place. Vous n'avez pas à dire pourquoi.")},
		Form: &linkForm{Button: lang.say("I cannot come", "Je ne peux pas venir"),
			Reason: lang.say("Why, for the organiser (optional)", "Pourquoi, pour la personne qui organise (facultatif)")},
	}
	if p.GetAsk().GetState() == meetingsv1.AskState_ASK_STATE_ACCEPTED {
		v.Heading = lang.say("You had accepted: withdraw?", "Vous aviez accepté : vous désister ?")
		v.Texts = []string{lang.say("The meeting counts on you. If you withdraw, somebody else will be looked for.",
			"Ce temps de rencontre compte sur vous. Si vous vous désistez, une autre personne sera recherchée.")}
		v.Form.Button = lang.say("Withdraw", "Me désister")
	}
	return v
}

// viewSwap is about giving one's seat for another.
func viewSwap(p *meetingsv1.LinkPreview, lang tongue) linkView {
	switch {
	case p.GetRefusal().GetReason() == meetingClosed:
		return linkView{
			Heading: lang.say("This swap is not possible", "Cet échange n'est pas possible"),
			Texts: []string{lang.say("One of the two meetings has begun or is cancelled. Your registration stays as it is.",
				"L'un des deux temps de rencontre a commencé ou est annulé. Votre inscription reste telle quelle.")}, over: true,
		}
	case p.GetRefusal() != nil:
		v := over(p.GetRefusal(), lang)
		if p.GetRefusal().GetReason() == "SWAP_OVER" {
			v.Texts = []string{lang.say("Somebody else has accepted it, it was taken back, or nobody accepted in time. Your registration stays as it is.",
				"Une autre personne l'a accepté, il a été retiré, ou personne ne l'a accepté à temps. Votre inscription reste telle quelle.")}
		}
		return v
	case p.GetState() == meetingsv1.LinkState_LINK_STATE_DONE:
		v := standing(p.GetRegistration(), p.GetMeeting().GetTimeZone(), false, lang)
		v.Texts = append([]string{lang.say("The seats are swapped: this is where you are expected.", "Les places sont échangées : c'est ici que l'on vous attend.")}, v.Texts...)
		return v
	}
	return linkView{
		Heading: lang.say("Swap your seat?", "Échanger votre place ?"),
		Texts: []string{lang.say("Another person would rather come to your meeting. If you accept, your two seats are swapped; it would take another swap to undo it.",
			"Une autre personne viendrait plutôt à votre rencontre. Si vous acceptez, vos deux places sont échangées ; il faudrait un autre échange pour revenir en arrière.")},
		Form: &linkForm{Button: lang.say("Swap", "Échanger")},
	}
}
