package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Recognition is that a peer says a claim is so.
type Recognition struct {
	PeerID     string
	MeetingID  string // at which both were
	Sentence   string
	CreateTime time.Time
}

// PeerClaim is a claim as a peer sees it.
type PeerClaim struct {
	BadgeClaim
	MeetingID   string      // at which both were, the last one
	Recognition Recognition // the peer's own; zero before
}

// Support is how many peers stand behind a claim: those who still have, like the claimant, an attestation of a meeting that both were at.
type Support struct {
	Peers       int
	Experienced int // of them: who have the level, or have facilitated or organised an attested meeting
}

// Missing is how many peers a claim still needs, and whether one of them must be experienced.
func (c BadgeClaim) Missing(s Support) (number int, experienced bool) {
	needed, seasoned := c.Peers()
	number, experienced = max(needed-s.Peers, 0), seasoned && s.Experienced == 0
	if experienced {
		number = max(number, 1)
	}
	return number, experienced
}

// What a recognition may be refused for.
var (
	ErrOwnClaim = errs.New(errs.Denied, "BADGE_OWN_CLAIM",
		"Nobody recognises their own claim.",
		"On ne reconnaît pas sa propre demande.")
	ErrRecognised = errs.New(errs.Precondition, "BADGE_RECOGNISED",
		"You have recognised this claim already.",
		"Vous avez déjà reconnu cette demande.")
	ErrReciprocal = errs.New(errs.Precondition, "BADGE_RECIPROCAL",
		"This person has recognised the same level of yours: two people do not recognise each other. Others can.",
		"Cette personne a reconnu le même niveau chez vous : on ne se reconnaît pas l'un l'autre. D'autres peuvent le faire.")
	ErrNotRecognised = errs.Missing("recognition", "reconnaissance")
)

// Recognise says that a claim is so. The recognition that makes them enough issues the badge.
func Recognise(ctx context.Context, tx Tx, claimID string, r Recognition, by Issuing) (seen PeerClaim, err error) {
	if r.Sentence, err = written(r.Sentence, "sentence"); err != nil {
		return seen, err
	}
	c, err := tx.LockBadgeClaim(ctx, claimID)
	switch {
	case err != nil:
		return seen, err
	case c.PersonID == r.PeerID:
		return seen, ErrOwnClaim.At("id")
	}
	seen, err = tx.PeerClaim(ctx, claimID, r.PeerID) // who was at no meeting with the claimant learns nothing of it
	switch {
	case err != nil:
		return seen, err
	case c.State != ClaimOpen:
		return seen, ErrBadgeClaimOver.At("id")
	case !seen.Recognition.CreateTime.IsZero():
		return seen, ErrRecognised.At("id")
	}
	r.MeetingID, r.CreateTime = seen.MeetingID, by.Now
	if err := tx.InsertRecognition(ctx, c, r); err != nil {
		return seen, errs.From(err).At("id")
	}
	support, err := tx.Support(ctx, c)
	if err != nil {
		return seen, err
	}
	seen.Recognition = r
	if missing, _ := c.Missing(support); missing == 0 {
		seen.BadgeClaim, err = by.issue(ctx, tx, c, support.Peers)
	}
	return seen, err
}

// WithdrawRecognition takes back what a peer has said, until the badge is issued.
func WithdrawRecognition(ctx context.Context, tx Tx, claimID, peerID string) (PeerClaim, error) {
	c, err := tx.LockBadgeClaim(ctx, claimID)
	if err != nil {
		return PeerClaim{}, err
	}
	seen, err := tx.PeerClaim(ctx, claimID, peerID)
	switch {
	case err != nil:
		return PeerClaim{}, err
	case c.State != ClaimOpen:
		return PeerClaim{}, ErrBadgeClaimOver.At("id")
	}
	taken, err := tx.DeleteRecognitions(ctx, claimID, peerID)
	if err == nil && taken == 0 {
		err = ErrNotRecognised.At("id")
	}
	seen.Recognition = Recognition{}
	return seen, err
}
