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
	// A share ends by itself: what was shown for an application is not seen for ever.
	shareYears, maxShareYears = 1, 5
)

// AttestationShare is what a holder shows of some attestations, and to whom.
type AttestationShare struct {
	ID           string
	PersonID     string   // the holder
	Attestations []string // ids
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

// SharedAttestation is an attestation in a share, with the zone of its meeting.
type SharedAttestation struct {
	Attestation
	TimeZone string
}

// StructureAttestation is an attestation that is shown to a structure; of the share, what decides how.
type StructureAttestation struct {
	Share AttestationShare
	SharedAttestation
}

// AttestationShareQuery selects a person's shares that are seen at an instant.
type AttestationShareQuery struct {
	PersonID string
	Now      time.Time
	Page
}

// StructureAttestationQuery selects what is shown to a structure at an instant.
type StructureAttestationQuery struct {
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
	// SharedAttestations are a share's, as long as they are its holder's, oldest first.
	SharedAttestations(ctx context.Context, shareID string) ([]SharedAttestation, error)
	StructureAttestations(ctx context.Context, q StructureAttestationQuery) ([]StructureAttestation, error)
}

// AttestationShareWrites changes shares.
type AttestationShareWrites interface {
	InsertAttestationShare(ctx context.Context, s AttestationShare) error
	HideAttestationShare(ctx context.Context, id string, now time.Time) error
	// DeleteAttestationShares forgets what a person shows, when the person is forgotten.
	DeleteAttestationShares(ctx context.Context, personID string) error
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

// CreateAttestationShare shows the holder's own attestations, each of which holds.
func CreateAttestationShare(ctx context.Context, tx Tx, s AttestationShare, now time.Time) (AttestationShare, error) {
	s.CreateTime, s.Label = now, strings.TrimSpace(s.Label)
	if s.ExpireTime.IsZero() {
		s.ExpireTime = now.AddDate(shareYears, 0, 0)
	}
	if !s.ExpireTime.After(now) || s.ExpireTime.After(now.AddDate(maxShareYears, 0, 0)) {
		return AttestationShare{}, ErrAttestationShareExpires.At("share.expire_time")
	}
	for i, id := range s.Attestations {
		at := fmt.Sprintf("share.attestation_ids[%d]", i)
		a, err := tx.Attestation(ctx, id)
		switch e := errs.From(err); {
		case e != nil && e.Kind == errs.NotFound, err == nil && a.PersonID != s.PersonID:
			return AttestationShare{}, ErrAttestationNotFound.At(at)
		case err != nil:
			return AttestationShare{}, err
		case !a.Revoked.Time.IsZero():
			return AttestationShare{}, ErrAttestationShareRevoked.At(at)
		}
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

// HideAttestationShare ends a share for ever; twice changes nothing.
func HideAttestationShare(ctx context.Context, tx Tx, id string, now time.Time) (AttestationShare, error) {
	s, err := tx.AttestationShare(ctx, id)
	if err != nil || !s.HideTime.IsZero() {
		return s, err
	}
	s.HideTime = now
	return s, tx.HideAttestationShare(ctx, id, now)
}
