package api

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/link"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// GetCheckInScreen returns the signed link of the page that shows the code to a room.
func (s *Server) GetCheckInScreen(ctx context.Context, req *meetingsv1.GetCheckInScreenRequest) (*meetingsv1.CheckInScreen, error) {
	m, err := s.Store.Meeting(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	if err := m.Shows(s.Now()); err != nil {
		return nil, err
	}
	token := s.Links.Sign(link.Claim{Action: domain.LinkShowCheckIn, Resource: m.ID, PersonID: caller(ctx), Expires: m.CheckInUntil()})
	return &meetingsv1.CheckInScreen{Uri: s.PublicURL + domain.PresencePath + token, ExpireTime: timestamppb.New(m.CheckInUntil())}, nil
}

// FollowCheckInScreenLink returns the code that the screen shows now.
func (s *Server) FollowCheckInScreenLink(ctx context.Context, req *meetingsv1.FollowCheckInScreenLinkRequest) (*meetingsv1.CheckInCode, error) {
	claim, err := s.Links.Open(req.GetToken(), s.Now(), domain.LinkShowCheckIn)
	if err != nil {
		return nil, errs.From(err).At("token")
	}
	m, err := s.Store.Meeting(ctx, claim.Resource)
	if err != nil {
		return nil, err
	}
	return s.checkInCode(m)
}

// FollowCheckInLink says that the person is there to whom the link was sent.
func (s *Server) FollowCheckInLink(ctx context.Context, req *meetingsv1.FollowCheckInLinkRequest) (*meetingsv1.Registration, error) {
	claim, err := s.Links.Open(req.GetToken(), s.Now(), domain.LinkCheckIn)
	if err != nil {
		return nil, errs.From(err).At("token")
	}
	return s.checkIn(ctx, domain.CheckIn{MeetingID: claim.Resource, PersonID: claim.PersonID, Code: req.GetCode()})
}

func (s *Server) previewCheckIn(ctx context.Context, claim link.Claim, out *meetingsv1.LinkPreview) (domain.Outlook, error) {
	m, err := s.Store.Meeting(ctx, claim.Resource)
	if err != nil {
		return domain.Outlook{}, err
	}
	out.Meeting = wire.Meeting(m)
	if claim.Action == domain.LinkShowCheckIn {
		out.Action = meetingsv1.LinkAction_LINK_ACTION_SHOW_CHECK_IN
		return m.ForeseeShowing(s.Now()), nil
	}
	out.Action = meetingsv1.LinkAction_LINK_ACTION_CHECK_IN
	own, err := s.Store.Registrations(ctx, domain.RegistrationQuery{MeetingID: m.ID, PersonID: claim.PersonID, Page: domain.Page{Limit: 1}})
	if err != nil {
		return domain.Outlook{}, err
	}
	for _, r := range own {
		out.Registration = wire.Registration(r.At(m, s.Now()))
	}
	return m.ForeseeCheckIn(own, s.Now()), nil
}
