package meetings_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

func TestFromSeriesToAttestation(t *testing.T) {
	w := newWorld(t)
	m := w.attested()
	if m.GetState() != meetingsv1.MeetingState_MEETING_STATE_ATTESTED || m.GetPresentCount() != 1 || m.GetTaken() != 2 ||
		m.GetModuleTitle() != "Programmation créative" || m.GetCommuneCode() != "44109" || m.GetStructureId() != structure ||
		m.GetOrganiserId() != "organiser" || m.GetCountersignerId() != "relay" || m.GetPosition() != 1 || m.GetPlaceId() == "" {
		t.Fatalf("attested %v", m)
	}
	if read := must[*meetingsv1.Meeting](w)(w.GetMeeting(w.as(""), &meetingsv1.GetMeetingRequest{Id: m.GetId()})); !proto.Equal(read, m) {
		t.Fatalf("read %v; want %v", read, m)
	}
	own := must[*meetingsv1.ListAttestationsResponse](w)(w.ListAttestations(w.as("came"), &meetingsv1.ListAttestationsRequest{})).GetAttestations()
	if len(own) != 1 || own[0].GetPersonId() != "came" || own[0].GetRole() != meetingsv1.AttestationRole_ATTESTATION_ROLE_PARTICIPANT {
		t.Fatalf("own attestations %v", own)
	}
	verified := must[*meetingsv1.VerifyAttestationResponse](w)(w.VerifyAttestation(w.as(""), &meetingsv1.VerifyAttestationRequest{Credential: own[0].GetCredential()}))
	c := verified.GetClaims()
	if !verified.GetValid() || c.GetAttestationId() != own[0].GetId() || c.GetMeetingId() != m.GetId() || c.GetPersonId() != "came" ||
		c.GetIssuer() != "urn:maillage:local" || !c.GetMeetingTime().AsTime().Equal(m.GetStartTime().AsTime()) || c.GetRole() != own[0].GetRole() {
		t.Fatalf("verified %v", verified)
	}
	for credential, want := range map[string]meetingsv1.InvalidReason{
		"nonsense":                       meetingsv1.InvalidReason_INVALID_REASON_MALFORMED,
		own[0].GetCredential()[:80]:      meetingsv1.InvalidReason_INVALID_REASON_MALFORMED,
		tampered(own[0].GetCredential()): meetingsv1.InvalidReason_INVALID_REASON_BAD_SIGNATURE,
	} {
		got := must[*meetingsv1.VerifyAttestationResponse](w)(w.VerifyAttestation(w.as(""), &meetingsv1.VerifyAttestationRequest{Credential: credential}))
		if got.GetValid() || got.GetReason() != want || got.GetClaims() != nil {
			t.Errorf("%.20s…: %v; want %v", credential, got, want)
		}
	}
}

// tampered changes one character in the middle of the signature.
func tampered(credential string) string {
	at, other := len(credential)-40, byte('A')
	if credential[at] == other {
		other = 'B'
	}
	return credential[:at] + string(other) + credential[at+1:]
}

// A key that is replaced stays published, and what it signed stays genuine.
func TestKeyReplaced(t *testing.T) {
	w := newWorld(t)
	w.attested()
	own := must[*meetingsv1.ListAttestationsResponse](w)(w.ListAttestations(w.as("came"), &meetingsv1.ListAttestationsRequest{})).GetAttestations()[0]
	w.serve(w.service()) // the same key again
	if keys := must[*meetingsv1.KeySet](w)(w.GetKeySet(w.as(""), &meetingsv1.GetKeySetRequest{})).GetKeys(); len(keys) != 1 {
		t.Fatalf("%d keys after a second start; want 1", len(keys))
	}
	w.clock.Advance(time.Minute)
	w.cfg.SigningKeyFile = ""
	w.serve(w.service())
	keys := must[*meetingsv1.KeySet](w)(w.GetKeySet(w.as(""), &meetingsv1.GetKeySetRequest{})).GetKeys()
	if len(keys) != 2 || keys[0].GetKid() == keys[1].GetKid() || keys[0].GetKty() != "OKP" || keys[0].GetCrv() != "Ed25519" || keys[0].GetAlg() != "EdDSA" {
		t.Fatalf("keys %v", keys)
	}
	again := must[*meetingsv1.VerifyAttestationResponse](w)(w.VerifyAttestation(w.as(""), &meetingsv1.VerifyAttestationRequest{Credential: own.GetCredential()}))
	if !again.GetValid() {
		t.Fatalf("after the key was replaced: %v", again)
	}
}

