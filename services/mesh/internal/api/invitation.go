package api

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// The actions of the links with which an invitation is answered; whoever mails it signs one of each, for the invitation and its person.
const (
	acceptInvitation  = "acceptInvitation"
	declineInvitation = "declineInvitation"
)

// InvitationResource says who is invited; to others the invitation does not exist.
func (s *Server) InvitationResource(ctx context.Context, id string) (access.Resource, error) {
	i, err := s.Store.Invitation(ctx, id)
	return access.Resource{Type: "Invitation", ID: id, Owners: []string{i.PersonID}, Private: true}, err
}

// SentInvitationResource says who invites; to others the invitation does not exist.
func (s *Server) SentInvitationResource(ctx context.Context, id string) (access.Resource, error) {
	i, err := s.Store.Invitation(ctx, id)
	if err != nil {
		return access.Resource{}, err
	}
	r, err := s.RecruitmentResource(ctx, i.GroupID)
	r.Type, r.ID, r.Private = "SentInvitation", id, true
	return r, err
}

// CreateInvitations invites people who wait.
func (s *Server) CreateInvitations(ctx context.Context, req *meshv1.CreateInvitationsRequest) (*meshv1.CreateInvitationsResponse, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meshv1.CreateInvitationsResponse, error) {
		invited, err := domain.Invite(ctx, tx, req.GetGroupId(), req.GetInterestIds(), newID, s.now())
		return wire.Invited(invited), err
	})
}

// ListInvitations returns the invitations that the caller may see.
func (s *Server) ListInvitations(ctx context.Context, req *meshv1.ListInvitationsRequest) (*meshv1.ListInvitationsResponse, error) {
	who, now := viewer(ctx), s.now()
	query := page.Query{Method: "ListInvitations", Filter: req.GetGroupId(), Order: "created,id", Scope: scopeOf(who)}
	invitations, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Invitation, error) {
			return s.Store.Invitations(ctx, domain.InvitationQuery{
				Viewer: who, GroupID: req.GetGroupId(), Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(i domain.Invitation) []string { return byTime(i.CreateTime, i.ID) })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListInvitationsResponse{NextPageToken: next}
	for _, i := range invitations {
		out.Invitations = append(out.Invitations, wire.Invitation(i.At(now)))
	}
	return out, nil
}

// answer is what becomes of an invitation.
type answer func(ctx context.Context, tx domain.Tx, i domain.Invitation, now time.Time) (domain.Invitation, error)

func accept(ctx context.Context, tx domain.Tx, i domain.Invitation, now time.Time) (domain.Invitation, error) {
	return domain.AcceptInvitation(ctx, tx, i, newID(), now)
}

// AcceptInvitation joins the group that invites.
func (s *Server) AcceptInvitation(ctx context.Context, req *meshv1.AcceptInvitationRequest) (*meshv1.Invitation, error) {
	return idempotent.Write(ctx, s.Store, req, s.answered(ctx, req.GetId(), accept))
}

// DeclineInvitation declines an invitation.
func (s *Server) DeclineInvitation(ctx context.Context, req *meshv1.DeclineInvitationRequest) (*meshv1.Invitation, error) {
	return idempotent.Write(ctx, s.Store, req, s.answered(ctx, req.GetId(), domain.DeclineInvitation))
}

// WithdrawInvitation takes an invitation back.
func (s *Server) WithdrawInvitation(ctx context.Context, req *meshv1.WithdrawInvitationRequest) (*meshv1.Invitation, error) {
	return idempotent.Write(ctx, s.Store, req, s.answered(ctx, req.GetId(), domain.WithdrawInvitation))
}

// AnswerInvitation accepts or declines by a link; the link says which.
func (s *Server) AnswerInvitation(ctx context.Context, req *meshv1.AnswerInvitationRequest) (*meshv1.Invitation, error) {
	claim, err := s.Links.Open(req.GetToken(), s.now(), acceptInvitation, declineInvitation)
	if err != nil {
		return nil, err
	}
	use := domain.DeclineInvitation
	if claim.Action == acceptInvitation {
		use = accept
	}
	return idempotent.Write(ctx, s.Store, req, s.answered(ctx, claim.Resource,
		func(ctx context.Context, tx domain.Tx, i domain.Invitation, now time.Time) (domain.Invitation, error) {
			if i.PersonID != claim.PersonID {
				return domain.Invitation{}, link.ErrInvalid
			}
			return use(ctx, tx, i, now)
		}))
}

func (s *Server) answered(ctx context.Context, id string, use answer) func(domain.Tx) (*meshv1.Invitation, error) {
	return func(tx domain.Tx) (*meshv1.Invitation, error) {
		i, err := tx.Invitation(ctx, id)
		if err != nil {
			return nil, err
		}
		i, err = use(ctx, tx, i, s.now())
		return wire.Invitation(i), err
	}
}

// GetInvitation tells how an invitation stands.
func (s *Server) GetInvitation(ctx context.Context, req *meshv1.GetInvitationRequest) (*meshv1.Invitation, error) {
	i, err := s.Store.Invitation(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Invitation(i.At(s.now())), nil
}
