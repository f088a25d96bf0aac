package season

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const (
	week   = 7 * 24 * time.Hour
	length = 2 * time.Hour
	seats  = 25
	// moment is long enough for the request to arrive before the meeting begins.
	moment = 2 * time.Second
)

// plan has each organiser plan the two meetings, after the first and the third week, and the members take seats.
func (s *season) plan(ctx context.Context) error {
	if err := each(ctx, s.circles, s.schedule); err != nil {
		return err
	}
	taken := 0
	for _, c := range s.circles {
		for _, g := range c.meetings {
			taken += len(g.seats)
		}
	}
	s.say("  %d rencontres, %d places prises", 2*len(s.circles), taken)
	return nil
}

func (s *season) schedule(ctx context.Context, c *circle) error {
	first := time.Now().Add(week).Truncate(time.Hour)
	request := &meetingsv1.CreateSeriesRequest{GroupId: c.group.GetId(), TimeZone: "Europe/Paris", Capacity: seats}
	for _, start := range []time.Time{first, first.Add(2 * week)} {
		request.Slots = append(request.Slots, &meetingsv1.Slot{StartTime: timestamppb.New(start), EndTime: timestamppb.New(start.Add(length))})
	}
	series := &meetingsv1.Series{}
	if err := s.post(ctx, c.organiser, "/v1/series", request, series); err != nil {
		return err
	}
	for _, m := range series.GetMeetings() {
		c.meetings = append(c.meetings, &gathering{meeting: m, seats: map[string]*meetingsv1.Registration{}, present: map[string]bool{}})
	}
	if err := expect("rencontres de la série", len(c.meetings), int(s.module.GetMeetingCount())); err != nil {
		return err
	}
	for rank, g := range c.meetings {
		if err := s.reserve(ctx, c, g, rank); err != nil {
			return err
		}
	}
	return nil
}

// reserve takes a seat for each member but one in ten, and checks what the meeting says.
func (s *season) reserve(ctx context.Context, c *circle, g *gathering, rank int) error {
	path := "/v1/meetings/" + g.meeting.GetId()
	for i, p := range c.members {
		if (i+rank)%10 == 9 {
			continue
		}
		seat := &meetingsv1.Registration{}
		if err := s.post(ctx, p, path+"/registrations", &meetingsv1.Registration{}, seat); err != nil {
			return err
		}
		g.seats[p.id] = seat
	}
	if err := s.get(ctx, nil, path, nil, g.meeting); err != nil {
		return err
	}
	if err := expect("places prises de "+g.meeting.GetId(), int(g.meeting.GetTaken()), len(g.seats)); err != nil {
		return err
	}
	page := &meetingsv1.ListRegistrationsResponse{}
	if err := s.get(ctx, c.organiser, path+"/registrations", url.Values{"pageSize": {"100"}}, page); err != nil {
		return err
	}
	return expect("inscriptions à "+g.meeting.GetId(), len(page.GetRegistrations()), len(g.seats))
}

// meet lets time pass: the meetings are confirmed and brought forward to now, then attended and declared by their organisers.
func (s *season) meet(ctx context.Context) error {
	for _, act := range []func(context.Context, *circle, *gathering, int) error{s.bringForward, s.hold} {
		err := each(ctx, s.circles, func(ctx context.Context, c *circle) error {
			for rank, g := range c.meetings {
				if err := act(ctx, c, g, rank); err != nil {
					return fmt.Errorf("rencontre %s : %w", g.meeting.GetId(), err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	present, seated := 0, 0
	for _, c := range s.circles {
		for _, g := range c.meetings {
			seated += len(g.seats)
			present += len(g.present)
		}
	}
	s.say("  %d présences sur %d places", present, seated)
	return nil
}

func (s *season) hold(ctx context.Context, c *circle, g *gathering, rank int) error {
	path := "/v1/meetings/" + g.meeting.GetId()
	sheet := &meetingsv1.RecordAttendanceRequest{}
	for i, p := range c.members {
		seat := g.seats[p.id]
		if seat == nil {
			continue
		}
		state := meetingsv1.RegistrationState_REGISTRATION_STATE_PRESENT
		if (i+2*rank)%7 == 6 {
			state = meetingsv1.RegistrationState_REGISTRATION_STATE_ABSENT
		} else {
			g.present[p.id] = true
		}
		sheet.Attendances = append(sheet.Attendances, &meetingsv1.Attendance{RegistrationId: seat.GetId(), State: state})
	}
	// The clocks of two machines may differ by a moment: a meeting that has not begun there is asked about again.
	var failure error
	err := eventually(ctx, patience, func() error {
		failure = s.post(ctx, c.organiser, path+":recordAttendance", sheet, g.meeting)
		if refused(failure, "NOT_BEGUN") {
			return failure
		}
		return nil
	})
	if err = cmp.Or(err, failure); err != nil {
		return err
	}
	if err := s.minute(ctx, c, g); err != nil {
		return err
	}
	if err := s.post(ctx, c.organiser, path+":declare", &meetingsv1.DeclareMeetingRequest{}, g.meeting); err != nil {
		return err
	}
	return expect("présents à "+g.meeting.GetId(), int(g.meeting.GetPresentCount()), len(g.present))
}

// minute writes the minutes of a meeting and closes them.
func (s *season) minute(ctx context.Context, c *circle, g *gathering) error {
	path := "/v1/meetings/" + g.meeting.GetId() + "/minutes"
	said := &meetingsv1.Minutes{
		Modality: meetingsv1.MeetingMode_MEETING_MODE_IN_PERSON,
		Participants: []*meetingsv1.ParticipantCount{{
			Category: meetingsv1.ParticipantCategory_PARTICIPANT_CATEGORY_PRIMARY_TEAM, Count: int32(len(g.present)), //nolint:gosec // as many as there are seats
		}},
		Actions: []*meetingsv1.MinutesAction{{What: "Préparer la rencontre suivante", Who: "Le groupe", When: "Dans deux semaines"}},
	}
	if err := s.call(ctx, c.organiser, http.MethodPut, path, said, said); err != nil {
		return err
	}
	return s.post(ctx, c.organiser, path+":close", &meetingsv1.CloseMinutesRequest{Etag: said.GetEtag()}, said)
}

// bringForward confirms the meeting and moves it to a moment from now, as three weeks cannot be waited for.
func (s *season) bringForward(ctx context.Context, c *circle, g *gathering, _ int) error {
	path := "/v1/meetings/" + g.meeting.GetId()
	if err := s.post(ctx, c.organiser, path+":confirm", &meetingsv1.ConfirmMeetingRequest{Etag: g.meeting.GetEtag()}, g.meeting); err != nil {
		return err
	}
	var failure error
	// A restart may take longer than the moment: the start is past then, and another one is chosen.
	err := eventually(ctx, patience, func() error {
		start := time.Now().Add(moment)
		moved := &meetingsv1.Meeting{
			Etag: g.meeting.GetEtag(), StartTime: timestamppb.New(start), EndTime: timestamppb.New(start.Add(length)),
		}
		failure = s.patch(ctx, c.organiser, path+"?updateMask=start_time,end_time", moved, g.meeting)
		if refused(failure, "START_IN_PAST") {
			return failure
		}
		return nil
	})
	return cmp.Or(err, failure)
}
