package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// PlanRotation proposes who visits which workshop when.
func (s *Server) PlanRotation(ctx context.Context, req *meetingsv1.PlanRotationRequest) (*meetingsv1.Rotation, error) {
	p, err := s.Store.Programme(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	visits, err := domain.Rotation{Slots: numbers(req.GetSlots()), Workshops: numbers(req.GetWorkshops())}.Visits(ctx, s.Store, p)
	if err != nil {
		return nil, err
	}
	return rotation(visits), nil
}

// ApplyRotation registers everyone as the rotation says.
func (s *Server) ApplyRotation(ctx context.Context, req *meetingsv1.ApplyRotationRequest) (*meetingsv1.Rotation, error) {
	how := domain.Rotation{Slots: numbers(req.GetSlots()), Workshops: numbers(req.GetWorkshops())}
	agreed := func(visits []domain.Visit) error {
		if given, current := req.GetEtag(), rotation(visits).GetEtag(); given != "" && given != current {
			return errs.ErrStaleEtag.At("etag").With("current", current)
		}
		return nil
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Rotation, error) {
		visits, err := domain.ApplyRotation(ctx, tx, req.GetId(), how, agreed, newID, s.Now())
		return rotation(visits), err
	})
}

// rotation is the visits as the contract has them; the same visits have the same etag.
func rotation(visits []domain.Visit) *meetingsv1.Rotation {
	out, sum := &meetingsv1.Rotation{}, sha256.New()
	for _, v := range visits {
		out.Visits = append(out.Visits, &meetingsv1.RotationVisit{
			PersonId: v.PersonID, Slot: int32(v.Session.Slot), Workshop: int32(v.Session.Workshop), MeetingId: v.Session.MeetingID,
		})
		_, _ = fmt.Fprintf(sum, "%s %s\n", v.PersonID, v.Session.MeetingID) // never fails
	}
	out.Etag = `"` + hex.EncodeToString(sum.Sum(nil)[:8]) + `"`
	return out
}
