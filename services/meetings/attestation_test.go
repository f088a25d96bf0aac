package meetings_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

func (w *world) verify(credential string) *meetingsv1.VerifyAttestationResponse {
	w.Helper()
	return must[*meetingsv1.VerifyAttestationResponse](w)(w.VerifyAttestation(w.as(""), &meetingsv1.VerifyAttestationRequest{Credential: credential}))
}

func (w *world) own(person string) *meetingsv1.Attestation {
	w.Helper()
	all := must[*meetingsv1.ListAttestationsResponse](w)(w.ListAttestations(w.as(person), &meetingsv1.ListAttestationsRequest{})).GetAttestations()
	if len(all) != 1 {
		w.Fatalf("%d attestations of %s", len(all), person)
	}
	return all[0]
}

func TestRevokeAttestation(t *testing.T) {
	w := newWorld(t)
	w.attested()
	a, other := w.own("came"), w.own("organiser")
	for reason, why := range map[string]string{"": "STRING_MIN_LEN", "\t": "STRING_PATTERN", strings.Repeat("é", 501): "STRING_MAX_LEN"} {
		_, err := w.RevokeAttestation(w.as("coordinator"), &meetingsv1.RevokeAttestationRequest{Id: a.GetId(), Reason: reason})
		w.refused(err, errs.Invalid, why, "reason")
	}
	revoke := func(id string) (*meetingsv1.Attestation, error) {
		return w.RevokeAttestation(w.as("coordinator"), &meetingsv1.RevokeAttestationRequest{Id: id, Reason: " Délivrée à une autre personne "})
	}
	got := must[*meetingsv1.Attestation](w)(revoke(a.GetId()))
	if got.GetRevokeReason() != "Délivrée à une autre personne" || !got.GetRevokeTime().AsTime().Equal(start) || got.GetCredential() != a.GetCredential() {
		t.Fatalf("%v", got)
	}
	if read := w.own("came"); read.GetRevokeReason() != got.GetRevokeReason() {
		t.Fatalf("its holder reads %v", read)
	}
	_, err := revoke(a.GetId())
	w.refused(err, errs.Precondition, "ATTESTATION_REVOKED", "")
	for _, form := range []string{a.GetCredential(), a.GetCredentialJson()} {
		v := w.verify(form)
		if v.GetValid() || v.GetReason() != meetingsv1.InvalidReason_INVALID_REASON_REVOKED || v.GetRevokeReason() != got.GetRevokeReason() ||
			v.GetRevokeTime() == nil || v.GetClaims().GetAttestationId() != a.GetId() {
			t.Errorf("revoked: %v", v)
		}
	}
	if v := w.verify(other.GetCredentialJson()); !v.GetValid() || v.GetClaims().GetRole() != meetingsv1.AttestationRole_ATTESTATION_ROLE_ORGANISER {
		t.Errorf("another one: %v", v)
	}
}

// A revocation changes the list that is published, and only that.
func TestStatusListPublished(t *testing.T) {
	w := newWorld(t)
	w.attested()
	list := func() string {
		return must[*meetingsv1.CredentialDocument](w)(w.GetStatusList(w.as(""), &meetingsv1.GetStatusListRequest{List: 1})).GetContent()
	}
	before := list()
	if list() != before {
		t.Fatal("two readers got two lists, and nothing had changed")
	}
	must[*meetingsv1.Attestation](w)(w.RevokeAttestation(w.as("coordinator"), &meetingsv1.RevokeAttestationRequest{Id: w.own("came").GetId(), Reason: "Une erreur"}))
	if list() == before {
		t.Fatal("the list does not tell of the revocation")
	}
	_, err := w.GetStatusList(w.as(""), &meetingsv1.GetStatusListRequest{List: 2})
	w.refused(err, errs.NotFound, "NOT_FOUND", "")
}

// The door's name becomes the issuer's; what was signed before, in another name or with another key, stays genuine.
func TestIssuerNamed(t *testing.T) {
	w := newWorld(t)
	w.attested()
	before := w.own("came")
	w.cfg.PublicURL = "https://classcode.example"
	w.cfg.SigningKeyFile = filepath.Join(t.TempDir(), "new.pem")
	w.clock.Advance(time.Minute)
	w.serve(w.service())
	var identity struct {
		ID                 string
		VerificationMethod []struct{ ID, Type, Controller, PublicKeyMultibase string }
		AssertionMethod    []string
	}
	doc := must[*meetingsv1.CredentialDocument](w)(w.GetIssuer(w.as(""), &meetingsv1.GetIssuerRequest{}))
	if err := json.Unmarshal([]byte(doc.GetContent()), &identity); err != nil {
		t.Fatal(err)
	}
	if identity.ID != "did:web:classcode.example" || len(identity.VerificationMethod) != 2 || len(identity.AssertionMethod) != 2 {
		t.Fatalf("%+v", identity)
	}
	for i, m := range identity.VerificationMethod {
		if !strings.HasPrefix(m.ID, identity.ID+"#") || m.ID != identity.AssertionMethod[i] || m.Type != "Multikey" || !strings.HasPrefix(m.PublicKeyMultibase, "z6Mk") {
			t.Errorf("%+v", m)
		}
	}
	for _, form := range []string{before.GetCredential(), before.GetCredentialJson()} {
		if v := w.verify(form); !v.GetValid() || v.GetClaims().GetIssuer() != "urn:maillage:local" {
			t.Errorf("signed before: %v", v)
		}
	}
}

