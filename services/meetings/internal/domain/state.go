package domain

import "slices"

// MeetingState is where a meeting stands in its life; the numbers are the contract's.
type MeetingState int

// The states of a meeting.
const (
	MeetingDraft MeetingState = iota + 1
	MeetingOpen
	MeetingConfirmed
	MeetingHeld
	MeetingAttested
	MeetingClosed
	MeetingCancelled
)

// Move is what takes a meeting from one state to another.
type Move int

// The moves of a meeting.
const (
	Open Move = iota + 1
	Confirm
	Postpone
	Declare
	ReturnToOrganiser
	Countersign
	Close
	Cancel
	LoseOrganiser
)

// The whole life of a meeting; what is not here is refused.
var moves = map[Move]struct {
	from []MeetingState
	to   MeetingState
}{
	Open:              {[]MeetingState{MeetingDraft}, MeetingOpen},
	Confirm:           {[]MeetingState{MeetingOpen}, MeetingConfirmed},
	Postpone:          {[]MeetingState{MeetingOpen, MeetingConfirmed}, MeetingOpen},
	Declare:           {[]MeetingState{MeetingConfirmed}, MeetingHeld},
	ReturnToOrganiser: {[]MeetingState{MeetingHeld}, MeetingConfirmed},
	Countersign:       {[]MeetingState{MeetingHeld}, MeetingAttested},
	Close:             {[]MeetingState{MeetingAttested}, MeetingClosed},
	Cancel:            {[]MeetingState{MeetingDraft, MeetingOpen, MeetingConfirmed}, MeetingCancelled},
	LoseOrganiser:     {[]MeetingState{MeetingConfirmed}, MeetingOpen},
}

// After is the state that a move leads to, or false when this state does not allow the move.
func (s MeetingState) After(m Move) (MeetingState, bool) {
	if move := moves[m]; slices.Contains(move.from, s) {
		return move.to, true
	}
	return s, false
}

// Planned reports whether the meeting may still be changed: it is being prepared, or to come.
func (s MeetingState) Planned() bool { return s == MeetingDraft || s.ToCome() }

// ToCome reports whether the meeting is still expected to take place.
func (s MeetingState) ToCome() bool { return s == MeetingOpen || s == MeetingConfirmed }

var moveNames = [...]string{"", "open", "confirm", "postpone", "declare", "return", "countersign", "close", "cancel", "lose organiser"}

// String is the move's name, as the RPC begins that makes it.
func (m Move) String() string {
	if m >= 0 && int(m) < len(moveNames) {
		return moveNames[m]
	}
	return moveNames[0]
}

var stateNames = [...]string{"UNSPECIFIED", "DRAFT", "OPEN", "CONFIRMED", "HELD", "ATTESTED", "CLOSED", "CANCELLED"}

// String is the state's name in the contract, without its prefix.
func (s MeetingState) String() string {
	if s >= 0 && int(s) < len(stateNames) {
		return stateNames[s]
	}
	return stateNames[0]
}
