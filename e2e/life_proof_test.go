package e2e

import (
	"net/http"
	"net/url"
	"strings"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// everything that a holder may show.
var everything = []meetingsv1.ShownField{
	meetingsv1.ShownField_SHOWN_FIELD_NAME, meetingsv1.ShownField_SHOWN_FIELD_TITLE, meetingsv1.ShownField_SHOWN_FIELD_DATES,
	meetingsv1.ShownField_SHOWN_FIELD_HOURS, meetingsv1.ShownField_SHOWN_FIELD_COMPETENCES, meetingsv1.ShownField_SHOWN_FIELD_COMMUNE,
}

// prove has holders show what they hold, to whoever has the link and to an employer; one hides it again, another one's is revoked meanwhile.
func (l *life) prove() {
	came := l.in(l.first, confirmed)
	organiser, learner, mistaken := l.holds(l.organiser), l.holds(came[1]), l.holds(came[2])
	if organiser.GetRole() != meetingsv1.AttestationRole_ATTESTATION_ROLE_ORGANISER || !strings.Contains(organiser.GetCredentialJson(), `"role":"ORGANISER"`) ||
		learner.GetRole() != meetingsv1.AttestationRole_ATTESTATION_ROLE_PARTICIPANT {
		l.t.Fatalf("%v, %v", organiser, learner)
	}
	claim := &meetingsv1.BadgeClaim{}
	l.post(came[1], "/v1/badgeClaims", &meetingsv1.ClaimBadgeRequest{
		Category: meetingsv1.BadgeCategory_BADGE_CATEGORY_EVENTS, Level: meetingsv1.BadgeLevel_BADGE_LEVEL_PARTICIPANT, Words: "J'étais là.",
		AttestationIds: []string{learner.GetId()},
	}, claim)
	share, page := l.show(came[1], &meetingsv1.AttestationShare{
		AttestationIds: []string{learner.GetId()}, BadgeIds: []string{claim.GetBadgeId()}, ShownFields: everything,
	})
	l.seen(page, http.StatusOK, "Cette attestation et ce badge sont authentiques", "a participé", came[1].name, "Événements", "1 sur 4, participant", "aucun pair")
	l.seen(page+"/attestation.pdf", http.StatusOK, "%PDF-")
	_, bare := l.show(l.organiser, &meetingsv1.AttestationShare{AttestationIds: []string{organiser.GetId()}})
	if text := l.seen(bare, http.StatusOK, "a organisé"); strings.Contains(text, l.organiser.name) || strings.Contains(text, "Quand") || strings.Contains(text, ".jwt") {
		l.t.Fatalf("hidden, and shown:\n%s", text)
	}
	known := &meshv1.Person{}
	l.post(l.relay, "/v1/people:resolve", &meshv1.ResolvePersonRequest{}, known)
	structure := known.GetRoles()[0].GetStructureId()
	_, employer := l.show(came[2], &meetingsv1.AttestationShare{AttestationIds: []string{mistaken.GetId()}, ShownFields: everything, StructureId: structure})
	table := "/v1/structures/" + structure + "/attestations.csv"
	if _, answer := l.persist(http.MethodGet, table, l.relay.token, "", ""); !strings.Contains(answer, came[2].name) || strings.Contains(answer, came[1].name) || strings.Count(answer, "\n") != 2 {
		l.t.Fatalf("the employer reads %q", answer)
	}
	if code, answer := l.persist(http.MethodGet, table, l.coordinator.token, "", ""); code != http.StatusForbidden {
		l.t.Fatalf("the coordinator reads %d %s", code, answer)
	}
	l.post(l.coordinator, "/v1/attestations/"+mistaken.GetId()+":revoke", &meetingsv1.RevokeAttestationRequest{Reason: "Délivrée par erreur"}, nil)
	l.seen(employer, http.StatusOK, "Cette attestation a été révoquée", "Délivrée par erreur")
	if _, answer := l.persist(http.MethodGet, table, l.relay.token, "", ""); !strings.Contains(answer, "révoquée") {
		l.t.Fatalf("the employer reads %q", answer)
	}
	l.post(came[1], "/v1/attestation-shares/"+share.GetId()+":hide", &meetingsv1.HideAttestationShareRequest{}, share)
	if text := l.seen(page, http.StatusGone, "Rien n'est montré ici"); strings.Contains(text, came[1].name) {
		l.t.Fatalf("hidden, and shown:\n%s", text)
	}
	l.seen(page+"/attestation.pdf", http.StatusNotFound, "ATTESTATION_NOT_SHOWN")
}

// holds is the one attestation that somebody has.
func (l *life) holds(who *someone) *meetingsv1.Attestation {
	l.t.Helper()
	own := &meetingsv1.ListAttestationsResponse{}
	l.get(who, "/v1/attestations", own)
	if len(own.GetAttestations()) != 1 {
		l.t.Fatalf("%s holds %v", who.name, own)
	}
	return own.GetAttestations()[0]
}

// show gives the share, and the path of its page.
func (l *life) show(who *someone, in *meetingsv1.AttestationShare) (share *meetingsv1.AttestationShare, page string) {
	l.t.Helper()
	made := &meetingsv1.CreateAttestationShareResponse{}
	l.post(who, "/v1/attestation-shares", in, made)
	at, err := url.Parse(made.GetUrl())
	if err != nil {
		l.t.Fatal(err)
	}
	return made.GetShare(), at.Path
}

// seen is what somebody without an account sees.
func (l *life) seen(path string, code int, words ...string) string {
	l.t.Helper()
	got, text := l.persist(http.MethodGet, path, "", "", "")
	text = strings.NewReplacer("&#39;", "'", "\u00a0", " ").Replace(text)
	for _, word := range words {
		if got != code || !strings.Contains(text, word) {
			l.t.Fatalf("%s: %d, want %d with %q:\n%s", path, got, code, word, text)
		}
	}
	return text
}
