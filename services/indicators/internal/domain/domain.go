// Package domain holds the rules of what is counted: who is sensitised or trained, which places live, what a value is worth.
package domain

import (
	"context"
	"time"
)

// Store keeps definitions, declared measures, and what other services have told; every change happens in a Write.
type Store interface {
	Indicator(ctx context.Context, id string) (Indicator, error)
	Indicators(ctx context.Context, q IndicatorQuery) ([]Indicator, error)
	// Declared returns the measures declared for exactly this area.
	Declared(ctx context.Context, a Area) ([]Measure, error)
	Count(ctx context.Context, a Area) (Counts, error)
	// Waves is what surveys have found in an area, by wave and part.
	Waves(ctx context.Context, a Area) ([]Wave, error)
	CommuneKnown(ctx context.Context, commune string) (bool, error)
	// Write runs a use case as one transaction; it may run it again after a conflict.
	Write(ctx context.Context, use func(Tx) error) error
}

// Tx is a transaction in which a use case reads, changes and emits.
type Tx interface {
	Definitions
	Projections
	Persons
	Erasures
	Emit(ctx context.Context, events ...Event) error
}

// Definitions is what indicators mean, and what was declared of them.
type Definitions interface {
	Indicator(ctx context.Context, id string) (Indicator, error)
	// SaveIndicator refuses when someone else has saved the version before.
	SaveIndicator(ctx context.Context, i Indicator) error
	SaveMeasure(ctx context.Context, m Measure) error
}

// Projections keeps what other services tell, each thing at its highest version; false says that this one is no news.
type Projections interface {
	SaveInterest(ctx context.Context, i Interest) (newer bool, err error)
	SaveAttestation(ctx context.Context, a Attestation) (newer bool, err error)
	SaveEnrolment(ctx context.Context, e Enrolment) (newer bool, err error)
	SaveMeeting(ctx context.Context, m Meeting) (newer bool, err error)
	SaveFeedback(ctx context.Context, f Feedback) (newer bool, err error)
	SavePlace(ctx context.Context, p Place) (newer bool, err error)
	SaveCommune(ctx context.Context, commune string, territories []string) error
}

// Persons keeps where each person stands, and how many stand where.
type Persons interface {
	// ClaimPerson returns where a person stood so far, and lets one transaction at a time decide where the person stands.
	ClaimPerson(ctx context.Context, personID string) (Standing, error)
	History(ctx context.Context, personID string) (History, error)
	SaveStanding(ctx context.Context, personID string, s Standing) error
	AddTallies(ctx context.Context, differences []Tally) error
}

// Territories knows what lies above a territory, in every grid; mesh owns it.
type Territories interface {
	// Ancestors returns the code itself first, the country last; a former code answers with its successor.
	Ancestors(ctx context.Context, code string) ([]string, error)
}

// Event says what happened to a noun, with its whole state after it.
type Event struct {
	Name  string // "<noun>.<past_tense>", e.g. "indicator.defined"
	State any    // Indicator
}

// Page is where a list goes on and how much of it is wanted.
type Page struct {
	After []string // the order's values of the last row before; empty for the first page
	Limit int
}

// Clock tells the time; tests hold it still.
type Clock func() time.Time
