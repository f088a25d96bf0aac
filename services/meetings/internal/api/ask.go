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

// AskResource says whom an ask is for, and where the meeting is; to others it does not exist.
func (s *Server) AskResource(ctx context.Context, id string) (access.Resource, error) {
	a, err := s.Store.Ask(ctx, id)
	if err != nil {
		return access.Resource{}, err
	}
	m, err := s.Store.Meeting(ctx, a.MeetingID)
	return access.Resource{
		Type: "Ask", ID: id, Territory: m.CommuneCode, Structure: m.StructureID, Owners: some(a.PersonID), Private: true,
	}, err
}

// GetAsk returns an ask.
func (s *Server) GetAsk(ctx context.Context, req *meetingsv1.GetAskRequest) (*meetingsv1.Ask, error) {
	a, err := s.Store.Ask(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Ask(a.At(s.Now())), nil
}

// ListAsks returns all of a meeting's asks to its organiser and the coordinators of its territory, and their own to anybody else.
func (s *Server) ListAsks(ctx context.Context, req *meetingsv1.ListAsksRequest) (*meetingsv1.ListAsksResponse, error) {
	whose := caller(ctx)
	if req.GetMeetingId() != "" {
		var err error
		if whose, err = s.whose(ctx, req.GetMeetingId()); err != nil {
			return nil, err
		}
	}
	query := page.Query{Method: "ListAsks", Filter: req.GetMeetingId(), Order: "created,id", Scope: whose}
	asks, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Ask, error) {
			return s.Store.Asks(ctx, domain.AskQuery{
				MeetingID: req.GetMeetingId(), PersonID: whose, Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(a domain.Ask) []string {
			return []string{strconv.FormatInt(database.Micros(a.CreateTime), 10), a.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListAsksResponse{NextPageToken: next}
	for _, a := range asks {
		out.Asks = append(out.Asks, wire.Ask(a.At(s.Now())))
	}
	return out, nil
}

// AcceptAsk says that the caller comes.
func (s *Server) AcceptAsk(ctx context.Context, req *meetingsv1.AcceptAskRequest) (*meetingsv1.Ask, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Ask, error) {
		return s.answer(ctx, tx, req.GetId(), "", domain.AcceptAsk)
	})
}

// DeclineAsk says that the caller does not come, or no longer.
func (s *Server) DeclineAsk(ctx context.Context, req *meetingsv1.DeclineAskRequest) (*meetingsv1.Ask, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Ask, error) {
		return s.answer(ctx, tx, req.GetId(), req.GetReason(), domain.DeclineAsk)
	})
}

// AnswerAskByLink answers in the name of whom the link was sent to. Answering again is the same answer, so it needs no request_id.
func (s *Server) AnswerAskByLink(ctx context.Context, req *meetingsv1.AnswerAskByLinkRequest) (*meetingsv1.Ask, error) {
	action, use := domain.LinkAcceptAsk, domain.AcceptAsk
	if req.GetAnswer() == meetingsv1.AskAnswer_ASK_ANSWER_DECLINE {
		action, use = domain.LinkDeclineAsk, domain.DeclineAsk
	}
	claim, err := s.openLink(ctx, req.GetToken(), action)
	if err != nil {
		return nil, errs.From(err).At("token")
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Ask, error) {
		a, err := tx.Ask(ctx, claim.Resource)
		if err != nil {
			return nil, err
		}
		if a.PersonID != claim.PersonID { // signed by us, yet about somebody else: a link of another deployment with the same secret
			return nil, domain.ErrAskNotFound.At("token")
		}
		return s.answer(ctx, tx, a.ID, req.GetReason(), use)
	})
}

type answering func(context.Context, domain.Tx, domain.Answer) (domain.Ask, error)

func (s *Server) answer(ctx context.Context, tx domain.Tx, id, reason string, use answering) (*meetingsv1.Ask, error) {
	a, err := tx.Ask(ctx, id)
	if err != nil {
		return nil, err
	}
	a, err = use(ctx, tx, domain.Answer{AskID: id, MeetingID: a.MeetingID, Reason: reason, BookingID: newID(), Now: s.Now()})
	return wire.Ask(a), err
}
