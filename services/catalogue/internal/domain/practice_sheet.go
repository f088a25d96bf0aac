package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// PracticeSheet is an activity as a group has tried it.
type PracticeSheet struct {
	ID        string
	MeetingID string
	State     SheetState
	SheetText
	DerivedFrom  string
	Origin       SheetOrigin
	Reuse        SheetReuse
	ReturnReason string
	Remarks      string
	Version      int64
	CreateTime   time.Time
	UpdateTime   time.Time
	PublishTime  time.Time // zero before
}

// SheetOrigin is where a sheet comes from, as its meeting says.
type SheetOrigin struct {
	CommuneCode string
	Date        string
	Territories []string // the commune and what lies above it; not read back
}

// SheetChange is something that happened to a sheet.
type SheetChange struct {
	SheetID    string
	Version    int64
	State      SheetState // after it
	PersonID   string
	Note       string
	CreateTime time.Time
}

// SheetOrder is the order of published sheets; the numbers are the contract's.
type SheetOrder int

// The orders of published sheets.
const (
	NewestSheets SheetOrder = iota + 1
	MostReusedSheets
)

// SheetQuery selects published sheets; what is zero selects nothing away.
type SheetQuery struct {
	Words       []string // as Fold has them
	ModuleID    string
	Age         int
	MaxMinutes  int
	Territory   string
	DerivedFrom string
	Order       SheetOrder
	Page
}

// SheetWorkQuery selects sheets within a person's reach, oldest first.
type SheetWorkQuery struct {
	ID        string // "" for all
	MeetingID string
	State     SheetState
	Reach
	Page
}

// Reach is which sheets a person works on: one's group's, those of the territories that one coordinates, for the national team all that
// were sent up.
type Reach struct {
	PersonID    string
	Territories []string
	National    bool
}

// SheetReads finds practice sheets.
type SheetReads interface {
	Sheet(ctx context.Context, id string) (PracticeSheet, error)
	Sheets(ctx context.Context, q SheetQuery) ([]PracticeSheet, error)
	SheetWork(ctx context.Context, q SheetWorkQuery) ([]PracticeSheet, error)
	// SheetChanges are the last ones, newest first.
	SheetChanges(ctx context.Context, sheetID string, limit int) ([]SheetChange, error)
	SheetCount(ctx context.Context, meetingID string) (int, error)
}

// SheetWrites changes practice sheets.
type SheetWrites interface {
	InsertSheet(ctx context.Context, s PracticeSheet) error
	// UpdateSheet refuses when someone else has updated the version before. It leaves the counts of reuse alone.
	UpdateSheet(ctx context.Context, s PracticeSheet) error
	InsertSheetChange(ctx context.Context, c SheetChange) error
	// WorkedOnSheet tells whether a person wrote a sheet or sent it up.
	WorkedOnSheet(ctx context.Context, sheetID, personID string) (bool, error)
	// AddSheetUser tells whether the person had not said so before.
	AddSheetUser(ctx context.Context, sheetID, personID string, now time.Time) (bool, error)
	// CountSheetReuse adds to a sheet's counts; the new state of the sheet is not a new version of it.
	CountSheetReuse(ctx context.Context, sheetID string, more SheetReuse) error
}

// mostSheets is how many sheets a meeting may have: far more than a group writes.
const mostSheets = 100

// What a sheet may be refused for while it is written.
var (
	ErrSheetNotFound = errs.Missing("practice sheet", "fiche pratique")
	ErrSheetsMany    = errs.New(errs.Precondition, "PRACTICE_SHEETS_TOO_MANY",
		"This meeting has a hundred practice sheets already; go on with one of them.",
		"Ce temps de rencontre a déjà cent fiches pratiques ; continuez l'une d'elles.")
	ErrSheetCancelled = errs.New(errs.Precondition, "MEETING_CANCELLED",
		"This meeting was called off; there is nothing to write about it.",
		"Ce temps de rencontre a été annulé ; il n'y a rien à en écrire.")
	ErrSheetOrigin = errs.New(errs.Invalid, "PRACTICE_SHEET_ORIGIN_FIXED",
		"What a sheet is made from is chosen when it is begun; begin another sheet for another origin.",
		"La fiche dont on part se choisit au début ; commencez une autre fiche pour partir d'une autre.")
	ErrSheetOriginUnpublished = errs.New(errs.Invalid, "PRACTICE_SHEET_ORIGIN_NOT_PUBLISHED",
		"A sheet is made from a published sheet only; wait until that one is published.",
		"On ne part que d'une fiche publiée ; attendez que celle-là le soit.")
)

