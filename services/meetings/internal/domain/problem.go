package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Problem is something that is wrong with a meeting or a place, routed to whoever mends it.
type Problem struct {
	ID            string
	MeetingID     string // empty for a problem of a place
	PlaceID       string // empty when the meeting has none
	CommuneCode   string
	StructureID   string // empty when unknown
	Kind          ProblemKind
	Severity      Severity
	Text          string
	State         ProblemState
	ReporterID    string
	Charge        Charge
	ResponsibleID string        // empty until someone has taken it
	RouteID       string        // empty for the default
	Promised      time.Duration // the route's, for when it comes back
	PromiseTime   time.Time
	AlertTime     time.Time // when it was told that this promise has passed; zero before
	ReopenedCount int
	Version       int64
	CreateTime    time.Time
	MendTime      time.Time // zero before
}

// ProblemKind is what is wrong; the numbers are the contract's.
type ProblemKind int

// The kinds of problems; 0 is any, in a route.
const (
	NetworkProblem ProblemKind = iota + 1
	RoomProblem
	EquipmentProblem
	AccessProblem
	PeopleProblem
	OtherProblem
)

// Severity is how much of a meeting a problem takes away; the numbers are the contract's.
type Severity int

// The severities.
const (
	Minor Severity = iota + 1
	Major
	Severe
)

// ProblemCounts is how many problems a meeting has that are not mended.
type ProblemCounts struct{ Open, Severe, Late int }

// Viewer is who looks at what concerns several people.
type Viewer struct {
	PersonID                string
	Territories, Structures []string // that the viewer coordinates; for which the viewer is a relay
}

// ProblemQuery selects the problems that concern someone, oldest first.
type ProblemQuery struct {
	Viewer
	MeetingID, PlaceID string       // "" for all
	State              ProblemState // 0 for all
	LateAt             time.Time    // only those that are late then; zero for all
	Page
}

// ProblemReads finds problems.
type ProblemReads interface {
	Problem(ctx context.Context, id string) (Problem, error)
	Problems(ctx context.Context, q ProblemQuery) ([]Problem, error)
	ProblemCounts(ctx context.Context, meetingID string, now time.Time) (ProblemCounts, error)
}

// ProblemWrites changes problems.
type ProblemWrites interface {
	InsertProblem(ctx context.Context, p Problem) error
	// UpdateProblem refuses when someone else has updated the version before.
	UpdateProblem(ctx context.Context, p Problem) error
	// AlertOverdue notes on at most limit problems that their promise has passed, each time for one caller only, and returns them.
	AlertOverdue(ctx context.Context, now time.Time, limit int) ([]Problem, error)
}

// What a problem may be refused for.
var (
	ErrProblemNotFound = errs.Missing("problem", "problème")
	ErrProblemState    = errs.New(errs.Precondition, "PROBLEM_STATE",
		"The state of this problem does not allow it; read the problem again.",
		"L'état de ce problème ne le permet pas ; relisez-le.")
	ErrProblemWhere = errs.New(errs.Invalid, "PROBLEM_WHERE",
		"Say where: at a meeting or at a place, one of the two.",
		"Dites où : à un temps de rencontre ou dans un lieu, l'un des deux.")
	ErrPromiseTime = errs.New(errs.Invalid, "PROMISE_TIME",
		"Promise a moment to come, within a year.",
		"Promettez un moment à venir, d'ici à un an.")
)

// longestPromise keeps a mistyped year from hiding a problem.
const longestPromise = 366 * 24 * time.Hour

// Report is a problem as someone saw it: with a meeting, whose place it then is, or with a place.
type Report struct {
	Problem              // what was said; for a place also where that is
	Territories []string // what stands above a place's commune
	Now         time.Time
}

// ReportProblem keeps a problem and routes it to whoever mends it.
func ReportProblem(ctx context.Context, tx Tx, r Report) (_ Problem, err error) {
	p := r.Problem
	if p.Text, err = written(p.Text, "problem.text"); err != nil {
		return p, err
	}
	var m Meeting
	if p.MeetingID != "" {
		if m, err = tx.Meeting(ctx, p.MeetingID); err != nil {
			return p, err
		}
		if !m.State.ToCome() {
			return p, m.refused()
		}
		p.PlaceID, p.CommuneCode, p.StructureID = m.PlaceID, m.CommuneCode, m.StructureID
	} else if err := tx.KeepCommune(ctx, p.CommuneCode, r.Territories); err != nil {
		return p, err
	}
	if p, err = route(ctx, tx, p, m, r.Now); err != nil {
		return p, err
	}
	p.Version, p.CreateTime = 1, r.Now
	if err := tx.InsertProblem(ctx, p); err != nil {
		return p, err
	}
	return p, tx.Emit(ctx, Event{Name: "problem.reported", State: p})
}

