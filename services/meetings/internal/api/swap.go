package api

import (
	"context"
	"strconv"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// SwapResource says who offers; to others a swap does not exist but in their list.
func (s *Server) SwapResource(ctx context.Context, id string) (access.Resource, error) {
	swap, err := s.Store.Swap(ctx, id)
	return access.Resource{Type: "Swap", ID: id, Owners: []string{swap.PersonID}, Private: true}, err
}

// ProposeSwap offers the caller's seat.
func (s *Server) ProposeSwap(ctx context.Context, req *meetingsv1.ProposeSwapRequest) (*meetingsv1.Swap, error) {
	proposal := domain.Swap{ID: newID(), RegistrationID: req.GetSwap().GetRegistrationId(), WantedMeetingID: req.GetSwap().GetWantedMeetingId()}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Swap, error) {
		swap, err := domain.ProposeSwap(ctx, tx, proposal, caller(ctx), s.Now())
		return wire.Swap(swap), err
	})
}

// ListSwaps returns the caller's swaps and those that the caller may accept.
func (s *Server) ListSwaps(ctx context.Context, req *meetingsv1.ListSwapsRequest) (*meetingsv1.ListSwapsResponse, error) {
	who, now := caller(ctx), s.Now()
	swaps, next, err := page.List(s.Pages, page.Query{Method: "ListSwaps", Order: "created,id", Scope: who}, req,
		func(after []string, limit int) ([]domain.Swap, error) {
			return s.Store.Swaps(ctx, domain.SwapQuery{PersonID: who, Page: domain.Page{After: after, Limit: limit}})
		},
		func(swap domain.Swap) []string {
			return []string{strconv.FormatInt(database.Micros(swap.CreateTime), 10), swap.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListSwapsResponse{NextPageToken: next}
	for _, swap := range swaps {
		out.Swaps = append(out.Swaps, wire.Swap(swap.At(now)))
	}
	return out, nil
}

// AcceptSwap swaps the two seats.
func (s *Server) AcceptSwap(ctx context.Context, req *meetingsv1.AcceptSwapRequest) (*meetingsv1.AcceptSwapResponse, error) {
	return idempotent.Write(ctx, s.Store, req, s.accepted(ctx, domain.Acceptance{
		SwapID: req.GetId(), RegistrationID: req.GetRegistrationId(), PersonID: caller(ctx), Now: s.Now(), NewID: newID,
	}))
}

// FollowSwapLink swaps the two seats in the name of the person to whom the link was sent.
func (s *Server) FollowSwapLink(ctx context.Context, req *meetingsv1.FollowSwapLinkRequest) (*meetingsv1.AcceptSwapResponse, error) {
	claim, err := s.openLink(ctx, req.GetToken(), domain.LinkAcceptSwap)
	if err != nil {
		return nil, errs.From(err).At("token")
	}
	return idempotent.Write(ctx, s.Store, req, s.accepted(ctx, domain.Acceptance{
		SwapID: claim.Resource, PersonID: claim.PersonID, Now: s.Now(), NewID: newID,
	}))
}

func (s *Server) accepted(ctx context.Context, a domain.Acceptance) func(domain.Tx) (*meetingsv1.AcceptSwapResponse, error) {
	return func(tx domain.Tx) (*meetingsv1.AcceptSwapResponse, error) {
		swap, got, err := domain.AcceptSwap(ctx, tx, a)
		return &meetingsv1.AcceptSwapResponse{Swap: wire.Swap(swap), Registration: wire.Registration(got)}, err
	}
}

// WithdrawSwap takes a proposal back.
func (s *Server) WithdrawSwap(ctx context.Context, req *meetingsv1.WithdrawSwapRequest) (*meetingsv1.Swap, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Swap, error) {
		swap, err := tx.Swap(ctx, req.GetId())
		if err != nil {
			return nil, err
		}
		swap, err = domain.WithdrawSwap(ctx, tx, swap, s.Now())
		return wire.Swap(swap), err
	})
}
