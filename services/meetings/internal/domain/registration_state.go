package domain

import "slices"

// RegistrationState is where a registration stands; the numbers are the contract's. A request that is refused leaves no
// registration, so that REQUESTED and REFUSED are an error's, not a row's.
type RegistrationState int

// The states of a registration.
const (
	RegistrationRequested RegistrationState = iota // asked for, and not stored
	RegistrationConfirmed
	RegistrationCancelled
	RegistrationPresent
	RegistrationAbsent
	RegistrationExcused
	RegistrationWaitlisted
	RegistrationOffered
	RegistrationLapsed
	RegistrationDeclined
)

// RegistrationMove is what takes a registration from one state to another.
type RegistrationMove int

// The moves of a registration.
const (
	GiveSeat RegistrationMove = iota + 1
	Wait
	OfferSeat
	AcceptOffer
	DeclineOffer
	LapseOffer
	GiveBack
	AskAgain
	MarkPresent
	MarkAbsent
	MarkExcused
)

var onRoll = []RegistrationState{RegistrationConfirmed, RegistrationPresent, RegistrationAbsent, RegistrationExcused}

// The whole life of a registration; what is not here is refused.
var registrationMoves = map[RegistrationMove]struct {
	from []RegistrationState
	to   RegistrationState
}{
	GiveSeat:     {[]RegistrationState{RegistrationRequested}, RegistrationConfirmed},
	Wait:         {[]RegistrationState{RegistrationRequested}, RegistrationWaitlisted},
	OfferSeat:    {[]RegistrationState{RegistrationWaitlisted}, RegistrationOffered},
	AcceptOffer:  {[]RegistrationState{RegistrationOffered}, RegistrationConfirmed},
	DeclineOffer: {[]RegistrationState{RegistrationOffered}, RegistrationDeclined},
	LapseOffer:   {[]RegistrationState{RegistrationOffered}, RegistrationLapsed},
	GiveBack:     {[]RegistrationState{RegistrationConfirmed, RegistrationWaitlisted, RegistrationOffered}, RegistrationCancelled},
	AskAgain:     {[]RegistrationState{RegistrationCancelled, RegistrationLapsed, RegistrationDeclined}, RegistrationRequested},
	MarkPresent:  {onRoll, RegistrationPresent},
	MarkAbsent:   {onRoll, RegistrationAbsent},
	MarkExcused:  {onRoll, RegistrationExcused},
}

// After is the state that a move leads to, or false when this state does not allow the move.
func (s RegistrationState) After(m RegistrationMove) (RegistrationState, bool) {
	if move, ok := registrationMoves[m]; ok && slices.Contains(move.from, s) {
		return move.to, true
	}
	return s, false
}

// HoldsSeat reports whether the registration counts as a seat taken.
func (s RegistrationState) HoldsSeat() bool {
	return s == RegistrationOffered || slices.Contains(onRoll, s)
}

// Live reports whether the person counts on the meeting, or hopes for it.
func (s RegistrationState) Live() bool { return s == RegistrationWaitlisted || s.HoldsSeat() }

var registrationStateNames = [...]string{
	"REQUESTED", "CONFIRMED", "CANCELLED", "PRESENT", "ABSENT", "EXCUSED", "WAITLISTED", "OFFERED", "LAPSED", "DECLINED",
}

// String is the state's name in the contract, without its prefix.
func (s RegistrationState) String() string {
	if s >= 0 && int(s) < len(registrationStateNames) {
		return registrationStateNames[s]
	}
	return "UNSPECIFIED"
}

// registrationEvents is what is told of a registration that has come into a state.
var registrationEvents = map[RegistrationState]string{
	RegistrationConfirmed: "registration.confirmed", RegistrationCancelled: "registration.cancelled",
	RegistrationWaitlisted: "registration.waitlisted", RegistrationOffered: "registration.offered",
	RegistrationLapsed: "registration.lapsed", RegistrationDeclined: "registration.declined",
}
