package gateway

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

var secretOfShare = strings.Repeat("aZ_-", 10) + "abc"

// shownWhole is an attestation of which everything is shown.
func shownWhole() *meetingsv1.ShownAttestation {
	begin := time.Date(2026, 11, 24, 13, 30, 0, 0, time.UTC)
	return &meetingsv1.ShownAttestation{
		Valid: true, Role: meetingsv1.AttestationRole_ATTESTATION_ROLE_FACILITATOR, Countersigner: meetingsv1.Countersigner_COUNTERSIGNER_COORDINATOR,
		Issuer: "did:web:classcode.example", ModuleTitle: "Programmation <b>créative</b>", ModuleVersion: 3, MeetingTitle: "Chez nous",
		MeetingTime: timestamppb.New(begin), MeetingEndTime: timestamppb.New(begin.Add(150 * time.Minute)), TimeZone: "Indian/Reunion",
		IssueTime: timestamppb.New(begin.Add(48 * time.Hour)), AttendedDuration: durationpb.New(150 * time.Minute),
		Competences: []*meetingsv1.Competence{{Number: "3.4", Title: "Programmer"}}, CommuneCode: "97411", CommuneName: "Saint-Denis", Credential: "ey.J.x",
	}
}

func shownBy(name string, all ...*meetingsv1.ShownAttestation) *meetingsv1.LookupAttestationShareResponse {
	return &meetingsv1.LookupAttestationShareResponse{
		HolderName: name, Attestations: all, LookupTime: timestamppb.New(linkStart), ExpireTime: timestamppb.New(linkStart.AddDate(1, 0, 0)),
		ShownFields: []meetingsv1.ShownField{meetingsv1.ShownField_SHOWN_FIELD_NAME, meetingsv1.ShownField_SHOWN_FIELD_HOURS},
	}
}

// shownBadge is a badge of which everything is shown.
func shownBadge(peers int32) *meetingsv1.ShownBadge {
	return &meetingsv1.ShownBadge{
		Valid: true, Category: meetingsv1.BadgeCategory_BADGE_CATEGORY_TECHNIQUE, Level: meetingsv1.BadgeLevel(peers + 1), PeerCount: peers,
		Issuer: "did:web:classcode.example", IssueTime: timestamppb.New(linkStart), Credential: "ey.B." + strings.Repeat("x", int(peers)),
	}
}

func (b badgesShown) among(all ...*meetingsv1.ShownAttestation) *meetingsv1.LookupAttestationShareResponse {
	out := shownBy("Zoé", all...)
	out.Badges = b
	return out
}

type badgesShown []*meetingsv1.ShownBadge

// showingDoor is a door at which this is shown.
func showingDoor(t *testing.T, deps Deps, found *meetingsv1.LookupAttestationShareResponse) (http.Handler, *services) {
	t.Helper()
	door, fake := open(t, Config{}, deps)
	fake.answer = func(c call) (proto.Message, error) {
		if req, ok := c.request.(*meetingsv1.LookupAttestationShareRequest); ok && req.GetToken() == secretOfShare {
			return found, nil
		}
		if req, ok := c.request.(*meetingsv1.RenderAttestationShareRequest); ok && req.GetToken() == secretOfShare {
			return &meetingsv1.RenderAttestationShareResponse{Content: []byte("%PDF-1.7")}, nil
		}
		return nil, errors.New(c.method)
	}
	return door, fake
}

