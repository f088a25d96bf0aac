package gateway

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/prose"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// surroundings are what others know of a meeting; what does not answer in time is nil, and the page does without.
type surroundings struct {
	place     *meshv1.Place
	commune   *meshv1.Territory
	structure *meshv1.Structure
	module    *cataloguev1.Module
}

func (p *meetingPage) surroundings(ctx context.Context, m *meetingsv1.Meeting) (s surroundings) {
	ctx, cancel := context.WithTimeout(ctx, linkPatience)
	defer cancel()
	if m.GetPlaceId() != "" && m.GetMode() != meetingsv1.MeetingMode_MEETING_MODE_REMOTE {
		s.place = known(p.mesh.GetPlace(ctx, &meshv1.GetPlaceRequest{Id: m.GetPlaceId()}))
	}
	if m.GetCommuneCode() != "" {
		s.commune = known(p.mesh.GetTerritory(ctx, &meshv1.GetTerritoryRequest{Code: m.GetCommuneCode()}))
	}
	if m.GetStructureId() != "" {
		s.structure = known(p.mesh.GetStructure(ctx, &meshv1.GetStructureRequest{Id: m.GetStructureId()}))
	}
	if m.GetModuleId() != "" {
		s.module = known(p.catalogue.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: m.GetModuleId()}))
	}
	return s
}

func known[T any](found *T, err error) *T {
	if err != nil {
		return nil
	}
	return found
}

func noMeeting(lang tongue) linkView {
	return linkView{
		Heading: lang.say("This meeting does not exist", "Ce temps de rencontre n'existe pas"),
		Texts: []string{lang.say("Its address was mistyped, or the meeting is not announced yet.",
			"Son adresse a été mal recopiée, ou il n'est pas encore annoncé.")},
		Next: []string{lang.say("Scan the code or copy the address again, or ask whoever gave it to you.",
			"Scannez de nouveau le code ou recopiez l'adresse, ou demandez à la personne qui vous l'a donnée.")},
	}
}

// viewMeetingPage is what the page says of a meeting.
func viewMeetingPage(m *meetingsv1.Meeting, s surroundings, now time.Time, lang tongue) linkView {
	v := linkView{Heading: title(m)}
	if v.Heading == "" {
		v.Heading = lang.say("Meeting", "Temps de rencontre")
	}
	open := standingOf(m, now, &v, lang)
	part := linkPart{Facts: meetingFacts(m, s, open, lang)}
	if uri := webAddress(s.module.GetUri()); uri != "" {
		part.Links = append(part.Links, linkLink{uri, lang.say("What the module is: ", "Découvrir le module : ") + s.module.GetTitle()})
	}
	if at := s.place.GetPosition(); at != nil {
		part.Links = append(part.Links, linkLink{
			fmt.Sprintf("https://www.openstreetmap.org/?mlat=%.5f&mlon=%.5f&zoom=16", at.GetLatitude(), at.GetLongitude()),
			lang.say("See the place on a map (OpenStreetMap)", "Voir le lieu sur une carte (OpenStreetMap)"),
		})
	}
	if open {
		part.Links = append(part.Links, linkLink{meetingPath + m.GetId() + "/" + meetingFile,
			lang.say("Put it into my calendar (this does not register you)", "L'ajouter à mon agenda (cela ne vous inscrit pas)")})
		v.Form = registrationForm(m, lang)
		v.Next = []string{lang.say("You are not known here yet? Ask whoever told you of this meeting, or the coordinator of your territory, to register you.",
			"Vous n'êtes pas encore connu ici ? Demandez à la personne qui vous a parlé de cette rencontre, ou à la coordination de votre territoire.")}
		v.Docs = lang.say("For programs: register through the API, signed in", "Pour les programmes : s'inscrire par l'API, une fois connecté")
	}
	v.Parts = []linkPart{part}
	return v
}

// webAddress is an address that a browser opens as a page; empty for any other.
func webAddress(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return ""
	}
	return uri
}

// requested is the page after an address was given: the same for every address.
func (v *linkView) requested(id string, lang tongue) {
	v.Texts = nil
	v.Links = []linkLink{{meetingPath + id, lang.say("Type another address", "Indiquer une autre adresse")}}
	v.Warning = lang.say("If this address is known here and takes our mails, a mail leaves within a minute. Open its link and confirm: you are not registered before.",
		"Si cette adresse est connue ici et accepte nos courriels, un courriel part dans la minute. Ouvrez le lien qu'il contient et confirmez : vous n'êtes pas inscrit avant.")
	v.Form = nil
	v.Next = []string{lang.say("Nothing has come? Look among unwanted mails; another is sent after ten minutes at the earliest.",
		"Rien n'est arrivé ? Regardez dans les courriels indésirables ; un autre ne part qu'au bout de dix minutes.")}
	v.Next = append(v.Next, lang.say("If you are not known here, ask whoever told you of this meeting, or the coordinator of your territory.",
		"Si vous n'êtes pas connu ici, demandez à la personne qui vous a parlé de cette rencontre, ou à la coordination de votre territoire."))
}

