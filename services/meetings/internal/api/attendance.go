package api

import (
	"context"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// GetCheckInCode returns the code that the organiser's screen shows now.
func (s *Server) GetCheckInCode(ctx context.Context, req *meetingsv1.GetCheckInCodeRequest) (*meetingsv1.CheckInCode, error) {
	m, err := s.Store.Meeting(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	return s.checkInCode(m)
}

func (s *Server) checkInCode(m domain.Meeting) (*meetingsv1.CheckInCode, error) {
	code, until, err := s.CheckIns.ShownCode(m, s.Now())
	if err != nil {
		return nil, err
	}
	return &meetingsv1.CheckInCode{
		Code: code, ExpireTime: timestamppb.New(until), Uri: s.PublicURL + m.CheckInPath(code), PresentCount: int32(m.PresentCount), //nolint:gosec // those who have a seat
	}, nil
}

// CheckIn says that the caller is there.
func (s *Server) CheckIn(ctx context.Context, req *meetingsv1.CheckInRequest) (*meetingsv1.Registration, error) {
	r, err := s.checkIn(ctx, domain.CheckIn{MeetingID: req.GetMeetingId(), PersonID: caller(ctx), Code: req.GetCode()})
	return r, missingAt(err, "meeting_id")
}

// checkIn writes somebody down. A wrong code is refused by a transaction that takes effect, since it is counted.
func (s *Server) checkIn(ctx context.Context, in domain.CheckIn) (*meetingsv1.Registration, error) {
	in.Key, in.Now = s.CheckIns, s.Now()
	var r domain.Registration
	var refusal error
	err := s.Store.Write(ctx, func(tx domain.Tx) (err error) {
		r, refusal, err = in.CheckIn(ctx, tx)
		return err
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return nil, err
	}
	return wire.Registration(r), nil
}

// GetAttendanceSheet returns everyone who has a seat, with what was said of them.
func (s *Server) GetAttendanceSheet(ctx context.Context, req *meetingsv1.GetAttendanceSheetRequest) (*meetingsv1.AttendanceSheet, error) {
	sheet, err := domain.Attended(ctx, s.Store, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	return wire.AttendanceSheet(req.GetMeetingId(), sheet), nil
}

// MergeAttendance brings back a sheet that was taken along.
func (s *Server) MergeAttendance(ctx context.Context, req *meetingsv1.MergeAttendanceRequest) (*meetingsv1.MergeAttendanceResponse, error) {
	sheet := domain.OfflineSheet{Version: int(etag.Version(req.GetSheetEtag())), By: caller(ctx), Now: s.Now()}
	for i, line := range req.GetLines() {
		said, err := instant(line.GetSaidTime(), fmt.Sprintf("lines[%d].said_time", i))
		if err != nil {
			return nil, err
		}
		sheet.Lines = append(sheet.Lines, domain.Attendance{
			RegistrationID: line.GetRegistrationId(), State: domain.RegistrationState(line.GetState()),
			Part: domain.AttendancePart(line.GetPart()), Reason: line.GetReason(), Said: said,
		})
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.MergeAttendanceResponse, error) {
		merged, err := domain.MergeAttendance(ctx, tx, req.GetMeetingId(), sheet)
		if err != nil {
			return nil, err
		}
		out := &meetingsv1.MergeAttendanceResponse{
			Sheet: wire.AttendanceSheet(req.GetMeetingId(), merged.Sheet), MergedCount: int32(merged.Count), //nolint:gosec // 1000 at most
		}
		for _, c := range merged.Conflicts {
			out.Conflicts = append(out.Conflicts, wire.AttendanceConflict(c))
		}
		return out, nil
	})
}

// ListAttendanceChanges returns what was said of who came: of everyone to the organiser and the coordinators, of the caller to others.
func (s *Server) ListAttendanceChanges(
	ctx context.Context, req *meetingsv1.ListAttendanceChangesRequest,
) (*meetingsv1.ListAttendanceChangesResponse, error) {
	whose, err := s.whose(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	query := page.Query{Method: "ListAttendanceChanges", Filter: req.GetMeetingId(), Order: "rank", Scope: whose}
	changes, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.AttendanceChange, error) {
			return s.Store.AttendanceChanges(ctx, domain.AttendanceQuery{
				MeetingID: req.GetMeetingId(), PersonID: whose, After: rankAfter(after), Limit: limit,
			})
		},
		func(c domain.AttendanceChange) []string { return []string{strconv.Itoa(c.Rank)} })
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListAttendanceChangesResponse{NextPageToken: next}
	for _, c := range changes {
		out.Changes = append(out.Changes, wire.AttendanceChange(c))
	}
	return out, nil
}

// rankAfter reads the cursor of a list in the order of a rank.
func rankAfter(after []string) int {
	if len(after) != 1 {
		return 0
	}
	rank, _ := strconv.Atoi(after[0]) // signed by us
	return rank
}
