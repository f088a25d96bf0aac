package gateway

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// judged is a door whose services have this verdict.
func judged(t *testing.T, v *meetingsv1.VerifyAttestationResponse, deps Deps) (http.Handler, *services) {
	t.Helper()
	door, fake := open(t, Config{}, deps)
	fake.answer = func(c call) (proto.Message, error) {
		switch c.request.(type) {
		case *meetingsv1.VerifyAttestationRequest:
			return v, nil
		case *meshv1.GetTerritoryRequest:
			return &meshv1.Territory{Name: "Nantes"}, nil
		}
		return nil, errors.New(c.method)
	}
	return door, fake
}

func attestationClaims() *meetingsv1.AttestationClaims {
	begin := time.Date(2026, 11, 24, 17, 30, 0, 0, time.UTC)
	return &meetingsv1.AttestationClaims{
		AttestationId: someID, Role: meetingsv1.AttestationRole_ATTESTATION_ROLE_PARTICIPANT, ModuleTitle: "Programmation <b>créative</b>", ModuleVersion: 3,
		MeetingTime: timestamppb.New(begin), MeetingEndTime: timestamppb.New(begin.Add(150 * time.Minute)), CommuneCode: "44109",
		AttendedDuration: durationpb.New(150 * time.Minute), Countersigner: meetingsv1.Countersigner_COUNTERSIGNER_RELAY,
		Competences: []*meetingsv1.Competence{{Number: "3.4", Title: "Programmer"}},
		IssueTime:   timestamppb.New(begin.Add(48 * time.Hour)), Issuer: "did:web:classcode.example",
	}
}

func TestVerifier(t *testing.T) {
	invalid := func(reason meetingsv1.InvalidReason) *meetingsv1.VerifyAttestationResponse {
		return &meetingsv1.VerifyAttestationResponse{Reason: reason}
	}
	revoked := invalid(meetingsv1.InvalidReason_INVALID_REASON_REVOKED)
	revoked.Claims, revoked.RevokeTime, revoked.RevokeReason = attestationClaims(), timestamppb.New(linkStart), "Délivrée <i>par erreur</i>"
	for name, c := range map[string]struct {
		verdict *meetingsv1.VerifyAttestationResponse
		fr, en  string
		also    []string
	}{
		"genuine": {&meetingsv1.VerifyAttestationResponse{Valid: true, Claims: attestationClaims()}, "Cette attestation est authentique", "This attestation is genuine",
			[]string{"a participé", "&lt;b&gt;créative", "(version 3)", "mardi 24 novembre 2026 à 18 h 30 (heure de Paris)", "2 h 30", "3.4 Programmer", "par un relais de la structure d'accueil", "Nantes", "did:web:classcode.example", "Elle ne nomme personne"}},
		"revoked":   {revoked, "Cette attestation a été révoquée", "This attestation was revoked", []string{"Délivrée &lt;i&gt;par erreur", "Motif", "Nantes", "n'est plus valable"}},
		"malformed": {invalid(meetingsv1.InvalidReason_INVALID_REASON_MALFORMED), "Ce n'est pas une attestation d'ici", "This is no attestation of ours", nil},
		"foreign":   {invalid(meetingsv1.InvalidReason_INVALID_REASON_WRONG_ISSUER), "Cette attestation a été délivrée ailleurs", "This attestation was issued elsewhere", nil},
		"key":       {invalid(meetingsv1.InvalidReason_INVALID_REASON_UNKNOWN_KEY), "Cette attestation n'est pas authentique", "This attestation is not genuine", nil},
		"signature": {invalid(meetingsv1.InvalidReason_INVALID_REASON_BAD_SIGNATURE), "Cette attestation n'est pas authentique", "This attestation is not genuine", []string{"d'une lettre"}},
		"unknown":   {invalid(meetingsv1.InvalidReason_INVALID_REASON_UNKNOWN_ATTESTATION), "Cette attestation n'est pas connue ici", "This attestation is not known here", nil},
		"expired":   {invalid(meetingsv1.InvalidReason_INVALID_REASON_EXPIRED), "Cette attestation a expiré", "This attestation has expired", nil},
	} {
		t.Run(name, func(t *testing.T) {
			door, fake := judged(t, c.verdict, Deps{})
			for _, speaks := range []struct{ language, heading string }{{"fr", c.fr}, {"en", c.en}} {
				for _, res := range []answer{
					ask(t, door, "GET", verifierPath+"?c=+ey.J.x%0A", "", "Accept-Language: "+speaks.language),
					ask(t, door, "POST", verifierPath, "c=+ey.J.x%0D%0A", "Content-Type: application/x-www-form-urlencoded", "Origin: null", "Accept-Language: "+speaks.language),
				} {
					body := plainText(res.Body)
					if res.StatusCode != http.StatusOK || !strings.Contains(body, "<h1>"+speaks.heading+"</h1>") || strings.Contains(body, "<textarea") || strings.Contains(body, "<b>") || strings.Contains(body, "<i>") {
						t.Fatal(res.StatusCode, body)
					}
					for _, want := range c.also {
						if speaks.language == "fr" && !strings.Contains(body, want) {
							t.Errorf("want %q in %s", want, body)
						}
					}
				}
			}
			if got := fake.seen()[0].request.(*meetingsv1.VerifyAttestationRequest).GetCredential(); got != "ey.J.x" {
				t.Errorf("%q", got)
			}
		})
	}
}

// Without anything to verify the page asks for it, and nobody else; what is too long is no attestation; what was pasted is in no log.
func TestVerifierAsks(t *testing.T) {
	var log bytes.Buffer
	door, fake := judged(t, &meetingsv1.VerifyAttestationResponse{Valid: true, Claims: attestationClaims()}, Deps{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	res := ask(t, door, "GET", verifierPath, "")
	if res.StatusCode != http.StatusOK || !strings.Contains(res.Body, `<textarea id="c" name="c"`) || res.Header.Get("Content-Security-Policy") != formPolicy || len(fake.seen()) != 0 {
		t.Fatal(res.StatusCode, res.Header, res.Body)
	}
	for path, code := range map[string]int{verifierPath + "/": 404, verifierPath + "x": 404} {
		if res := ask(t, door, "GET", path, ""); res.StatusCode != code {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if res := ask(t, door, "DELETE", verifierPath, ""); res.StatusCode != http.StatusMethodNotAllowed {
		t.Error(res.StatusCode)
	}
	if res := ask(t, door, "POST", verifierPath, "c="+strings.Repeat("x", verifierBody)); res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Error(res.StatusCode)
	}
	ask(t, door, "GET", verifierPath+"?c="+url.QueryEscape("secret.of.theirs"), "")
	if strings.Contains(log.String(), "secret.of.theirs") || !strings.Contains(log.String(), "route="+verifierPath) {
		t.Error(log.String())
	}
	fake.answer = func(call) (proto.Message, error) { return nil, refusedBy(codes.InvalidArgument, "INVALID_ARGUMENT") }
	if res := ask(t, door, "GET", verifierPath+"?c=x", ""); res.StatusCode != http.StatusBadRequest || !strings.Contains(plainText(res.Body), "Ce n'est pas une attestation d'ici") {
		t.Error(res.StatusCode, res.Body)
	}
	fake.answer = func(call) (proto.Message, error) { return nil, status.Error(codes.Unavailable, "dial tcp 10.0.0.7") }
	if res := ask(t, door, "GET", verifierPath+"?c=x", ""); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(res.Body, "ne répond pas") || strings.Contains(res.Body, "10.0.0.7") {
		t.Error(res.StatusCode, res.Body)
	}
}
