package notices

import (
	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

var typeset = prose.French

var french = words{
	language: "fr", time: prose.FrenchTime,
	greeting: "Bonjour {name},", stranger: "Bonjour,",
	when: "Quand", was: "Au lieu de", end: "Fin", where: "Lieu", cause: "Motif", remote: "à distance",
	accept: "Prendre la place", decline: "Laisser la place", leave: "Rendre ma place",
	calendar: "L'invitation jointe met votre agenda à jour.",
	event:    typeset.Replace("Temps de rencontre : {module}"),
	footer:   "Vous recevez ce courriel au titre de votre inscription à ce temps de rencontre.",

	unsubscribe: "Ne plus recevoir de rappels ni de changements",
	causes: map[domain.CancelCause]string{
		domain.OrganiserAway: "L'organisateur est empêché.", domain.PlaceUnavailable: "Le lieu n'est pas disponible.",
		domain.TooFewRegistrations: "Trop peu de personnes s'étaient inscrites.", domain.NoProfessional: "Aucun professionnel n'a pu venir.",
		domain.WeatherOrTransport: "La météo ou les transports ne le permettent pas.", domain.HealthRisk: "Une raison sanitaire l'empêche.",
	},
	phrases: frenchPhrases(),
}

func frenchPhrases() map[domain.NoticeKind]phrase {
	phrases := map[domain.NoticeKind]phrase{
		domain.NoticeConfirmed: {"Votre place est confirmée : {module}",
			"Votre place au temps de rencontre « {module} » est confirmée."},
		domain.NoticeWaitlisted: {"Liste d'attente : {module}",
			"Toutes les places du temps de rencontre « {module} » sont prises. Vous êtes sur la liste d'attente, dans l'ordre d'arrivée : un courriel vous préviendra dès qu'une place se libère pour vous."},
		domain.NoticeOffered: {"Une place s'est libérée : {module}",
			"Une place s'est libérée au temps de rencontre « {module} ». Elle vous est gardée jusqu'au {until} ; ensuite, elle sera proposée à la personne suivante."},
		domain.NoticeLapsed: {"Place proposée à une autre personne : {module}",
			"La place qui vous était proposée au temps de rencontre « {module} » n'a pas reçu de réponse à temps : elle est allée à la personne suivante. Vous pouvez vous réinscrire."},
		domain.NoticeDeclined: {"Vous avez laissé la place : {module}",
			"Vous avez laissé la place qui vous était proposée au temps de rencontre « {module} ». Vous pouvez vous réinscrire."},
		domain.NoticeCancelled: {"Votre inscription est annulée : {module}",
			"Votre inscription au temps de rencontre « {module} » est annulée ; celle des autres ne l'est pas. Si vous ne l'avez pas demandé, réinscrivez-vous."},
		domain.NoticeReminder: {"Rappel : {module}",
			"Le temps de rencontre « {module} » approche. Si vous ne pouvez pas venir, rendez votre place : quelqu'un l'attend peut-être."},
		domain.NoticeShortReminder: {"Bientôt : {module}",
			"Le temps de rencontre « {module} » commence dans deux heures au plus."},
		domain.NoticeChanged: {"Changement : {module}",
			"Le temps de rencontre « {module} » a changé. Votre inscription reste valable ; si le changement ne vous convient pas, rendez votre place."},
		domain.NoticeMeetingCancelled: {"Annulé : {module}",
			"Le temps de rencontre « {module} », prévu {date}, n'aura pas lieu."},
		domain.NoticeMeetingConfirmed: {"C'est confirmé : {module}",
			"Le temps de rencontre « {module} » aura bien lieu."},
	}
	for kind, p := range phrases {
		phrases[kind] = phrase{typeset.Replace(p.subject), typeset.Replace(p.text)}
	}
	return phrases
}
