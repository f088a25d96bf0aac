package domain

import (
	"context"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// ErrSaidTime says that a line of a sheet taken along was said at an hour when it could not have been.
var ErrSaidTime = errs.New(errs.Invalid, "SAID_TIME",
	"Give the moment at which the line was said: between half an hour before the start and now.",
	"Donnez le moment où la ligne a été remplie : entre une demi-heure avant le début et maintenant.")

// OfflineSheet is a sheet that was taken along, as it comes back.
type OfflineSheet struct {
	Version int // of the sheet that was taken along; 0 when unknown: then whatever differs is a conflict
	Lines   []Attendance
	By      string
	Now     time.Time
}

// AttendanceConflict is a line of which two sheets say different things.
type AttendanceConflict struct {
	Current AttendanceLine
	Offline Attendance
}

// Merged is what became of a sheet that was taken along.
type Merged struct {
	Sheet     AttendanceSheet
	Conflicts []AttendanceConflict
	Count     int // of the lines that changed the sheet
}

// MergeAttendance brings back a sheet that was taken along. A line that contradicts what was said meanwhile changes nothing: it is kept
// beside, and returned, until somebody decides with RecordAttendance. What was brought back before has no effect again.
func MergeAttendance(ctx context.Context, tx Tx, meetingID string, o OfflineSheet) (out Merged, err error) {
	m, err := tx.LockMeeting(ctx, meetingID)
	if err != nil {
		return out, err
	}
	if err := m.countsAttendance(o.Now); err != nil {
		return out, err
	}
	sheet, err := Attended(ctx, tx, m.ID)
	if err != nil {
		return out, err
	}
	changes, err := o.changes(m, sheet)
	if err != nil {
		return out, err
	}
	if _, err := keepAttendance(ctx, tx, m, sheet, changes, AttendanceChange{Way: ByOfflineSheet, PersonID: o.By, CreateTime: o.Now}); err != nil {
		return out, err
	}
	if out.Sheet, err = Attended(ctx, tx, m.ID); err != nil {
		return out, err
	}
	for _, c := range changes {
		if !c.Disputed {
			out.Count++
		}
	}
	out.Conflicts = o.conflicts(out.Sheet)
	return out, nil
}

// changes is what the sheet that was taken along adds to what was said.
func (o OfflineSheet) changes(m Meeting, sheet AttendanceSheet) (changes []AttendanceChange, err error) {
	heard := map[AttendanceChange]bool{}
	for _, c := range sheet.changes {
		if c.Way == ByOfflineSheet {
			heard[c.said()] = true
		}
	}
	err = sheet.each(m, o.Lines, "lines", func(line Attendance, was AttendanceLine, path string) error {
		if line.Said.Before(m.Start.Add(-checkInMargin)) || line.Said.After(o.Now) {
			return ErrSaidTime.At(path + ".said_time")
		}
		c := line.change(was)
		if line.same(was) || heard[c.said()] {
			return nil
		}
		corrects := was.Rank <= o.Version && o.Version > 0 && strings.IndexFunc(line.Reason, visible) >= 0
		c.Disputed = was.State != RegistrationConfirmed && !corrects
		changes = append(changes, c)
		return nil
	})
	return changes, err
}

// said is what a line says, by which it is known again.
func (c AttendanceChange) said() AttendanceChange {
	return AttendanceChange{RegistrationID: c.RegistrationID, ToState: c.ToState, ToPart: c.ToPart, SaidTime: c.SaidTime}
}

// conflicts is the lines that contradict the sheet as it stands, until somebody decides.
func (o OfflineSheet) conflicts(sheet AttendanceSheet) (all []AttendanceConflict) {
	disputed := map[string]AttendanceLine{}
	for _, line := range sheet.Lines {
		if line.Disputed {
			disputed[line.ID] = line
		}
	}
	for _, line := range o.Lines {
		if was, ok := disputed[line.RegistrationID]; ok && !line.same(was) {
			all = append(all, AttendanceConflict{Current: was, Offline: line})
		}
	}
	return all
}
