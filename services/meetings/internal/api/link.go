package api

import (
	"context"
	"errors"
	"time"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/link"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// openLink reads a token of one of the actions; one of somebody who was erased stands for nobody any more.
func (s *Server) openLink(ctx context.Context, token string, actions ...string) (link.Claim, error) {
	claim, err := s.Links.Open(token, s.Now(), actions...)
	if err != nil {
		return link.Claim{}, err
	}
	erased, err := s.Store.Erased(ctx, claim.PersonID)
	if err == nil && erased {
		err = link.ErrExpired
	}
	return claim, err
}

// FollowRegistrationLink does what a link stands for, in the name of the person to whom it was sent.
func (s *Server) FollowRegistrationLink(ctx context.Context, req *meetingsv1.FollowRegistrationLinkRequest) (*meetingsv1.Registration, error) {
	claim, err := s.openLink(ctx, req.GetToken(), domain.LinkRegister, domain.LinkCancelRegistration, domain.LinkAcceptOffer, domain.LinkDeclineOffer)
	if err != nil {
		return nil, errs.From(err).At("token")
	}
	if claim.Action == domain.LinkRegister {
		return s.registerByLink(ctx, claim)
	}
	var r domain.Registration
	err = s.Store.Write(ctx, func(tx domain.Tx) error {
		if r, err = tx.Registration(ctx, claim.Resource); err != nil {
			return err
		}
		if r.PersonID != claim.PersonID { // a registration has one person for ever; a link that says otherwise is not ours
			return link.ErrInvalid.At("token")
		}
		switch claim.Action {
		case domain.LinkAcceptOffer:
			r, err = domain.Accept(ctx, tx, r, s.Now())
		case domain.LinkDeclineOffer:
			r, err = domain.Decline(ctx, tx, r, "", s.Now())
		default:
			r, err = domain.CancelRegistration(ctx, tx, r, "", s.Now())
		}
		return err
	})
	return wire.Registration(r), err
}

// registerByLink answers whoever has a registration already with that one: a link is followed as often as a mail is opened.
func (s *Server) registerByLink(ctx context.Context, claim link.Claim) (*meetingsv1.Registration, error) {
	r, err := s.seats.Do(ctx, claim.Resource, claim.PersonID, seat{
		command: idempotent.Command{},
		request: domain.Request{ID: newID(), PersonID: claim.PersonID, Pool: domain.Pool{MeetingID: claim.Resource}},
	})
	if !errors.Is(err, domain.ErrAlreadyRegistered) {
		return r, err
	}
	known, err := s.Store.Registration(ctx, errs.From(err).Meta["registration"])
	if err != nil {
		return nil, err
	}
	all, err := s.ranked(ctx, known.MeetingID, known)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

const (
	// sameWait is how long every answer to a request for a link takes, whether anybody was found: longer than to find somebody takes.
	sameWait = 300 * time.Millisecond
	// linksAtOnce is how many of them wait so at a time: anybody may ask, and what waits must not take the place of what works.
	linksAtOnce = 32
)

// RequestRegistrationLink has the link to register sent to whoever has the address, and does not tell whether anybody does.
func (s *Server) RequestRegistrationLink(ctx context.Context, req *meetingsv1.RequestRegistrationLinkRequest) (*meetingsv1.RequestRegistrationLinkResponse, error) {
	select {
	case s.asking <- struct{}{}:
		defer func() { <-s.asking }()
	default:
		return nil, errs.ErrExhausted.Retry(time.Second)
	}
	enough := time.NewTimer(sameWait)
	defer enough.Stop()
	persons, err := s.personsAt(ctx, req.GetEmail())
	if err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx domain.Tx) error {
		return domain.RequestRegistrationLink(ctx, tx, req.GetMeetingId(), persons, newID, s.Now())
	})
	if err != nil {
		return nil, err
	}
	select {
	case <-enough.C:
		return &meetingsv1.RequestRegistrationLinkResponse{}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
