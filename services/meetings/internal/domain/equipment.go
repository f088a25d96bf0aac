package domain

import (
	"context"
	"strconv"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Equipment is a stock of things of one kind that a structure or a commune lends.
type Equipment struct {
	ID             string
	StructureID    string // empty when a commune's
	CommuneCode    string // the structure's when it is one's; empty for a national structure's
	Kind           EquipmentKind
	Label          string
	Quantity       int // units owned
	Unusable       int // of them, damaged or lost
	PersonsPerUnit int // 0 when unknown, or when it does not matter
	Condition      string
	Version        int64
	CreateTime     time.Time
}

// EquipmentKind is what a stock is of; the numbers are the contract's, and those of the fixtures of the mesh's rooms.
type EquipmentKind int

// The kinds of equipment.
const (
	Robot EquipmentKind = iota + 1
	Laptop
	Projector
	ConnectionKit
	OtherEquipment
)

// EquipmentQuery selects stocks, oldest first.
type EquipmentQuery struct {
	StructureID, Territory string        // "" for all
	Kind                   EquipmentKind // 0 for all
	Page
}

// BookedEquipment is what a meeting holds of a stock.
type BookedEquipment struct {
	Equipment
	Booked int // units
}

// EquipmentReads finds stocks.
type EquipmentReads interface {
	Equipment(ctx context.Context, id string) (Equipment, error)
	ListEquipment(ctx context.Context, q EquipmentQuery) ([]Equipment, error)
	// EquipmentOf is what a meeting holds, stock by stock.
	EquipmentOf(ctx context.Context, meetingID string) ([]BookedEquipment, error)
}

// EquipmentWrites changes stocks.
type EquipmentWrites interface {
	InsertEquipment(ctx context.Context, e Equipment) error
	// UpdateEquipment refuses when someone else has updated the version before.
	UpdateEquipment(ctx context.Context, e Equipment) error
	// CountResource locks a resource as LockResource does, and says how many units there are from now on.
	CountResource(ctx context.Context, kind ResourceKind, id string, quantity int) error
}

// What equipment may be refused for.
var (
	ErrEquipmentNotFound = errs.Missing("equipment", "matériel")
	ErrEquipmentCount    = errs.New(errs.Invalid, "EQUIPMENT_COUNT",
		"A stock has between 1 and 10000 units, of which no more can be unusable than there are.",
		"Un stock compte entre 1 et 10000 unités, dont au plus autant d'inutilisables.")
	ErrStockBelowBooked = errs.New(errs.Precondition, "STOCK_BELOW_BOOKED",
		"More units than that are booked at some time; have bookings released first.",
		"Plus d'unités sont réservées à un moment donné ; faites d'abord libérer des réservations.")
)

// maxUnits is the contract's.
const maxUnits = 10_000

// Usable is how many units can be lent.
func (e Equipment) Usable() int { return max(e.Quantity-e.Unusable, 0) }

func (e Equipment) check() error {
	switch {
	case e.Label == "":
		return errs.ErrRequired.At("equipment.label")
	case e.Quantity < 1 || e.Quantity > maxUnits:
		return ErrEquipmentCount.At("equipment.quantity")
	case e.Unusable < 0 || e.Unusable > e.Quantity:
		return ErrEquipmentCount.At("equipment.unusable_quantity")
	}
	return nil
}

// CreateEquipment puts a stock on the shelf; territories is its commune and what stands above it.
func CreateEquipment(ctx context.Context, tx Tx, e Equipment, territories []string) (Equipment, error) {
	e.Version = 1
	if err := e.check(); err != nil {
		return Equipment{}, err
	}
	if err := tx.KeepCommune(ctx, e.CommuneCode, territories); err != nil {
		return Equipment{}, err
	}
	if err := tx.CountResource(ctx, ResourceEquipment, e.ID, e.Usable()); err != nil {
		return Equipment{}, err
	}
	if err := tx.InsertEquipment(ctx, e); err != nil {
		return Equipment{}, err
	}
	return e, tx.Emit(ctx, Event{Name: "equipment.created", State: e})
}

// UpdateEquipment changes the masked fields of a stock; an empty mask is all of them. What is booked must remain.
func UpdateEquipment(ctx context.Context, tx Tx, e, change Equipment, mask []string, now time.Time) (Equipment, error) {
	next, err := e.with(change, mask)
	if err != nil {
		return Equipment{}, err
	}
	if err := next.check(); err != nil {
		return Equipment{}, err
	}
	if err := tx.CountResource(ctx, ResourceEquipment, e.ID, next.Usable()); err != nil {
		return Equipment{}, err
	}
	if next.Usable() < e.Usable() {
		if err := coversBooked(ctx, tx, next, now); err != nil {
			return Equipment{}, err
		}
	}
	return saveEquipment(ctx, tx, next)
}

// coversBooked looks at all that is booked from now on, which its lock keeps from changing.
func coversBooked(ctx context.Context, tx Tx, e Equipment, now time.Time) error {
	end := now.AddDate(100, 0, 0) // nothing is planned later
	held, err := tx.BookingsAt(ctx, ResourceEquipment, e.ID, now, end)
	if err != nil {
		return err
	}
	if booked, _ := peak(held, now, end); booked > e.Usable() {
		return ErrStockBelowBooked.At("equipment.quantity").With("booked", strconv.Itoa(booked))
	}
	return nil
}

func saveEquipment(ctx context.Context, tx Tx, e Equipment) (Equipment, error) {
	e.Version++
	if err := tx.UpdateEquipment(ctx, e); err != nil {
		return Equipment{}, err
	}
	return e, tx.Emit(ctx, Event{Name: "equipment.updated", State: e})
}

func (e Equipment) with(change Equipment, mask []string) (Equipment, error) {
	if len(mask) == 0 || len(mask) == 1 && mask[0] == "*" {
		mask = []string{"label", "quantity", "unusable_quantity", "persons_per_unit", "condition"}
	}
	for _, field := range mask {
		switch field {
		case "label":
			e.Label = change.Label
		case "quantity":
			e.Quantity = change.Quantity
		case "unusable_quantity":
			e.Unusable = change.Unusable
		case "persons_per_unit":
			e.PersonsPerUnit = change.PersonsPerUnit
		case "condition":
			e.Condition = change.Condition
		case "id", "etag": // a PATCH over HTTP without a mask gets one from its body, these two included
		default:
			return Equipment{}, errs.ErrMask.At("update_mask").With("path", field)
		}
	}
	return e, nil
}
