package domain

import (
	"context"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Enrolment is a person's way through a module: no forced order, no deadline.
type Enrolment struct {
	ID            string
	ModuleID      string
	ModuleVersion int64
	PersonID      string
	Level         Level
	Completed     []string // step ids, in the module's order
	Version       int64
	CreateTime    time.Time
	CompleteTime  time.Time // zero until every step is completed
}

// EnrolmentQuery selects a person's enrolments, oldest first.
type EnrolmentQuery struct {
	PersonID string
	Page
}

// What an enrolment may be refused for.
var (
	ErrEnrolmentNotFound = errs.Missing("enrolment", "inscription au module")
	ErrAlreadyEnrolled   = errs.New(errs.AlreadyExists, "ALREADY_ENROLLED",
		"You are already enrolled in this module; go on with that enrolment.",
		"Vous êtes déjà inscrit à ce module ; poursuivez cette inscription.")
	ErrLevelNotOffered = errs.New(errs.Invalid, "LEVEL_NOT_OFFERED",
		"This module is not offered at this level.",
		"Ce module n'est pas proposé à ce niveau.")
	ErrStepUnknown = errs.New(errs.Invalid, "STEP_UNKNOWN",
		"This step does not belong to the module at the level you follow.",
		"Cette étape ne fait pas partie du module au niveau que vous suivez.")
)

// Enrol begins a person's way through a module; a person has one per module.
func Enrol(ctx context.Context, tx Tx, e Enrolment) (Enrolment, error) {
	module, err := tx.Module(ctx, e.ModuleID)
	if err != nil {
		return Enrolment{}, atField(err, "enrolment.module_id")
	}
	if !slices.Contains(module.Levels, e.Level) {
		return Enrolment{}, ErrLevelNotOffered.At("enrolment.level")
	}
	e.ModuleVersion, e.Version = module.Version, 1
	if err := tx.InsertEnrolment(ctx, e); err != nil {
		return Enrolment{}, err
	}
	return e, tx.Emit(ctx, Event{Name: "enrolment.created", State: e})
}

// CompleteStep records a completed step; the last one of the level completes the enrolment. A step completed before
// changes nothing.
func CompleteStep(ctx context.Context, tx Tx, e Enrolment, stepID string, now time.Time) (Enrolment, error) {
	module, err := tx.Module(ctx, e.ModuleID)
	if err != nil {
		return Enrolment{}, err
	}
	steps := module.StepsAt(e.Level)
	if !slices.ContainsFunc(steps, func(s Step) bool { return s.ID == stepID }) {
		return Enrolment{}, ErrStepUnknown.At("step_id")
	}
	if slices.Contains(e.Completed, stepID) {
		return e, nil
	}
	e.Completed, e.Version = inOrder(steps, append(e.Completed, stepID)), e.Version+1
	if len(e.Completed) < len(steps) {
		return e, update(ctx, tx, e, "enrolment.progressed")
	}
	e.CompleteTime = now
	return e, update(ctx, tx, e, "enrolment.completed")
}

func inOrder(steps []Step, ids []string) []string {
	var ordered []string
	for _, s := range steps {
		if slices.Contains(ids, s.ID) {
			ordered = append(ordered, s.ID)
		}
	}
	return ordered
}

func update(ctx context.Context, tx Tx, e Enrolment, event string) error {
	if err := tx.UpdateEnrolment(ctx, e); err != nil {
		return err
	}
	return tx.Emit(ctx, Event{Name: event, State: e})
}
