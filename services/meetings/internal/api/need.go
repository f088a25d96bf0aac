package api

import (
	"context"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

func needsOf(in *meetingsv1.Needs) domain.Needs {
	network := in.GetNetwork()
	n := domain.Needs{
		MeetingID: in.GetMeetingId(), EquipmentCapsSeats: in.GetEquipmentCapsSeats(),
		Network: domain.Network{
			BandwidthMbps: int(network.GetMinBandwidthMbps()), WiredPorts: int(network.GetWiredPorts()),
			OwnComputers: network.GetOwnComputers(), Hosts: network.GetHosts(),
		},
	}
	for _, e := range in.GetEquipment() {
		n.Equipment = append(n.Equipment, domain.EquipmentNeed{
			Kind: domain.EquipmentKind(e.GetKind()), Label: e.GetLabel(), Quantity: int(e.GetQuantity()), PersonsPerUnit: int(e.GetPersonsPerUnit()),
		})
	}
	return n
}

// GetNeeds returns what a meeting needs; nothing when nothing was said.
func (s *Server) GetNeeds(ctx context.Context, req *meetingsv1.GetNeedsRequest) (*meetingsv1.Needs, error) {
	needs, err := s.Store.Needs(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	return wire.Needs(needs), nil
}

// UpdateNeeds says what a meeting needs.
func (s *Server) UpdateNeeds(ctx context.Context, req *meetingsv1.UpdateNeedsRequest) (*meetingsv1.Needs, error) {
	wanted := needsOf(req.GetNeeds())
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Needs, error) {
		current, err := tx.Needs(ctx, wanted.MeetingID)
		if err != nil {
			return nil, err
		}
		if etag.Check(req.GetNeeds().GetEtag(), current.Version) != nil {
			return nil, errs.ErrStaleEtag.At("needs.etag").With("current", etag.Of(current.Version))
		}
		next := wanted
		next.Version = current.Version
		next, err = domain.SetNeeds(ctx, tx, next, s.Now())
		return wire.Needs(next), err
	})
}

// CheckNeeds compares what a meeting needs with what is booked for it.
func (s *Server) CheckNeeds(ctx context.Context, req *meetingsv1.CheckNeedsRequest) (*meetingsv1.CheckNeedsResponse, error) {
	m, err := s.Store.Meeting(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	gaps, err := domain.Gaps(ctx, s.Store, m)
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.CheckNeedsResponse{}
	for _, g := range gaps {
		out.Gaps = append(out.Gaps, wire.Gap(g))
	}
	return out, nil
}
