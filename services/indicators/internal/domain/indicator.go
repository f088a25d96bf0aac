package domain

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/classcode/maillage/pkg/errs"
)

// Unit is what a value counts, as in the contract.
type Unit int

// The units.
const (
	Person Unit = iota + 1
	Places
	BasisPoint
	PersonMonth
	EuroCent
	Deliverable
	Text
)

// Indicator is something that is counted, with what it means.
type Indicator struct {
	ID                string
	Title             string
	Definition        string
	DefinitionVersion int
	Unit              Unit
	Version           int64
	Measures          []Measure // of the area that was asked for
}

// IndicatorQuery selects indicators in the natural order of their ids.
type IndicatorQuery struct{ Page }

// What an indicator may be refused for.
var (
	ErrIndicatorNotFound = errs.Missing("indicator", "indicateur").At("id")
	ErrVersionKept       = errs.New(errs.Precondition, "DEFINITION_VERSION_KEPT",
		"What this indicator counts has changed under the same definition version; give the definition a higher version.",
		"Ce que compte cet indicateur a changé sous la même version de définition ; donnez à la définition une version supérieure.")
)

// Rank orders ids naturally: I2a before I2b before I10.
func Rank(id string) (int, error) {
	body, letter := id, 0
	if n := len(id); n > 0 && id[n-1] >= 'a' && id[n-1] <= 'z' {
		body, letter = id[:n-1], int(id[n-1]-'a')+1
	}
	if len(body) < 2 || body[0] != 'I' {
		return 0, fmt.Errorf("indicator id %q: not I, a number and at most a letter", id)
	}
	number, err := strconv.ParseUint(body[1:], 10, 8)
	if err != nil {
		return 0, fmt.Errorf("indicator id %q: %w", id, err)
	}
	return int(number)*100 + letter, nil
}

// Define puts an indicator and its declared measures into the register; the same again changes nothing. An older program
// leaves a newer definition alone.
func Define(ctx context.Context, tx Tx, i Indicator) error {
	current, err := tx.Indicator(ctx, i.ID)
	if err != nil && !errors.Is(err, ErrIndicatorNotFound) {
		return err
	}
	switch {
	case i.DefinitionVersion < current.DefinitionVersion:
		return nil
	case i.DefinitionVersion == current.DefinitionVersion && !i.countsSame(current):
		return ErrVersionKept.With("indicator", i.ID)
	}
	if i.DefinitionVersion > current.DefinitionVersion || i.Title != current.Title {
		i.Version = current.Version + 1
		if err := tx.SaveIndicator(ctx, i); err != nil {
			return err
		}
		if err := tx.Emit(ctx, Event{Name: "indicator.defined", State: i}); err != nil {
			return err
		}
	}
	for _, m := range i.Measures {
		if err := tx.SaveMeasure(ctx, m); err != nil {
			return fmt.Errorf("indicator %s: %w", i.ID, err)
		}
	}
	return nil
}

func (i Indicator) countsSame(o Indicator) bool {
	return i.Definition == o.Definition && i.Unit == o.Unit
}
