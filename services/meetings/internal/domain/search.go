package domain

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Search is how far a meeting has come in finding an IT professional. A meeting has at most one, and takes place without as well.
type Search struct {
	ID            string
	MeetingID     string
	CommuneCode   string // the meeting's
	State         SearchState
	PersonID      string // who comes; empty unless confirmed
	Tags          []string
	WithoutReason WithoutReason
	WithoutText   string
	ReopenCause   ReopenCause
	LostCount     int // professionals who had accepted and then could not come
	Version       int64
	CreateTime    time.Time
}

// SearchState is where a search stands; the numbers are the contract's.
type SearchState int

// The states of a search.
const (
	NotSought SearchState = iota + 1
	Searching
	Asked
	ProfessionalConfirmed
	Without
)

// WithoutReason is why a meeting does without a professional; the numbers are the contract's.
type WithoutReason int

// ReopenCause is why a search is open again; the numbers are the contract's.
type ReopenCause int

// The causes.
const (
	ReopenedDeclined ReopenCause = iota + 1
	ReopenedLapsed
	ReopenedWithdrawn
	ReopenedPostponed
	ReopenedResumed
)

// SearchMove is what takes a search from one state to another.
type SearchMove int

// The moves of a search.
const (
	StartSeeking SearchMove = iota + 1
	AskSomebody
	ConfirmProfessional
	Reopen
	Conclude
)

// The whole life of a search; what is not here is refused.
var searchMoves = map[SearchMove]struct {
	from []SearchState
	to   SearchState
}{
	StartSeeking:        {[]SearchState{NotSought, Without}, Searching},
	AskSomebody:         {[]SearchState{Searching, Asked}, Asked},
	ConfirmProfessional: {[]SearchState{Asked}, ProfessionalConfirmed},
	Reopen:              {[]SearchState{Asked, ProfessionalConfirmed}, Searching},
	Conclude:            {[]SearchState{Searching, Asked}, Without},
}

// After is the state that a move leads to, or false when this state does not allow the move.
func (s SearchState) After(m SearchMove) (SearchState, bool) {
	if move := searchMoves[m]; slices.Contains(move.from, s) {
		return move.to, true
	}
	return s, false
}

var searchStateNames = [...]string{"UNSPECIFIED", "NOT_SOUGHT", "SEARCHING", "ASKED", "CONFIRMED", "WITHOUT"}

// String is the state's name in the contract, without its prefix.
func (s SearchState) String() string {
	if s >= 0 && int(s) < len(searchStateNames) {
		return searchStateNames[s]
	}
	return searchStateNames[0]
}

// SearchCount is a number of searches in one state and, without a professional, for one reason.
type SearchCount struct {
	State  SearchState
	Reason WithoutReason
	Count  int
	Lost   int // professionals whom they have lost
}

// SearchReads finds searches and asks.
type SearchReads interface {
	// Search is a meeting's, or ErrSearchNotFound.
	Search(ctx context.Context, meetingID string) (Search, error)
	// SearchCounts is about the meetings of a territory that were not cancelled.
	SearchCounts(ctx context.Context, territory string) ([]SearchCount, error)
	// DueSearches is some meetings with an ask that has lapsed, or that waits while nobody is asked.
	DueSearches(ctx context.Context, now time.Time, limit int) (meetingIDs []string, err error)
	Ask(ctx context.Context, id string) (Ask, error)
	Asks(ctx context.Context, q AskQuery) ([]Ask, error)
	// AsksOf is all asks of a search, by rank.
	AsksOf(ctx context.Context, searchID string) ([]Ask, error)
	// Engagements is the bookings that hold one of these professionals somewhen in [from, to), by start.
	Engagements(ctx context.Context, personIDs []string, from, to time.Time) ([]Booking, error)
}

// SearchWrites changes searches and asks.
type SearchWrites interface {
	InsertSearch(ctx context.Context, s Search) error
	// UpdateSearch refuses when someone else has updated the version before.
	UpdateSearch(ctx context.Context, s Search) error
	// InsertAsks refuses with ErrAlreadyAsked a second ask that is open of one person.
	InsertAsks(ctx context.Context, asks []Ask) error
	// UpdateAsk refuses when someone else has updated the version before.
	UpdateAsk(ctx context.Context, a Ask) error
}

