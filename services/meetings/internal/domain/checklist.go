package domain

import (
	"context"
	"errors"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Checklist is what a meeting needs: a copy of the list that was in force when it was planned, and no longer changes with it.
type Checklist struct {
	MeetingID      string
	Type           MeetingType
	ListVersion    int            // of the default list
	Version        int64          // of the meeting's readiness; 0 until something of it is told
	Recommended    Recommendation // the highest that was told, for the date RecommendedFor
	RecommendedFor time.Time      // zero before
	CreateTime     time.Time
	Items          []Item // the first due first
}

// Item is one line of a checklist, or of the board beside it.
type Item struct {
	ID                 string // empty for what the system knows by itself
	MeetingID          string
	Code               string
	Domain             RequirementDomain
	FR, EN             string
	Required           bool
	DueBefore          time.Duration // before the start
	CheckedBy          Charge
	RequirementVersion int
	State              ItemState
	PersonID           string    // empty before
	CheckTime          time.Time // zero before
	Note               string
	Version            int64 // 0 for what the system knows by itself
}

// ItemState is where a line stands; the numbers are the contract's.
type ItemState int

// The states of a line.
const (
	ItemTodo ItemState = iota + 1
	ItemDone
	ItemNotNeeded
	ItemBlocked
)

// Missing reports whether the meeting is not ready as long as the line stands so.
func (i Item) Missing() bool { return i.Required && (i.State == ItemTodo || i.State == ItemBlocked) }

// Overdue is a required line that is missing and late, and its meeting.
type Overdue struct {
	Item
	CommuneCode string
	Start       time.Time
}

// Due is when the line was to be done.
func (o Overdue) Due() time.Time { return o.Start.Add(-o.DueBefore) }

// OverdueQuery selects what is late before the meetings to come in a territory, the longest late first.
type OverdueQuery struct {
	Territory string
	Now       time.Time
	Page
}

// ChecklistReads finds checklists.
type ChecklistReads interface {
	// Checklist is a meeting's, or ErrChecklistNotFound.
	Checklist(ctx context.Context, meetingID string) (Checklist, error)
	// Item is a line of a meeting's checklist, or ErrItemNotFound.
	Item(ctx context.Context, meetingID, id string) (Item, error)
	Overdue(ctx context.Context, q OverdueQuery) ([]Overdue, error)
	// Unready is the ids of the meetings that begin in the time and for whose date a postponement was not recommended, after this one.
	Unready(ctx context.Context, from, to time.Time, after string, limit int) ([]string, error)
}

// ChecklistWrites changes checklists.
type ChecklistWrites interface {
	// InsertChecklist keeps a checklist unless the meeting has one.
	InsertChecklist(ctx context.Context, c Checklist) error
	// UpdateChecklist stores the type of a checklist, and adds lines to it.
	UpdateChecklist(ctx context.Context, c Checklist, added []Item) error
	// Advance raises the version of a meeting's readiness, and holds it until the transaction ends.
	Advance(ctx context.Context, meetingID string) error
	// UpdateItem refuses when someone else has updated the version before.
	UpdateItem(ctx context.Context, i Item) error
	// Recommend notes what is recommended for a date of the meeting and raises its readiness's version, or reports false when as much
	// was noted for this date before.
	Recommend(ctx context.Context, meetingID string, r Recommendation, date time.Time) (bool, error)
}

// What a checklist may be refused for.
var (
	ErrChecklistNotFound = errs.Missing("checklist", "liste de contrôle")
	ErrItemNotFound      = errs.Missing("item of the board", "ligne du tableau")
)

// Prepare gives meetings their checklists, unless they have one.
func Prepare(ctx context.Context, tx Tx, newID func() string, now time.Time, meetings ...Meeting) error {
	rules := DefaultRules()
	for _, m := range meetings {
		above, err := tx.Above(ctx, m.CommuneCode)
		if err != nil {
			return err
		}
		asked, err := tx.Requirements(ctx, m.Type(), above)
		if err != nil {
			return err
		}
		c := Checklist{MeetingID: m.ID, Type: m.Type(), ListVersion: rules.Version, CreateTime: now}
		for _, r := range ListInForce(rules, m.Type(), asked) {
			c.Items = append(c.Items, r.item(newID(), m))
		}
		if err := tx.InsertChecklist(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// item is the line of a meeting's checklist that a requirement makes.
func (r Requirement) item(id string, m Meeting) Item {
	return Item{
		ID: id, MeetingID: m.ID, Code: r.Code, Domain: r.Domain, FR: r.FR, EN: r.EN, Required: r.Required,
		DueBefore: r.DueBefore, CheckedBy: r.CheckedBy, RequirementVersion: r.Version, State: ItemTodo, Version: 1,
	}
}

// retype makes the checklist of a meeting that of its new mode: what this one does not ask for, and nobody has looked at, is not
// needed, and what it asks for besides is added. What people have said stays.
func retype(ctx context.Context, tx Tx, newID func() string, m Meeting, now time.Time) error {
	c, err := tx.Checklist(ctx, m.ID)
	switch {
	case errors.Is(err, ErrChecklistNotFound): // it will be made for the mode
		return nil
	case err != nil || c.Type == m.Type():
		return err
	}
	above, err := tx.Above(ctx, m.CommuneCode)
	if err != nil {
		return err
	}
	asked, err := tx.Requirements(ctx, m.Type(), above)
	if err != nil {
		return err
	}
	wanted := map[string]Requirement{}
	for _, r := range ListInForce(DefaultRules(), m.Type(), asked) {
		wanted[r.Code] = r
	}
	if err := tx.Advance(ctx, m.ID); err != nil {
		return err
	}
	for _, i := range c.Items {
		_, stays := wanted[i.Code]
		delete(wanted, i.Code)
		if err := i.need(ctx, tx, stays); err != nil {
			return err
		}
	}
	var added []Item
	for _, r := range wanted {
		added = append(added, r.item(newID(), m))
	}
	c.Type = m.Type()
	if err := tx.UpdateChecklist(ctx, c, added); err != nil || m.State == MeetingDraft {
		return err
	}
	board, err := BoardOf(ctx, tx, m, now)
	if err != nil {
		return err
	}
	return tx.Emit(ctx, Event{Name: "readiness.checked", State: board})
}

// need says that a line is needed or not, unless a person has said where it stands.
func (i Item) need(ctx context.Context, tx Tx, needed bool) error {
	state := ItemNotNeeded
	if needed {
		state = ItemTodo
	}
	if i.PersonID != "" || i.State == state {
		return nil
	}
	i.State, i.Version = state, i.Version+1
	return tx.UpdateItem(ctx, i)
}

// Check is what someone says of a line.
type Check struct {
	State    ItemState
	Note     string
	PersonID string
	Now      time.Time
}

// CheckItem says where a line stands, until the meeting is declared; the same again changes nothing.
func CheckItem(ctx context.Context, tx Tx, m Meeting, i Item, c Check) error {
	note, err := written(c.Note, "note")
	if err != nil && (c.State == ItemNotNeeded || c.State == ItemBlocked) {
		return err
	}
	switch {
	case !m.State.ToCome():
		return m.refused()
	case i.State == c.State && i.Note == note:
		return nil
	}
	i.State, i.Note, i.PersonID, i.CheckTime, i.Version = c.State, note, c.PersonID, c.Now, i.Version+1
	if err := tx.Advance(ctx, m.ID); err != nil {
		return err
	}
	if err := tx.UpdateItem(ctx, i); err != nil {
		return err
	}
	board, err := BoardOf(ctx, tx, m, c.Now)
	if err != nil {
		return err
	}
	return tx.Emit(ctx, Event{Name: "readiness.checked", State: board})
}
