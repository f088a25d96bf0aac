// Package domain holds the catalogue's rules: what a module is, who may be enrolled in it, when it is completed,
// and how a practice sheet goes from its group to everyone.
package domain

import (
	"context"
	"time"
)

// Store keeps what the catalogue knows; every change happens in a Write.
type Store interface {
	Module(ctx context.Context, id string) (Module, error)
	Modules(ctx context.Context, q ModuleQuery) ([]Module, error)
	Resource(ctx context.Context, id string) (Resource, error)
	Resources(ctx context.Context, q ResourceQuery) ([]Resource, error)
	Enrolment(ctx context.Context, id string) (Enrolment, error)
	Enrolments(ctx context.Context, q EnrolmentQuery) ([]Enrolment, error)
	MeetingReads
	SheetReads
	// Write runs a use case as one transaction; it may run it again after a conflict.
	Write(ctx context.Context, use func(Tx) error) error
}

// Tx is a transaction in which a use case reads, changes and emits.
type Tx interface {
	Module(ctx context.Context, id string) (Module, error)
	SaveModule(ctx context.Context, m Module) error
	InsertResource(ctx context.Context, r Resource) error
	Enrolment(ctx context.Context, id string) (Enrolment, error)
	// InsertEnrolment refuses with ErrAlreadyEnrolled a second enrolment of a person in a module.
	InsertEnrolment(ctx context.Context, e Enrolment) error
	// UpdateEnrolment refuses when someone else has updated the version before.
	UpdateEnrolment(ctx context.Context, e Enrolment) error
	MeetingReads
	MeetingWrites
	SheetReads
	SheetWrites
	ErasureWrites
	Emit(ctx context.Context, events ...Event) error
	Requests
}

// Requests keeps what a request was answered, so that its retry has one effect and the same answer.
type Requests interface {
	Reply(ctx context.Context, key string) (fingerprint, reply []byte, found bool, err error)
	SaveReply(ctx context.Context, key string, fingerprint, reply []byte) error
}

// Event says what happened to a noun, with its whole state after it.
type Event struct {
	Name  string // "<noun>.<past_tense>", e.g. "enrolment.created"
	State any    // Module, Enrolment or PracticeSheet
}

// Page is where a list goes on and how much of it is wanted.
type Page struct {
	After []string // the order's values of the last row before; empty for the first page
	Limit int
}

// Clock tells the time; tests hold it still.
type Clock func() time.Time
