// Package domain holds the mesh's rules: where things are, who people are, how lone learners become groups near home, and who
// organises them.
package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Store keeps what the mesh knows; every change happens in a Write.
type Store interface {
	Reads
	// Write runs a use case as one transaction; it may run it again after a conflict.
	Write(ctx context.Context, use func(Tx) error) error
}

// Reads are the questions that can be asked, in a transaction and outside of one.
type Reads interface {
	TerritoryReads
	PlaceReads
	RoomReads
	StructureReads
	PersonReads
	CampaignReads
	InterestReads
	GroupReads
	OrganiserReads
	ContactReads
	MembershipReads
	InvitationReads
	WaitingReads
	ProfessionalReads
	ErasureReads
}

// Tx is a transaction in which a use case reads, changes and emits.
type Tx interface {
	Reads
	PlaceWrites
	RoomWrites
	StructureWrites
	PersonWrites
	CampaignWrites
	InterestWrites
	GroupWrites
	OrganiserWrites
	ContactWrites
	MembershipWrites
	InvitationWrites
	ProfessionalWrites
	ErasureWrites
	Emit(ctx context.Context, events ...Event) error
	Requests
}

// Requests keeps what a request was answered, so that its retry has one effect and the same answer.
type Requests interface {
	Reply(ctx context.Context, key string) (fingerprint, reply []byte, found bool, err error)
	SaveReply(ctx context.Context, key string, fingerprint, reply []byte) error
}

// Event says what happened to a noun, with its whole state after it.
type Event struct {
	Name  string // "<noun>.<past_tense>", e.g. "group.formed"
	State any    // Place, Person, Campaign, Interest, Group, Membership, Invitation or Organiser
	Cause string // id of another service's event that led to it; mostly empty
}

// Page is where a list goes on and how much of it is wanted.
type Page struct {
	After []string // the order's values of the last row before; empty for the first page
	Limit int
}

// Viewer is who reads a list of personal things: one's own, and those of the territories that one coordinates.
type Viewer struct {
	PersonID    string
	Territories []string
}

// Clock tells the time; tests hold it still.
type Clock func() time.Time

// NewID gives an id to what is new.
type NewID func() string

// ErrReferenceNotFound says that a request refers to something that does not exist.
var ErrReferenceNotFound = errs.New(errs.Invalid, "REFERENCE_NOT_FOUND",
	"This refers to something that does not exist; check the identifier.",
	"Cette référence ne correspond à rien ; vérifiez l'identifiant.")

// reference makes a missing reference the fault of the request's field; other failures pass.
func reference(err error, field string) error {
	if err != nil && errs.From(err).Kind == errs.NotFound {
		return ErrReferenceNotFound.At(field).Because(err)
	}
	return err
}