// A meeting without a module is attested by its own title, with its hours and the facilitators' part.
func TestAttestedByTitle(t *testing.T) {
	w := newWorld(t)
	m := must[*meetingsv1.Meeting](w)(w.CreateMeeting(w.as("relay"), singleOf("structures/"+structure)))
	m = must[*meetingsv1.Meeting](w)(w.SetSeats(w.as("relay"), &meetingsv1.SetSeatsRequest{
		MeetingId: m.GetId(), Mode: meetingsv1.SeatMode_SEAT_MODE_IN_PERSON, Role: meetingsv1.SeatRole_SEAT_ROLE_FACILITATOR, Capacity: 1,
	}))
	present := &meetingsv1.RecordAttendanceRequest{MeetingId: m.GetId()}
	for person, role := range map[string]meetingsv1.SeatRole{"facilitates": meetingsv1.SeatRole_SEAT_ROLE_FACILITATOR, "learns": meetingsv1.SeatRole_SEAT_ROLE_LEARNER} {
		seat := must[*meetingsv1.Registration](w)(w.CreateRegistration(w.as(person), &meetingsv1.CreateRegistrationRequest{
			MeetingId: m.GetId(), Registration: &meetingsv1.Registration{Role: role},
		}))
		present.Attendances = append(present.Attendances, &meetingsv1.Attendance{RegistrationId: seat.GetId(), State: meetingsv1.RegistrationState_REGISTRATION_STATE_PRESENT})
	}
	must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("relay"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()}))
	w.clock.Set(m.GetEndTime().AsTime())
	must[*meetingsv1.Meeting](w)(w.RecordAttendance(w.as("relay"), present))
	w.report("relay", m.GetId())
	must[*meetingsv1.Meeting](w)(w.DeclareMeeting(w.as("relay"), &meetingsv1.DeclareMeetingRequest{Id: m.GetId()}))
	must[*meetingsv1.CountersignMeetingResponse](w)(w.CountersignMeeting(w.as("coordinator"), &meetingsv1.CountersignMeetingRequest{Id: m.GetId()}))
	for person, want := range map[string]string{"facilitates": "FACILITATOR", "learns": "LEARNER", "relay": "ORGANISER"} {
		a := w.own(person)
		for _, form := range []string{a.GetCredential(), a.GetCredentialJson()} {
			c := w.verify(form).GetClaims()
			if c.GetMeetingTitle() != "Portes ouvertes 🤖" || c.GetModuleTitle() != "" || c.GetModuleVersion() != 0 || c.GetPersonId() != person ||
				!c.GetMeetingEndTime().AsTime().Equal(m.GetEndTime().AsTime()) || c.GetRole() != a.GetRole() {
				t.Errorf("%s: %v", person, c)
			}
		}
		for _, said := range []string{`"role":"` + want + `"`, `"hours":"2"`, `: Portes ouvertes 🤖","issuer"`} {
			if !strings.Contains(a.GetCredentialJson(), said) {
				t.Errorf("%s: no %s in %s", person, said, a.GetCredentialJson())
			}
		}
	}
}

// Wrong credentials are precise answers, whatever they are.
func TestVerifyWrong(t *testing.T) {
	w := newWorld(t)
	w.attested()
	own := w.own("came")
	text := own.GetCredentialJson()
	for name, c := range map[string]struct {
		credential string
		want       meetingsv1.InvalidReason
	}{
		"no algorithm":    {"eyJhbGciOiJub25lIiwidHlwIjoidmMrand0In0." + strings.Split(own.GetCredential(), ".")[1] + ".", meetingsv1.InvalidReason_INVALID_REASON_MALFORMED},
		"foreign context": {strings.Replace(text, "https://www.w3.org/ns/credentials/v2", "http://127.0.0.1:1/v2", 1), meetingsv1.InvalidReason_INVALID_REASON_MALFORMED},
		"foreign issuer":  {strings.Replace(text, `"issuer":{"id":"urn:maillage:local"`, `"issuer":{"id":"did:web:elsewhere.example"`, 1), meetingsv1.InvalidReason_INVALID_REASON_WRONG_ISSUER},
		"changed":         {strings.Replace(text, "LEARNER", "ORGANISER", 1), meetingsv1.InvalidReason_INVALID_REASON_BAD_SIGNATURE},
		"deep":            {strings.Repeat(`{"a":`, 10_000), meetingsv1.InvalidReason_INVALID_REASON_MALFORMED},
		"null":            {"null", meetingsv1.InvalidReason_INVALID_REASON_MALFORMED},
	} {
		if v := w.verify(c.credential); v.GetValid() || v.GetReason() != c.want || v.GetClaims() != nil {
			t.Errorf("%s: %v; want %v", name, v, c.want)
		}
	}
	_, err := w.VerifyAttestation(w.as(""), &meetingsv1.VerifyAttestationRequest{Credential: text + strings.Repeat(" ", 1_000_000)})
	w.refused(err, errs.Invalid, "STRING_MAX_BYTES", "credential")
}
