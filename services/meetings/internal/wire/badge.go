package wire

import (
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Badge is a badge as the contract has it.
func Badge(b domain.Badge) *meetingsv1.Badge {
	return &meetingsv1.Badge{
		Id: b.ID, Category: meetingsv1.BadgeCategory(b.Category), Level: meetingsv1.BadgeLevel(b.Level), ClaimId: b.ClaimID,
		PeerCount: int32(b.Peers), Credential: b.JWT, CredentialJson: b.JSON, CreateTime: timestamp(b.CreateTime), //nolint:gosec // a few
		RevokeTime: timestamp(b.Revoked.Time), RevokeReason: b.Revoked.Reason,
	}
}

// BadgeEvent is what is published of a badge.
func BadgeEvent(b domain.Badge) *meetingsv1.BadgeEvent {
	return &meetingsv1.BadgeEvent{
		BadgeId: b.ID, Category: meetingsv1.BadgeCategory(b.Category), Level: meetingsv1.BadgeLevel(b.Level), CommuneCode: b.CommuneCode,
		CreateTime: timestamp(b.CreateTime), RevokeTime: timestamp(b.Revoked.Time),
	}
}

// BadgeClaim is a claim as its claimant sees it.
func BadgeClaim(c domain.BadgeClaim, said []domain.Recognition, s domain.Support) *meetingsv1.BadgeClaim {
	out := &meetingsv1.BadgeClaim{
		Id: c.ID, Category: meetingsv1.BadgeCategory(c.Category), Level: meetingsv1.BadgeLevel(c.Level), Words: c.Words,
		AttestationIds: c.Evidence, NameShared: c.NameShared, State: meetingsv1.BadgeClaimState(c.State), BadgeId: c.BadgeID,
		CreateTime: timestamp(c.CreateTime), EndTime: timestamp(c.EndTime),
	}
	for _, r := range said {
		out.Recognitions = append(out.Recognitions, recognition(r))
	}
	if c.State == domain.ClaimOpen {
		missing, experienced := c.Missing(s)
		out.MissingCount, out.ExperiencedMissing = int32(missing), experienced //nolint:gosec // a few
	}
	return out
}

func recognition(r domain.Recognition) *meetingsv1.Recognition {
	return &meetingsv1.Recognition{Sentence: r.Sentence, MeetingId: r.MeetingID, CreateTime: timestamp(r.CreateTime)}
}

// PeerClaim is a claim as a peer sees it.
func PeerClaim(c domain.PeerClaim, name string) *meetingsv1.RecognisableClaim {
	out := &meetingsv1.RecognisableClaim{
		ClaimId: c.ID, Category: meetingsv1.BadgeCategory(c.Category), Level: meetingsv1.BadgeLevel(c.Level), Words: c.Words,
		MeetingId: c.MeetingID, PersonName: name, State: meetingsv1.BadgeClaimState(c.State), CreateTime: timestamp(c.CreateTime),
	}
	if !c.Recognition.CreateTime.IsZero() {
		out.Recognition = recognition(c.Recognition)
	}
	return out
}

func badgeClaims(c domain.Claims) *meetingsv1.BadgeClaims {
	return &meetingsv1.BadgeClaims{
		BadgeId: c.AttestationID, PersonId: c.PersonID, Category: meetingsv1.BadgeCategory(c.Badge.Category), Level: meetingsv1.BadgeLevel(c.Badge.Level),
		PeerCount: int32(c.Badge.Peers), IssueTime: timestamp(c.IssueTime), Issuer: c.Issuer, //nolint:gosec // a few
	}
}
