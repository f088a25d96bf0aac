package gateway

import (
	"strconv"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

var (
	categoryPhrases = map[meetingsv1.BadgeCategory]phrase{
		meetingsv1.BadgeCategory_BADGE_CATEGORY_PEDAGOGY: {"Teaching", "Pédagogie"}, meetingsv1.BadgeCategory_BADGE_CATEGORY_SCHEMES: {"Schemes", "Dispositifs"},
		meetingsv1.BadgeCategory_BADGE_CATEGORY_EVENTS: {"Events", "Événements"}, meetingsv1.BadgeCategory_BADGE_CATEGORY_TECHNIQUE: {"Technique", "Technicité"},
	}
	levelPhrases = map[meetingsv1.BadgeLevel]phrase{
		meetingsv1.BadgeLevel_BADGE_LEVEL_PARTICIPANT: {"1 of 4, participant", "1 sur 4, participant"},
		meetingsv1.BadgeLevel_BADGE_LEVEL_CONTRIBUTOR: {"2 of 4, contributor", "2 sur 4, contributeur"},
		meetingsv1.BadgeLevel_BADGE_LEVEL_MULTIPLIER:  {"3 of 4, multiplier", "3 sur 4, passeur"},
		meetingsv1.BadgeLevel_BADGE_LEVEL_REFERENT:    {"4 of 4, referent", "4 sur 4, référent"},
	}
)

// viewBadge is the verdict on a badge by category and level that was issued here: it holds, or does no longer.
func viewBadge(verdict *meetingsv1.VerifyAttestationResponse, lang tongue) linkView {
	const zone = "Europe/Paris" // as for attestations
	b := verdict.GetBadge()
	v := linkView{Heading: lang.say("This badge is genuine", "Ce badge est authentique")}
	var facts []linkFact
	switch verdict.GetReason() {
	case meetingsv1.InvalidReason_INVALID_REASON_REVOKED:
		v.Heading = lang.say("This badge was revoked", "Ce badge a été révoqué")
		v.Texts = []string{lang.say("It was issued here and has not been changed, but it no longer holds.",
			"Il a bien été délivré ici et n'a pas été modifié, mais il n'est plus valable.")}
		facts = append(facts, linkFact{lang.say("Revoked", "Révoqué"), lang.time(verdict.GetRevokeTime(), zone)},
			linkFact{lang.say("Why", "Motif"), verdict.GetRevokeReason()})
	case meetingsv1.InvalidReason_INVALID_REASON_EXPIRED:
		v.Heading = lang.say("This badge has expired", "Ce badge a expiré")
	}
	facts = append(facts, linkFact{lang.say("Category", "Catégorie"), lang.of(categoryPhrases[b.GetCategory()])},
		linkFact{lang.say("Level", "Niveau"), lang.of(levelPhrases[b.GetLevel()])},
		linkFact{lang.say("Recognised by", "Reconnu par"), recognisedBy(int(b.GetPeerCount()), lang)},
		linkFact{lang.say("Issued", "Délivré"), lang.time(b.GetIssueTime(), zone)}, linkFact{lang.say("By", "Par"), b.GetIssuer()})
	v.Parts = []linkPart{{Facts: facts}}
	v.Next = []string{lang.say("It names nobody: this page cannot tell whether it is that of the person who shows it to you.",
		"Il ne nomme personne : cette page ne peut pas dire si c'est bien celui de la personne qui vous le présente.")}
	return v
}

func recognisedBy(peers int, lang tongue) string {
	switch peers {
	case 0:
		return lang.say("no peer (self-positioning, with an attestation)", "aucun pair (auto-positionnement, avec une attestation)")
	case 1:
		return lang.say("1 person who was at an attested meeting with the holder", "1 personne présente avec le titulaire à une rencontre attestée")
	}
	return strconv.Itoa(peers) + lang.say(" persons who were at an attested meeting with the holder", " personnes présentes avec le titulaire à une rencontre attestée")
}
