package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// members is more than a group ever has.
const members = 100

// PollResource says where a poll's group is and who organises it.
func (s *Server) PollResource(ctx context.Context, id string) (access.Resource, error) {
	p, err := s.Store.Poll(ctx, id)
	if err != nil {
		return access.Resource{}, err
	}
	r, err := s.GroupResource(ctx, p.GroupID)
	r.Type, r.ID, r.Private = "Poll", id, true
	return r, err
}

// CreatePoll proposes dates to a group.
func (s *Server) CreatePoll(ctx context.Context, req *meetingsv1.CreatePollRequest) (*meetingsv1.Poll, error) {
	p := domain.Poll{
		ID: newID(), GroupID: req.GetGroupId(), MeetingID: req.GetMeetingId(), Title: req.GetTitle(), Capacity: int(req.GetCapacity()),
		TimeZone: req.GetTimeZone(),
	}
	var err error
	if p.Closes, err = instant(req.GetCloseTime(), "close_time"); err != nil {
		return nil, err
	}
	for i, o := range req.GetOptions() {
		slot, err := clock{p.TimeZone, "time_zone", o.GetLocalTimeChoice()}.slot(o, fmt.Sprintf("options[%d].", i))
		if err != nil {
			return nil, err
		}
		p.Options = append(p.Options, domain.PollOption{Position: i + 1, Slot: slot})
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Poll, error) {
		created, err := domain.CreatePoll(ctx, tx, p, s.Now())
		return wire.Poll(created), err
	})
}

// GetPoll returns a poll with its counts, to those who may vote and those who plan.
func (s *Server) GetPoll(ctx context.Context, req *meetingsv1.GetPollRequest) (*meetingsv1.Poll, error) {
	p, err := s.Store.Poll(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	if _, err := s.voter(ctx, p, req.GetLinkToken(), false); err != nil {
		return nil, err
	}
	return wire.Poll(p), nil
}

// Vote answers a poll.
func (s *Server) Vote(ctx context.Context, req *meetingsv1.VoteRequest) (*meetingsv1.Poll, error) {
	p, err := s.Store.Poll(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	person, err := s.voter(ctx, p, req.GetLinkToken(), true)
	if err != nil {
		return nil, err
	}
	votes := make([]domain.Vote, len(req.GetVotes()))
	for i, v := range req.GetVotes() {
		votes[i] = domain.Vote{Option: int(v.GetOption()), Answer: domain.PollAnswer(v.GetAnswer())}
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Poll, error) {
		p, err := domain.CastVotes(ctx, tx, p.ID, person, votes, s.Now())
		return wire.Poll(p), err
	})
}

// voter is in whose name someone comes to a poll: that of a signed link's holder, or a member's of the group. Who plans for the group
// may look, and votes when a member too, or its organiser. Anyone else hears that there is no such poll.
func (s *Server) voter(ctx context.Context, p domain.Poll, token string, votes bool) (string, error) {
	if token != "" {
		claim, err := s.openLink(ctx, token, domain.LinkVotePoll)
		if err != nil {
			return "", err
		}
		if claim.Resource != p.ID {
			return "", domain.ErrPollNotFound.At("id")
		}
		return claim.PersonID, nil
	}
	who := caller(ctx)
	if who == "" {
		return "", access.ErrTokenMissing
	}
	// The mesh lets members, the organiser and coordinators see who is in the group, and nobody else.
	found, err := s.Groups.ListGroupMembers(ctx, &meshv1.ListGroupMembersRequest{GroupId: p.GroupID, PageSize: members})
	if err = rpc.FromStatus(err); isMissing(err) || err != nil && errs.From(err).Kind == errs.Denied {
		return "", domain.ErrPollNotFound.At("id")
	}
	if err != nil || !votes {
		return who, err
	}
	if slices.ContainsFunc(found.GetMembers(), func(m *meshv1.GroupMember) bool { return m.GetPersonId() == who }) {
		return who, nil
	}
	g, err := s.group(ctx, p.GroupID)
	if err != nil {
		return "", err
	}
	if g.GetOrganiserId() != who {
		return "", errs.ErrDenied
	}
	return who, nil
}

// ClosePoll chooses a date.
func (s *Server) ClosePoll(ctx context.Context, req *meetingsv1.ClosePollRequest) (*meetingsv1.Poll, error) {
	p, err := s.Store.Poll(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	choice := domain.Choice{Option: int(req.GetOption()), Now: s.Now()}
	if p.State == domain.PollOpen && p.MeetingID == "" {
		if choice.Plan, err = s.plan(ctx, p.GroupID); err != nil {
			return nil, err
		}
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Poll, error) {
		p, err := domain.ClosePoll(ctx, tx, p.ID, choice)
		return wire.Poll(p), err
	})
}
