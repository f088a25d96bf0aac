package credential

import (
	"fmt"
	"strings"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// badgeURN precedes a category and a level: what all who have the badge have achieved.
const badgeURN = "urn:maillage:badge:"

// evidence is what shows that the holder has achieved it.
type evidence struct {
	ID        string   `json:"id"`
	Type      []string `json:"type"`
	Narrative string   `json:"narrative"`
}

var (
	categories = map[domain.BadgeCategory]struct{ term, french string }{
		domain.Pedagogy: {"PEDAGOGY", "Pédagogie"}, domain.Schemes: {"SCHEMES", "Dispositifs"},
		domain.Events: {"EVENTS", "Événements"}, domain.Technique: {"TECHNIQUE", "Technicité"},
	}
	levels = map[domain.BadgeLevel]string{
		domain.LevelParticipant: "participant", domain.LevelContributor: "contributeur",
		domain.LevelMultiplier: "passeur", domain.LevelReferent: "référent",
	}
)

// attests says that a document is about a part in a meeting.
func (d document) attests() bool {
	return roleOf(d.Subject.Role) != 0 && d.Subject.Meeting != nil && d.Evidence == nil
}

// recognises says that it is about a category and a level.
func (d document) recognises() bool {
	_, known := standingOf(d.Subject.Achievement.ID)
	return known && d.Subject.Role == "" && d.Subject.Meeting == nil && d.Evidence != nil
}

func standingURN(s domain.Standing) string {
	return fmt.Sprint(badgeURN, categories[s.Category].term, ":", int(s.Level))
}

func standingOf(urn string) (domain.Standing, bool) {
	for category := range categories {
		for level := range levels {
			if s := (domain.Standing{Category: category, Level: level}); standingURN(s) == urn {
				return s, true
			}
		}
	}
	return domain.Standing{}, false
}

// writeBadge says c, which is about a badge. How many peers there were is said, never who.
func (s *Signer) writeBadge(c domain.Claims) document {
	name := fmt.Sprintf("%s, niveau %d : %s", categories[c.Badge.Category].french, c.Badge.Level, levels[c.Badge.Level])
	return document{
		Context: []string{credentialsV2, badgesV3, s.door + contextPath}, ID: urn + c.AttestationID, Type: []string{verifiable, badgeKind},
		Name: "Badge " + name, Issuer: profile{s.issuer, []string{"Profile"}},
		ValidFrom: stamp(c.IssueTime), ValidUntil: stamp(c.ValidUntil),
		Subject: subject{ID: urn + c.PersonID, Type: []string{"AchievementSubject"}, Achievement: achievement{
			ID: standingURN(c.Badge.Standing), Type: []string{"Achievement"}, Name: name,
			Description: "Engagement reconnu dans une communauté locale de formation : " + categories[c.Badge.Category].french + ".",
			Criteria:    criteria{criteriaOf(c.Badge.Standing)},
		}},
		Evidence: &evidence{urn + c.AttestationID + "#evidence", []string{"Evidence"}, supportOf(c.Badge.Peers)},
		Status:   s.entry(c.Status),
	}
}

// criteriaOf is what a level asks for.
func criteriaOf(s domain.Standing) string {
	peers, experienced := s.Peers()
	if peers == 0 {
		return "Auto-positionnement d'une personne qui détient au moins une attestation de temps de rencontre."
	}
	text := "Niveau précédent acquis dans la même catégorie, auto-positionnement appuyé sur des attestations, puis reconnaissance par "
	if peers == 1 {
		text += "au moins une autre personne présente à un même temps de rencontre attesté"
	} else {
		text += fmt.Sprintf("au moins %d autres personnes présentes à un même temps de rencontre attesté", peers)
	}
	if experienced {
		text += ", dont une qui a ce niveau, ou qui a animé ou organisé une rencontre attestée"
	}
	return text + "."
}

// supportOf says how many have recognised it; the number comes first, and is read back.
func supportOf(peers int) string {
	switch peers {
	case 0:
		return "Auto-positionnement, sur la foi d'une attestation."
	case 1:
		return "1 personne rencontrée à un temps de rencontre attesté l'a reconnu."
	}
	return fmt.Sprintf("%d personnes rencontrées à un temps de rencontre attesté l'ont reconnu.", peers)
}

// readStanding is what writeBadge has written; the caller has verified it.
func (d document) readStanding() (c domain.Claims, err error) {
	var times reader
	c = domain.Claims{
		AttestationID: strings.TrimPrefix(d.ID, urn), PersonID: strings.TrimPrefix(d.Subject.ID, urn),
		IssueTime: times.at(d.ValidFrom), ValidUntil: times.at(d.ValidUntil), Issuer: d.Issuer.ID,
	}
	c.Badge.Standing, _ = standingOf(d.Subject.Achievement.ID)
	if _, err := fmt.Sscanf(d.Evidence.Narrative, "%d ", &c.Badge.Peers); err != nil {
		c.Badge.Peers = 0 // nobody else
	}
	if d.Status != nil {
		if c.Status, err = d.Status.read(); err != nil {
			return domain.Claims{}, err
		}
	}
	return c, times.err
}
