package gateway

import (
	"fmt"
	"strconv"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// withBadges adds what is shown of badges, after attestations if there are any.
func (v linkView) withBadges(badges []*meetingsv1.ShownBadge, beside bool, base string, lang tongue) linkView {
	for i, b := range badges {
		part := linkPart{Facts: badgeFacts(b, lang)}
		if beside || len(badges) > 1 {
			part.Heading = lang.say("Badge", "Badge") + numbered(i, len(badges))
			if category := lang.of(categoryPhrases[b.GetCategory()]); category != "" {
				part.Heading += lang.say(": ", " : ") + category
			}
		}
		v.Parts = append(v.Parts, part)
		if b.GetCredential() != "" {
			v.Links = append(v.Links, linkLink{base + "badge-" + strconv.Itoa(i+1) + ".jwt",
				lang.say("Download the signed badge", "Télécharger le badge signé") + numbered(i, len(badges))})
		}
	}
	return v
}

// badgeFacts are what is shown of one badge.
func badgeFacts(b *meetingsv1.ShownBadge, lang tongue) (facts []linkFact) {
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, linkFact{label, value})
		}
	}
	if b.GetRevokeTime() != nil {
		add(lang.say("Revoked", "Révoqué"), lang.time(b.GetRevokeTime(), parisZone))
		add(lang.say("Why", "Motif"), b.GetRevokeReason())
	} else if !b.GetValid() {
		add(lang.say("State", "État"), wrongBadge(b, lang))
	}
	if b.GetCategory() != 0 {
		add(lang.say("Category", "Catégorie"), lang.of(categoryPhrases[b.GetCategory()]))
		add(lang.say("Level", "Niveau"), lang.of(levelPhrases[b.GetLevel()]))
		add(lang.say("Recognised by", "Reconnu par"), recognisedBy(int(b.GetPeerCount()), lang))
	}
	if b.GetIssueTime() != nil {
		add(lang.say("Issued", "Délivré"), lang.time(b.GetIssueTime(), parisZone))
	}
	add(lang.say("Issued by", "Délivré par"), issuerName(b.GetIssuer()))
	return facts
}

// wrongBadge says of a badge that does not hold what is wrong with it.
func wrongBadge(b *meetingsv1.ShownBadge, lang tongue) string {
	switch b.GetReason() {
	case meetingsv1.InvalidReason_INVALID_REASON_REVOKED:
		return lang.say("This badge was revoked", "Ce badge a été révoqué")
	case meetingsv1.InvalidReason_INVALID_REASON_EXPIRED:
		return lang.say("This badge has expired", "Ce badge a expiré")
	}
	return lang.say("This badge cannot be verified", "Ce badge ne peut pas être vérifié")
}

// verdictWithBadges says first of all whether what is shown holds, when there are badges in it.
func verdictWithBadges(found *meetingsv1.LookupAttestationShareResponse, lang tongue) linkView {
	attestations, badges := found.GetAttestations(), found.GetBadges()
	held, valid := 0, 0 // attestations, and badges
	for _, a := range attestations {
		if a.GetValid() {
			held++
		}
	}
	for _, b := range badges {
		if b.GetValid() {
			valid++
		}
	}
	switch all := len(attestations) + len(badges); {
	case held+valid == all:
		return linkView{Heading: genuineHeading(len(attestations), len(badges), lang), Texts: []string{genuineText(len(attestations) > 0, lang)}}
	case all == 1:
		v := linkView{Heading: wrongBadge(badges[0], lang)}
		if badges[0].GetReason() == meetingsv1.InvalidReason_INVALID_REASON_REVOKED {
			v.Texts = []string{lang.say("It was issued here and has not been changed, but it no longer holds.",
				"Il a bien été délivré ici et n'a pas été modifié, mais il n'est plus valable.")}
		}
		return v
	case held+valid == 0:
		return linkView{
			Heading: lang.say("Nothing that is shown here holds", "Rien de ce qui est montré ici n'est valable"),
			Warning: lang.say("See below why.", "Voyez ci-dessous pourquoi."),
		}
	}
	heading := lang.say("What holds: ", "Ce qui est valable : ")
	if n := len(attestations); n > 0 {
		heading += ofMany(held, n, "attestation", lang) + ", "
	}
	return linkView{
		Heading: heading + ofMany(valid, len(badges), "badge", lang),
		Warning: lang.say("See below why the rest does not.", "Voyez ci-dessous pourquoi le reste ne l'est pas."),
	}
}

// ofMany is «1 badge sur 2», and "1 of 2 badges".
func ofMany(n, all int, noun string, lang tongue) string {
	return lang.say(fmt.Sprintf("%d of %d %s", n, all, plural(noun, all)), fmt.Sprintf("%d %s sur %d", n, plural(noun, n), all))
}

// plural is a noun that takes an s in both languages.
func plural(noun string, n int) string {
	if n > 1 {
		return noun + "s"
	}
	return noun
}

func genuineHeading(attestations, badges int, lang tongue) string {
	these := lang.say("this badge", "ce badge")
	if badges > 1 {
		these = fmt.Sprintf(lang.say("these %d badges", "ces %d badges"), badges)
	}
	switch {
	case attestations > 1:
		return fmt.Sprintf(lang.say("These %d attestations and %s are genuine", "Ces %d attestations et %s sont authentiques"), attestations, these)
	case attestations == 1:
		return fmt.Sprintf(lang.say("This attestation and %s are genuine", "Cette attestation et %s sont authentiques"), these)
	case badges > 1:
		return fmt.Sprintf(lang.say("These %d badges are genuine", "Ces %d badges sont authentiques"), badges)
	}
	return lang.say("This badge is genuine", "Ce badge est authentique")
}

func genuineText(attestations bool, lang tongue) string {
	if attestations {
		return lang.say("Each was issued here and has not been changed or revoked since. Attestations follow a meeting that its organiser reported and somebody else "+
			"countersigned; badges say how far somebody is engaged, in their own words first and then recognised by people who were there.",
			"Tout a été délivré ici, et n'a été ni modifié ni révoqué depuis. Les attestations suivent un temps de rencontre déclaré par la personne qui l'organisait et "+
				"contresigné par une autre ; les badges disent un engagement, par auto-positionnement d'abord, puis reconnu par des personnes présentes.")
	}
	return lang.say("Issued here, to somebody who has an attestation of a meeting; not changed since, and not revoked.",
		"Délivré ici à une personne qui détient l'attestation d'un temps de rencontre ; ni modifié ni révoqué depuis.")
}
