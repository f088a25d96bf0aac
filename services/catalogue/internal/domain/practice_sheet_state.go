package domain

import "github.com/classcode/maillage/pkg/errs"

// SheetState is where a practice sheet stands; the numbers are the contract's.
type SheetState int

// The states of a practice sheet.
const (
	SheetDraft SheetState = iota + 1
	SheetSubmitted
	SheetReviewed
	SheetPublished
	SheetReturned
)

// SheetMove is what may be done to a practice sheet.
type SheetMove int

// The moves.
const (
	WriteMove SheetMove = iota + 1
	SubmitMove
	ApproveMove
	PublishMove
	ReturnMove
)

var sheetMoves = map[SheetState]map[SheetMove]SheetState{
	SheetDraft:     {WriteMove: SheetDraft, SubmitMove: SheetSubmitted},
	SheetSubmitted: {ApproveMove: SheetReviewed, PublishMove: SheetPublished, ReturnMove: SheetReturned},
	SheetReviewed:  {PublishMove: SheetPublished, ReturnMove: SheetReturned},
	// What was written anew is the group's own again, until it is sent up.
	SheetReturned: {WriteMove: SheetDraft, SubmitMove: SheetSubmitted},
}

// ErrSheetState says that a sheet stands where this cannot be done.
var ErrSheetState = errs.New(errs.Precondition, "PRACTICE_SHEET_STATE",
	"This cannot be done in the sheet's present state; read it again to see where it stands.",
	"Ce n'est pas possible là où en est la fiche ; relisez-la pour voir où elle en est.")

// After is the state that a move leads to, if it may be made.
func (s SheetState) After(move SheetMove) (SheetState, bool) {
	next, ok := sheetMoves[s][move]
	return next, ok
}

func (s SheetState) String() string {
	names := [...]string{"", "DRAFT", "SUBMITTED", "REVIEWED", "PUBLISHED", "RETURNED"}
	if s < SheetDraft || s > SheetReturned {
		return ""
	}
	return names[s]
}

func (s PracticeSheet) after(move SheetMove) (PracticeSheet, error) {
	state, ok := s.State.After(move)
	if !ok {
		return PracticeSheet{}, ErrSheetState.With("state", s.State.String())
	}
	s.State = state
	return s, nil
}
