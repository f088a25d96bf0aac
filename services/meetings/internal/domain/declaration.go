package domain

import (
	"context"
	"math"
	"time"
)

// DeclarationReturn is that a declaration was returned to the organiser instead of countersigned.
type DeclarationReturn struct {
	MeetingID   string
	Rank        int // among the meeting's, from 1
	PersonID    string
	Reason      string
	DeclareTime time.Time
	CreateTime  time.Time
}

// ReturnQuery selects a meeting's returns, oldest first.
type ReturnQuery struct {
	MeetingID string
	After     int // the rank before
	Limit     int
}

// DeclareMeeting says that a meeting took place, with everyone's attendance and closed minutes.
func DeclareMeeting(ctx context.Context, tx Tx, m Meeting, now time.Time) (Meeting, error) {
	next, err := m.after(Declare)
	if err != nil {
		return Meeting{}, err
	}
	if !m.Begun(now) {
		return Meeting{}, ErrNotBegun.At("id")
	}
	next.DeclareTime = now
	// The seats first: whoever was still taking one has then committed, and is on the roll, or is refused.
	declared, err := next.reseat(ctx, tx, "meeting.declared", now, (*Seating).close)
	if err != nil {
		return Meeting{}, err
	}
	sheet, err := Attended(ctx, tx, m.ID)
	if err != nil {
		return Meeting{}, err
	}
	if err := sheet.settled("id"); err != nil {
		return Meeting{}, err
	}
	if err := checkMinutes(ctx, tx, m.ID); err != nil {
		return Meeting{}, err
	}
	return declared, askFeedback(ctx, tx, declared)
}

// ReturnDeclaration takes a meeting back to before its declaration: whoever might countersign it says what is to be mended.
func ReturnDeclaration(ctx context.Context, tx Tx, m Meeting, r DeclarationReturn) (Meeting, error) {
	next, err := m.after(ReturnToOrganiser)
	if err != nil {
		return Meeting{}, err
	}
	if r.Reason, err = written(r.Reason, "reason"); err != nil {
		return Meeting{}, err
	}
	sheet, err := Attended(ctx, tx, m.ID)
	if err != nil {
		return Meeting{}, err
	}
	if involved(m, sheet, r.PersonID) {
		return Meeting{}, ErrCountersignerInvolved.At("id")
	}
	r.MeetingID, r.DeclareTime = m.ID, m.DeclareTime
	next.DeclareTime = time.Time{}
	if next, err = save(ctx, tx, next, "meeting.returned"); err != nil {
		return Meeting{}, err
	}
	return next, tx.InsertReturn(ctx, r)
}

// lastReturn is why a meeting's declaration was returned last.
func lastReturn(ctx context.Context, from MinutesReads, meetingID string) (DeclarationReturn, error) {
	all, err := from.DeclarationReturns(ctx, ReturnQuery{MeetingID: meetingID, Limit: math.MaxInt32})
	if err != nil || len(all) == 0 {
		return DeclarationReturn{}, err
	}
	return all[len(all)-1], nil
}
