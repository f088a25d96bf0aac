package domain

import "context"

// Group is what this service keeps of a group of the mesh: who organises it.
type Group struct {
	ID          string
	OrganiserID string // empty until someone does
	Version     int64  // of the group in the mesh; 0 when nothing was heard of it
}

// GroupWrites keeps groups as they are heard of.
type GroupWrites interface {
	// LockGroup is what was last heard of a group; nothing newer is heard before the transaction ends.
	LockGroup(ctx context.Context, id string) (Group, error)
	// SaveGroup keeps g and reports true, unless this version or a later one was heard of before.
	SaveGroup(ctx context.Context, g Group) (bool, error)
	// WithOtherOrganiser is the meetings of g to come that g's organiser does not organise yet.
	WithOtherOrganiser(ctx context.Context, g Group) ([]Meeting, error)
}

// HearGroup gives the group's organiser to its meetings to come; cause is the event that told of the group.
func HearGroup(ctx context.Context, tx Tx, g Group, cause string) error {
	erased, err := tx.Erased(ctx, g.OrganiserID)
	if err != nil {
		return err
	}
	if erased { // told before, and heard after
		g.OrganiserID = ""
	}
	newer, err := tx.SaveGroup(ctx, g)
	if err != nil || !newer || g.OrganiserID == "" {
		return err
	}
	meetings, err := tx.WithOtherOrganiser(ctx, g)
	if err != nil {
		return err
	}
	var updated []Event
	for _, m := range meetings {
		m.OrganiserID, m.Version = g.OrganiserID, m.Version+1
		if err := tx.UpdateMeeting(ctx, m); err != nil {
			return err
		}
		if m.State != MeetingDraft {
			updated = append(updated, Event{Name: "meeting.updated", State: m, Cause: cause})
		}
	}
	return tx.Emit(ctx, updated...)
}