// standingOf says where the meeting stands, and whether one can register.
func standingOf(m *meetingsv1.Meeting, now time.Time, v *linkView, lang tongue) (open bool) {
	switch m.GetState() {
	case meetingsv1.MeetingState_MEETING_STATE_CANCELLED:
		v.Warning = lang.say("Cancelled: this meeting will not take place.", "Annulé : ce temps de rencontre n'aura pas lieu.") +
			lang.because(m.GetCancelCause(), m.GetCancelNote())
		return false
	case meetingsv1.MeetingState_MEETING_STATE_OPEN, meetingsv1.MeetingState_MEETING_STATE_CONFIRMED:
	default:
		v.Texts = []string{lang.say("This meeting has taken place.", "Ce temps de rencontre a eu lieu.")}
		return false
	}
	switch {
	case !now.Before(m.GetEndTime().AsTime()):
		v.Texts = []string{lang.say("This meeting is over.", "Ce temps de rencontre est passé.")}
		return false
	case !now.Before(m.GetStartTime().AsTime()):
		v.Texts = []string{lang.say("This meeting has begun: one registers no longer. Go there; there may be a seat left.",
			"Ce temps de rencontre a commencé : on ne s'y inscrit plus. Allez-y ; il reste peut-être une place.")}
		return false
	}
	if m.GetPostponedCount() > 0 {
		v.Warning = lang.say("The date has changed; it is the one below that holds.", "La date a changé ; c'est celle ci-dessous qui vaut.") +
			lang.because(m.GetPostponeCause(), m.GetPostponeNote())
	}
	text := lang.say("One can register. The meeting is still to be confirmed.", "Les inscriptions sont ouvertes. La rencontre reste à confirmer.")
	if m.GetState() == meetingsv1.MeetingState_MEETING_STATE_CONFIRMED {
		text = lang.say("This meeting will take place, and one can register.", "Cette rencontre aura bien lieu, et les inscriptions sont ouvertes.")
	}
	v.Texts = []string{text}
	return true
}

// causePhrases are why a meeting is called off or was moved; with another cause, its note says it.
var causePhrases = map[meetingsv1.CancelCause]phrase{
	meetingsv1.CancelCause_CANCEL_CAUSE_ORGANISER_AWAY:        {"the organiser cannot come.", "la personne qui organise est empêchée."},
	meetingsv1.CancelCause_CANCEL_CAUSE_PLACE_UNAVAILABLE:     {"the place is not available at the time that was planned.", "le lieu n'est pas disponible à la date prévue."},
	meetingsv1.CancelCause_CANCEL_CAUSE_TOO_FEW_REGISTRATIONS: {"too few people had registered.", "trop peu de personnes s'étaient inscrites."},
	meetingsv1.CancelCause_CANCEL_CAUSE_NO_PROFESSIONAL:       {"no professional could come.", "aucun professionnel n'a pu venir."},
	meetingsv1.CancelCause_CANCEL_CAUSE_WEATHER_OR_TRANSPORT:  {"weather or transport.", "la météo ou les transports."},
	meetingsv1.CancelCause_CANCEL_CAUSE_HEALTH:                {"a health reason.", "une raison sanitaire."},
}

// because is why, in a sentence; empty when nobody said.
func (t tongue) because(cause meetingsv1.CancelCause, note string) string {
	why := strings.TrimSpace(t.of(causePhrases[cause]) + " " + strings.TrimSpace(note))
	if why == "" {
		return ""
	}
	return t.say(" Reason: ", " Motif : ") + why
}

// meetingFacts are what, when, where, with whom, and how many seats are left.
func meetingFacts(m *meetingsv1.Meeting, s surroundings, open bool, lang tongue) (facts []linkFact) {
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, linkFact{label, value})
		}
	}
	if module := m.GetModuleTitle(); module != title(m) {
		add("Module", module)
	}
	add(lang.say("When", "Quand"), hours(m, lang))
	add(lang.say("Where", "Lieu"), venue(m, s, lang))
	add(lang.say("Hosted by", "Accueil"), s.structure.GetName())
	if open {
		add(lang.say("Seats", "Places"), seatsLeft(m, lang))
	}
	return facts
}

