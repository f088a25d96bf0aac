package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// InterestState is what became of an interest.
type InterestState int

// The states, numbered as in the contract.
const (
	Waiting InterestState = iota + 1
	Grouped
	Withdrawn
)

// Interest is a learner's wish to follow a module with others near home.
type Interest struct {
	ID          string
	PersonID    string
	CommuneCode string
	ModuleID    string
	CampaignID  string // empty outside of any
	State       InterestState
	GroupID     string // empty unless grouped
	Sphere      int    // of the person's work; 0 when not said
	Version     int64
	CreateTime  time.Time
}

// WaitingInterest is an interest that waits, with where its commune is.
type WaitingInterest struct {
	Interest
	Position Position
	Located  bool
}

// InterestQuery selects interests that the viewer may see, oldest first.
type InterestQuery struct {
	Viewer     Viewer
	CampaignID string        // empty for all
	State      InterestState // 0 for all
	Page
}

// InterestReads are the questions about interests.
type InterestReads interface {
	Interest(ctx context.Context, id string) (Interest, error)
	Interests(ctx context.Context, q InterestQuery) ([]Interest, error)
	// WaitingInterests are those of a campaign that wait for a group for the module.
	WaitingInterests(ctx context.Context, campaignID, moduleID string) ([]WaitingInterest, error)
	// InterestsOf are those of the person for the module in one of the campaigns that were not withdrawn.
	InterestsOf(ctx context.Context, personID, moduleID string, campaigns ...string) ([]Interest, error)
}

// InterestWrites are the changes of interests.
type InterestWrites interface {
	// InsertInterest refuses with ErrAlreadyInterested a second one of a person for a module and campaign.
	InsertInterest(ctx context.Context, i Interest) error
	// UpdateInterests refuses all of them when someone else has updated a version before.
	UpdateInterests(ctx context.Context, all []Interest) error
}

// What an interest may be refused for.
var (
	ErrInterestNotFound  = errs.Missing("interest", "souhait")
	ErrAlreadyInterested = errs.New(errs.AlreadyExists, "ALREADY_INTERESTED",
		"You have already registered for this module; withdraw that interest before registering again.",
		"Vous êtes déjà inscrit pour ce module ; retirez ce souhait avant d'en déposer un autre.")
	ErrOutsideCampaign = errs.New(errs.Invalid, "OUTSIDE_CAMPAIGN",
		"This commune is not in the campaign's territory; choose another campaign, or none.",
		"Cette commune n'est pas dans le territoire de la campagne ; choisissez une autre campagne, ou aucune.")
	ErrInterestWithdrawn = errs.New(errs.Precondition, "INTEREST_WITHDRAWN",
		"This interest was withdrawn already; register again to come back.",
		"Ce souhait a déjà été retiré ; inscrivez-vous de nouveau pour revenir.")
)

// CreateInterest registers a person's wish. That the module exists is checked before, with the catalogue.
func CreateInterest(ctx context.Context, tx Tx, i Interest) (Interest, error) {
	return createInterest(ctx, tx, i, "interest.")
}

// createInterest is told where in the request the interest stands.
func createInterest(ctx context.Context, tx Tx, i Interest, path string) (Interest, error) {
	commune, err := CommuneAt(ctx, tx, i.CommuneCode, path+"commune_code")
	if err != nil {
		return Interest{}, err
	}
	if i.CampaignID != "" {
		campaign, err := tx.Campaign(ctx, i.CampaignID)
		if err != nil {
			return Interest{}, reference(err, path+"campaign_id")
		}
		if !commune.Within(campaign.TerritoryCode) {
			return Interest{}, ErrOutsideCampaign.At(path + "commune_code")
		}
	}
	i.CommuneCode, i.State, i.Version = commune.Code, Waiting, 1
	if err := tx.InsertInterest(ctx, i); err != nil {
		return Interest{}, err
	}
	return i, tx.Emit(ctx, Event{Name: "interest.registered", State: i})
}

// WithdrawInterest takes an interest back, and frees its seat in a group.
func WithdrawInterest(ctx context.Context, tx Tx, i Interest) (Interest, error) {
	if i.State == Withdrawn {
		return Interest{}, ErrInterestWithdrawn
	}
	if i.State == Grouped {
		if _, err := leaveGroup(ctx, tx, i); err != nil {
			return Interest{}, err
		}
	}
	i.State, i.GroupID, i.Version = Withdrawn, "", i.Version+1
	if err := tx.UpdateInterests(ctx, []Interest{i}); err != nil {
		return Interest{}, err
	}
	return i, tx.Emit(ctx, Event{Name: "interest.withdrawn", State: i})
}
