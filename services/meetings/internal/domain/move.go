package domain

import (
	"cmp"
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// PostponeRule says to when a meeting is postponed; the numbers are the contract's.
type PostponeRule int

// The rules. Each keeps the day of the week, the local hour and the length.
const (
	NextWeek PostponeRule = iota + 1
	NextFortnight
	InFourWeeks
)

var postponed = map[PostponeRule]time.Duration{NextWeek: week, NextFortnight: 2 * week, InFourWeeks: 4 * week}

// What moving several meetings may be refused for.
var (
	ErrPassesNext = errs.New(errs.Precondition, "PASSES_NEXT_MEETING",
		"The next meeting of the series would begin before the end of this one; move the following ones along.",
		"Le temps de rencontre suivant de la série commencerait avant la fin de celui-ci ; déplacez aussi les suivants.")
	ErrPassesPrevious = errs.New(errs.Precondition, "PASSES_PREVIOUS_MEETING",
		"A meeting of the series that has begun would not be over yet; choose a later start.",
		"Un temps de rencontre de la série, déjà commencé, ne serait pas fini ; choisissez un début plus tardif.")
	ErrSeriesOver = errs.New(errs.Precondition, "SERIES_OVER",
		"No meeting of this series is still to come.",
		"Aucun temps de rencontre de cette série n'est encore à venir.")
	ErrNoMove = errs.New(errs.Invalid, "MOVE_MISSING",
		"Say by how many days to move, or when the first meeting to come begins: one of them.",
		"Dites de combien de jours déplacer, ou quand commence le premier temps de rencontre à venir : l'un des deux.")
)

// Postponement is how a meeting is postponed.
type Postponement struct {
	Rule          PostponeRule
	WithFollowing bool // the later ones of its series move along
	Reason        Reason
	Choice        LocalChoice
}

// PostponeMeeting postpones a meeting, and with it those that follow when that is asked for: all of them, or none.
func PostponeMeeting(ctx context.Context, tx Tx, m Meeting, p Postponement, now time.Time) (moved []Meeting, err error) {
	if p.Reason, err = p.Reason.given("cause", "note"); err != nil {
		return nil, err
	}
	following, err := followers(ctx, tx, m, now)
	if err != nil {
		return nil, err
	}
	switch {
	case !m.State.ToCome():
		return nil, m.refused()
	case m.Begun(now):
		return nil, ErrMeetingBegun.At("id")
	}
	step := shift{by: postponed[p.Rule], reason: p.Reason, choice: p.Choice, path: "rule"}
	first, err := step.of(m, now)
	if err != nil {
		return nil, err
	}
	if !p.WithFollowing {
		for _, next := range following {
			if next.Start.Before(first.End) {
				return nil, ErrPassesNext.At("rule").With("next", next.ID)
			}
		}
		following = nil
	}
	return step.all(ctx, tx, append([]Meeting{m}, following...), now)
}

// followers is the meetings of m's series that come after it and may still be moved, by date; the series stays locked, so that two
// neighbours are not moved across each other.
func followers(ctx context.Context, tx Tx, m Meeting, now time.Time) (later []Meeting, err error) {
	if m.SeriesID == "" {
		return nil, nil
	}
	s, err := tx.LockSeries(ctx, m.SeriesID)
	if err != nil {
		return nil, err
	}
	for _, other := range s.toCome(now) {
		if other.Position > m.Position {
			later = append(later, other)
		}
	}
	return later, nil
}

// SeriesMove is how a series is moved: by days, or to a start of its first meeting to come.
type SeriesMove struct {
	Days       int
	FirstStart time.Time // zero when LocalStart or Days say it
	LocalStart string
	Reason     Reason
	Choice     LocalChoice
}

// MoveSeries moves the meetings of a series that are to come by the same time on the clock: all of them, or none.
func MoveSeries(ctx context.Context, tx Tx, id string, move SeriesMove, now time.Time) (Series, error) {
	s, err := tx.LockSeries(ctx, id)
	if err != nil {
		return Series{}, err
	}
	coming := s.toCome(now)
	if len(coming) == 0 {
		return Series{}, ErrSeriesOver.At("id")
	}
	step, err := move.shift(coming[0])
	if err != nil {
		return Series{}, err
	}
	if step.by > 0 || step.reason != (Reason{}) {
		if step.reason, err = step.reason.given("cause", "note"); err != nil {
			return Series{}, err
		}
	}
	first, err := step.of(coming[0], now)
	if err != nil {
		return Series{}, err
	}
	for _, m := range s.Meetings {
		if m.Position < first.Position && m.State != MeetingCancelled && m.End.After(first.Start) {
			return Series{}, ErrPassesPrevious.At(step.path).With("previous", m.ID)
		}
	}
	if _, err := step.all(ctx, tx, coming, now); err != nil {
		return Series{}, err
	}
	return tx.Series(ctx, id)
}

// shift is what the move comes down to: so much more on the clock.
func (move SeriesMove) shift(first Meeting) (shift, error) {
	step := shift{by: time.Duration(move.Days) * 24 * time.Hour, reason: move.Reason, choice: move.Choice, path: "days"}
	start, given := move.FirstStart, 0
	for _, is := range []bool{move.Days != 0, !move.FirstStart.IsZero(), move.LocalStart != ""} {
		if is {
			given++
		}
	}
	if given != 1 {
		return step, ErrNoMove.At("days")
	}
	if move.Days != 0 {
		return step, nil
	}
	step.path = "first_start_time"
	if move.LocalStart != "" {
		step.path = "local_first_start_time"
		var err error
		if start, err = Instant(move.LocalStart, first.TimeZone, move.Choice, step.path); err != nil {
			return step, err
		}
	}
	place, err := location(first.TimeZone, "time_zone")
	if err != nil {
		return step, err
	}
	step.by = wallOf(start, place).Sub(wallOf(first.Start, place))
	return step, nil
}

// toCome is the series's meetings that may still be moved or called off, by date.
func (s Series) toCome(now time.Time) (coming []Meeting) {
	for _, m := range s.Meetings {
		if m.State.Planned() && !m.Begun(now) {
			coming = append(coming, m)
		}
	}
	return coming
}

// shift moves meetings by so much on the clock.
type shift struct {
	by     time.Duration
	reason Reason
	choice LocalChoice
	path   string // of the field that asks for it
}

func (s shift) of(m Meeting, now time.Time) (Meeting, error) {
	start, err := laterOnClocks(m.Start, s.by, m.TimeZone, s.choice, s.path)
	if err != nil {
		return m, err
	}
	if err := cmp.Or(m.awaited(s.path), checkStart(start, now, s.path)); err != nil {
		return m, err
	}
	length := m.End.Sub(m.Start)
	m = m.movedTo(start, s.reason)
	m.End = start.Add(length)
	return m, nil
}

// all moves and saves them in the order given, by date, which is that of every use case: two of them never wait for each other. What
// is booked for them moves after, the one in front first, so that a meeting finds the room left that the next one had.
func (s shift) all(ctx context.Context, tx Tx, meetings []Meeting, now time.Time) ([]Meeting, error) {
	moved := make([]Meeting, len(meetings))
	for i, m := range meetings {
		next, err := s.of(m, now)
		if err != nil {
			return nil, err
		}
		if moved[i] = m; next.Start.Equal(m.Start) { // already there
			continue
		}
		if err := next.inSlot(ctx, tx, s.path); err != nil {
			return nil, err
		}
		moved[i], err = next.reseat(ctx, tx, "meeting.updated", now, func(seats *Seating) error { return seats.moved(ctx, next) })
		if err != nil {
			return nil, err
		}
	}
	for n := range meetings {
		i := n
		if s.by > 0 {
			i = len(meetings) - 1 - n
		}
		if err := keepPlace(ctx, tx, meetings[i], moved[i], now, s.path); err != nil {
			return nil, err
		}
	}
	return moved, nil
}
