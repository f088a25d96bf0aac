package wire

import (
	"time"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// AttestationShare is a share as the contract has it, without its link.
func AttestationShare(s domain.AttestationShare) *meetingsv1.AttestationShare {
	return &meetingsv1.AttestationShare{
		Id: s.ID, AttestationIds: s.Attestations, ShownFields: ShownFields(s.Shown), BadgeIds: s.Badges, Label: s.Label, StructureId: s.StructureID,
		ExpireTime: timestamp(s.ExpireTime), CreateTime: timestamp(s.CreateTime), HideTime: timestamp(s.HideTime),
	}
}

// ShownFields is a set of fields as the contract has it.
func ShownFields(set domain.ShownFields) (out []meetingsv1.ShownField) {
	for _, f := range set.Fields() {
		out = append(out, meetingsv1.ShownField(f))
	}
	return out
}

// ShownAttestation is an attestation as it is shown, with its commune's name.
func ShownAttestation(a domain.ShownAttestation, commune string) *meetingsv1.ShownAttestation {
	return &meetingsv1.ShownAttestation{
		Valid: a.Reason == 0, Reason: meetingsv1.InvalidReason(a.Reason), RevokeTime: timestamp(a.Revoked.Time), RevokeReason: a.Revoked.Reason,
		Role: meetingsv1.AttestationRole(a.Role), Countersigner: Countersigner(a.Countersigned), Issuer: a.Issuer,
		ModuleTitle: a.ModuleTitle, ModuleVersion: a.ModuleVersion, MeetingTitle: a.Title, MeetingTime: timestamp(a.Start),
		MeetingEndTime: timestamp(a.End), TimeZone: a.TimeZone, IssueTime: timestamp(a.IssueTime), AttendedDuration: length(a.Attended),
		Competences: Competences(a.Competences), CommuneCode: a.CommuneCode, CommuneName: commune, Credential: a.JWT,
	}
}

// ShownBadge is a badge as it is shown.
func ShownBadge(b domain.ShownBadge) *meetingsv1.ShownBadge {
	return &meetingsv1.ShownBadge{
		Valid: b.Reason == 0, Reason: meetingsv1.InvalidReason(b.Reason), RevokeTime: timestamp(b.Revoked.Time), RevokeReason: b.Revoked.Reason,
		Category: meetingsv1.BadgeCategory(b.Category), Level: meetingsv1.BadgeLevel(b.Level), PeerCount: int32(b.Peers), //nolint:gosec // a few
		Issuer: b.Issuer, IssueTime: timestamp(b.IssueTime), Credential: b.JWT,
	}
}

// LookedUp is what a link shows, as the contract has it.
func LookedUp(s domain.AttestationShare, name string, all []*meetingsv1.ShownAttestation, badges []domain.ShownBadge, now time.Time) *meetingsv1.LookupAttestationShareResponse {
	out := &meetingsv1.LookupAttestationShareResponse{
		HolderName: name, Attestations: all, ShownFields: ShownFields(s.Shown), LookupTime: timestamp(now), ExpireTime: timestamp(s.ExpireTime),
	}
	for _, b := range badges {
		out.Badges = append(out.Badges, ShownBadge(b))
	}
	return out
}