func TestShown(t *testing.T) {
	revoked := shownWhole()
	revoked.Valid, revoked.Reason = false, meetingsv1.InvalidReason_INVALID_REASON_REVOKED
	revoked.RevokeTime, revoked.RevokeReason = timestamppb.New(linkStart), "Délivrée <i>par erreur</i>"
	lost := shownBadge(2)
	lost.Valid, lost.Reason = false, meetingsv1.InvalidReason_INVALID_REASON_REVOKED
	lost.RevokeTime, lost.RevokeReason = timestamppb.New(linkStart), "Accordé <i>par erreur</i>"
	forged := &meetingsv1.ShownBadge{Reason: meetingsv1.InvalidReason_INVALID_REASON_BAD_SIGNATURE}
	bare := &meetingsv1.ShownAttestation{Valid: true, Role: meetingsv1.AttestationRole_ATTESTATION_ROLE_PARTICIPANT, Issuer: "urn:maillage:local"}
	hidden := shownBy("", bare)
	hidden.ShownFields = nil
	for name, c := range map[string]struct {
		found     *meetingsv1.LookupAttestationShareResponse
		fr, en    string
		also, not []string
	}{
		"one": {shownBy("Zoé <u>Durand</u>", shownWhole()), "Cette attestation est authentique", "This attestation is genuine", []string{
			"Zoé &lt;u&gt;Durand", "a animé", "&lt;b&gt;créative", "(version 3)", "Chez nous", "mardi 24 novembre 2026 à 17 h 30", "2 h 30", "3.4 Programmer", "Saint-Denis",
			"par une coordination du territoire", "<dd>classcode.example</dd>", "Vérification faite le", "s'est donné ici", "attestation-1.jwt", "jwks.json",
		}, []string{"ne montre pas de nom", "Durée totale"}},
		"bare": {hidden, "Cette attestation est authentique", "This attestation is genuine", []string{"a participé", "ne montre pas de nom", "urn:maillage:local"}, []string{
			"<dt>Nom", "jwt", "jwks", "Module", "Quand", "Durée", "Commune", "Délivrée</dt>"}},
		"nobody's name": {shownBy("", bare), "Cette attestation est authentique", "This attestation is genuine", []string{"non indiqué"}, nil},
		"revoked": {shownBy("Zoé", revoked), "Cette attestation a été révoquée", "This attestation was revoked", []string{
			"Délivrée &lt;i&gt;par erreur", "Motif", "n'est plus valable"}, []string{"est authentique"}},
		"several": {shownBy("Zoé", shownWhole(), shownWhole()), "Ces 2 attestations sont authentiques", "These 2 attestations are genuine", []string{
			"Durée totale attestée", "5 h", "attestation-2.jwt"}, nil},
		"one of several": {shownBy("Zoé", shownWhole(), revoked), "1 attestation sur 2 est valable", "1 of 2 attestations holds", []string{
			"Durée totale attestée", "2 h 30", "Motif"}, []string{"5 h<"}},
		"none of several": {shownBy("Zoé", revoked, revoked), "Aucune de ces attestations n'est valable", "None of these attestations holds", []string{"0 min"}, nil},
		"a badge": {badgesShown{shownBadge(0)}.among(), "Ce badge est authentique", "This badge is genuine", []string{
			"Technicité", "1 sur 4, participant", "aucun pair (auto-positionnement, avec une attestation)", "<dt>Délivré</dt>", "badge-1.jwt", "jwks.json"}, []string{"<h2>", "Durée totale", "Rôle"}},
		"badges": {badgesShown{shownBadge(0), shownBadge(1)}.among(), "Ces 2 badges sont authentiques", "These 2 badges are genuine", []string{
			"<h2>Badge 1 : Technicité</h2>", "<h2>Badge 2 : Technicité</h2>", "1 personne présente"}, []string{"Durée totale"}},
		"both": {badgesShown{shownBadge(3)}.among(shownWhole()), "Cette attestation et ce badge sont authentiques", "This attestation and this badge are genuine", []string{
			"<h2>Badge : Technicité</h2>", "<h2>1. Programmation", "4 sur 4, référent", "3 personnes présentes", "attestation-1.jwt", "badge-1.jwt"}, nil},
		"several of both": {badgesShown{shownBadge(0), shownBadge(1)}.among(shownWhole(), shownWhole()), "Ces 2 attestations et ces 2 badges sont authentiques",
			"These 2 attestations and these 2 badges are genuine", []string{"Durée totale attestée", "5 h", "badge-2.jwt"}, nil},
		"a badge that was revoked": {badgesShown{lost}.among(), "Ce badge a été révoqué", "This badge was revoked", []string{"Accordé &lt;i&gt;par erreur", "n'est plus valable"},
			[]string{"est authentique"}},
		"one of both": {badgesShown{lost, shownBadge(0)}.among(revoked), "Ce qui est valable : 0 attestation sur 1, 1 badge sur 2", "What holds: 0 of 1 attestation, 1 of 2 badges",
			[]string{"Accordé", "Délivrée &lt;i&gt;par erreur"}, []string{"authentique"}},
		"none of both":   {badgesShown{lost}.among(revoked), "Rien de ce qui est montré ici n'est valable", "Nothing that is shown here holds", nil, []string{"authentique"}},
		"a forged badge": {badgesShown{forged}.among(), "Ce badge ne peut pas être vérifié", "This badge cannot be verified", nil, []string{"Reconnu", "Niveau", "authentique", "jwt"}},
	} {
		t.Run(name, func(t *testing.T) {
			door, _ := showingDoor(t, Deps{}, c.found)
			for language, heading := range map[string]string{"fr": c.fr, "en": c.en} {
				res := ask(t, door, "GET", shownPath+secretOfShare, "", "Accept-Language: "+language)
				body := plainText(res.Body)
				if res.StatusCode != http.StatusOK || !strings.Contains(body, "<h1>"+heading+"</h1>") || strings.Contains(body, "<b>") || strings.Contains(body, "<u>") || strings.Contains(body, "<i>") {
					t.Fatal(res.StatusCode, body)
				}
				if language == "en" {
					continue
				}
				for _, want := range c.also {
					if !strings.Contains(body, want) {
						t.Errorf("want %q in %s", want, body)
					}
				}
				for _, not := range c.not {
					if strings.Contains(body, not) {
						t.Errorf("%q in %s", not, body)
					}
				}
			}
		})
	}
}

