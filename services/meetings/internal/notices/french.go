package notices

import (
	"fmt"

	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

var typeset = prose.French

var frenchCategories = map[domain.BadgeCategory]string{
	domain.Pedagogy: "Pédagogie", domain.Schemes: "Dispositifs", domain.Events: "Événements", domain.Technique: "Technicité",
}

var french = words{
	language: "fr", time: prose.FrenchTime,
	greeting: "Bonjour {name},", stranger: "Bonjour,",
	when: "Quand", was: "Au lieu de", end: "Fin", where: "Lieu", cause: "Motif", remote: "à distance",
	accept: "Prendre la place", decline: "Laisser la place", leave: "Rendre ma place",
	calendar: "L'invitation jointe met votre agenda à jour.",
	event:    typeset.Replace("Temps de rencontre : {module}"),
	come:     "Je viens", stayAway: "Je ne peux pas venir", withdraw: "Je ne peux plus venir",
	professional: "Professionnel", next: "La suite",
	swap: "Échanger les places", yours: "Votre place", offered: "En échange", left: "Place laissée",
	readSheet:   "Lire la fiche",
	opine:       "Donner mon avis",
	recognisers: "Personnes présentes avec vous qui l'ont reconnu",
	badge: func(s domain.Standing) string {
		return fmt.Sprintf("%s, niveau %d", frenchCategories[s.Category], s.Level)
	},
	checkIn: "Dire que je suis là, le jour même", screen: "Afficher à la salle le code de présence, le jour même",
	vote: "Dire quelles dates me conviennent", date: "Date", register: "M'inscrire",
	mode: "Participation", link: "Lien", newLink: "il a changé, le nouveau est ci-dessous", joinRemote: "Participer à distance",
	modes: map[domain.MeetingMode]string{
		domain.MeetingInPerson: "sur place", domain.MeetingRemote: "à distance", domain.MeetingHybrid: "sur place ou à distance",
	},
	join: "Rejoindre le groupe", stayOut: "Décliner", commune: "Commune", members: "Personnes dans le groupe",
	footers: map[domain.Subject]string{
		domain.AboutRegistration: "Vous recevez ce courriel au titre de votre inscription à ce temps de rencontre.",
		domain.AboutAsk:          "Vous recevez ce courriel comme professionnel de l'informatique que l'on sollicite pour des temps de rencontre.",
		domain.AboutSearch:       "Vous recevez ce courriel parce que vous organisez ce temps de rencontre.",
		domain.AboutSwap:         "Vous recevez ce courriel parce que vous avez une place à un temps de rencontre pour ce module.",
		domain.AboutPoll:         "Vous recevez ce courriel comme membre du groupe qui cherche une date.",
		domain.AboutMeeting:      "Vous recevez ce courriel parce que vous êtes la personne qui organise ce temps de rencontre.",
		domain.AboutComing:       "Vous recevez ce courriel parce que votre adresse a été saisie sur la page de ce temps de rencontre.",
		domain.AboutBadge:        "Vous recevez ce courriel parce que vous avez demandé ce badge.",
		domain.AboutInvitation:   "Vous recevez ce courriel parce que vous attendez un groupe pour ce module.",
	},
	unsubscribe: "Ne plus recevoir de rappels ni de changements", unsubscribeFurther: "Ne plus recevoir que l'essentiel",
	reopened: map[domain.ReopenCause]string{
		domain.ReopenedDeclined: "Les personnes sollicitées ont décliné.", domain.ReopenedLapsed: "Personne n'a répondu à temps.",
		domain.ReopenedWithdrawn: "Le professionnel s'est désisté.", domain.ReopenedPostponed: "Le professionnel est pris ailleurs à la nouvelle date.",
	},
	searching: map[domain.SearchState]string{
		domain.Searching: typeset.Replace("Personne n'est sollicité en ce moment : sollicitez d'autres personnes, ou décidez de faire sans."),
		domain.Asked:     "La personne suivante est déjà sollicitée.",
	},
	causes: map[domain.CancelCause]string{
		domain.OrganiserAway: "L'organisateur est empêché.", domain.PlaceUnavailable: "Le lieu n'est pas disponible.",
		domain.TooFewRegistrations: "Trop peu de personnes s'étaient inscrites.", domain.NoProfessional: "Aucun professionnel n'a pu venir.",
		domain.WeatherOrTransport: "La météo ou les transports ne le permettent pas.", domain.HealthRisk: "Une raison sanitaire l'empêche.",
	},
	phrases: set(frenchPhrases),
}

// set puts the spaces into all phrases where French has them.
func set(plain map[domain.NoticeKind]phrase) map[domain.NoticeKind]phrase {
	phrases := map[domain.NoticeKind]phrase{}
	for kind, p := range plain {
		phrases[kind] = phrase{typeset.Replace(p.subject), typeset.Replace(p.text)}
	}
	return phrases
}

var frenchPhrases = map[domain.NoticeKind]phrase{
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
	domain.NoticeAskSent: {"Pouvez-vous venir ? {module}",
		"La venue d'un professionnel de l'informatique est souhaitée au temps de rencontre « {module} », et l'on a pensé à vous. Répondez au plus tard le {until} ; la première personne qui accepte vient."},
	domain.NoticeAskAccepted: {"C'est noté, vous venez : {module}",
		"Vous venez au temps de rencontre « {module} ». Merci ! En cas d'empêchement, dites-le dès que possible : une autre personne pourra être sollicitée."},
	domain.NoticeAskWithdrawn: {"Votre désistement est noté : {module}",
		"Vous ne venez pas au temps de rencontre « {module} », prévu {date}. L'organisateur est prévenu."},
	domain.NoticeAskSuperseded: {"Votre venue n'est plus nécessaire : {module}",
		"Le temps de rencontre « {module} », prévu {date}, n'attend plus votre réponse : une autre personne vient, ou la recherche est terminée. Merci de votre disponibilité."},
	domain.NoticeAskFreed: {"Votre venue n'est plus attendue : {module}",
		"Le temps de rencontre « {module} » a été déplacé à une heure où un autre engagement vous retient. Votre venue n'y est plus attendue ; l'autre engagement reste valable."},
	domain.NoticeAskChanged: {"Changement : {module}",
		"Le temps de rencontre « {module} », auquel vous venez, a changé. Votre venue est toujours attendue ; si le changement ne vous convient pas, désistez-vous."},
	domain.NoticeAskMoved: {"Changement, pouvez-vous venir ? {module}",
		"Le temps de rencontre « {module} », où votre venue est souhaitée, a changé. Répondez au plus tard le {until}."},
	domain.NoticeAskMeetingCancelled: {"Annulé : {module}",
		"Le temps de rencontre « {module} », prévu {date}, n'aura pas lieu : votre venue n'est plus attendue."},
	domain.NoticeProfessionalComes: {"Un professionnel vient : {module}",
		"Un professionnel de l'informatique a accepté de venir au temps de rencontre « {module} »."},
	domain.NoticeSearchReopened: {"Professionnel à trouver : {module}",
		"Plus personne n'est sollicité pour venir au temps de rencontre « {module} » : la recherche d'un professionnel est de nouveau ouverte."},
	domain.NoticeProfessionalLost: {"Le professionnel ne vient plus : {module}",
		"Le professionnel qui avait accepté de venir au temps de rencontre « {module} » ne viendra pas."},
	domain.NoticeSwapProposed: {"On vous propose un échange : {module}",
		"Une personne propose sa place à un autre temps de rencontre pour « {module} » contre la vôtre. Si elle vous convient mieux, échangez au plus tard le {until} ; la première personne qui accepte échange. Sinon, ne faites rien : votre place reste la vôtre."},
	domain.NoticeSwapped: {"Places échangées : {module}",
		"Vous avez échangé votre place au temps de rencontre « {module} ». Votre nouvelle place est confirmée."},
	domain.NoticeSwapLapsed: {"Échange sans suite : {module}",
		"Personne n'a accepté à temps d'échanger sa place avec vous. Votre place au temps de rencontre « {module} » reste la vôtre."},
	domain.NoticePollOpened: {"Quelle date vous convient ? {module}",
		"Votre groupe cherche une date : « {module} ». Dites au plus tard le {until} lesquelles vous conviennent ; d'ici là, vous pouvez changer d'avis."},
	domain.NoticePollClosed: {"La date est choisie : {module}",
		"Votre groupe a choisi la date de « {module} » : {date}."},
	domain.NoticePollWithoutDate: {"Aucune date n'a été retenue : {module}",
		"Toutes les dates proposées pour « {module} » sont passées, et aucune n'a été retenue. Votre groupe peut en proposer d'autres."},
	domain.NoticeInvited: {"Un groupe vous invite : {module}",
		"Un groupe près de chez vous se retrouve pour « {module} » et vous invite à le rejoindre. Répondez au plus tard le {until}. Personne n'entre dans un groupe sans le vouloir : sans réponse, vous continuez d'en attendre un."},
	domain.NoticeFeedback: {"Votre avis en une minute : {module}",
		"Vous étiez au temps de rencontre « {module} ». Deux questions disent à qui l'organise ce qui a servi et ce qui manque. Les réponses sont gardées sans nom, et rien n'est montré à moins de cinq réponses. Vous pouvez répondre jusqu'au {until}."},
	domain.NoticeDeclarationReturned: {"À déclarer de nouveau : {module}",
		"La personne qui devait contresigner le temps de rencontre « {module} » vous a renvoyé votre déclaration et dit pourquoi. Corrigez les présences ou le compte rendu, puis déclarez de nouveau la rencontre ; rien n'est attesté avant."},
	domain.NoticeSheetReturned: {"Une fiche pratique vous revient : {module}",
		"Une fiche pratique que votre groupe a tirée du temps de rencontre « {module} » a été relue et vous revient. La fiche dit pourquoi : lisez le motif avec le groupe, corrigez-la, puis faites-la remonter de nouveau."},
	domain.NoticeSheetPublished: {"Une fiche pratique est publiée : {module}",
		"Une fiche pratique que votre groupe a tirée du temps de rencontre « {module} » a été relue et publiée. Chacun peut maintenant la lire et la reprendre ; elle ne nomme que votre commune. Merci au groupe."},
	domain.NoticeRegistrationLink: {"Votre lien pour vous inscrire : {module}",
		"Vous avez demandé à vous inscrire au temps de rencontre « {module} ». Ouvrez le lien ci-dessous et confirmez ; il ne vaut que pour vous, jusqu'au début de la rencontre. Si vous n'avez rien demandé, ne faites rien : vous n'êtes pas inscrit tant que vous n'avez pas confirmé."},
	domain.NoticeBadgeIssued: {"Votre badge : {module}",
		"Votre badge « {module} » est délivré : assez de personnes présentes avec vous à une rencontre l'ont reconnu. Personne d'autre ne le voit ; vous le montrez à qui vous voulez."},
	domain.NoticeOrganiserReminder: {"Vous organisez : {module}",
		"Le temps de rencontre « {module} » approche. Les personnes qui viennent peuvent dire elles-mêmes qu'elles sont là : ouvrez le lien ci-dessous dans la salle, à partir d'une demi-heure avant le début, et montrez la page à tout le monde. Elle affiche un code qui change ; gardez le lien pour vous."},
	domain.NoticeOrganiserFeedback: {"Votre avis d'organisateur en une minute : {module}",
		"Vous avez organisé le temps de rencontre « {module} ». Deux questions disent à la coordination ce qui a marché et ce qui manque aux organisateurs. Les réponses sont gardées sans nom, et comptées avec celles d'autres rencontres. Vous pouvez répondre jusqu'au {until}."},
}
