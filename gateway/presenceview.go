package gateway

import (
	"fmt"
	"net/http"
	"time"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// viewCheckIn is the page of somebody whose link is known, before anything is said; typing tells whether there is a code to type.
func viewCheckIn(p *meetingsv1.LinkPreview, typing bool, lang tongue) linkView {
	switch {
	case p.GetState() == meetingsv1.LinkState_LINK_STATE_DONE:
		return viewPresent(lang)
	case p.GetRefusal() != nil:
		return closedCheckIn(p, lang)
	case typing:
		return linkView{
			Heading: lang.say("Say that you are there", "Dites que vous êtes là"),
			Texts: []string{lang.say("Type the six digits that the screen in the room shows now. They change every thirty seconds; those before still count for as long.",
				"Tapez les six chiffres que l'écran de la salle affiche maintenant. Ils changent toutes les trente secondes ; les précédents valent encore autant.")},
			Form: &linkForm{Code: lang.say("Code shown in the room", "Code affiché dans la salle"), Button: lang.say("I am there", "Je suis là")},
			Next: []string{lang.say("This browser remembers this page until the end of the meeting: next time, scanning the screen's QR code is enough.",
				"Ce navigateur se souvient de cette page jusqu'à la fin du temps de rencontre : scanner le code QR de l'écran suffira.")},
		}
	}
	return linkView{
		Heading: lang.say("Are you there?", "Vous êtes là ?"),
		Texts: []string{lang.say("One press, and it is noted.",
			"Un appui suffit : votre présence est notée.")},
		Form: &linkForm{Button: lang.say("I am there", "Je suis là")},
		Next: []string{lang.say("This is for the person whose link was opened in this browser. If that is not you, open the link of your own mail.",
			"C'est pour la personne dont le lien a été ouvert dans ce navigateur. Si ce n'est pas vous, ouvrez le lien de votre propre courriel.")},
	}
}

// viewPresent is what everybody should come to.
func viewPresent(lang tongue) linkView {
	return linkView{
		Heading: lang.say("It is noted: you are there", "C'est noté : vous êtes là"),
		Texts:   []string{lang.say("You have nothing else to do. Have a good meeting!", "Vous n'avez rien d'autre à faire. Bonne rencontre !")},
	}
}

// viewStranger tells somebody whom the browser does not know how it is done.
func viewStranger(lang tongue) linkView {
	return linkView{
		Heading: lang.say("Say that you are there", "Dites que vous êtes là"),
		Texts: []string{
			lang.say("On this phone, open the link \"Say that I am there, on the day\" of the mail that confirms your registration or reminds you of it, and type the code that the screen shows.",
				"Sur ce téléphone, ouvrez le lien « Dire que je suis là, le jour même » du courriel qui confirme votre inscription ou vous la rappelle, et tapez le code que l'écran affiche."),
			lang.say("If you do not find it, tell your name to the organiser, who will write you down.",
				"Si vous ne le trouvez pas, dites votre nom à la personne qui organise : elle vous notera sur la feuille."),
		},
	}
}

// closedCheckIn is why somebody cannot check in.
func closedCheckIn(p *meetingsv1.LinkPreview, lang tongue) linkView {
	m := p.GetMeeting()
	if p.GetRefusal().GetReason() == "MEETING_STATE" {
		if m.GetState() == meetingsv1.MeetingState_MEETING_STATE_CANCELLED {
			return closedMeeting(m, "", lang)
		}
		return linkView{
			Heading: lang.say("This meeting has taken place", "Ce temps de rencontre a eu lieu"),
			Texts: []string{lang.say("Who came is noted. If you were there and are not noted, tell the organiser.",
				"Les présences sont notées. Si vous y étiez et que ce n'est pas noté, dites-le à la personne qui organise.")}, over: true,
		}
	}
	return over(p.GetRefusal(), lang)
}

// viewNotEntered is the page again, with what was wrong; v is the page before.
func viewNotEntered(v linkView, wrong problem, token string, lang tongue) linkView {
	again := v.Form != nil && v.Form.Code != ""
	refused := lang.refusal(wrong.Reason, said(wrong))
	refused.Parts = v.Parts
	switch {
	case wrong.Reason == "CHECK_IN_LOCKED":
		minutes := int((wrong.retryAfter + time.Minute - 1) / time.Minute)
		refused.Texts = []string{lang.say(fmt.Sprintf("Wait %d minutes before you try again, or tell your name to the organiser, who will write you down.", minutes),
			fmt.Sprintf("Patientez %d minutes avant de réessayer, ou dites votre nom à la personne qui organise : elle vous notera sur la feuille.", minutes))}
	case wrong.Code == http.StatusBadRequest && again:
		v.Warning = refused.Texts[0]
		if wrong.Reason != "CODE_WRONG" && wrong.Reason != "CODE_EXPIRED" {
			v.Warning = lang.say("Type the six digits that the screen shows.", "Tapez les six chiffres que l'écran affiche.")
		}
		return v
	case wrong.Code == http.StatusBadRequest:
		refused.Heading = lang.say("This code has changed", "Ce code a changé")
		refused.Texts = []string{lang.say("Scan the screen again: it shows a new code every thirty seconds.", "Scannez de nouveau l'écran : il affiche un nouveau code toutes les trente secondes.")}
	case wrong.Reason != "CHECK_IN_CLOSED" && wrong.Reason != "NO_SEAT_HERE" && wrong.Reason != "ATTENDANCE_SAID":
		refused = refusedLink(lang, token, wrong)
		refused.Parts = v.Parts
	}
	return refused
}
