package domain

import (
	"context"
	"math"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Group is at most 25 learners around a place; it lives on after a course.
type Group struct {
	ID              string
	CampaignID      string
	ModuleID        string
	PlaceID         string
	CommuneCode     string
	StructureID     string // empty when unknown
	OrganiserID     string // empty until someone has accepted
	MemberCount     int
	LongestDistance int // metres
	Version         int64
	CreateTime      time.Time
}

// GroupQuery selects groups, oldest first.
type GroupQuery struct {
	CampaignID string // empty for all
	Territory  string // empty for all
	Page
}

// GroupReads are the questions about groups.
type GroupReads interface {
	Group(ctx context.Context, id string) (Group, error)
	Groups(ctx context.Context, q GroupQuery) ([]Group, error)
}

// GroupWrites are the changes of groups.
type GroupWrites interface {
	InsertGroups(ctx context.Context, groups []Group, members []Member) error
	// UpdateGroup refuses when someone else has updated the version before.
	UpdateGroup(ctx context.Context, g Group) error
}

// MaxGroup is the largest group, in persons: what one organiser can run.
const MaxGroup = 25

// What a group is formed with when the request does not say.
const (
	defaultRadius = 30_000
	defaultMin    = 5
)

// What forming groups may be refused for.
var (
	ErrGroupNotFound = errs.Missing("group", "groupe")
	ErrMinAboveMax   = errs.New(errs.Invalid, "MIN_ABOVE_MAX",
		"The smallest size is above the largest one.",
		"La taille minimale dépasse la taille maximale.")
)

// Formation is what became of those who waited.
type Formation struct {
	Groups []Group
	Left   []LeftOut
}

// NewRules completes the rules of a request with the defaults.
func NewRules(radius, minSize, maxSize int) (Rules, error) {
	if radius == 0 {
		radius = defaultRadius
	}
	if maxSize == 0 {
		maxSize = MaxGroup
	}
	if minSize == 0 {
		minSize = min(defaultMin, maxSize)
	}
	if minSize > maxSize {
		return Rules{}, ErrMinAboveMax.At("min_size")
	}
	return Rules{Radius: float64(radius), Min: minSize, Max: maxSize}, nil
}

// FormGroups groups those of a campaign who wait for a module. Whoever was placed or has withdrawn meanwhile makes the whole
// use case run again: nobody is placed twice.
func FormGroups(ctx context.Context, tx Tx, c Campaign, moduleID string, rules Rules, newID NewID, now time.Time) (Formation, error) {
	waiting, err := tx.WaitingInterests(ctx, c.ID, moduleID)
	if err != nil {
		return Formation{}, err
	}
	sites, err := tx.Sites(ctx)
	if err != nil {
		return Formation{}, err
	}
	applicants := make([]Applicant, len(waiting))
	for i, w := range waiting {
		applicants[i] = Applicant{ID: w.ID, Commune: w.CommuneCode, Position: w.Position, Located: w.Located}
	}
	result := Form(applicants, sites, rules)
	d := draft{blank: Group{CampaignID: c.ID, ModuleID: moduleID, Version: 1, CreateTime: now}, waiting: waiting, sites: sites}
	d.fill(result.Groups, newID)
	return Formation{Groups: d.groups, Left: result.Left}, d.save(ctx, tx)
}

// draft is what forming groups writes.
type draft struct {
	blank   Group
	waiting []WaitingInterest
	sites   []Site

	groups  []Group
	members []Member
	placed  []Interest
	events  []Event
}

func (d *draft) fill(formed []Formed, newID NewID) {
	interests := make(map[string]Interest, len(d.waiting))
	for _, w := range d.waiting {
		interests[w.ID] = w.Interest
	}
	sites := make(map[string]Site, len(d.sites))
	for _, s := range d.sites {
		sites[s.ID] = s
	}
	for _, f := range formed {
		site, g := sites[f.SiteID], d.blank
		g.ID, g.PlaceID, g.CommuneCode, g.StructureID = newID(), site.ID, site.CommuneCode, site.StructureID
		g.MemberCount = len(f.Members)
		for _, placed := range f.Members {
			i, metres := interests[placed.ApplicantID], int(math.Round(placed.Distance))
			i.State, i.GroupID, i.Version = Grouped, g.ID, i.Version+1
			g.LongestDistance = max(g.LongestDistance, metres)
			d.placed = append(d.placed, i)
			m := Member{
				ID: newID(), GroupID: g.ID, PersonID: i.PersonID, InterestID: i.ID, CommuneCode: i.CommuneCode, Distance: metres,
				JoinTime: g.CreateTime,
			}
			d.members = append(d.members, m)
			d.events = append(d.events, Event{Name: "interest.grouped", State: i}, Event{Name: "membership.joined", State: Membership{Member: m}})
		}
		d.groups = append(d.groups, g)
		d.events = append(d.events, Event{Name: "group.formed", State: g})
	}
}

func (d *draft) save(ctx context.Context, tx Tx) error {
	if err := tx.UpdateInterests(ctx, d.placed); err != nil {
		return err
	}
	if err := tx.InsertGroups(ctx, d.groups, d.members); err != nil {
		return err
	}
	return tx.Emit(ctx, d.events...)
}

func updateGroup(ctx context.Context, tx Tx, g *Group) error {
	g.Version++
	if err := tx.UpdateGroup(ctx, *g); err != nil {
		return err
	}
	return tx.Emit(ctx, Event{Name: "group.updated", State: *g})
}
