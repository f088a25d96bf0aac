package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// BadgeClaim is that somebody positions themselves at a level.
type BadgeClaim struct {
	ID       string
	PersonID string
	Standing
	Words       string
	Evidence    []string // the claimant's attestations that show it
	NameShared  bool
	CommuneCode string // of the first meeting that shows it
	State       BadgeClaimState
	BadgeID     string // empty until it is issued
	Version     int64
	CreateTime  time.Time
	EndTime     time.Time // zero while it is open
}

// BadgeClaimState is how a claim stands; the numbers are the contract's.
type BadgeClaimState int

// The states of a claim.
const (
	ClaimOpen BadgeClaimState = iota + 1
	ClaimIssued
	ClaimWithdrawn
)

// BadgeClaimReads finds claims and what was said of them.
type BadgeClaimReads interface {
	BadgeClaim(ctx context.Context, id string) (BadgeClaim, error)
	BadgeClaims(ctx context.Context, q BadgeQuery) ([]BadgeClaim, error)
	// PeerClaims are the open claims of those with whom a person was at an attested meeting, oldest first.
	PeerClaims(ctx context.Context, q BadgeQuery) ([]PeerClaim, error)
	// PeerClaim is one claim as a person sees it who was at an attested meeting with the claimant, open or not; or ErrBadgeClaimNotFound.
	PeerClaim(ctx context.Context, id, personID string) (PeerClaim, error)
	// Recognitions are what was said of a claim, oldest first.
	Recognitions(ctx context.Context, claimID string) ([]Recognition, error)
	// Support counts the recognitions of a claim that hold.
	Support(ctx context.Context, c BadgeClaim) (Support, error)
}

// BadgeClaimWrites changes claims and what was said of them.
type BadgeClaimWrites interface {
	// OwnAttestations are those of the attestations that are the person's and were not revoked, oldest first.
	OwnAttestations(ctx context.Context, personID string, ids []string) ([]Attestation, error)
	// StandingEvidence is how many of a claim's attestations were not revoked.
	StandingEvidence(ctx context.Context, claimID string) (int, error)
	// InsertBadgeClaim refuses with ErrBadgeClaimOpen who has an open one for that level.
	InsertBadgeClaim(ctx context.Context, c BadgeClaim) error
	// LockBadgeClaim holds a claim until the transaction ends: what is said of it is said one after the other.
	LockBadgeClaim(ctx context.Context, id string) (BadgeClaim, error)
	UpdateBadgeClaim(ctx context.Context, c BadgeClaim) error
	// InsertRecognition refuses with ErrReciprocal a pair of which the claimant has recognised the peer at that level.
	InsertRecognition(ctx context.Context, c BadgeClaim, r Recognition) error
	// DeleteRecognitions takes back what a peer has said of a claim, or everybody when the peer is "", and says how many have.
	DeleteRecognitions(ctx context.Context, claimID, peerID string) (int, error)
}

// What a claim may be refused for.
var (
	ErrBadgeClaimNotFound = errs.Missing("claim", "demande de badge")
	ErrBadgeClaimOpen     = errs.New(errs.Precondition, "BADGE_CLAIM_OPEN",
		"You claim this badge already; withdraw that claim to make another.",
		"Vous demandez déjà ce badge ; retirez cette demande pour en faire une autre.")
	ErrBadgeClaimOver = errs.New(errs.Precondition, "BADGE_CLAIM_OVER",
		"Nothing is said of this claim any more: its badge was issued, or it was withdrawn.",
		"On ne dit plus rien de cette demande : son badge a été délivré, ou elle a été retirée.")
)

// ClaimBadge positions a person at a level. The first one needs nobody else, and an attestation like the others.
func ClaimBadge(ctx context.Context, tx Tx, c BadgeClaim, by Issuing) (_ BadgeClaim, err error) {
	if c.Words, err = written(c.Words, "words"); err != nil {
		return c, err
	}
	if err := c.inTurn(ctx, tx); err != nil {
		return c, err
	}
	evidence, err := tx.OwnAttestations(ctx, c.PersonID, c.Evidence)
	switch {
	case err != nil:
		return c, err
	case len(evidence) == 0 || len(evidence) < len(c.Evidence):
		return c, ErrBadgeEvidence.At("attestation_ids")
	}
	c.ID, c.State, c.Version, c.CreateTime, c.CommuneCode = by.NewID(), ClaimOpen, 1, by.Now, evidence[0].CommuneCode
	if err := tx.InsertBadgeClaim(ctx, c); err != nil {
		return c, err
	}
	if peers, _ := c.Peers(); peers > 0 {
		return c, nil
	}
	return by.issue(ctx, tx, c, 0)
}

// inTurn refuses a level that is held, or whose level before is not.
func (c BadgeClaim) inTurn(ctx context.Context, tx Tx) error {
	held, err := tx.HoldsBadge(ctx, c.PersonID, c.Standing)
	switch {
	case err != nil:
		return err
	case held:
		return ErrBadgeHeld.At("level")
	case c.Level == LevelParticipant:
		return nil
	}
	before, err := tx.HoldsBadge(ctx, c.PersonID, Standing{c.Category, c.Level - 1})
	if err == nil && !before {
		err = ErrBadgeLevelBefore.At("level")
	}
	return err
}

// WithdrawBadgeClaim takes a claim back, and with it what peers have said.
func WithdrawBadgeClaim(ctx context.Context, tx Tx, id, personID string, now time.Time) (BadgeClaim, error) {
	c, err := tx.LockBadgeClaim(ctx, id)
	switch {
	case err != nil:
		return c, err
	case c.PersonID != personID:
		return BadgeClaim{}, ErrBadgeClaimNotFound
	case c.State != ClaimOpen:
		return BadgeClaim{}, ErrBadgeClaimOver
	}
	c.State, c.EndTime = ClaimWithdrawn, now
	if _, err := tx.DeleteRecognitions(ctx, id, ""); err != nil {
		return c, err
	}
	return c, tx.UpdateBadgeClaim(ctx, c)
}
