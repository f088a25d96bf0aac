package gateway

import (
	"net/url"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

func TestVerifierOfBadges(t *testing.T) {
	badge := func(level meetingsv1.BadgeLevel, peers int32) *meetingsv1.BadgeClaims {
		return &meetingsv1.BadgeClaims{
			BadgeId: someID, Category: meetingsv1.BadgeCategory_BADGE_CATEGORY_EVENTS, Level: level, PeerCount: peers,
			IssueTime: timestamppb.New(linkStart), Issuer: "did:web:classcode.example",
		}
	}
	for name, c := range map[string]struct {
		verdict *meetingsv1.VerifyAttestationResponse
		fr, en  string
		also    []string
	}{
		"genuine": {&meetingsv1.VerifyAttestationResponse{Valid: true, Badge: badge(meetingsv1.BadgeLevel_BADGE_LEVEL_MULTIPLIER, 2)}, "Ce badge est authentique", "This badge is genuine",
			[]string{"Événements", "3 sur 4, passeur", "2 personnes présentes", "mardi 24 novembre 2026", "did:web:classcode.example", "Il ne nomme personne"}},
		"alone": {&meetingsv1.VerifyAttestationResponse{Valid: true, Badge: badge(meetingsv1.BadgeLevel_BADGE_LEVEL_PARTICIPANT, 0)}, "Ce badge est authentique", "This badge is genuine",
			[]string{"1 sur 4, participant", "aucun pair (auto-positionnement"}},
		"revoked": {&meetingsv1.VerifyAttestationResponse{
			Reason: meetingsv1.InvalidReason_INVALID_REASON_REVOKED, Badge: badge(meetingsv1.BadgeLevel_BADGE_LEVEL_CONTRIBUTOR, 1),
			RevokeTime: timestamppb.New(linkStart), RevokeReason: "Par <i>erreur</i>",
		}, "Ce badge a été révoqué", "This badge was revoked", []string{"1 personne présente", "Par &lt;i&gt;erreur", "n'est plus valable"}},
	} {
		door, _ := judged(t, c.verdict, Deps{})
		for language, heading := range map[string]string{"fr": c.fr, "en": c.en} {
			body := plainText(ask(t, door, "GET", "/verifier?c="+url.QueryEscape("eyJ"), "", "Accept-Language: "+language).Body)
			if !strings.Contains(body, "<h1>"+heading+"</h1>") {
				t.Errorf("%s: want %q in %s", name, heading, body)
			}
			for _, also := range c.also {
				if language == "fr" && !strings.Contains(body, also) {
					t.Errorf("%s: want %q in %s", name, also, body)
				}
			}
		}
	}
}
