package domain

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

const (
	// maxShares is how many shares a person may have at once: one for each reader, over years.
	maxShares = 200
	// maxShown is how many attestations and badges are in one.
	maxShown = 50
	// A share ends by itself: what was shown for an application is not seen for ever.
	shareYears, maxShareYears = 1, 5
)

// AttestationShare is what a holder shows of some attestations and badges, and to whom.
type AttestationShare struct {
	ID           string
	PersonID     string   // the holder
	Attestations []string // ids
	Badges       []string // ids
	Shown        ShownFields
	Label        string // for the holder alone
	StructureID  string // whose relays find it; empty when it is shown by its link only
	Digest       string // of its secret, which is kept nowhere
	CreateTime   time.Time
	ExpireTime   time.Time
	HideTime     time.Time // zero unless it is hidden
}

// ShownField is something that an attestation says and its holder may show; the numbers are the contract's.
type ShownField int

// The fields that a holder may show.
const (
	ShownName ShownField = iota + 1
	ShownTitle
	ShownDates
	ShownHours
	ShownCompetences
	ShownCommune
)

// ShownFields is a set of fields, a bit each.
type ShownFields int

// Everything is all that can be shown.
const Everything ShownFields = 1<<ShownName | 1<<ShownTitle | 1<<ShownDates | 1<<ShownHours | 1<<ShownCompetences | 1<<ShownCommune

// ShownFieldsOf is the set of these fields.
func ShownFieldsOf(fields ...ShownField) (set ShownFields) {
	for _, f := range fields {
		set |= 1 << f
	}
	return set
}

// Has reports whether a field is in the set.
func (s ShownFields) Has(f ShownField) bool { return s&(1<<f) != 0 }

// Fields are those in the set, in their order.
func (s ShownFields) Fields() (fields []ShownField) {
	for f := ShownName; f <= ShownCommune; f++ {
		if s.Has(f) {
			fields = append(fields, f)
		}
	}
	return fields
}

// SharedCredential is an attestation or a badge in a share: its signed text, from which what is shown is read, and what that text cannot say.
type SharedCredential struct {
	ID       string
	IsBadge  bool
	JWT      string
	Revoked  Revocation // without who revoked it
	TimeZone string     // of the meeting; empty for a badge
}

// StructureCredential is what is shown to a structure; of the share, what decides how.
type StructureCredential struct {
	Share AttestationShare
	SharedCredential
}

// AttestationShareQuery selects a person's shares that are seen at an instant.
type AttestationShareQuery struct {
	PersonID string
	Now      time.Time
	Page
}

// StructureCredentialQuery selects what is shown to a structure at an instant.
type StructureCredentialQuery struct {
	StructureID string
	Now         time.Time
	Page
}

// AttestationShareReads finds shares, and what they show.
type AttestationShareReads interface {
	AttestationShare(ctx context.Context, id string) (AttestationShare, error)
	// AttestationShareOf is the share with this digest of its secret, unless it was hidden.
	AttestationShareOf(ctx context.Context, digest string) (AttestationShare, error)
	AttestationShares(ctx context.Context, q AttestationShareQuery) ([]AttestationShare, error)
	// SharedCredentials are a share's, as long as they are its holder's: attestations, then badges, oldest first.
	SharedCredentials(ctx context.Context, shareID string) ([]SharedCredential, error)
	StructureCredentials(ctx context.Context, q StructureCredentialQuery) ([]StructureCredential, error)
}

// AttestationShareWrites changes shares.
type AttestationShareWrites interface {
	InsertAttestationShare(ctx context.Context, s AttestationShare) error
	HideAttestationShare(ctx context.Context, id string, now time.Time) error
}

