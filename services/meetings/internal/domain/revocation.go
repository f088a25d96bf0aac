package domain

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

const (
	// StatusListLength is the number of bits in a list: the least that Bitstring Status List 1.0 allows, so that one reader's look
	// at a list could concern anyone.
	StatusListLength = 1 << 17
	// statusListFull is how many of them are given: with half of them free, a place drawn at random is found at once.
	statusListFull = StatusListLength / 2
)

// StatusEntry is the place of an attestation in the lists that tell which ones were revoked.
type StatusEntry struct {
	List  int // from 1
	Index int
}

// StatusList is which of its places were revoked.
type StatusList struct {
	ID         int
	Issued     int // places given
	Revoked    []int
	ChangeTime time.Time
}

// Revocation is that an attestation no longer holds, and why.
type Revocation struct {
	Time     time.Time
	PersonID string // who revoked it
	Reason   string
}

// StatusWrites gives places in the lists, and revokes.
type StatusWrites interface {
	// GrowStatusList counts n more places in the newest list, which nobody else grows before the transaction ends; the zero list
	// when there is none.
	GrowStatusList(ctx context.Context, n int) (StatusList, error)
	// InsertStatusList begins a list.
	InsertStatusList(ctx context.Context, l StatusList) error
	// TakenIndexes is which of the places in a list are given.
	TakenIndexes(ctx context.Context, list int, indexes []int) ([]int, error)
	// RevokeAttestation refuses with ErrAttestationRevoked when someone else has, and tells it in the list.
	RevokeAttestation(ctx context.Context, a Attestation) error
}

// What a revocation may be refused for.
var (
	ErrStatusListNotFound = errs.Missing("status list", "liste d'état")
	ErrAttestationRevoked = errs.New(errs.Precondition, "ATTESTATION_REVOKED",
		"This attestation was revoked already.",
		"Cette attestation a déjà été révoquée.")
)

// RevokeAttestation says that an attestation no longer holds, and why; that it was given is not forgotten.
func RevokeAttestation(ctx context.Context, tx Tx, a Attestation, r Revocation) (Attestation, error) {
	if !a.Revoked.Time.IsZero() {
		return Attestation{}, ErrAttestationRevoked
	}
	a.Revoked = r
	if err := tx.RevokeAttestation(ctx, a); err != nil {
		return Attestation{}, err
	}
	return a, tx.Emit(ctx, Event{Name: "attestation.revoked", State: a})
}

// takeEntries draws places at random: neighbours in a list have nothing in common.
func takeEntries(ctx context.Context, tx StatusWrites, n int, now time.Time) ([]StatusEntry, error) {
	list, err := tx.GrowStatusList(ctx, n)
	if err != nil {
		return nil, err
	}
	if list.ID == 0 || list.Issued > statusListFull {
		list = StatusList{ID: list.ID + 1, Issued: n, ChangeTime: now}
		if err := tx.InsertStatusList(ctx, list); err != nil {
			return nil, err
		}
	}
	used, entries := map[int]bool{}, make([]StatusEntry, 0, n)
	for len(entries) < n {
		drawn := draw(n-len(entries), used)
		taken, err := tx.TakenIndexes(ctx, list.ID, drawn)
		if err != nil {
			return nil, err
		}
		for _, index := range taken {
			delete(used, index)
		}
		for _, index := range drawn {
			if used[index] {
				entries = append(entries, StatusEntry{list.ID, index})
			}
		}
	}
	return entries, nil
}

// draw adds n places to those in use. Who can guess one learns nothing: the credential says it to whoever reads it.
func draw(n int, used map[int]bool) []int {
	drawn := make([]int, 0, n)
	for len(drawn) < n {
		if at := rand.IntN(StatusListLength); !used[at] { //nolint:gosec // see above
			used[at] = true
			drawn = append(drawn, at)
		}
	}
	return drawn
}
