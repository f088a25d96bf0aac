package gateway

import (
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// satisfactions are what the form says for each answer.
var satisfactions = map[string]meetingsv1.Satisfaction{
	"1": meetingsv1.Satisfaction_SATISFACTION_NOT_AT_ALL, "2": meetingsv1.Satisfaction_SATISFACTION_RATHER_NOT,
	"3": meetingsv1.Satisfaction_SATISFACTION_RATHER, "4": meetingsv1.Satisfaction_SATISFACTION_FULLY,
}

// viewFeedback asks what somebody thinks of a meeting, once.
func viewFeedback(p *meetingsv1.LinkPreview, lang tongue, followed bool) linkView {
	switch {
	case p.GetRefusal() != nil:
		return over(p.GetRefusal(), lang)
	case p.GetState() == meetingsv1.LinkState_LINK_STATE_DONE && followed:
		return linkView{
			Heading: lang.say("Thank you: your answer counts", "Merci : votre avis compte"),
			Texts: []string{lang.say("It is kept without your name, and shown only with at least four others.",
				"Il est gardé sans votre nom, et montré seulement avec au moins quatre autres.")},
		}
	case p.GetState() == meetingsv1.LinkState_LINK_STATE_DONE:
		return linkView{
			Heading: lang.say("You have answered already", "Vous avez déjà répondu"),
			Texts: []string{lang.say("Thank you. Answers are kept without names, so yours can be neither shown nor changed here.",
				"Merci. Les réponses sont gardées sans nom : la vôtre ne peut être ni montrée ni changée ici.")},
		}
	}
	return linkView{
		Heading: lang.say("What do you think of this meeting?", "Que pensez-vous de ce temps de rencontre ?"),
		Texts: []string{lang.say("It takes a minute. Your answer is kept without your name, nothing is shown below five answers, and you cannot change it afterwards.",
			"Une minute suffit. Votre réponse est gardée sans votre nom, rien n'est montré à moins de cinq réponses, et vous ne pourrez pas la changer ensuite.")},
		Form: &linkForm{
			Button: lang.say("Send my answer", "Envoyer mon avis"),
			Questions: []linkQuestion{
				degree("satisfaction", lang.say("It met my expectations", "Il a répondu à mes attentes"), lang),
				degree("usefulness", lang.say("It is of use for my work with young people", "Il me sert dans mon travail avec les jeunes"), lang),
			},
			Comment: lang.say("What helped, what is missing? Without names (optional, 500 characters at most)",
				"Qu'est-ce qui a aidé, que manque-t-il ? Sans nom de personne (facultatif, 500 caractères au plus)"),
			Unanswered: lang.say("Answer both questions; a comment has 500 characters at most.",
				"Répondez aux deux questions ; un commentaire a 500 caractères au plus."),
		},
	}
}

func degree(name, text string, lang tongue) linkQuestion {
	return linkQuestion{Name: name, Text: text, Choices: []linkChoice{
		{Value: "1", Label: lang.say("Not at all", "Pas du tout")}, {Value: "2", Label: lang.say("Rather not", "Plutôt non")},
		{Value: "3", Label: lang.say("Rather", "Plutôt oui")}, {Value: "4", Label: lang.say("Fully", "Tout à fait")},
	}}
}
