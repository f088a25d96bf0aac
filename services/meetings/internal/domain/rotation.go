package domain

import (
	"fmt"

	"github.com/classcode/maillage/pkg/errs"
)

// What a rotation may be refused for.
var (
	ErrRotationFewWorkshops = errs.New(errs.Precondition, "ROTATION_FEW_WORKSHOPS",
		"Nobody can visit a workshop twice: choose at most as many slots as there are workshops.",
		"Personne ne suit deux fois le même atelier : choisissez au plus autant de créneaux qu'il y a d'ateliers.")
	ErrRotationFewSeats = errs.New(errs.Precondition, "ROTATION_FEW_SEATS",
		"These workshops cannot hold everyone in every slot; add seats or workshops: missing says how many visits have no seat.",
		"Ces ateliers ne peuvent accueillir tout le monde à chaque créneau ; ajoutez des places ou des ateliers : missing dit combien de passages sont sans place.")
)

// PlanRotation gives each of the participants a workshop in each of the slots, none twice: answer[p][s] is the number of p's workshop
// in slot s, from 0. Workshop w takes capacities[w] persons in each slot. It refuses exactly when there is no such plan.
//
// There is one if and only if slots ≤ workshops and the sum over w of min(slots × capacities[w], participants) reaches
// participants × slots. Both are needed: a workshop has so many seats over all slots, and everyone visits it once at most. They are
// enough: visits says who goes where, whenever, and colour says when (docs/adr/0015).
func PlanRotation(capacities []int, slots, participants int) ([][]int, error) {
	if slots > len(capacities) {
		return nil, ErrRotationFewWorkshops.With("slots", fmt.Sprint(slots)).With("workshops", fmt.Sprint(len(capacities)))
	}
	most := func(persons int) (sum int) {
		for _, c := range capacities {
			sum += min(slots*max(c, 0), persons)
		}
		return sum
	}
	if missing := slots*participants - most(participants); missing > 0 {
		fits := participants
		for slots*fits > most(fits) { // fewer persons leave fewer visits too, so that one looks for the first that fits
			fits--
		}
		return nil, ErrRotationFewSeats.With("missing", fmt.Sprint(missing)).With("participants_at_most", fmt.Sprint(fits))
	}
	return colour(visits(shares(capacities, slots, participants), participants), capacities, slots), nil
}

// shares is how many of the participants visit each workshop: as even as their seats allow.
func shares(capacities []int, slots, participants int) []int {
	share := make([]int, len(capacities))
	for left := slots * participants; left > 0; {
		for w, c := range capacities {
			if left > 0 && share[w] < min(slots*max(c, 0), participants) {
				share[w]++
				left--
			}
		}
	}
	return share
}

// visits deals the workshops' shares out to the participants, one after the other and round again: a share is at most everyone, so
// nobody is dealt a workshop twice, and all are dealt equally many.
func visits(share []int, participants int) [][]int {
	dealt := make([][]int, participants)
	next := 0
	for w, n := range share {
		for range n {
			dealt[next] = append(dealt[next], w)
			next = (next + 1) % participants
		}
	}
	return dealt
}

// colour says in which slot each visit takes place: an edge colouring of the bipartite graph of participants and workshops, where a
// workshop is cut into rooms of as many visits as there are slots. A room then has one visit in each slot, and a workshop no more
// than it has rooms, which is no more than its seats.
func colour(dealt [][]int, capacities []int, slots int) [][]int {
	c := colouring{persons: make([][]int, len(dealt)), workshop: []int{}}
	for p := range c.persons {
		c.persons[p] = filled(slots, -1)
	}
	open, used := filled(len(capacities), -1), make([]int, len(capacities))
	for p, own := range dealt {
		for _, w := range own {
			if used[w]%slots == 0 {
				open[w] = len(c.rooms)
				c.rooms, c.workshop = append(c.rooms, filled(slots, -1)), append(c.workshop, w)
			}
			used[w]++
			c.add(p, open[w])
		}
	}
	for p := range c.persons {
		for s, room := range c.persons[p] {
			c.persons[p][s] = c.workshop[room]
		}
	}
	return c.persons
}

// colouring is which room a person is in, and which person is in a room, by slot; -1 for none.
type colouring struct {
	persons, rooms [][]int
	workshop       []int // of a room
}

// add gives the visit of a person to a room a slot. When the two have no free slot in common, it swaps two slots along the path of
// visits that begins at the room: each has at most as many visits as there are slots, so both have a free one.
func (c *colouring) add(person, room int) {
	own, other := free(c.persons[person]), free(c.rooms[room])
	if c.rooms[room][own] >= 0 {
		c.swap(room, own, other)
	}
	c.persons[person][own], c.rooms[room][own] = room, person
}

// swap exchanges slots a and b along the path that leaves the room by its visit in a; the room has none in b, so the path ends, and
// not at the person who is to come: that one has no visit in a.
func (c *colouring) swap(room, a, b int) {
	var path [][3]int // person, room, slot
	for r, s := room, a; ; {
		p := c.rooms[r][s]
		if p < 0 {
			break
		}
		path = append(path, [3]int{p, r, s})
		s = a + b - s
		if r = c.persons[p][s]; r < 0 {
			break
		}
		path = append(path, [3]int{p, r, s})
		s = a + b - s
	}
	for _, v := range path {
		c.persons[v[0]][v[2]], c.rooms[v[1]][v[2]] = -1, -1
	}
	for _, v := range path {
		s := a + b - v[2]
		c.persons[v[0]][s], c.rooms[v[1]][s] = v[1], v[0]
	}
}

func free(slots []int) int {
	for s, taken := range slots {
		if taken < 0 {
			return s
		}
	}
	panic("a visit more than there are slots")
}

func filled(n, value int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = value
	}
	return out
}
