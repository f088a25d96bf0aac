package domain

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Member is a learner of a group.
type Member struct {
	ID          string // of the membership: whoever comes back has another one
	GroupID     string
	PersonID    string
	InterestID  string
	CommuneCode string
	Distance    int // metres
	JoinTime    time.Time
}

// Membership is a person's part in a group, as it is told.
type Membership struct {
	Member
	Left bool
}

// Version is 1 for whoever has joined, 2 for whoever has left.
func (m Membership) Version() int64 {
	if m.Left {
		return 2
	}
	return 1
}

// MembershipReads are the questions about who is in a group.
type MembershipReads interface {
	// Members are a group's learners, nearest to the place first.
	Members(ctx context.Context, groupID string, p Page) ([]Member, error)
	// Member is a person's part in a group, or ErrMembershipNotFound.
	Member(ctx context.Context, groupID, personID string) (Member, error)
	IsMember(ctx context.Context, groupID, personID string) (bool, error)
}

// MembershipWrites are the changes of who is in a group.
type MembershipWrites interface {
	// TakeGroupSeat counts one more member, who comes from so far, and returns the group; it refuses with ErrGroupFull.
	TakeGroupSeat(ctx context.Context, groupID string, metres int) (Group, error)
	// InsertMember adds a learner for whom a seat was taken.
	InsertMember(ctx context.Context, m Member) error
	// DeleteMember takes a learner out, and returns the longest way of those who stay.
	DeleteMember(ctx context.Context, groupID, personID string) (longest int, err error)
}

// What joining a group may be refused for.
var (
	ErrMembershipNotFound = errs.Missing("member", "membre")
	ErrGroupFull          = errs.New(errs.Precondition, "GROUP_FULL",
		"This group has its 25 members; look for another one near you, or stay in the line for the next.",
		"Ce groupe a ses 25 membres ; cherchez-en un autre près de chez vous, ou attendez le prochain.")
	ErrAlreadyGrouped = errs.New(errs.Precondition, "ALREADY_GROUPED",
		"You are in a group for this module already; leave it before joining another one.",
		"Vous êtes déjà dans un groupe pour ce module ; quittez-le avant d'en rejoindre un autre.")
)

// Newcomer is who joins a group by its link.
type Newcomer struct {
	PersonID    string
	CommuneCode string // needed without an interest that waits
	Sphere      int
	Now         time.Time
	NewID       NewID
}

// JoinGroup joins a group by its link, with the interest that waits for the group's module, or a new one. Whoever is in it already
// stays so.
func JoinGroup(ctx context.Context, tx Tx, groupID string, n Newcomer) (Member, error) {
	member, err := tx.IsMember(ctx, groupID, n.PersonID)
	if err != nil {
		return Member{}, err
	}
	if member {
		return tx.Member(ctx, groupID, n.PersonID)
	}
	g, err := tx.Group(ctx, groupID)
	if err != nil {
		return Member{}, atField(err, "token")
	}
	i, err := n.wish(ctx, tx, g)
	if err != nil {
		return Member{}, err
	}
	return join(ctx, tx, g, i, n.NewID(), n.Now)
}

// wish is the interest with which someone joins.
func (n Newcomer) wish(ctx context.Context, tx Tx, g Group) (Interest, error) {
	own, err := tx.InterestsOf(ctx, n.PersonID, g.ModuleID, g.CampaignID, "")
	switch {
	case err != nil:
		return Interest{}, err
	case len(own) > 0:
		for _, i := range own {
			if i.State == Grouped { // here since a moment ago, or elsewhere: join tells
				return i, nil
			}
		}
		return own[0], nil // of the group's campaign rather than of none
	case n.CommuneCode == "":
		return Interest{}, errs.ErrRequired.At("commune_code")
	}
	i, err := createInterest(ctx, tx, Interest{
		ID: n.NewID(), PersonID: n.PersonID, CommuneCode: n.CommuneCode, ModuleID: g.ModuleID, CampaignID: g.CampaignID,
		Sphere: n.Sphere, CreateTime: n.Now,
	}, "")
	if errors.Is(err, ErrAlreadyInterested) { // registered meanwhile, perhaps by the same request: look again
		err = errs.ErrAborted
	}
	return i, err
}

