package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// InvitationState is where an invitation stands.
type InvitationState int

// The states, numbered as in the contract.
const (
	InvitationSent InvitationState = iota + 1
	InvitationAccepted
	InvitationDeclined
	InvitationLapsed
	InvitationWithdrawn
)

// Invitation asks somebody who waits to join a group.
type Invitation struct {
	ID         string
	GroupID    string
	InterestID string
	PersonID   string // the interest's
	State      InvitationState
	Version    int64
	CreateTime time.Time // of the last time it was sent
	Expires    time.Time // at this instant it has lapsed
	EndTime    time.Time // zero until answered, withdrawn or lapsed
}

// InvitationQuery selects invitations that the viewer may see, oldest first.
type InvitationQuery struct {
	Viewer  Viewer
	GroupID string // empty for all
	Page
}

// InvitationReads are the questions about invitations.
type InvitationReads interface {
	Invitation(ctx context.Context, id string) (Invitation, error)
	Invitations(ctx context.Context, q InvitationQuery) ([]Invitation, error)
	// DueInvitations are some that were not answered in time.
	DueInvitations(ctx context.Context, now time.Time, limit int) ([]Invitation, error)
}

// InvitationWrites are the changes of invitations.
type InvitationWrites interface {
	// LockInvitations makes others who invite for the group wait for the end of the transaction, and tells how many it sent on the day.
	LockInvitations(ctx context.Context, groupID, day string) (sent int, err error)
	// CountInvitations notes that the group sent more on the day.
	CountInvitations(ctx context.Context, groupID, day string, more int) error
	// InvitationsTo are a group's to the interests.
	InvitationsTo(ctx context.Context, groupID string, interestIDs []string) ([]Invitation, error)
	// InterestsByID are those of the interests that exist.
	InterestsByID(ctx context.Context, ids []string) ([]Interest, error)
	InsertInvitations(ctx context.Context, all []Invitation) error
	// UpdateInvitation refuses when someone else has updated the version before.
	UpdateInvitation(ctx context.Context, i Invitation) error
}

const (
	// invitationTime leaves two week-ends to answer.
	invitationTime = 14 * 24 * time.Hour
	// maxInvitationsPerDay is sixteen times a group: whoever needs more sends mail at random. The database holds it too.
	maxInvitationsPerDay = 400
)

// What an invitation may be refused for.
var (
	ErrInvitationNotFound = errs.Missing("invitation", "invitation")
	ErrInvitationLapsed   = errs.New(errs.Precondition, "INVITATION_LAPSED",
		"This invitation was not answered in time; ask the group for another one, or for its link.",
		"Cette invitation n'a pas reçu de réponse à temps ; demandez au groupe de la renouveler, ou son lien.")
	ErrInvitationWithdrawn = errs.New(errs.Precondition, "INVITATION_WITHDRAWN",
		"The group has taken this invitation back.",
		"Le groupe a retiré cette invitation.")
	ErrInvitationAnswered = errs.New(errs.Precondition, "INVITATION_ANSWERED",
		"This invitation has been answered already.",
		"Cette invitation a déjà reçu une réponse.")
	ErrInvitationLimit = errs.New(errs.Exhausted, "INVITATION_LIMIT",
		"A group sends 400 invitations a day at most; send the others tomorrow, or give the group's link.",
		"Un groupe envoie 400 invitations par jour au plus ; envoyez les autres demain, ou donnez le lien du groupe.")
)

// NotInvited is an interest that cannot be invited.
type NotInvited struct {
	InterestID string
	Reason     NotInvitedReason
}

// NotInvitedReason is why someone cannot be invited.
type NotInvitedReason int

// The reasons, numbered as in the contract.
const (
	NotFound NotInvitedReason = iota + 1
	InAGroup
	OtherWish
	HasDeclined
)

// At is the invitation as it stands at an instant: one that nobody answered has lapsed by itself.
func (i Invitation) At(now time.Time) Invitation {
	if i.State == InvitationSent && !now.Before(i.Expires) {
		i.State, i.EndTime = InvitationLapsed, i.Expires
	}
	return i
}

// AcceptInvitation joins the group; membership is the id of that. Accepted before, it stays so.
func AcceptInvitation(ctx context.Context, tx Tx, i Invitation, membership string, now time.Time) (Invitation, error) {
	switch i.At(now).State {
	case InvitationAccepted:
		return i, nil
	case InvitationLapsed:
		return Invitation{}, ErrInvitationLapsed
	case InvitationWithdrawn:
		return Invitation{}, ErrInvitationWithdrawn
	case InvitationDeclined:
		return Invitation{}, ErrInvitationAnswered
	}
	g, err := tx.Group(ctx, i.GroupID)
	if err != nil {
		return Invitation{}, err
	}
	interest, err := tx.Interest(ctx, i.InterestID)
	if err != nil {
		return Invitation{}, err
	}
	if _, err := join(ctx, tx, g, interest, membership, now); err != nil {
		return Invitation{}, err
	}
	return i.end(ctx, tx, InvitationAccepted, now)
}

// DeclineInvitation declines; declined before, or lapsed, it stays so.
func DeclineInvitation(ctx context.Context, tx Tx, i Invitation, now time.Time) (Invitation, error) {
	switch i = i.At(now); i.State {
	case InvitationDeclined, InvitationLapsed, InvitationWithdrawn:
		return i, nil
	case InvitationAccepted:
		return Invitation{}, ErrInvitationAnswered
	}
	return i.end(ctx, tx, InvitationDeclined, now)
}

// WithdrawInvitation takes an invitation back; withdrawn before, or lapsed, it stays so.
func WithdrawInvitation(ctx context.Context, tx Tx, i Invitation, now time.Time) (Invitation, error) {
	switch i = i.At(now); i.State {
	case InvitationWithdrawn, InvitationLapsed:
		return i, nil
	case InvitationAccepted, InvitationDeclined:
		return Invitation{}, ErrInvitationAnswered
	}
	return i.end(ctx, tx, InvitationWithdrawn, now)
}

var invitationEvents = map[InvitationState]string{
	InvitationSent: "invitation.sent", InvitationAccepted: "invitation.accepted", InvitationDeclined: "invitation.declined",
	InvitationLapsed: "invitation.lapsed", InvitationWithdrawn: "invitation.withdrawn",
}

func (i Invitation) end(ctx context.Context, tx Tx, state InvitationState, at time.Time) (Invitation, error) {
	i.State, i.EndTime, i.Version = state, at, i.Version+1
	if err := tx.UpdateInvitation(ctx, i); err != nil {
		return Invitation{}, err
	}
	return i, tx.Emit(ctx, Event{Name: invitationEvents[state], State: i})
}

// LapseInvitations notes which invitations were not answered in time; it reports whether more may wait.
func LapseInvitations(ctx context.Context, store Store, now time.Time) (more bool, err error) {
	const some = 100
	err = store.Write(ctx, func(tx Tx) error {
		due, err := tx.DueInvitations(ctx, now, some)
		if err != nil {
			return err
		}
		for _, i := range due {
			if _, err := i.end(ctx, tx, InvitationLapsed, i.Expires); err != nil {
				return err
			}
		}
		more = len(due) == some
		return nil
	})
	return more, err
}
