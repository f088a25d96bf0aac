package domain

import (
	"context"
	"time"
)

// Outlook is what it would come to if somebody did something now: a change when it is zero, nothing when it was done before, or a
// refusal. Looking ahead changes nothing; what is done afterwards has the last word.
type Outlook struct {
	Done    bool
	Refusal error
}

// ForeseeAccept looks ahead to AcceptInvitation.
func (i Invitation) ForeseeAccept(ctx context.Context, from Reads, g Group, now time.Time) (Outlook, error) {
	switch i.At(now).State {
	case InvitationAccepted:
		return Outlook{Done: true}, nil
	case InvitationLapsed:
		return Outlook{Refusal: ErrInvitationLapsed}, nil
	case InvitationWithdrawn:
		return Outlook{Refusal: ErrInvitationWithdrawn}, nil
	case InvitationDeclined:
		return Outlook{Refusal: ErrInvitationAnswered}, nil
	}
	wish, err := from.Interest(ctx, i.InterestID)
	switch {
	case err != nil:
		return Outlook{}, err
	case wish.State == Grouped && wish.GroupID == g.ID: // joined by the group's link meanwhile
		return Outlook{}, nil
	case wish.State == Grouped:
		return Outlook{Refusal: ErrAlreadyGrouped}, nil
	case wish.State == Withdrawn:
		return Outlook{Refusal: ErrInterestWithdrawn}, nil
	}
	return g.ForeseeJoin(), nil
}

// ForeseeDecline looks ahead to DeclineInvitation.
func (i Invitation) ForeseeDecline(now time.Time) Outlook {
	switch i.At(now).State {
	case InvitationDeclined, InvitationLapsed, InvitationWithdrawn:
		return Outlook{Done: true}
	case InvitationAccepted:
		return Outlook{Refusal: ErrInvitationAnswered}
	}
	return Outlook{}
}

// ForeseeJoin looks ahead to the joining of somebody of whom nothing is known.
func (g Group) ForeseeJoin() Outlook {
	if g.FreeSeats() == 0 {
		return Outlook{Refusal: ErrGroupFull}
	}
	return Outlook{}
}

// FreeSeats is how many persons a group still takes.
func (g Group) FreeSeats() int { return max(0, MaxGroup-g.MemberCount) }
