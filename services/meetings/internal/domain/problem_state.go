package domain

import "slices"

// ProblemState is where a problem stands; the numbers are the contract's.
type ProblemState int

// The states of a problem.
const (
	ProblemReported ProblemState = iota + 1
	ProblemAssigned
	ProblemMended
	ProblemClosed
	ProblemReopened
)

// ProblemMove is what takes a problem from one state to another.
type ProblemMove int

// The moves of a problem.
const (
	AssignIt ProblemMove = iota + 1
	MendIt
	CloseIt
	ReopenIt
)

// The whole life of a problem; what is not here is refused.
var problemMoves = map[ProblemMove]struct {
	from []ProblemState
	to   ProblemState
}{
	AssignIt: {[]ProblemState{ProblemReported, ProblemAssigned, ProblemReopened}, ProblemAssigned},
	MendIt:   {[]ProblemState{ProblemReported, ProblemAssigned, ProblemReopened}, ProblemMended},
	CloseIt:  {[]ProblemState{ProblemMended}, ProblemClosed},
	ReopenIt: {[]ProblemState{ProblemMended, ProblemClosed}, ProblemReopened},
}

// After is the state that a move leads to, or false when this state does not allow the move.
func (s ProblemState) After(m ProblemMove) (ProblemState, bool) {
	if move := problemMoves[m]; slices.Contains(move.from, s) {
		return move.to, true
	}
	return s, false
}

// Open reports whether the problem waits to be mended.
func (s ProblemState) Open() bool {
	return s == ProblemReported || s == ProblemAssigned || s == ProblemReopened
}

var problemStateNames = [...]string{"UNSPECIFIED", "REPORTED", "ASSIGNED", "MENDED", "CLOSED", "REOPENED"}

// String is the state's name in the contract, without its prefix.
func (s ProblemState) String() string {
	if s >= 0 && int(s) < len(problemStateNames) {
		return problemStateNames[s]
	}
	return problemStateNames[0]
}
