package wire

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Attestation is an attestation as the contract has it.
func Attestation(a domain.Attestation) *meetingsv1.Attestation {
	return &meetingsv1.Attestation{
		Id: a.ID, MeetingId: a.MeetingID, PersonId: a.PersonID, Role: meetingsv1.AttestationRole(a.Role),
		Credential: a.JWT, CredentialJson: a.JSON, CreateTime: timestamp(a.CreateTime),
		RevokeTime: timestamp(a.Revoked.Time), RevokeReason: a.Revoked.Reason,
	}
}

// Claims is what a credential says, as the contract has it.
func Claims(c domain.Claims) *meetingsv1.AttestationClaims {
	return &meetingsv1.AttestationClaims{
		AttestationId: c.AttestationID, PersonId: c.PersonID, MeetingId: c.MeetingID, ModuleTitle: c.ModuleTitle,
		Role: meetingsv1.AttestationRole(c.Role), MeetingTime: timestamp(c.Start), CommuneCode: c.CommuneCode,
		IssueTime: timestamp(c.IssueTime), Issuer: c.Issuer, MeetingTitle: c.Title, MeetingEndTime: timestamp(c.End),
		ModuleId: c.ModuleID, ModuleVersion: c.ModuleVersion, AttendedDuration: length(c.Attended), Competences: Competences(c.CompetencesOf()),
		Countersigner: Countersigner(c.Countersigned),
	}
}

// Competences are those that an attestation names, as the contract has them.
func Competences(all []domain.Competence) (out []*meetingsv1.Competence) {
	for _, c := range all {
		out = append(out, &meetingsv1.Competence{Number: c.Number, Title: c.Title})
	}
	return out
}

// Countersigner is in which quality a meeting was countersigned, as the contract has it.
func Countersigner(c domain.Countersigner) meetingsv1.Countersigner {
	switch c {
	case domain.AsCoordinator:
		return meetingsv1.Countersigner_COUNTERSIGNER_COORDINATOR
	case domain.AsRelay:
		return meetingsv1.Countersigner_COUNTERSIGNER_RELAY
	}
	return 0
}

// length is absent when nothing is known of it.
func length(d time.Duration) *durationpb.Duration {
	if d == 0 {
		return nil
	}
	return durationpb.New(d)
}

// Verdict is what became of looking at a credential, as the contract has it.
func Verdict(v domain.Verdict) *meetingsv1.VerifyAttestationResponse {
	out := &meetingsv1.VerifyAttestationResponse{
		Valid: v.Reason == 0, Reason: meetingsv1.InvalidReason(v.Reason), RevokeTime: timestamp(v.Revoked.Time), RevokeReason: v.Revoked.Reason,
	}
	if v.Claims.Badge.Category != 0 {
		out.Badge = badgeClaims(v.Claims)
	} else if v.Claims != (domain.Claims{}) {
		out.Claims = Claims(v.Claims)
	}
	return out
}

// KeySet is the public keys as a JSON Web Key Set.
func KeySet(keys []domain.Key) *meetingsv1.KeySet {
	out := &meetingsv1.KeySet{}
	for _, k := range keys {
		out.Keys = append(out.Keys, &meetingsv1.Key{Kty: "OKP", Crv: "Ed25519", X: k.X, Kid: k.ID, Alg: "EdDSA", Use: "sig"})
	}
	return out
}
