package gateway

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/prose"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// parisZone is in which hours are said where an attestation does not show its own.
const parisZone = "Europe/Paris"

func notShown(lang tongue) linkView {
	return linkView{
		Heading: lang.say("Nothing is shown here", "Rien n'est montré ici"),
		Texts: []string{lang.say("This link is incomplete, or the person who gave it to you no longer shows what was there.",
			"Ce lien est incomplet, ou la personne qui vous l'a donné ne montre plus ce qui s'y trouvait.")},
		Next: []string{lang.say("Copy the whole link and try again, or ask that person for another one.",
			"Copiez le lien en entier et réessayez, ou demandez-en un autre à cette personne.")},
	}
}

// viewShown is what a person shows, with what holds of it now.
func viewShown(found *meetingsv1.LookupAttestationShareResponse, secret string, lang tongue) linkView {
	all := found.GetAttestations()
	v := verdictOn(found, lang)
	at := lang.time(found.GetLookupTime(), parisZone)
	v.Texts = append(v.Texts, lang.say("Checked on ", "Vérification faite le ")+at+".")
	if facts := aboutAll(found, lang); facts != nil {
		v.Parts = append(v.Parts, linkPart{Facts: facts})
	}
	base := shownPath + secret + "/"
	v.Links = append(v.Links, linkLink{base + shownPDF, lang.say("Download as PDF, to print or to send (in French)", "Télécharger en PDF, pour imprimer ou envoyer")})
	for i, a := range all {
		part := linkPart{Facts: shownFacts(a, lang)}
		if len(all)+len(found.GetBadges()) > 1 {
			part.Heading = fmt.Sprintf("%d. %s", i+1, cmp.Or(a.GetModuleTitle(), a.GetMeetingTitle(), lang.say("Attestation", "Attestation")))
		}
		v.Parts = append(v.Parts, part)
		if a.GetCredential() != "" {
			v.Links = append(v.Links, linkLink{base + "attestation-" + strconv.Itoa(i+1) + ".jwt",
				lang.say("Download the signed attestation", "Télécharger l'attestation signée") + numbered(i, len(all))})
		}
	}
	v = v.withBadges(found.GetBadges(), len(all) > 0, base, lang)
	v.Next = shownNotes(found, lang)
	return v
}

// numbered tells one of several from the others.
func numbered(i, n int) string {
	if n == 1 {
		return ""
	}
	return " " + strconv.Itoa(i+1)
}

// verdictOn says first of all whether it holds.
func verdictOn(found *meetingsv1.LookupAttestationShareResponse, lang tongue) linkView {
	if len(found.GetBadges()) > 0 {
		return verdictWithBadges(found, lang)
	}
	all, wrong := found.GetAttestations(), 0
	for _, a := range all {
		if !a.GetValid() {
			wrong++
		}
	}
	genuine := lang.say("Issued here after a meeting that its organiser reported and somebody else countersigned; not changed since, and not revoked.",
		"Délivrée ici après un temps de rencontre déclaré par la personne qui l'organisait et contresigné par une autre ; elle n'a été ni modifiée ni révoquée depuis.")
	switch {
	case len(all) == 1 && wrong == 1:
		return wrongAttestation(all[0].GetReason(), lang)
	case len(all) == 1:
		return linkView{Heading: lang.say("This attestation is genuine", "Cette attestation est authentique"), Texts: []string{genuine}}
	case wrong == 0:
		return linkView{
			Heading: lang.say(fmt.Sprintf("These %d attestations are genuine", len(all)), fmt.Sprintf("Ces %d attestations sont authentiques", len(all))),
			Texts: []string{lang.say("Each was issued here after a meeting that its organiser reported and somebody else countersigned; none was changed since, or revoked.",
				"Chacune a été délivrée ici après un temps de rencontre déclaré par la personne qui l'organisait et contresigné par une autre ; aucune n'a été modifiée ni révoquée depuis.")},
		}
	case wrong == len(all):
		return linkView{Heading: lang.say("None of these attestations holds", "Aucune de ces attestations n'est valable"), Warning: lang.say("See below why.", "Voyez ci-dessous pourquoi.")}
	}
	holding := len(all) - wrong
	en, fr := "%d of %d attestations hold", "%d attestations sur %d sont valables"
	if holding == 1 {
		en, fr = "%d of %d attestations holds", "%d attestation sur %d est valable"
	}
	return linkView{
		Heading: lang.say(fmt.Sprintf(en, holding, len(all)), fmt.Sprintf(fr, holding, len(all))),
		Warning: lang.say("Those that do not say why.", "Celles qui ne le sont pas disent pourquoi."),
	}
}