// join gives an interest that waits a seat in a group; one that has a seat there keeps it. The group first: whoever else joins it then
// waits for this transaction.
func join(ctx context.Context, tx Tx, g Group, i Interest, id string, now time.Time) (Member, error) {
	switch {
	case i.State == Grouped && i.GroupID == g.ID:
		return tx.Member(ctx, g.ID, i.PersonID)
	case i.State == Grouped:
		return Member{}, ErrAlreadyGrouped.With("group", i.GroupID)
	case i.State == Withdrawn:
		return Member{}, ErrInterestWithdrawn
	}
	metres, err := way(ctx, tx, i.CommuneCode, g.PlaceID)
	if err != nil {
		return Member{}, err
	}
	if g, err = tx.TakeGroupSeat(ctx, g.ID, metres); err != nil {
		return Member{}, err
	}
	i.State, i.GroupID, i.Version = Grouped, g.ID, i.Version+1
	if err := tx.UpdateInterests(ctx, []Interest{i}); err != nil {
		return Member{}, err
	}
	m := Member{
		ID: id, GroupID: g.ID, PersonID: i.PersonID, InterestID: i.ID, CommuneCode: i.CommuneCode, Distance: metres, JoinTime: now,
	}
	if err := tx.InsertMember(ctx, m); err != nil {
		return Member{}, err
	}
	return m, tx.Emit(ctx, Event{Name: "group.updated", State: g}, Event{Name: "interest.grouped", State: i},
		Event{Name: "membership.joined", State: Membership{Member: m}})
}

// way is how far a commune is from a place, in metres; 0 when nobody knows where the commune is.
func way(ctx context.Context, r Reads, communeCode, placeID string) (int, error) {
	place, err := r.Place(ctx, placeID)
	if err != nil {
		return 0, err
	}
	commune, err := r.Territory(ctx, communeCode)
	if err != nil || !commune.Located() {
		return 0, err
	}
	return int(math.Round(commune.Position.Distance(place.Position))), nil
}

// LeaveGroup gives a group's seat back; the interest waits again, as if it had never been placed.
func LeaveGroup(ctx context.Context, tx Tx, groupID, personID string) (Membership, error) {
	m, err := tx.Member(ctx, groupID, personID)
	if err != nil {
		return Membership{}, atField(err, "group_id")
	}
	i, err := tx.Interest(ctx, m.InterestID)
	if err != nil {
		return Membership{}, err
	}
	left, err := leaveGroup(ctx, tx, i)
	if err != nil {
		return Membership{}, err
	}
	i.State, i.GroupID, i.Version = Waiting, "", i.Version+1
	if err := tx.UpdateInterests(ctx, []Interest{i}); err != nil {
		return Membership{}, err
	}
	return left, tx.Emit(ctx, Event{Name: "interest.released", State: i})
}

func leaveGroup(ctx context.Context, tx Tx, i Interest) (Membership, error) {
	g, err := tx.Group(ctx, i.GroupID)
	if err != nil {
		return Membership{}, err
	}
	m, err := tx.Member(ctx, g.ID, i.PersonID)
	if err != nil {
		return Membership{}, err
	}
	if g.LongestDistance, err = tx.DeleteMember(ctx, g.ID, i.PersonID); err != nil {
		return Membership{}, err
	}
	g.MemberCount--
	if err := updateGroup(ctx, tx, &g); err != nil {
		return Membership{}, err
	}
	left := Membership{Member: m, Left: true}
	return left, tx.Emit(ctx, Event{Name: "membership.left", State: left})
}

// MemberFor is a person's part in a group, for those who may know it: the person, the group's members and organiser, and those who
// coordinate its territory.
func MemberFor(ctx context.Context, r Reads, v Viewer, groupID, personID string) (Member, error) {
	m, err := r.Member(ctx, groupID, personID)
	if err != nil || v.PersonID == personID {
		return m, err
	}
	g, err := r.Group(ctx, groupID)
	if err != nil || g.OrganiserID == v.PersonID {
		return m, err
	}
	among, err := r.IsMember(ctx, groupID, v.PersonID)
	if err != nil || among {
		return m, err
	}
	commune, err := r.Territory(ctx, g.CommuneCode)
	if err == nil && !commune.withinAny(v.Territories) {
		err = ErrMembershipNotFound
	}
	return m, err
}
