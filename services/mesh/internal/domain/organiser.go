package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Origin is how an organiser came to the charge.
type Origin int

// The origins, numbered as in the contract.
const (
	Cooptation Origin = iota + 1
	Contamination
)

// OrganiserState is where the proposal of an organiser stands.
type OrganiserState int

// The states, numbered as in the contract.
const (
	Proposed OrganiserState = iota + 1
	Accepted
	Ended // the person was erased
)

// Organiser is a person's charge of a group's meetings.
type Organiser struct {
	ID             string
	GroupID        string
	PersonID       string
	Origin         Origin
	PassedBy       string // for a contamination, who passed the competence
	OverrideReason string
	State          OrganiserState
	Version        int64
	CreateTime     time.Time
	AcceptTime     time.Time // zero until accepted
}

// LineageEdge is who passed the competence to whom.
type LineageEdge struct {
	ID         string // of the charge that it comes from
	From       string // empty when the group itself co-opted
	To         string
	GroupID    string
	Origin     Origin
	CreateTime time.Time
}

// OrganiserQuery selects organisers that the viewer may see, oldest first.
type OrganiserQuery struct {
	Viewer  Viewer
	GroupID string // empty for all
	Page
}

// LineageQuery selects edges that the viewer may see, oldest first.
type LineageQuery struct {
	Viewer     Viewer
	CampaignID string // empty for all
	Page
}

// OrganiserReads are the questions about organisers and their lineage.
type OrganiserReads interface {
	Organiser(ctx context.Context, id string) (Organiser, error)
	Organisers(ctx context.Context, q OrganiserQuery) ([]Organiser, error)
	// HoldsCharge tells whether a person organises some group.
	HoldsCharge(ctx context.Context, personID string) (bool, error)
	LineageEdges(ctx context.Context, q LineageQuery) ([]LineageEdge, error)
}

// OrganiserWrites are the changes of organisers and their lineage.
type OrganiserWrites interface {
	// InsertOrganiser refuses with ErrAlreadyProposed the same proposal of a person for a group.
	InsertOrganiser(ctx context.Context, o Organiser) error
	// UpdateOrganiser refuses when someone else has updated the version before.
	UpdateOrganiser(ctx context.Context, o Organiser) error
	// InsertEdge refuses with ErrLineageCycle an edge to someone from whom its origin descends.
	InsertEdge(ctx context.Context, e LineageEdge) error
}

// What an organiser may be refused for.
var (
	ErrOrganiserNotFound = errs.Missing("organiser", "organisateur")
	ErrAlreadyProposed   = errs.New(errs.AlreadyExists, "ORGANISER_ALREADY_PROPOSED",
		"This person has already been proposed for this group.",
		"Cette personne a déjà été proposée pour ce groupe.")
	ErrProposer = errs.New(errs.Denied, "PROPOSER_NOT_ENTITLED",
		"Only a member of the group or a coordinator of its territory proposes an organiser by cooptation.",
		"Seul un membre du groupe ou un coordinateur de son territoire propose un organisateur par cooptation.")
	ErrPasser = errs.New(errs.Denied, "PASSER_NOT_ORGANISER",
		"Only an organiser passes the competence on.",
		"Seul un organisateur transmet la compétence.")
	ErrNotAnother = errs.New(errs.Invalid, "CANDIDATE_IS_CALLER",
		"The competence is passed to another person; name a member of the group.",
		"La compétence se transmet à une autre personne ; désignez un membre du groupe.")
	ErrCandidate = errs.New(errs.Precondition, "CANDIDATE_NOT_MEMBER",
		"The candidate is not a member of this group; choose one of its members.",
		"La personne proposée n'est pas membre de ce groupe ; choisissez l'un de ses membres.")
	ErrStructureHasOrganiser = errs.New(errs.Precondition, "STRUCTURE_HAS_ORGANISER",
		"The structure that hosts this group has an organiser, who goes first; give a reason to go past this.",
		"La structure qui accueille ce groupe a un organisateur, qui passe en premier ; donnez un motif pour passer outre.")
	ErrNotProposed = errs.New(errs.Precondition, "ORGANISER_NOT_PROPOSED",
		"This proposal has been answered already.",
		"Cette proposition a déjà reçu une réponse.")
	ErrGroupHasOrganiser = errs.New(errs.Precondition, "GROUP_HAS_ORGANISER",
		"This group already has an organiser.",
		"Ce groupe a déjà un organisateur.")
	ErrLineageCycle = errs.New(errs.Precondition, "LINEAGE_CYCLE",
		"The competence cannot come back to someone from whom it came.",
		"La compétence ne peut pas revenir à une personne dont elle provient.")
)