// What a search may be refused for.
var (
	ErrSearchNotFound = errs.New(errs.Precondition, "SEARCH_NOT_STARTED",
		"Nobody is looked for yet; start the search first.",
		"Personne n'est encore recherché ; commencez d'abord la recherche.")
	ErrSearchState = errs.New(errs.Precondition, "SEARCH_STATE",
		"The state of this search does not allow it; read the search again.",
		"L'état de cette recherche ne le permet pas ; relisez-la.")
	ErrSearchClosed = errs.New(errs.Precondition, "MEETING_CLOSED",
		"This meeting has begun, taken place or been cancelled: nobody is looked for any more.",
		"Ce temps de rencontre a commencé, a eu lieu ou a été annulé : personne n'est plus recherché.")
)

// StartSearch starts to look for a professional, or resumes after it was given up.
func StartSearch(ctx context.Context, tx Tx, fresh Search, now time.Time) (Search, error) {
	m, s, _, err := openSearch(ctx, tx, fresh.MeetingID, now)
	resumed := err == nil
	switch {
	case errors.Is(err, ErrSearchNotFound):
		s, s.State, s.CommuneCode, s.CreateTime = fresh, NotSought, m.CommuneCode, now
	case err != nil:
		return Search{}, err
	}
	if !m.TakesRegistrations(now) {
		return Search{}, ErrSearchClosed.At("meeting_id").With("state", m.State.String())
	}
	if s, err = s.after(StartSeeking); err != nil {
		return Search{}, err
	}
	s.Tags, s.Version = fresh.Tags, s.Version+1
	if !resumed {
		if err := tx.InsertSearch(ctx, s); err != nil {
			return Search{}, err
		}
		return s, tx.Emit(ctx, Event{Name: "search.started", State: s})
	}
	s.ReopenCause, s.WithoutReason, s.WithoutText = ReopenedResumed, 0, ""
	if err := tx.UpdateSearch(ctx, s); err != nil {
		return Search{}, err
	}
	return s, tx.Emit(ctx, Event{Name: "search.reopened", State: s})
}

// ConcludeWithout says that the meeting does without a professional; whoever could still answer is told so.
func ConcludeWithout(ctx context.Context, tx Tx, s Search, reason WithoutReason, text string) (Search, error) {
	next, err := s.after(Conclude)
	if err != nil {
		return Search{}, err
	}
	next.WithoutReason, next.WithoutText, next.ReopenCause = reason, strings.TrimSpace(text), 0
	if next.WithoutText == "" {
		return Search{}, errs.ErrRequired.At("text")
	}
	asks, err := tx.AsksOf(ctx, s.ID)
	if err != nil {
		return Search{}, err
	}
	if err := supersede(ctx, tx, asks, AskWaiting, AskSent); err != nil {
		return Search{}, err
	}
	return next.save(ctx, tx, "search.concluded")
}

// OpenSearch is a meeting's search for whoever is about to change it: nobody else changes it before the end of the transaction, and
// what is overdue has lapsed.
func OpenSearch(ctx context.Context, tx Tx, meetingID string, now time.Time) (Search, error) {
	_, s, _, err := openSearch(ctx, tx, meetingID, now)
	return s, err
}

// openSearch locks the meeting first, as whatever changes it does: two who change a search take turns, and a meeting does not move
// while somebody accepts to come to it.
func openSearch(ctx context.Context, tx Tx, meetingID string, now time.Time) (Meeting, Search, []Ask, error) {
	m, err := tx.LockMeeting(ctx, meetingID)
	if err != nil {
		return m, Search{}, nil, err
	}
	s, err := tx.Search(ctx, meetingID)
	if err != nil {
		return m, Search{}, nil, err
	}
	asks, err := tx.AsksOf(ctx, s.ID)
	if err != nil {
		return m, Search{}, nil, err
	}
	s, err = settle(ctx, tx, m, s, asks, now)
	return m, s, asks, err
}

// after takes the search along, or says in which state it is.
func (s Search) after(move SearchMove) (Search, error) {
	state, ok := s.State.After(move)
	if !ok {
		return Search{}, ErrSearchState.With("state", s.State.String())
	}
	s.State = state
	return s, nil
}

// reopen is the search with nobody coming nor asked.
func (s Search) reopen(ctx context.Context, tx Tx, cause ReopenCause) (Search, error) {
	next, err := s.after(Reopen)
	if err != nil {
		return Search{}, err
	}
	next.PersonID, next.ReopenCause = "", cause
	return next.save(ctx, tx, "search.reopened")
}

// save stores the search's next version and tells it.
func (s Search) save(ctx context.Context, tx Tx, event string) (Search, error) {
	s.Version++
	if err := tx.UpdateSearch(ctx, s); err != nil {
		return Search{}, err
	}
	return s, tx.Emit(ctx, Event{Name: event, State: s})
}