// route finds who mends the problem, as a person where the route or the meeting names one.
func route(ctx context.Context, tx Tx, p Problem, m Meeting, now time.Time) (Problem, error) {
	above, err := tx.Above(ctx, p.CommuneCode)
	if err != nil {
		return p, err
	}
	routes, err := tx.ProblemRoutes(ctx, above)
	if err != nil {
		return p, err
	}
	r := RouteFor(DefaultRules().Route, routes, Spot{Kind: p.Kind, PlaceID: p.PlaceID, StructureID: p.StructureID, Territories: above})
	p.Charge, p.ResponsibleID, p.RouteID, p.Promised, p.PromiseTime = r.Charge, r.PersonID, r.ID, r.Promised, now.Add(r.Promised)
	switch r.Charge {
	case ByOrganiser:
		p.ResponsibleID = m.OrganiserID
	case ByReferent:
		named, err := tx.Referent(ctx, m.ID)
		if err != nil {
			return p, err
		}
		p.ResponsibleID = m.Referent(named).Agreed()
	}
	if p.State = ProblemReported; p.ResponsibleID != "" {
		p.State = ProblemAssigned
	}
	return p, nil
}

// AssignProblem says who mends a problem, and until when; without a time, what was promised stays.
func AssignProblem(ctx context.Context, tx Tx, p Problem, person string, promise, now time.Time) (Problem, error) {
	next, err := p.after(AssignIt)
	if err != nil {
		return p, err
	}
	if !promise.IsZero() {
		if !promise.After(now) || promise.Sub(now) > longestPromise {
			return p, ErrPromiseTime.At("promise_time")
		}
		next = next.promising(promise)
	}
	if next.ResponsibleID = person; next == p {
		return p, nil
	}
	if err := here(ctx, tx, person, "person_id"); err != nil {
		return p, err
	}
	return saveProblem(ctx, tx, next, "problem.assigned")
}

// promising gives a problem another promise, of which it is told anew when it passes.
func (p Problem) promising(until time.Time) Problem {
	if !p.PromiseTime.Equal(until) {
		p.PromiseTime, p.AlertTime = until, time.Time{}
	}
	return p
}

// MendProblem says that a problem is mended.
func MendProblem(ctx context.Context, tx Tx, p Problem, now time.Time) (Problem, error) {
	next, err := p.after(MendIt)
	if err != nil {
		return p, err
	}
	next.MendTime = now
	return saveProblem(ctx, tx, next, "problem.mended")
}

// CloseProblem agrees that a problem is mended.
func CloseProblem(ctx context.Context, tx Tx, p Problem) (Problem, error) {
	next, err := p.after(CloseIt)
	if err != nil {
		return p, err
	}
	return saveProblem(ctx, tx, next, "problem.closed")
}

// ReopenProblem says that a problem is back; it stays with whom it was, and the route's promise begins anew.
func ReopenProblem(ctx context.Context, tx Tx, p Problem, now time.Time) (Problem, error) {
	next, err := p.after(ReopenIt)
	if err != nil {
		return p, err
	}
	next = next.promising(now.Add(p.Promised))
	next.ReopenedCount, next.MendTime = p.ReopenedCount+1, time.Time{}
	return saveProblem(ctx, tx, next, "problem.reopened")
}

func (p Problem) after(move ProblemMove) (Problem, error) {
	state, ok := p.State.After(move)
	if !ok {
		return p, ErrProblemState.With("state", p.State.String())
	}
	p.State = state
	return p, nil
}

// Late reports whether the problem is not mended although its promise has passed.
func (p Problem) Late(now time.Time) bool { return p.State.Open() && !now.Before(p.PromiseTime) }

func saveProblem(ctx context.Context, tx Tx, p Problem, event string) (Problem, error) {
	p.Version++
	if err := tx.UpdateProblem(ctx, p); err != nil {
		return Problem{}, err
	}
	return p, tx.Emit(ctx, Event{Name: event, State: p})
}