// BeginSheet adds a draft to a meeting's sheets.
func BeginSheet(ctx context.Context, tx Tx, s PracticeSheet, personID string, now time.Time) (PracticeSheet, error) {
	if err := s.tidy(); err != nil {
		return PracticeSheet{}, err
	}
	if _, err := tx.HoldMeetings(ctx, []string{s.MeetingID}); err != nil { // so that two who begin at once are counted one after the other
		return PracticeSheet{}, err
	}
	m, err := tx.Meeting(ctx, s.MeetingID)
	if err != nil {
		return PracticeSheet{}, err
	}
	if m.Cancelled {
		return PracticeSheet{}, ErrSheetCancelled.At("meeting_id")
	}
	if n, err := tx.SheetCount(ctx, m.ID); err != nil || n >= mostSheets {
		return PracticeSheet{}, either(err, ErrSheetsMany.At("meeting_id"))
	}
	if err := s.check(ctx, tx, m); err != nil {
		return PracticeSheet{}, err
	}
	s.State, s.Version, s.CreateTime, s.UpdateTime = SheetDraft, 1, now, now
	if err := tx.InsertSheet(ctx, s); err != nil {
		return PracticeSheet{}, err
	}
	return s, s.tell(ctx, tx, personID, "", "practice_sheet.written")
}

// WriteSheet replaces the text of a sheet that the group has in hand; check looks at the one that stood before.
func WriteSheet(ctx context.Context, tx Tx, wanted PracticeSheet, check func(PracticeSheet) error, personID string, now time.Time) (PracticeSheet, error) {
	if err := wanted.tidy(); err != nil {
		return PracticeSheet{}, err
	}
	s, m, err := sheetOfMeeting(ctx, tx, wanted.ID, check)
	if err != nil {
		return PracticeSheet{}, err
	}
	if wanted.DerivedFrom != "" && wanted.DerivedFrom != s.DerivedFrom {
		return PracticeSheet{}, ErrSheetOrigin.At("practice_sheet.derived_from")
	}
	if s, err = s.after(WriteMove); err != nil {
		return PracticeSheet{}, err
	}
	s.SheetText = wanted.SheetText
	if err := s.check(ctx, tx, m); err != nil {
		return PracticeSheet{}, err
	}
	return s.keep(ctx, tx, personID, "", now, "practice_sheet.written")
}

// check refuses references to what is not there, and a licence that the origin does not allow.
func (s *PracticeSheet) check(ctx context.Context, tx Tx, m Meeting) error {
	if s.ModuleID == "" {
		if _, err := tx.Module(ctx, m.ModuleID); err == nil {
			s.ModuleID = m.ModuleID
		}
	} else if _, err := tx.Module(ctx, s.ModuleID); err != nil {
		return atField(err, "practice_sheet.module_id")
	}
	if s.DerivedFrom == "" {
		return nil
	}
	origin, err := tx.Sheet(ctx, s.DerivedFrom)
	switch {
	case err != nil:
		return atField(err, "practice_sheet.derived_from")
	case origin.State != SheetPublished:
		return ErrSheetOriginUnpublished.At("practice_sheet.derived_from")
	case s.Licence != "" && !allows(origin.Licence, s.Licence):
		return ErrSheetLicence.At("practice_sheet.licence").With("origin_licence", origin.Licence)
	}
	return nil
}

// sheetOfMeeting is a sheet, as check finds it right, with its meeting.
func sheetOfMeeting(ctx context.Context, tx Tx, id string, check func(PracticeSheet) error) (PracticeSheet, Meeting, error) {
	s, err := tx.Sheet(ctx, id)
	if err != nil {
		return s, Meeting{}, err
	}
	if err := check(s); err != nil {
		return s, Meeting{}, err
	}
	m, err := tx.Meeting(ctx, s.MeetingID)
	return s, m, err
}

// keep stores the sheet's next version, with who made it, and tells others of it.
func (s PracticeSheet) keep(ctx context.Context, tx Tx, personID, note string, now time.Time, event string) (PracticeSheet, error) {
	s.Version, s.UpdateTime = s.Version+1, now
	if err := tx.UpdateSheet(ctx, s); err != nil {
		return PracticeSheet{}, err
	}
	return s, s.tell(ctx, tx, personID, note, event)
}

func (s PracticeSheet) tell(ctx context.Context, tx Tx, personID, note, event string) error {
	err := tx.InsertSheetChange(ctx, SheetChange{SheetID: s.ID, Version: s.Version, State: s.State, PersonID: personID, Note: note, CreateTime: s.UpdateTime})
	if err != nil {
		return err
	}
	return tx.Emit(ctx, Event{Name: event, State: s})
}

// either is the first error that there is.
func either(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
