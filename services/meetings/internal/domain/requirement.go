package domain

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Requirement is one line of what a type of meeting needs. It is never edited: a new version takes its place, and the checklists that
// were made before keep what they have.
type Requirement struct {
	ID         string // empty for a line of the default list
	Type       MeetingType
	Territory  string // empty for a line of the default list
	Code       string
	Domain     RequirementDomain
	FR, EN     string
	Required   bool
	DueBefore  time.Duration // before the start
	CheckedBy  Charge
	Version    int
	CreateTime time.Time
}

// MeetingType is how the people of a meeting come together; the numbers are the contract's.
type MeetingType int

// The types of meetings.
const (
	InPersonMeeting MeetingType = iota + 1
	RemoteMeeting
	HybridMeeting
)

// RequirementDomain is what a requirement is about; the numbers are the contract's.
type RequirementDomain int

// The domains of requirements.
const (
	AboutPeople RequirementDomain = iota + 1
	AboutEquipment
	AboutNetwork
	AboutRoom
)

// Charge is who takes care of something; the numbers are the contract's.
type Charge int

// The roles around a meeting that something may be the charge of, and a named person.
const (
	ByOrganiser Charge = iota + 1
	ByReferent
	ByRelay
	ByCoordinator
	ByPerson
)

// RequirementReads finds requirements.
type RequirementReads interface {
	// Requirements is what is in force for a type of meeting in these territories.
	Requirements(ctx context.Context, kind MeetingType, territories []string) ([]Requirement, error)
	// Requirement is one that is in force, or ErrRequirementNotFound.
	Requirement(ctx context.Context, id string) (Requirement, error)
}

// RequirementWrites changes what is in force.
type RequirementWrites interface {
	// PutRequirement makes r the version in force of its territory, type and code, and returns it with its number.
	PutRequirement(ctx context.Context, r Requirement) (Requirement, error)
	// RetireRequirement takes a requirement out of force, or refuses with ErrRequirementNotFound when it is not.
	RetireRequirement(ctx context.Context, id string, now time.Time) (Requirement, error)
}

// ErrRequirementNotFound is also for one that is no longer in force.
var ErrRequirementNotFound = errs.Missing("requirement", "exigence")

// Type is how the meeting's people come together: its mode, which its seats follow.
func (m Meeting) Type() MeetingType { return MeetingType(m.Mode) }

// PutRequirement puts a requirement in force for the meetings that are planned from now on.
func PutRequirement(ctx context.Context, tx Tx, r Requirement) (_ Requirement, err error) {
	if r.FR, err = written(r.FR, "requirement.text_fr"); err != nil {
		return r, err
	}
	if r.EN, err = written(r.EN, "requirement.text_en"); err != nil {
		return r, err
	}
	return tx.PutRequirement(ctx, r)
}

// ListInForce is what a type of meeting needs: the default list, and what the territories ask for beside or instead, the first due
// first.
func ListInForce(rules Rules, kind MeetingType, asked []Requirement) []Requirement {
	all := slices.Clone(asked)
	for _, r := range rules.Requirements {
		if r.Type == kind {
			all = append(all, r)
		}
	}
	list := nearest(all, func(r Requirement) string { return r.Code }, func(r Requirement) string { return r.Territory })
	slices.SortFunc(list, func(a, b Requirement) int {
		return cmp.Or(cmp.Compare(b.DueBefore, a.DueBefore), cmp.Compare(a.Code, b.Code))
	})
	return list
}