// aboutAll is what holds of all of them: who, and how long together.
func aboutAll(found *meetingsv1.LookupAttestationShareResponse, lang tongue) (facts []linkFact) {
	if shows(found, meetingsv1.ShownField_SHOWN_FIELD_NAME) {
		facts = append(facts, linkFact{lang.say("Name, as the person gives it", "Nom, tel que la personne l'indique"),
			cmp.Or(found.GetHolderName(), lang.say("not given", "non indiqué"))})
	}
	if n := len(found.GetAttestations()); n > 1 && shows(found, meetingsv1.ShownField_SHOWN_FIELD_HOURS) {
		var total time.Duration
		for _, a := range found.GetAttestations() {
			if a.GetValid() {
				total += a.GetAttendedDuration().AsDuration()
			}
		}
		facts = append(facts, linkFact{lang.say("Attended altogether", "Durée totale attestée"), prose.Length(total)})
	}
	return facts
}

func shows(found *meetingsv1.LookupAttestationShareResponse, field meetingsv1.ShownField) bool {
	for _, f := range found.GetShownFields() {
		if f == field {
			return true
		}
	}
	return false
}

// shownFacts are what is shown of one attestation.
func shownFacts(a *meetingsv1.ShownAttestation, lang tongue) (facts []linkFact) {
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, linkFact{label, value})
		}
	}
	if a.GetRevokeTime() != nil {
		add(lang.say("Revoked", "Révoquée"), lang.time(a.GetRevokeTime(), parisZone))
		add(lang.say("Why", "Motif"), a.GetRevokeReason())
	} else if !a.GetValid() {
		add(lang.say("State", "État"), lang.of(wrongPhrases[a.GetReason()].heading))
	}
	zone := cmp.Or(a.GetTimeZone(), parisZone)
	add(lang.say("Part", "Rôle"), lang.of(partPhrases[a.GetRole()]))
	add(lang.say("Module", "Module"), moduleOf(a))
	add(lang.say("Meeting", "Temps de rencontre"), a.GetMeetingTitle())
	if a.GetMeetingTime() != nil {
		add(lang.say("When", "Quand"), lang.time(a.GetMeetingTime(), zone))
	}
	if a.GetAttendedDuration() != nil {
		add(lang.say("Attended", "Durée attestée"), prose.Length(a.GetAttendedDuration().AsDuration()))
	}
	add(lang.say("Competences (CRCN)", "Compétences (CRCN)"), competences(a.GetCompetences()))
	add(lang.say("Town", "Commune"), a.GetCommuneName())
	add(lang.say("Countersigned", "Contresignée"), lang.of(countersignerPhrases[a.GetCountersigner()]))
	if a.GetIssueTime() != nil {
		add(lang.say("Issued", "Délivrée"), lang.time(a.GetIssueTime(), parisZone))
	}
	add(lang.say("Issued by", "Délivrée par"), issuerName(a.GetIssuer()))
	return facts
}

// issuerName is an issuer as people know it: by its site.
func issuerName(uri string) string {
	if host, ok := strings.CutPrefix(uri, "did:web:"); ok {
		return strings.ReplaceAll(host, "%3A", ":")
	}
	return uri
}

// shownNotes say what the page cannot.
func shownNotes(found *meetingsv1.LookupAttestationShareResponse, lang tongue) []string {
	name := lang.say("This page shows no name: it cannot tell whose this is.",
		"Cette page ne montre pas de nom : elle ne peut pas dire à qui appartient ce qu'elle montre.")
	if shows(found, meetingsv1.ShownField_SHOWN_FIELD_NAME) {
		name = lang.say("The name is the one that this person chose to be called by here; compare it with a document of theirs if it matters.",
			"Le nom est celui que la personne s'est donné ici ; si c'est important, comparez-le avec l'une de ses pièces.")
	}
	notes := []string{name, lang.say("The person chose what this link shows, and may stop showing it at any time. It ends on ",
		"La personne a choisi ce que ce lien montre, et peut cesser de le montrer à tout moment. Il prendra fin le ") + lang.time(found.GetExpireTime(), parisZone) + "."}
	if !signed(found) {
		return notes
	}
	return append(notes, lang.say("Signed files can also be verified without this site, with the keys that are published at /.well-known/jwks.json.",
		"Les fichiers signés se vérifient aussi sans ce site, avec les clés publiées à l'adresse /.well-known/jwks.json."))
}

// signed reports whether something signed is given.
func signed(found *meetingsv1.LookupAttestationShareResponse) bool {
	for _, a := range found.GetAttestations() {
		if a.GetCredential() != "" {
			return true
		}
	}
	for _, b := range found.GetBadges() {
		if b.GetCredential() != "" {
			return true
		}
	}
	return false
}
