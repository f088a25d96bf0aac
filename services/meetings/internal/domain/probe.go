package domain

import (
	"context"
	"fmt"
)

// Probe knows by itself whether something that a meeting needs is there. What another noun knows (a booked room, covered needs, a found
// professional) is one more of these in Probes.
type Probe func(ctx context.Context, from BoardReads, m Meeting) (Item, error)

// BoardReads is what a board is made from.
type BoardReads interface {
	RegistrationReads
	ReadinessReads
}

// Probes are what the system knows of a meeting by itself.
func Probes() []Probe { return []Probe{organised, placed, answeredFor, expected} }

func organised(_ context.Context, _ BoardReads, m Meeting) (Item, error) {
	return known(m.OrganiserID != "", Item{
		Code: "ORGANISER", Domain: AboutPeople, FR: "Quelqu'un organise", EN: "Someone organises", DueBefore: hours(14 * 24), CheckedBy: ByCoordinator,
	}), nil
}

func placed(_ context.Context, _ BoardReads, m Meeting) (Item, error) {
	return known(m.PlaceID != "" || m.Type() == RemoteMeeting, Item{
		Code: "PLACE", Domain: AboutRoom, FR: "Un lieu est trouvé", EN: "A place is found", DueBefore: hours(14 * 24), CheckedBy: ByOrganiser,
	}), nil
}

func answeredFor(ctx context.Context, from BoardReads, m Meeting) (Item, error) {
	named, err := from.Referent(ctx, m.ID)
	return known(m.Referent(named).Agreed() != "", Item{
		Code: "REFERENT", Domain: AboutPeople, FR: "Un référent a accepté", EN: "A referent has accepted", DueBefore: hours(7 * 24), CheckedBy: ByOrganiser,
	}), err
}

// expected is for people to see: how few are too few is a threshold's.
func expected(_ context.Context, _ BoardReads, m Meeting) (Item, error) {
	i := known(m.Taken > 0, Item{
		Code: "REGISTRATIONS", Domain: AboutPeople, FR: "Des personnes sont inscrites", EN: "People are registered", DueBefore: hours(48), CheckedBy: ByOrganiser,
	})
	i.Required, i.Note = false, fmt.Sprintf("%d / %d", m.Taken, m.Capacity)
	return i, nil
}

func known(there bool, i Item) Item {
	i.Required, i.State, i.RequirementVersion = true, ItemTodo, DefaultRules().Version
	if there {
		i.State = ItemDone
	}
	return i
}
