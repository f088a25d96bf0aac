// Package domain holds the rules of meetings: when one may be planned, moved and held, who has a seat, who was there, and
// what is attested of it.
package domain

import (
	"context"
	"time"
)

// Store keeps what the service knows; every change happens in a Write.
type Store interface {
	MeetingReads
	SeatReads
	RegistrationReads
	AttestationReads
	AttestationShareReads
	NoticeReads
	SwapReads
	PollReads
	ProgrammeReads
	CalendarReads
	LogisticsReads
	SearchReads
	ReadinessReads
	AttendanceReads
	MinutesReads
	FeedbackReads
	ErasureReads
	BadgeReads
	BadgeClaimReads
	// Group is what was last heard of a group; the zero Group when nothing was.
	Group(ctx context.Context, id string) (Group, error)
	// Write runs a use case as one transaction; it may run it again after a conflict.
	Write(ctx context.Context, use func(Tx) error) error
}

// Tx is a transaction in which a use case reads, changes and emits.
type Tx interface {
	MeetingReads
	MeetingWrites
	SeatReads
	SeatWrites
	RegistrationReads
	RegistrationWrites
	AttestationReads
	AttestationWrites
	AttestationShareReads
	AttestationShareWrites
	SwapReads
	SwapWrites
	GroupWrites
	NoticeReads
	NoticeWrites
	PollReads
	PollWrites
	ProgrammeReads
	ProgrammeWrites
	CalendarReads
	CalendarWrites
	ChoiceWrites
	LogisticsReads
	LogisticsWrites
	SearchReads
	SearchWrites
	ReadinessReads
	ReadinessWrites
	AttendanceReads
	AttendanceWrites
	MinutesReads
	MinutesWrites
	FeedbackReads
	FeedbackWrites
	ErasureReads
	ErasureWrites
	BadgeReads
	BadgeWrites
	BadgeClaimReads
	BadgeClaimWrites
	Emit(ctx context.Context, events ...Event) error
	Requests
}

// Requests keeps what a request was answered, so that its retry has one effect and the same answer.
type Requests interface {
	Reply(ctx context.Context, key string) (fingerprint, reply []byte, found bool, err error)
	SaveReply(ctx context.Context, key string, fingerprint, reply []byte) error
	Replies(ctx context.Context, keys []string) (fingerprints, replies map[string][]byte, err error)
	SaveReplies(ctx context.Context, keys []string, fingerprints, replies [][]byte) error
}

// Event says what happened to a noun, with its whole state after it.
type Event struct {
	Name  string // "<noun>.<past_tense>", e.g. "meeting.planned"
	State any    // a noun: Meeting, Registration, Attestation, Swap, Board, Referent, Problem, Incident and so on
	Cause string // id of the event that led to it; empty for a person's own doing
}

// Page is where a list goes on and how much of it is wanted.
type Page struct {
	After []string // the order's values of the last row before; empty for the first page
	Limit int
}

// Clock tells the time; tests hold it still.
type Clock func() time.Time