// What a share may be refused for.
var (
	ErrAttestationShareNotFound = errs.Missing("share", "partage")
	// ErrAttestationNotShown does not tell a link that never was from one that was hidden.
	ErrAttestationNotShown = errs.New(errs.NotFound, "ATTESTATION_NOT_SHOWN",
		"Nothing is shown here: the link is incomplete, or its holder no longer shows it. Ask the holder for another one.",
		"Rien n'est montré ici : le lien est incomplet, ou la personne ne le montre plus. Demandez-lui-en un autre.")
	ErrAttestationShareRevoked = errs.New(errs.Precondition, "ATTESTATION_REVOKED",
		"This attestation was revoked; show the others without it.",
		"Cette attestation a été révoquée ; montrez les autres sans elle.")
	ErrBadgeShareRevoked = errs.New(errs.Precondition, "BADGE_REVOKED",
		"This badge was revoked; show the others without it.",
		"Ce badge a été révoqué ; montrez le reste sans lui.")
	ErrAttestationShareSize = errs.New(errs.Invalid, "SHARE_SIZE",
		"A share shows something, and at most 50 attestations and badges together; make several for more.",
		"Un partage montre quelque chose, et au plus 50 attestations et badges ensemble ; pour davantage, faites-en plusieurs.")
	ErrAttestationShareExpires = errs.New(errs.Invalid, "SHARE_EXPIRE_TIME",
		"A share ends in the future, within five years.",
		"Un partage prend fin dans l'avenir, dans les cinq ans.")
	ErrAttestationSharesMany = errs.New(errs.Precondition, "SHARES_MANY",
		"You have as many shares as there may be; hide one that no longer serves.",
		"Vous avez autant de partages que possible ; masquez-en un qui ne sert plus.")
)

// Serves reports whether a share is seen at an instant.
func (s AttestationShare) Serves(now time.Time) bool {
	return s.HideTime.IsZero() && now.Before(s.ExpireTime)
}

// CreateAttestationShare shows the holder's own attestations and badges, each of which holds.
func CreateAttestationShare(ctx context.Context, tx Tx, s AttestationShare, now time.Time) (AttestationShare, error) {
	s.CreateTime, s.Label = now, strings.TrimSpace(s.Label)
	if s.ExpireTime.IsZero() {
		s.ExpireTime = now.AddDate(shareYears, 0, 0)
	}
	if !s.ExpireTime.After(now) || s.ExpireTime.After(now.AddDate(maxShareYears, 0, 0)) {
		return AttestationShare{}, ErrAttestationShareExpires.At("share.expire_time")
	}
	if n := len(s.Attestations) + len(s.Badges); n == 0 || n > maxShown {
		return AttestationShare{}, ErrAttestationShareSize.At("share.attestation_ids")
	}
	if err := s.shows(ctx, tx); err != nil {
		return AttestationShare{}, err
	}
	own, err := tx.AttestationShares(ctx, AttestationShareQuery{PersonID: s.PersonID, Now: now, Page: Page{Limit: maxShares}})
	if err != nil {
		return AttestationShare{}, err
	}
	if len(own) == maxShares {
		return AttestationShare{}, ErrAttestationSharesMany.With("at_most", strconv.Itoa(maxShares))
	}
	return s, tx.InsertAttestationShare(ctx, s)
}

// shows refuses what is not the holder's own, or was revoked.
func (s AttestationShare) shows(ctx context.Context, from Tx) error {
	for i, id := range s.Attestations {
		a, err := from.Attestation(ctx, id)
		if err := s.owns(a.PersonID, a.Revoked, err, ErrAttestationNotFound, ErrAttestationShareRevoked, fmt.Sprintf("share.attestation_ids[%d]", i)); err != nil {
			return err
		}
	}
	for i, id := range s.Badges {
		b, err := from.Badge(ctx, id)
		if err := s.owns(b.PersonID, b.Revoked, err, ErrBadgeNotFound, ErrBadgeShareRevoked, fmt.Sprintf("share.badge_ids[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

// owns does not tell what is somebody else's from what never was.
func (s AttestationShare) owns(personID string, r Revocation, err error, missing, revoked *errs.Error, at string) error {
	switch e := errs.From(err); {
	case e != nil && e.Kind == errs.NotFound, err == nil && personID != s.PersonID:
		return missing.At(at)
	case err != nil:
		return err
	case !r.Time.IsZero():
		return revoked.At(at)
	}
	return nil
}

// HideAttestationShare ends a share for ever; twice changes nothing.
func HideAttestationShare(ctx context.Context, tx Tx, id string, now time.Time) (AttestationShare, error) {
	s, err := tx.AttestationShare(ctx, id)
	if err != nil || !s.HideTime.IsZero() {
		return s, err
	}
	s.HideTime = now
	return s, tx.HideAttestationShare(ctx, id, now)
}