// What is hidden, has ended or never was is one page, without anything on it; a secret is in no log, and the page is kept nowhere.
func TestShownNoLonger(t *testing.T) {
	var log bytes.Buffer
	door, fake := showingDoor(t, Deps{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, badgesShown{shownBadge(0), shownBadge(1)}.among(shownWhole()))
	res := ask(t, door, "GET", shownPath+secretOfShare, "")
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Content-Security-Policy": formPolicy} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if strings.Contains(log.String(), secretOfShare) || !strings.Contains(log.String(), "route=/a/{secret}") {
		t.Error(log.String())
	}
	if res := ask(t, door, "GET", shownPath+secretOfShare+"/attestation-1.jwt", ""); res.StatusCode != http.StatusOK || res.Body != "ey.J.x" ||
		res.Header.Get("Content-Type") != "application/vc+jwt" || res.Header.Get("Cache-Control") != "no-store" {
		t.Error(res.StatusCode, res.Header, res.Body)
	}
	if res := ask(t, door, "GET", shownPath+secretOfShare+"/badge-2.jwt", ""); res.StatusCode != http.StatusOK || res.Body != "ey.B.x" ||
		res.Header.Get("Content-Type") != "application/vc+jwt" || res.Header.Get("Cache-Control") != "no-store" {
		t.Error(res.StatusCode, res.Header, res.Body)
	}
	if res := ask(t, door, "GET", shownPath+secretOfShare+"/attestation.pdf", ""); res.StatusCode != http.StatusOK || res.Body != "%PDF-1.7" ||
		res.Header.Get("Content-Type") != "application/pdf" || res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("X-Robots-Tag") != "noindex" {
		t.Error(res.StatusCode, res.Header, res.Body)
	}
	for _, file := range []string{"attestation-2.jwt", "attestation-0.jwt", "badge-3.jwt", "badge-0.jwt", "", "x", "attestation-1.jwt/", "..%2f"} {
		refusal(t, ask(t, door, "GET", shownPath+secretOfShare+"/"+file, ""), http.StatusNotFound, "ATTESTATION_NOT_SHOWN")
	}
	if res := ask(t, door, "POST", shownPath+secretOfShare, "{}"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Error(res.StatusCode, res.Header)
	}
	fake.answer = func(call) (proto.Message, error) { return nil, refusedBy(codes.NotFound, "ATTESTATION_NOT_SHOWN") }
	gone := ask(t, door, "GET", shownPath+secretOfShare, "")
	refusal(t, ask(t, door, "GET", shownPath+secretOfShare+"/attestation.pdf", ""), http.StatusNotFound, "ATTESTATION_NOT_SHOWN")
	for _, secret := range []string{secretOfShare[1:], "", "x", secretOfShare + "%00", secretOfShare[1:] + "%ff"} {
		res := ask(t, door, "GET", shownPath+secret, "")
		if res.StatusCode != http.StatusGone || res.Body != gone.Body || gone.StatusCode != http.StatusGone || !strings.Contains(res.Body, "Rien n&#39;est montré ici") || strings.Contains(res.Body, "<dl") {
			t.Errorf("%q: %d %s", secret, res.StatusCode, res.Body)
		}
	}
	fake.answer = func(call) (proto.Message, error) { return nil, status.Error(codes.Unavailable, "dial tcp 10.0.0.7") }
	if res := ask(t, door, "GET", shownPath+secretOfShare, ""); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(res.Body, "ne répond pas") || strings.Contains(res.Body, "10.0.0.7") {
		t.Error(res.StatusCode, res.Body)
	}
}
