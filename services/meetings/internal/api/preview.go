package api

import (
	"context"
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/link"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// PreviewLink says what a link would do, and does nothing. It tells its holder what is theirs, and what everybody may read.
func (s *Server) PreviewLink(ctx context.Context, req *meetingsv1.PreviewLinkRequest) (*meetingsv1.LinkPreview, error) {
	claim, err := s.openLink(ctx, req.GetToken(),
		domain.LinkRegister, domain.LinkCancelRegistration, domain.LinkAcceptOffer, domain.LinkDeclineOffer, domain.LinkAcceptAsk, domain.LinkDeclineAsk, domain.LinkAcceptSwap, domain.LinkVotePoll,
		domain.LinkGiveFeedback, domain.LinkCheckIn, domain.LinkShowCheckIn)
	if err != nil {
		return nil, errs.From(err).At("token")
	}
	out := &meetingsv1.LinkPreview{ExpireTime: timestamppb.New(claim.Expires)}
	var o domain.Outlook
	switch claim.Action {
	case domain.LinkRegister:
		out.Action = meetingsv1.LinkAction_LINK_ACTION_REGISTER
		o, err = s.previewRegistering(ctx, claim, out)
	case domain.LinkAcceptSwap:
		out.Action = meetingsv1.LinkAction_LINK_ACTION_ACCEPT_SWAP
		o, err = s.previewSwap(ctx, claim, out)
	case domain.LinkVotePoll:
		out.Action = meetingsv1.LinkAction_LINK_ACTION_VOTE_POLL
		o, err = s.previewPoll(ctx, claim, out)
	case domain.LinkGiveFeedback:
		out.Action = meetingsv1.LinkAction_LINK_ACTION_GIVE_FEEDBACK
		o, err = s.previewFeedback(ctx, claim, out)
	case domain.LinkCheckIn, domain.LinkShowCheckIn:
		o, err = s.previewCheckIn(ctx, claim, out)
	case domain.LinkAcceptAsk, domain.LinkDeclineAsk:
		o, err = s.previewAsk(ctx, claim, out)
	default:
		o, err = s.previewRegistration(ctx, claim, out)
	}
	if err != nil {
		return nil, err
	}
	out.State, out.Refusal = wire.Outlook(o)
	out.Waits = o.Waits
	return out, nil
}

// ahead is what the links about a registration lead to.
var ahead = map[string]struct {
	action meetingsv1.LinkAction
	move   domain.RegistrationMove
}{
	domain.LinkCancelRegistration: {meetingsv1.LinkAction_LINK_ACTION_CANCEL_REGISTRATION, domain.GiveBack},
	domain.LinkAcceptOffer:        {meetingsv1.LinkAction_LINK_ACTION_ACCEPT_OFFER, domain.AcceptOffer},
	domain.LinkDeclineOffer:       {meetingsv1.LinkAction_LINK_ACTION_DECLINE_OFFER, domain.DeclineOffer},
}

func (s *Server) previewRegistration(ctx context.Context, claim link.Claim, out *meetingsv1.LinkPreview) (domain.Outlook, error) {
	r, err := s.Store.Registration(ctx, claim.Resource)
	if err != nil {
		return domain.Outlook{}, err
	}
	if r.PersonID != claim.PersonID {
		return domain.Outlook{}, link.ErrInvalid.At("token")
	}
	m, err := s.Store.Meeting(ctx, r.MeetingID)
	if err != nil {
		return domain.Outlook{}, err
	}
	r = r.At(m, s.Now())
	out.Action = ahead[claim.Action].action
	return r.Foresee(ahead[claim.Action].move, m, s.Now()), s.about(ctx, out, m, r)
}

func (s *Server) previewRegistering(ctx context.Context, claim link.Claim, out *meetingsv1.LinkPreview) (domain.Outlook, error) {
	m, err := s.Store.Meeting(ctx, claim.Resource)
	if err == nil && m.State == domain.MeetingDraft {
		err = domain.ErrMeetingNotFound
	}
	if err != nil {
		return domain.Outlook{}, err
	}
	var own domain.Registration
	found, err := s.Store.Registrations(ctx, domain.RegistrationQuery{MeetingID: m.ID, PersonID: claim.PersonID, Page: domain.Page{Limit: 1}})
	if err != nil {
		return domain.Outlook{}, err
	}
	for i := range found {
		found[i] = found[i].At(m, s.Now())
		own = found[i]
	}
	return domain.ForeseeRegistration(m, own, s.Now()), s.about(ctx, out, m, found...)
}

// about says which meeting a link is about, and what its holder has there.
func (s *Server) about(ctx context.Context, out *meetingsv1.LinkPreview, m domain.Meeting, own ...domain.Registration) error {
	out.Meeting = wire.Meeting(m)
	ranked, err := s.ranked(ctx, m.ID, own...)
	for _, r := range ranked {
		out.Registration = r
	}
	return err
}

func (s *Server) previewAsk(ctx context.Context, claim link.Claim, out *meetingsv1.LinkPreview) (domain.Outlook, error) {
	a, err := s.Store.Ask(ctx, claim.Resource)
	if err == nil && a.PersonID != claim.PersonID {
		err = domain.ErrAskNotFound.At("token")
	}
	if err != nil {
		return domain.Outlook{}, err
	}
	m, err := s.Store.Meeting(ctx, a.MeetingID)
	if err != nil {
		return domain.Outlook{}, err
	}
	out.Meeting, out.Ask = wire.Meeting(m), wire.Ask(a.At(s.Now()))
	if claim.Action == domain.LinkAcceptAsk {
		out.Action = meetingsv1.LinkAction_LINK_ACTION_ACCEPT_ASK
		return a.ForeseeAccept(m, s.Now()), nil
	}
	out.Action = meetingsv1.LinkAction_LINK_ACTION_DECLINE_ASK
	return a.ForeseeDecline(m, s.Now()), nil
}

func (s *Server) previewSwap(ctx context.Context, claim link.Claim, out *meetingsv1.LinkPreview) (domain.Outlook, error) {
	o, err := domain.Acceptance{SwapID: claim.Resource, PersonID: claim.PersonID, Now: s.Now()}.Foresee(ctx, s.Store)
	if err != nil {
		return domain.Outlook{}, err
	}
	out.Meeting, out.GivenMeeting, out.Swap = wire.Meeting(o.Offered), wire.Meeting(o.Given), wire.Swap(o.Swap)
	out.Registration = wire.Registration(o.Seat)
	return o.Outlook, nil
}

func (s *Server) previewFeedback(ctx context.Context, claim link.Claim, out *meetingsv1.LinkPreview) (domain.Outlook, error) {
	m, err := s.Store.Meeting(ctx, claim.Resource)
	if err != nil {
		return domain.Outlook{}, err
	}
	out.Meeting = wire.Meeting(m)
	return domain.ForeseeFeedback(ctx, s.Store, m, claim.PersonID, s.Now())
}

func (s *Server) previewPoll(ctx context.Context, claim link.Claim, out *meetingsv1.LinkPreview) (domain.Outlook, error) {
	p, err := s.Store.Poll(ctx, claim.Resource)
	if err != nil {
		return domain.Outlook{}, err
	}
	votes, err := s.Store.VotesOf(ctx, p.ID, claim.PersonID)
	if err != nil {
		return domain.Outlook{}, err
	}
	out.Poll, out.Votes = wire.Poll(p), wire.Votes(votes)
	m, err := s.Store.Meeting(ctx, p.MeetingID)
	switch {
	case err == nil:
		out.Meeting = wire.Meeting(m)
	case !errors.Is(err, domain.ErrMeetingNotFound): // it makes one, or moves none any more
		return domain.Outlook{}, err
	}
	return p.Foresee(s.Now()), nil
}
