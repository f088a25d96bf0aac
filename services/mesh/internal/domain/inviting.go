package domain

import (
	"context"
	"slices"
	"time"
)

// Invited is what became of those whom a group invites.
type Invited struct {
	Invitations []Invitation // in the order of the request
	Not         []NotInvited
}

// Invite invites people who wait for a group's module. Who is invited already stays so, and who has declined is not asked again.
func Invite(ctx context.Context, tx Tx, groupID string, interestIDs []string, newID NewID, now time.Time) (Invited, error) {
	g, err := tx.Group(ctx, groupID)
	switch {
	case err != nil:
		return Invited{}, err
	case g.MemberCount >= MaxGroup:
		return Invited{}, ErrGroupFull
	}
	day := now.UTC().Format(time.DateOnly)
	sent, err := tx.LockInvitations(ctx, groupID, day) // before the look: whoever invites the same people takes turns
	if err != nil {
		return Invited{}, err
	}
	v, err := newInviting(ctx, tx, g, interestIDs, newID, now)
	if err != nil {
		return Invited{}, err
	}
	for _, id := range interestIDs {
		v.one(id)
	}
	fresh := len(v.added) + len(v.renewed)
	if sent+fresh > maxInvitationsPerDay {
		return Invited{}, ErrInvitationLimit.At("interest_ids").Retry(now.Truncate(dayLong).Add(dayLong).Sub(now))
	}
	return v.result, v.save(ctx, tx, day, fresh)
}

const dayLong = 24 * time.Hour

// inviting is one call for one group.
type inviting struct {
	group     Group
	now       time.Time
	newID     NewID
	interests map[string]Interest
	before    map[string]Invitation // by interest

	added, renewed []Invitation
	result         Invited
}

func newInviting(ctx context.Context, tx Tx, g Group, ids []string, newID NewID, now time.Time) (*inviting, error) {
	v := &inviting{group: g, now: now, newID: newID, interests: map[string]Interest{}, before: map[string]Invitation{}}
	interests, err := tx.InterestsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, i := range interests {
		v.interests[i.ID] = i
	}
	before, err := tx.InvitationsTo(ctx, g.ID, ids)
	for _, i := range before {
		v.before[i.InterestID] = i
	}
	return v, err
}

func (v *inviting) one(interestID string) {
	interest, known := v.interests[interestID]
	before, invited := v.before[interestID]
	refuse := func(reason NotInvitedReason) { v.result.Not = append(v.result.Not, NotInvited{interestID, reason}) }
	switch {
	case !known || interest.State == Withdrawn:
		refuse(NotFound)
	case interest.State == Grouped:
		refuse(InAGroup)
	case interest.ModuleID != v.group.ModuleID || interest.CampaignID != v.group.CampaignID && interest.CampaignID != "":
		refuse(OtherWish)
	case invited && before.State == InvitationDeclined:
		refuse(HasDeclined)
	case invited && before.At(v.now).State == InvitationSent:
		v.result.Invitations = append(v.result.Invitations, before)
	default:
		v.send(interest, before)
	}
}

// send renews an invitation that has ended, or makes the first one.
func (v *inviting) send(interest Interest, i Invitation) {
	renewed := i.ID != ""
	if !renewed {
		i = Invitation{ID: v.newID(), GroupID: v.group.ID, InterestID: interest.ID, PersonID: interest.PersonID}
	}
	i.State, i.Version, i.CreateTime, i.Expires, i.EndTime = InvitationSent, i.Version+1, v.now, v.now.Add(invitationTime), time.Time{}
	if renewed {
		v.renewed = append(v.renewed, i)
	} else {
		v.added = append(v.added, i)
	}
	v.result.Invitations = append(v.result.Invitations, i)
}

func (v *inviting) save(ctx context.Context, tx Tx, day string, fresh int) error {
	if fresh == 0 {
		return nil
	}
	if err := tx.CountInvitations(ctx, v.group.ID, day, fresh); err != nil {
		return err
	}
	if err := tx.InsertInvitations(ctx, v.added); err != nil {
		return err
	}
	for _, i := range v.renewed {
		if err := tx.UpdateInvitation(ctx, i); err != nil {
			return err
		}
	}
	var events []Event
	for _, i := range slices.Concat(v.added, v.renewed) {
		events = append(events, Event{Name: invitationEvents[InvitationSent], State: i})
	}
	return tx.Emit(ctx, events...)
}