// hours are the day and the hours, with their zone where it is not that of Paris or people join from anywhere.
func hours(m *meetingsv1.Meeting, lang tongue) string {
	zone, start, end := m.GetTimeZone(), m.GetStartTime().AsTime(), m.GetEndTime().AsTime()
	day := prose.FrenchDay(start, zone)
	sameDay := day == prose.FrenchDay(end, zone)
	if lang == english {
		if !sameDay {
			return prose.EnglishTime(start, zone) + ", until " + prose.EnglishTime(end, zone)
		}
		until := end
		if at, err := time.LoadLocation(zone); err == nil {
			until = end.In(at)
		}
		return prose.EnglishTime(start, zone) + ", until " + until.Format("15:04")
	}
	from, to := prose.FrenchHour(start, zone), prose.FrenchHour(end, zone)
	said := day + ", de " + from + " à " + to
	if !sameDay {
		said = "du " + day + " à " + from + " au " + prose.FrenchDay(end, zone) + " à " + to
	}
	if zone == parisZone && !fromAfar(m) {
		return said
	}
	return said + " (" + prose.FrenchZone(zone) + ")"
}

func fromAfar(m *meetingsv1.Meeting) bool {
	return m.GetMode() == meetingsv1.MeetingMode_MEETING_MODE_REMOTE || m.GetMode() == meetingsv1.MeetingMode_MEETING_MODE_HYBRID
}

// venue is the place with its address, or that one takes part from afar; the link to do so is for those who are registered.
func venue(m *meetingsv1.Meeting, s surroundings, lang tongue) string {
	if m.GetMode() == meetingsv1.MeetingMode_MEETING_MODE_REMOTE {
		return lang.say("from afar; the link to join comes with the registration", "à distance ; le lien pour participer vient avec l'inscription")
	}
	where := s.place.GetName()
	for _, more := range []string{s.place.GetAddress(), s.commune.GetName()} {
		if where == "" {
			where = more
		} else if more != "" && !strings.Contains(where, more) {
			where += ", " + more
		}
	}
	if where != "" && fromAfar(m) {
		where += lang.say(", or from afar", ", ou à distance")
	}
	return where
}

// learners are the seats of those who come to learn, by mode in the order of the contract.
func learners(m *meetingsv1.Meeting) (all []*meetingsv1.Seats) {
	for _, s := range m.GetSeats() {
		if s.GetRole() != meetingsv1.SeatRole_SEAT_ROLE_FACILITATOR && s.GetCapacity() > 0 {
			all = append(all, s)
		}
	}
	return all
}

// seatsLeft says how many seats are free, in words, by mode where there are several.
func seatsLeft(m *meetingsv1.Meeting, lang tongue) string {
	pools := learners(m)
	if len(pools) == 1 {
		return left(pools[0], lang)
	}
	var said []string
	for _, s := range pools {
		mode := lang.say("at the place: ", "sur place : ")
		if s.GetMode() == meetingsv1.SeatMode_SEAT_MODE_REMOTE {
			mode = lang.say("from afar: ", "à distance : ")
		}
		said = append(said, mode+left(s, lang))
	}
	return strings.Join(said, lang.say("; ", " ; "))
}

func left(s *meetingsv1.Seats, lang tongue) string {
	switch free := s.GetCapacity() - s.GetTaken(); {
	case free <= 0:
		return lang.say("full, with a waiting list", "complet, avec une liste d'attente")
	case free == 1:
		return lang.say("1 seat is left", "il reste 1 place")
	default:
		return lang.say(fmt.Sprintf("%d seats are left", free), fmt.Sprintf("il reste %d places", free))
	}
}

func isFull(m *meetingsv1.Meeting) bool {
	for _, s := range learners(m) {
		if s.GetTaken() < s.GetCapacity() {
			return false
		}
	}
	return len(learners(m)) > 0
}

// registrationForm takes the address to which the link to register goes.
func registrationForm(m *meetingsv1.Meeting, lang tongue) *linkForm {
	f := &linkForm{
		Heading: lang.say("Register", "S'inscrire"),
		Note: lang.say("Type the address at which maillage writes to you: it is sent a link of your own to register. It serves for this only, and is not kept.",
			"Indiquez l'adresse à laquelle maillage vous écrit : vous y recevrez un lien personnel pour vous inscrire. Elle ne sert qu'à cet envoi, et n'est pas gardée."),
		Email:  lang.say("Your e-mail address", "Votre adresse électronique"),
		Button: lang.say("Send me the link", "Recevoir le lien"),
	}
	if isFull(m) {
		f.Heading = lang.say("Join the waiting list", "S'inscrire sur la liste d'attente")
		f.Note = lang.say("Every seat is taken. Who is on the waiting list is written to as soon as a seat is free, in the order of arrival. ",
			"Toutes les places sont prises. Les personnes de la liste sont prévenues dès qu'une place se libère, dans l'ordre d'arrivée. ") + f.Note
	}
	return f
}
