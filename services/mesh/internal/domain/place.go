package domain

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// PlaceStatus is how far a place has come; each includes the one before.
type PlaceStatus int

// The statuses, numbered as in the contract.
const (
	Identified PlaceStatus = iota + 1
	Active
	Sustained
)

// Place is where meetings happen.
type Place struct {
	ID               string
	Name             string
	CommuneCode      string
	Position         Position
	Status           PlaceStatus
	OpeningHours     string
	StructureID      string
	Source, SourceID string // both empty for a place entered here
	Seats            int    // 0 when unknown
	Address          string
	Version          int64
	CreateTime       time.Time
}

// NearPlace is a place and how far it is, in metres.
type NearPlace struct {
	Place
	Distance float64
}

// PlaceQuery selects places, by name.
type PlaceQuery struct {
	Territory string      // empty for all
	Status    PlaceStatus // at least; 0 for all
	Page
}

// PlaceReads are the questions about places.
type PlaceReads interface {
	Place(ctx context.Context, id string) (Place, error)
	Places(ctx context.Context, q PlaceQuery) ([]Place, error)
	// NearestPlaces are those within radius metres, nearest first, ties by id.
	NearestPlaces(ctx context.Context, from Position, radius float64, limit int) ([]NearPlace, error)
	// Sites are all places as grouping sees them.
	Sites(ctx context.Context) ([]Site, error)
}

// PlaceWrites are the changes of places.
type PlaceWrites interface {
	InsertPlace(ctx context.Context, p Place) error
	// UpdatePlace refuses when someone else has updated the version before.
	UpdatePlace(ctx context.Context, p Place) error
	// LockPlace makes later changes of the place, and of its meetings, wait for the end of the transaction.
	LockPlace(ctx context.Context, id string) error
	// SaveMeeting keeps the newest version only, and tells whether it was this one.
	SaveMeeting(ctx context.Context, m Meeting) (saved bool, err error)
	// HeldAt is when the first and the last held meeting of a place took place; zero without any.
	HeldAt(ctx context.Context, placeID string) (first, last time.Time, err error)
}

// maxFromCommune covers the largest commune of the mainland (Arles, 760 km²) twice, and the worst estimate of a centre (59 km).
const maxFromCommune = 60_000

// What a place may be refused for.
var (
	ErrPlaceNotFound = errs.Missing("place", "lieu")
	ErrPositionFar   = errs.New(errs.Invalid, "POSITION_FAR_FROM_COMMUNE",
		"This position is more than 60 km from the commune; check the position or the commune.",
		"Cette position est à plus de 60 km de la commune ; vérifiez la position ou la commune.")
	ErrPositionInverted = errs.New(errs.Invalid, "POSITION_INVERTED",
		"Latitude and longitude seem to have changed places: swap them.",
		"La latitude et la longitude semblent inversées : échangez-les.")
)

// CreatePlace adds a place to the mesh.
func CreatePlace(ctx context.Context, tx Tx, p Place) (Place, error) {
	commune, err := CommuneAt(ctx, tx, p.CommuneCode, "place.commune_code")
	if err != nil {
		return Place{}, err
	}
	p.CommuneCode, p.Status, p.Version = commune.Code, Identified, 1
	if err := errors.Join(CheckPosition(p.Position, commune), structureAt(ctx, tx, p.StructureID, "place.structure_id")); err != nil {
		return Place{}, err
	}
	if err := tx.InsertPlace(ctx, p); err != nil {
		return Place{}, err
	}
	return p, tx.Emit(ctx, Event{Name: "place.created", State: p})
}

// CheckPosition refuses a position that is too far from its commune; nothing can be said where the commune's is unknown.
func CheckPosition(p Position, commune Territory) error {
	if !commune.Located() || p.Distance(commune.Position) <= maxFromCommune {
		return nil
	}
	if swapped, ok := p.Swapped(); ok && swapped.Distance(commune.Position) <= maxFromCommune {
		return ErrPositionInverted.At("place.position")
	}
	return ErrPositionFar.At("place.position")
}

// UpdatePlace changes the masked fields of a place; an empty mask is all of them.
func UpdatePlace(ctx context.Context, tx Tx, p, change Place, mask []string) (Place, error) {
	p, err := p.with(change, mask)
	if err != nil {
		return Place{}, err
	}
	commune, err := tx.Territory(ctx, p.CommuneCode)
	if err != nil {
		return Place{}, err
	}
	if err := errors.Join(CheckPosition(p.Position, commune), structureAt(ctx, tx, p.StructureID, "place.structure_id")); err != nil {
		return Place{}, err
	}
	err = updatePlace(ctx, tx, &p, "")
	return p, err
}

// PlaceFields are the fields that a mask names; an empty mask and "*" name all that may change.
func PlaceFields(mask []string) []string {
	if len(mask) == 0 || len(mask) == 1 && mask[0] == "*" {
		return []string{"name", "position", "opening_hours", "structure_id", "seats", "address"}
	}
	return mask
}

func (p Place) with(change Place, mask []string) (Place, error) {
	for _, field := range PlaceFields(mask) {
		switch field {
		case "name":
			p.Name = change.Name
		case "position":
			p.Position = change.Position
		case "opening_hours":
			p.OpeningHours = change.OpeningHours
		case "structure_id":
			p.StructureID = change.StructureID
		case "seats":
			p.Seats = change.Seats
		case "address":
			p.Address = change.Address
		default:
			return Place{}, errs.ErrMask.At("update_mask")
		}
	}
	return p, nil
}

// ImportPlace takes a place over from its source: the source decides on what it knows, the mesh keeps the rest. The same
// record again changes nothing.
func ImportPlace(ctx context.Context, tx Tx, p Place) error {
	current, err := tx.Place(ctx, p.ID)
	if errors.Is(err, ErrPlaceNotFound) {
		p.Status, p.Version = Identified, 1
		if err := tx.InsertPlace(ctx, p); err != nil {
			return err
		}
		return tx.Emit(ctx, Event{Name: "place.created", State: p})
	}
	if err != nil {
		return err
	}
	p.Status, p.StructureID, p.Seats = current.Status, current.StructureID, current.Seats
	p.Version, p.CreateTime = current.Version, current.CreateTime
	if p == current {
		return nil
	}
	return updatePlace(ctx, tx, &p, "")
}

func updatePlace(ctx context.Context, tx Tx, p *Place, cause string) error {
	p.Version++
	if err := tx.UpdatePlace(ctx, *p); err != nil {
		return err
	}
	return tx.Emit(ctx, Event{Name: "place.updated", State: *p, Cause: cause})
}

// Compare orders by distance, and places at the same one by id.
func (n NearPlace) Compare(other NearPlace) int {
	return cmp.Or(cmp.Compare(n.Distance, other.Distance), cmp.Compare(n.ID, other.ID))
}
