package domain

import (
	"context"
	"errors"
	"fmt"
)

// Probe knows by itself whether something that a meeting needs is there. What another noun knows is one more of these in Probes.
type Probe func(ctx context.Context, from BoardReads, m Meeting) (Item, error)

// BoardReads is what a board is made from.
type BoardReads interface {
	RegistrationReads
	LogisticsReads
	SearchReads
	ReadinessReads
}

// Probes are what the system knows of a meeting by itself.
func Probes() []Probe {
	return []Probe{organised, placed, answeredFor, expected, equipped, accompanied}
}

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

// equipped is about what was said to be needed: rooms, equipment and network against what is booked.
func equipped(ctx context.Context, from BoardReads, m Meeting) (Item, error) {
	gaps, err := Gaps(ctx, from, m)
	return known(len(gaps) == 0, Item{
		Code: "NEEDS", Domain: AboutEquipment, FR: "Les besoins indiqués sont couverts", EN: "The needs that were named are covered",
		DueBefore: hours(72), CheckedBy: ByOrganiser,
	}), err
}

// accompanied is never required: a meeting takes place without a professional as well.
func accompanied(ctx context.Context, from BoardReads, m Meeting) (Item, error) {
	search, err := from.Search(ctx, m.ID)
	if errors.Is(err, ErrSearchNotFound) {
		err = nil
	}
	i := known(search.State == ProfessionalConfirmed, Item{
		Code: "PROFESSIONAL", Domain: AboutPeople, FR: "Un professionnel de l'informatique a accepté", EN: "An IT professional has accepted",
		DueBefore: hours(7 * 24), CheckedBy: ByOrganiser,
	})
	if i.Required = false; search.State == Without {
		i.State = ItemNotNeeded
	}
	return i, err
}

func known(there bool, i Item) Item {
	i.Required, i.State, i.RequirementVersion = true, ItemTodo, DefaultRules().Version
	if there {
		i.State = ItemDone
	}
	return i
}
