package domain

import (
	"cmp"
	"context"

	"github.com/classcode/maillage/pkg/errs"
)

// CreateMeeting plans a single meeting, without a series: the plan has one slot.
func CreateMeeting(ctx context.Context, tx Tx, p Plan) (m Meeting, err error) {
	m = p.Common
	if err := CheckZone(m.TimeZone, "meeting.time_zone"); err != nil {
		return Meeting{}, err
	}
	slot := p.Slots[0]
	if err := checkStart(slot.Start, p.Now, "meeting.start_time"); err != nil {
		return Meeting{}, err
	}
	if err := slot.check("meeting."); err != nil {
		return Meeting{}, err
	}
	if m.Capacity < 1 || m.Capacity > maxCapacity {
		return Meeting{}, ErrCapacityRange.At("meeting.capacity")
	}
	m.Mode = cmp.Or(m.Mode, MeetingInPerson)
	if m, err = m.described(); err != nil {
		return Meeting{}, err
	}
	if m.GroupID != "" {
		if m.OrganiserID, err = p.organiser(ctx, tx); err != nil {
			return Meeting{}, err
		}
	}
	m.ID, m.Start, m.End = p.NewID(), slot.Start, slot.End
	m.State, m.Version, m.CreateTime = p.state(), 1, p.Now
	m = m.with(seatsOf(m))
	if err := tx.InsertMeeting(ctx, m); err != nil {
		return Meeting{}, err
	}
	if err := tx.KeepCommune(ctx, m.CommuneCode, p.Territories); err != nil {
		return Meeting{}, err
	}
	return m, told(ctx, tx, m, "meeting.planned")
}

// described checks what people read about a meeting that stands alone: a group's is called after its module when nothing is said.
func (m Meeting) described() (_ Meeting, err error) {
	if m.Title != "" || m.GroupID == "" {
		if m.Title, err = title(m.Title, "meeting.title"); err != nil {
			return m, err
		}
	}
	if m.CommuneCode == "" || m.Mode.atPlace() && m.PlaceID == "" && m.GroupID == "" {
		return m, errs.ErrRequired.At("meeting.place_id")
	}
	return m, checkRemoteURL(m.RemoteURL, "meeting.remote_url")
}
