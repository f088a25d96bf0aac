package meetings_test

import "strings"

// hall is a meeting as whoever does one thing after the other would see it. It is compared with ==.
type hall struct {
	capacity int
	states   [historyPeople]byte // C confirmed, O offered, W waiting, X cancelled, D declined, 0 never asked
	versions [historyPeople]int  // of the registrations
	remote   bool                // everyone joins from afar
	line     string              // who waits, first come first
}

// to takes a person's registration into a state.
func (h *hall) to(person int, state byte) {
	h.states[person] = state
	h.versions[person]++
}

// told is what a caller reads of a registration.
func (h hall) told(person int) reply {
	return reply{state: h.states[person], version: h.versions[person]}
}

// reply is what a caller is told: a registration, a hall, or a refusal. It is compared with ==, millions of times for one history.
type reply struct {
	refusal                  string
	state                    byte
	version                  int
	number                   int // in the line, when it was given
	taken, capacity, waiting int
	remote                   bool
}

func refused(why string) reply { return reply{refusal: why} }

// call is what was asked of a meeting: by whom, and for a room of how many seats, or from how afar.
type call struct {
	what   string
	person int
	seats  int
}

// answer gives the hall after a call, and what the caller is told.
func (h hall) answer(c call) (hall, reply) {
	state := h.states[c.person]
	switch c.what {
	case "resize":
		if c.seats < h.taken() {
			return h, refused("CAPACITY_BELOW_TAKEN")
		}
		h.capacity = c.seats
		h = h.promoted()
		return h, h.sums()
	case "flip":
		if h.remote != c.remote() {
			h.remote = c.remote()
			for person, state := range h.states {
				if state == 'C' || state == 'O' || state == 'W' {
					h.to(person, state)
				}
			}
		}
		return h, h.sums()
	case "look":
		return h, h.told(c.person)
	case "register", "seat only":
		return h.registered(c)
	case "accept":
		switch state {
		case 'C':
		case 'O':
			h.to(c.person, 'C')
		default:
			return h, refused("REGISTRATION_STATE")
		}
		return h, h.told(c.person)
	case "decline":
		switch state {
		case 'D':
		case 'O':
			h.to(c.person, 'D')
			h = h.promoted()
		default:
			return h, refused("REGISTRATION_STATE")
		}
		return h, h.told(c.person)
	}
	switch state { // cancel
	case 'D':
		return h, refused("REGISTRATION_STATE")
	case 'C', 'O', 'W':
		h.to(c.person, 'X')
		h.line = strings.ReplaceAll(h.line, mark(c.person), "")
		h = h.promoted()
	}
	return h, h.told(c.person)
}

// sums is what the organiser reads of the seats.
func (h hall) sums() reply {
	return reply{taken: h.taken(), capacity: h.capacity, waiting: len(h.line), remote: h.remote}
}

// remote is what a flip asks for.
func (c call) remote() bool { return c.seats%2 == 0 }

func (h hall) registered(c call) (hall, reply) {
	switch free := h.line == "" && h.taken() < h.capacity; {
	case strings.ContainsRune("COW", rune(h.states[c.person])) && h.states[c.person] != 0:
		return h, refused("ALREADY_REGISTERED")
	case free:
		h.to(c.person, 'C')
		return h, h.told(c.person)
	case c.what == "seat only":
		return h, refused("MEETING_FULL")
	}
	h.to(c.person, 'W')
	h.line += mark(c.person)
	told := h.told(c.person)
	told.number = len(h.line)
	return h, told
}

func (h hall) promoted() hall {
	for h.line != "" && h.taken() < h.capacity {
		h.to(int(h.line[0]-'a'), 'O')
		h.line = h.line[1:]
	}
	return h
}

func (h hall) taken() (n int) {
	for _, s := range h.states {
		if s == 'C' || s == 'O' {
			n++
		}
	}
	return n
}

func mark(person int) string { return string(rune('a' + person)) }