// ProposeOrganiser proposes someone, or oneself, to organise a group.
func ProposeOrganiser(ctx context.Context, tx Tx, o Organiser, caller string) (Organiser, error) {
	g, err := tx.Group(ctx, o.GroupID)
	if err != nil {
		return Organiser{}, atField(err, "organiser.group_id")
	}
	if o.PersonID == "" {
		o.PersonID = caller
	}
	entitled := coopts
	if o.Origin == Contamination {
		entitled, o.PassedBy = passes, caller
	}
	if err := entitled(ctx, tx, g, o, caller); err != nil {
		return Organiser{}, err
	}
	if err := mustBeMember(ctx, tx, o); err != nil {
		return Organiser{}, atField(err, "organiser.person_id")
	}
	o.State, o.Version = Proposed, 1
	if err := tx.InsertOrganiser(ctx, o); err != nil {
		return Organiser{}, err
	}
	return o, tx.Emit(ctx, Event{Name: "organiser.proposed", State: o})
}

func mustBeMember(ctx context.Context, tx Tx, o Organiser) error {
	member, err := tx.IsMember(ctx, o.GroupID, o.PersonID)
	if err == nil && !member {
		return ErrCandidate
	}
	return err
}

// coopts checks a proposal by the group itself or by a coordinator; an organiser of the structure goes first.
func coopts(ctx context.Context, tx Tx, g Group, o Organiser, caller string) error {
	named, err := tx.IsMember(ctx, g.ID, caller)
	if err == nil && !named {
		named, err = coordinates(ctx, tx, caller, g.CommuneCode)
	}
	switch {
	case err != nil:
		return err
	case !named:
		return ErrProposer
	case g.StructureID == "" || o.OverrideReason != "":
		return nil
	}
	taken, err := tx.StructureHasOrganiser(ctx, g.StructureID, o.PersonID)
	if err == nil && taken {
		return ErrStructureHasOrganiser.At("organiser.override_reason")
	}
	return err
}

// passes checks that who passes the competence on has it.
func passes(ctx context.Context, tx Tx, _ Group, o Organiser, caller string) error {
	if o.PersonID == caller {
		return ErrNotAnother.At("organiser.person_id")
	}
	p, err := tx.Person(ctx, caller)
	if err != nil || p.has(OrganiserRole) {
		return err
	}
	holds, err := tx.HoldsCharge(ctx, caller)
	if err == nil && !holds {
		return ErrPasser
	}
	return err
}

func coordinates(ctx context.Context, tx Tx, personID, communeCode string) (bool, error) {
	p, err := tx.Person(ctx, personID)
	if err != nil {
		return false, err
	}
	commune, err := tx.Territory(ctx, communeCode)
	return err == nil && commune.withinAny(p.coordinates()), err
}

// AcceptOrganiser takes the charge of a group, and notes from whom the competence came.
func AcceptOrganiser(ctx context.Context, tx Tx, o Organiser, now time.Time) (Organiser, error) {
	g, err := tx.Group(ctx, o.GroupID)
	switch {
	case err != nil:
		return Organiser{}, err
	case o.State != Proposed:
		return Organiser{}, ErrNotProposed
	case g.OrganiserID != "":
		return Organiser{}, ErrGroupHasOrganiser
	}
	if err := mustBeMember(ctx, tx, o); err != nil { // may have left since the proposal
		return Organiser{}, err
	}
	o.State, o.Version, o.AcceptTime = Accepted, o.Version+1, now
	g.OrganiserID = o.PersonID
	edge := LineageEdge{ID: o.ID, From: o.PassedBy, To: o.PersonID, GroupID: g.ID, Origin: o.Origin, CreateTime: now}
	// The group first: two acceptances meet at its version, before the guard of the database would refuse the second.
	if err := updateGroup(ctx, tx, &g); err != nil {
		return Organiser{}, err
	}
	if err := tx.UpdateOrganiser(ctx, o); err != nil {
		return Organiser{}, err
	}
	if err := tx.InsertEdge(ctx, edge); err != nil {
		return Organiser{}, err
	}
	return o, tx.Emit(ctx, Event{Name: "organiser.accepted", State: o})
}