func TestPostponed(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	w.register("a", m.GetId())
	m = must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("coordinator"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()}))
	update := func(in *meetingsv1.Meeting, paths ...string) *meetingsv1.Meeting {
		in.Id, in.Etag = m.GetId(), m.GetEtag()
		// As a PATCH over HTTP without a mask, which gets one from its body.
		mask := &fieldmaskpb.FieldMask{Paths: append(paths, "etag")}
		return must[*meetingsv1.Meeting](w)(w.UpdateMeeting(w.as("organiser"), &meetingsv1.UpdateMeetingRequest{Meeting: in, UpdateMask: mask}))
	}
	m = update(&meetingsv1.Meeting{Capacity: 9}, "capacity")
	if m.GetCapacity() != 9 || m.GetState() != meetingsv1.MeetingState_MEETING_STATE_CONFIRMED || m.GetTaken() != 1 {
		t.Fatalf("more seats: %v", m)
	}
	earlier := timestamppb.New(m.GetStartTime().AsTime().Add(-time.Hour))
	m = update(&meetingsv1.Meeting{StartTime: earlier}, "start_time")
	if m.GetPostponedCount() != 0 || m.GetState() != meetingsv1.MeetingState_MEETING_STATE_CONFIRMED {
		t.Fatalf("earlier: %v", m)
	}
	m = update(&meetingsv1.Meeting{StartTime: slot(100, 2).GetStartTime(), EndTime: slot(100, 2).GetEndTime(), TimeZone: "Indian/Reunion"}, "start_time", "end_time", "time_zone")
	if m.GetPostponedCount() != 1 || m.GetState() != meetingsv1.MeetingState_MEETING_STATE_OPEN || m.GetTimeZone() != "Indian/Reunion" {
		t.Fatalf("later: %v", m)
	}
	if same := update(&meetingsv1.Meeting{Capacity: 9}, "capacity"); same.GetEtag() != m.GetEtag() {
		t.Fatalf("nothing changed, but the etag did: %v", same)
	}
}

func TestSameRequest(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(5)
	req := &meetingsv1.CreateRegistrationRequest{MeetingId: m.GetId(), RequestId: uuid.NewString()}
	first := must[*meetingsv1.Registration](w)(w.CreateRegistration(w.as("a"), req))
	before := w.rows()
	if again := must[*meetingsv1.Registration](w)(w.CreateRegistration(w.as("a"), req)); !proto.Equal(first, again) {
		t.Fatalf("%v, then %v", first, again)
	}
	_, err := w.CreateRegistration(w.as("a"), &meetingsv1.CreateRegistrationRequest{MeetingId: w.meeting(5).GetId(), RequestId: req.GetRequestId()})
	w.refused(err, errs.Precondition, "REQUEST_ID_REUSED", "request_id")
	if after := w.rows(); after == before { // the second meeting was planned in between
		t.Fatal("rows does not see changes")
	}
	if other := must[*meetingsv1.Registration](w)(w.CreateRegistration(w.as("b"), req)); other.GetId() == first.GetId() {
		t.Fatal("someone else's request_id gave away a registration")
	}

	group := seriesOf(w.group("44109"), 5)
	group.RequestId = uuid.NewString()
	series := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), group))
	w.clock.Advance(30 * time.Hour) // the first slot is past by now
	if again := must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), group)); !proto.Equal(series, again) {
		t.Fatalf("%v, then %v", series, again)
	}
}

func TestSeatGivenBack(t *testing.T) {
	w := newWorld(t)
	m := w.meeting(1)
	a := w.register("a", m.GetId())
	for _, person := range []string{"a", "organiser"} {
		got := must[*meetingsv1.Registration](w)(w.CancelRegistration(w.as(person), &meetingsv1.CancelRegistrationRequest{MeetingId: m.GetId(), Id: a.GetId()}))
		if got.GetState() != meetingsv1.RegistrationState_REGISTRATION_STATE_CANCELLED {
			t.Fatalf("%s: %v", person, got)
		}
		if again := w.register("a", m.GetId()); again.GetId() != a.GetId() || again.GetEtag() == a.GetEtag() {
			t.Fatalf("registered again: %v after %v", again, a)
		}
	}
	if read := must[*meetingsv1.Meeting](w)(w.GetMeeting(w.as(""), &meetingsv1.GetMeetingRequest{Id: m.GetId()})); read.GetTaken() != 1 || read.GetEtag() != m.GetEtag() {
		t.Fatalf("%v; want one seat taken and the etag of %v", read, m)
	}
}
