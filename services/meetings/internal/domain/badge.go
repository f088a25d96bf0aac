package domain

import (
	"context"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// BadgeCategory is what a badge is about; the numbers are the contract's.
type BadgeCategory int

// The categories.
const (
	Pedagogy BadgeCategory = iota + 1
	Schemes
	Events
	Technique
)

// BadgeLevel is how far somebody is engaged; the numbers are the contract's.
type BadgeLevel int

// The levels, which are reached one after the other.
const (
	LevelParticipant BadgeLevel = iota + 1
	LevelContributor
	LevelMultiplier
	LevelReferent
)

// Standing is a category and a level of it.
type Standing struct {
	Category BadgeCategory
	Level    BadgeLevel
}

// Peers is how many peers must recognise a level, and whether one of them must be experienced: have the level, or have facilitated or
// organised an attested meeting, so that somebody may be the first.
func (s Standing) Peers() (number int, experienced bool) {
	return int(s.Level - LevelParticipant), s.Level >= LevelMultiplier
}

// Badge is a category and a level that a person holds.
type Badge struct {
	ID       string
	ClaimID  string
	PersonID string
	Standing
	Peers       int
	CommuneCode string
	Signed
	Status     StatusEntry
	CreateTime time.Time
	Revoked    Revocation // zero unless it is
}

// Version is the badge's, for who hears of it.
func (b Badge) Version() int64 {
	if b.Revoked.Time.IsZero() {
		return 1
	}
	return 2
}

// BadgeQuery selects a person's badges or claims, oldest first.
type BadgeQuery struct {
	PersonID string
	Page
}

// BadgeReads finds badges.
type BadgeReads interface {
	Badge(ctx context.Context, id string) (Badge, error)
	Badges(ctx context.Context, q BadgeQuery) ([]Badge, error)
}

// BadgeWrites keeps badges.
type BadgeWrites interface {
	// HoldsBadge tells whether a person has a badge that was not revoked.
	HoldsBadge(ctx context.Context, personID string, s Standing) (bool, error)
	// InsertBadge refuses with ErrBadgeHeld who has that badge already.
	InsertBadge(ctx context.Context, b Badge) error
	// RevokeBadge refuses with ErrBadgeRevoked when someone else has; it tells it in the list, and frees the pairs that recognised it.
	RevokeBadge(ctx context.Context, b Badge) error
}

// What a badge may be refused for.
var (
	ErrBadgeNotFound = errs.Missing("badge", "badge")
	ErrBadgeHeld     = errs.New(errs.Precondition, "BADGE_HELD",
		"You hold this badge already.",
		"Vous avez déjà ce badge.")
	ErrBadgeLevelBefore = errs.New(errs.Precondition, "BADGE_LEVEL_BEFORE",
		"Levels are reached one after the other; claim the one before first.",
		"Les niveaux s'atteignent l'un après l'autre ; demandez d'abord le précédent.")
	ErrBadgeEvidence = errs.New(errs.Precondition, "BADGE_EVIDENCE",
		"A badge rests on attestations of your own that were not revoked; name at least one.",
		"Un badge s'appuie sur vos propres attestations, non révoquées ; citez-en au moins une.")
	ErrBadgeRevoked = errs.New(errs.Precondition, "BADGE_REVOKED",
		"This badge was revoked already.",
		"Ce badge a déjà été révoqué.")
)

// Issuing is what a badge is made with.
type Issuing struct {
	Credentials Credentials
	NewID       func() string
	Now         time.Time
}

// issue signs and keeps the badge of a claim, and ends the claim, as one with what made it enough.
func (by Issuing) issue(ctx context.Context, tx Tx, c BadgeClaim, peers int) (BadgeClaim, error) {
	standing, err := tx.StandingEvidence(ctx, c.ID)
	switch {
	case err != nil:
		return c, err
	case standing == 0: // revoked since
		return c, ErrBadgeEvidence
	}
	entries, err := takeEntries(ctx, tx, 1, by.Now)
	if err != nil {
		return c, err
	}
	b := Badge{
		ID: by.NewID(), ClaimID: c.ID, PersonID: c.PersonID, Standing: c.Standing, Peers: peers, CommuneCode: c.CommuneCode,
		Status: entries[0], CreateTime: by.Now,
	}
	if b.Signed, err = by.Credentials.Sign(Claims{
		AttestationID: b.ID, PersonID: b.PersonID, Badge: BadgeClaimed{b.Standing, peers}, Status: b.Status, IssueTime: by.Now,
	}); err != nil {
		return c, fmt.Errorf("sign badge: %w", err)
	}
	if err := tx.InsertBadge(ctx, b); err != nil {
		return c, err
	}
	c.State, c.BadgeID, c.EndTime = ClaimIssued, b.ID, by.Now
	if err := tx.UpdateBadgeClaim(ctx, c); err != nil {
		return c, err
	}
	return c, tx.Emit(ctx, Event{Name: "badge.issued", State: b})
}

// RevokeBadge says that a badge no longer holds, and why. It concerns no other level: each is looked at by itself.
func RevokeBadge(ctx context.Context, tx Tx, b Badge, r Revocation) (Badge, error) {
	if !b.Revoked.Time.IsZero() {
		return Badge{}, ErrBadgeRevoked
	}
	b.Revoked = r
	if err := tx.RevokeBadge(ctx, b); err != nil {
		return Badge{}, err
	}
	return b, tx.Emit(ctx, Event{Name: "badge.revoked", State: b})
}
