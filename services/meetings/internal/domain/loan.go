package domain

import (
	"context"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Loan is units of a stock on their way: reserved, handed out, returned. Its booking says when.
type Loan struct {
	ID          string
	EquipmentID string
	BookingID   string
	MeetingID   string // empty when lent to a structure
	StructureID string // that borrows; empty for a meeting
	Quantity    int
	State       LoanState
	Returned    Condition // all zero before
	Note        string    // about the return
	Version     int64
	CreateTime  time.Time
	OutTime     time.Time // zero before
	ReturnTime  time.Time // zero before

	Start, Due time.Time // the booking's
}

// Condition is in which condition units came back.
type Condition struct{ Good, Worn, Damaged, Lost int }

func (c Condition) total() int { return c.Good + c.Worn + c.Damaged + c.Lost }

// LoanState is where a loan stands; the numbers are the contract's.
type LoanState int

// The states of a loan.
const (
	LoanReserved LoanState = iota + 1
	LoanOut
	LoanReturned
	LoanCancelled
)

// LoanMove is what takes a loan from one state to another.
type LoanMove int

// The moves of a loan.
const (
	HandOut LoanMove = iota + 1
	Return
	CancelLoan
)

var loanMoves = map[LoanMove]struct {
	from, to LoanState
	event    string
}{
	HandOut:    {LoanReserved, LoanOut, "loan.handed_out"},
	Return:     {LoanOut, LoanReturned, "loan.returned"},
	CancelLoan: {LoanReserved, LoanCancelled, "loan.cancelled"},
}

// After is the state that a move leads to, or false when this state does not allow the move.
func (s LoanState) After(m LoanMove) (LoanState, bool) {
	if move, ok := loanMoves[m]; ok && move.from == s {
		return move.to, true
	}
	return s, false
}

// String is the state's name in the contract, without its prefix.
func (s LoanState) String() string {
	names := [...]string{"UNSPECIFIED", "RESERVED", "OUT", "RETURNED", "CANCELLED"}
	if s < 0 || int(s) >= len(names) {
		return names[0]
	}
	return names[s]
}

// Late reports whether units should be back and are not.
func (l Loan) Late(now time.Time) bool { return l.State == LoanOut && now.After(l.Due) }

// LoanQuery selects loans of stocks, oldest first.
type LoanQuery struct {
	All                     bool     // whoever lends
	Structures, Territories []string // that lend: either
	EquipmentID, MeetingID  string   // "" for all
	State                   LoanState
	LateAt                  time.Time // only what should be back by then and is not; zero for all
	Page
}

// LoanReads finds loans.
type LoanReads interface {
	Loan(ctx context.Context, id string) (Loan, error)
	Loans(ctx context.Context, q LoanQuery) ([]Loan, error)
}

// LoanWrites changes loans.
type LoanWrites interface {
	InsertLoan(ctx context.Context, l Loan) error
	// UpdateLoan refuses when someone else has updated the version before.
	UpdateLoan(ctx context.Context, l Loan) error
}

// What a loan may be refused for.
var (
	ErrLoanNotFound = errs.Missing("loan", "prêt")
	ErrLoanState    = errs.New(errs.Precondition, "LOAN_STATE",
		"The state of this loan does not allow it; read the loan again.",
		"L'état de ce prêt ne le permet pas ; relisez-le.")
	ErrLoanOut = errs.New(errs.Precondition, "LOAN_OUT",
		"These units were handed out; record their return instead.",
		"Ce matériel a été remis ; enregistrez plutôt son retour.")
	ErrEquipmentReturned = errs.New(errs.Precondition, "EQUIPMENT_RETURNED",
		"The return of this loan is recorded already, and says something else; change the stock itself if it was wrong.",
		"Le retour de ce prêt est déjà enregistré, et dit autre chose ; corrigez le stock lui-même s'il était faux.")
	ErrReturnCount = errs.New(errs.Invalid, "RETURN_COUNT",
		"Say for each of the units lent in which condition it came back: the counts must add up.",
		"Dites pour chaque unité prêtée dans quel état elle revient : le compte doit y être.")
)

// Reserve books units of a stock, for a meeting or for a structure; raise gives the meeting as many seats as there now can be.
func Reserve(ctx context.Context, tx Tx, l Loan, hours Slot, raise bool) (Loan, Booking, error) {
	// The meeting first, as wherever something is booked.
	var m Meeting
	if l.MeetingID != "" {
		var err error
		if m, err = tx.LockMeeting(ctx, l.MeetingID); err != nil {
			return Loan{}, Booking{}, err
		}
	}
	b, err := Book(ctx, tx, Booking{
		ID: l.BookingID, Kind: ResourceEquipment, ResourceID: l.EquipmentID, MeetingID: l.MeetingID, Quantity: l.Quantity,
		Start: hours.Start, End: hours.End, CauseID: l.ID, CreateTime: l.CreateTime,
	})
	if err != nil {
		return Loan{}, Booking{}, err
	}
	l.State, l.Version, l.Start, l.Due = LoanReserved, 1, b.Start, b.End
	if err := tx.InsertLoan(ctx, l); err != nil {
		return Loan{}, Booking{}, err
	}
	if err := tx.Emit(ctx, Event{Name: "loan.reserved", State: l}); err != nil {
		return Loan{}, Booking{}, err
	}
	if raise && l.MeetingID != "" {
		err = seated(ctx, tx, m, raise, l.CreateTime)
	}
	return l, b, err
}

// HandOutLoan says that the borrower has the units.
func HandOutLoan(ctx context.Context, tx Tx, l Loan, now time.Time) (Loan, error) {
	l.OutTime = now
	return l.move(ctx, tx, HandOut)
}

// CancelReserved gives up units that were reserved and not handed out; one cancelled before stays so.
func CancelReserved(ctx context.Context, tx Tx, l Loan, now time.Time) (Loan, error) {
	switch l.State {
	case LoanCancelled:
		return l, nil
	case LoanReturned:
		return Loan{}, ErrLoanState.With("state", l.State.String())
	}
	b, err := tx.Booking(ctx, l.BookingID)
	if err != nil {
		return Loan{}, err
	}
	if b.MeetingID != "" {
		_, err = ReleaseBooking(ctx, tx, b, now)
	} else {
		_, err = giveBack(ctx, tx, b)
	}
	if err != nil {
		return Loan{}, err
	}
	return tx.Loan(ctx, l.ID)
}

// ReturnLoan records in which condition all units came back. What is damaged or lost is not lent from then on. The same return again
// changes nothing; another one is refused.
func ReturnLoan(ctx context.Context, tx Tx, l Loan, c Condition, note string, now time.Time) (Loan, error) {
	if l.State == LoanReturned {
		if l.Returned == c && l.Note == note {
			return l, nil
		}
		return Loan{}, ErrEquipmentReturned.At("id")
	}
	if c.total() != l.Quantity || slices.Min([]int{c.Good, c.Worn, c.Damaged, c.Lost}) < 0 {
		return Loan{}, ErrReturnCount.At("condition")
	}
	// The stock first, as wherever its bookings change.
	if _, err := tx.LockResource(ctx, ResourceEquipment, l.EquipmentID, 0); err != nil {
		return Loan{}, err
	}
	l.Returned, l.Note, l.ReturnTime = c, note, now
	l, err := l.move(ctx, tx, Return)
	if err != nil {
		return Loan{}, err
	}
	b, err := tx.Booking(ctx, l.BookingID)
	if err != nil {
		return Loan{}, err
	}
	if _, err := release(ctx, tx, b); err != nil { // what is left of its time is free at once
		return Loan{}, err
	}
	return l, writeOff(ctx, tx, l.EquipmentID, c.Damaged+c.Lost)
}

// writeOff takes units off the shelf, also when more are booked later: that shows as a gap of those meetings.
func writeOff(ctx context.Context, tx Tx, equipmentID string, units int) error {
	if units == 0 {
		return nil
	}
	e, err := tx.Equipment(ctx, equipmentID)
	if err != nil {
		return err
	}
	e.Unusable = min(e.Unusable+units, e.Quantity)
	if err := tx.CountResource(ctx, ResourceEquipment, e.ID, e.Usable()); err != nil {
		return err
	}
	_, err = saveEquipment(ctx, tx, e)
	return err
}

// move stores the loan's next version and tells it, or says in which state it is.
func (l Loan) move(ctx context.Context, tx Tx, m LoanMove) (Loan, error) {
	state, ok := l.State.After(m)
	switch {
	case !ok && l.State == LoanOut:
		return Loan{}, ErrLoanOut.With("loan", l.ID)
	case !ok:
		return Loan{}, ErrLoanState.With("state", l.State.String())
	}
	l.State, l.Version = state, l.Version+1
	if err := tx.UpdateLoan(ctx, l); err != nil {
		return Loan{}, err
	}
	return l, tx.Emit(ctx, Event{Name: loanMoves[m].event, State: l})
}
