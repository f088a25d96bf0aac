package wire

import (
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
		ModuleId: c.ModuleID, ModuleVersion: c.ModuleVersion,
	}
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
