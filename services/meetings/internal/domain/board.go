package domain

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// Board is a meeting's readiness at a moment: what it needs, what is late, and what follows from that.
type Board struct {
	Meeting   Meeting
	Checklist Checklist
	Referent  Referent
	Lines     []Line // the first due first
	Missing   int    // required and missing
	Late      int    // of these, those whose due time has passed
	Next      *Line  // the next due of the others; nil when there is none
	Problems  ProblemCounts
	Incidents int

	Recommendation Recommendation
	Reasons        []Crossing
}

// Line is a line of the board at a moment.
type Line struct {
	Item
	Due  time.Time
	Late bool
}

// Computed reports whether the system knows the line by itself.
func (l Line) Computed() bool { return l.ID == "" }

// BoardOf is a prepared meeting's board.
func BoardOf(ctx context.Context, from BoardReads, m Meeting, now time.Time) (b Board, err error) {
	b.Meeting = m
	if b.Checklist, err = from.Checklist(ctx, m.ID); err != nil {
		return b, err
	}
	named, err := from.Referent(ctx, m.ID)
	if err != nil {
		return b, err
	}
	b.Referent = m.Referent(named)
	items := b.Checklist.Items
	for _, look := range Probes() {
		item, err := look(ctx, from, m)
		if err != nil {
			return b, err
		}
		items = append(items, item)
	}
	b.fill(items, now)
	if b.Problems, err = from.ProblemCounts(ctx, m.ID, now); err != nil {
		return b, err
	}
	if b.Incidents, err = from.IncidentCount(ctx, m.ID); err != nil {
		return b, err
	}
	return b, b.recommend(ctx, from, now)
}

// ReadBoard is a meeting's board; a meeting that was planned before there were checklists is given its own.
func ReadBoard(ctx context.Context, store Store, newID func() string, m Meeting, now time.Time) (Board, error) {
	b, err := BoardOf(ctx, store, m, now)
	if !errors.Is(err, ErrChecklistNotFound) {
		return b, err
	}
	if err := store.Write(ctx, func(tx Tx) error { return Prepare(ctx, tx, newID, now, m) }); err != nil {
		return b, err
	}
	return BoardOf(ctx, store, m, now)
}

// told is what was recommended already for the meeting's date.
func (b Board) told() Recommendation {
	if !b.Checklist.RecommendedFor.Equal(b.Meeting.Start) {
		return NoRecommendation
	}
	return b.Checklist.Recommended
}

func (b *Board) fill(items []Item, now time.Time) {
	b.Lines = make([]Line, len(items))
	for n, i := range items {
		due := b.Meeting.Start.Add(-i.DueBefore)
		b.Lines[n] = Line{Item: i, Due: due, Late: i.Missing() && !now.Before(due)}
	}
	slices.SortFunc(b.Lines, func(x, y Line) int { return cmp.Or(x.Due.Compare(y.Due), cmp.Compare(x.Code, y.Code)) })
	for n := range b.Lines {
		switch l := &b.Lines[n]; {
		case l.Late:
			b.Missing++
			b.Late++
		case l.Missing():
			b.Missing++
			if b.Next == nil {
				b.Next = l
			}
		}
	}
}

func (b *Board) recommend(ctx context.Context, from ReadinessReads, now time.Time) error {
	if !b.Meeting.State.ToCome() {
		return nil
	}
	above, err := from.Above(ctx, b.Meeting.CommuneCode)
	if err != nil {
		return err
	}
	set, err := from.Thresholds(ctx, b.Checklist.Type, above)
	if err != nil {
		return err
	}
	b.Recommendation, b.Reasons = Recommend(ThresholdsInForce(DefaultRules(), b.Checklist.Type, set), map[Measure]int{
		Registrations: b.Meeting.Taken, RequiredMissing: b.Missing, SevereProblems: b.Problems.Severe, Incidents: b.Incidents,
	}, b.Meeting.Start, now)
	return nil
}
