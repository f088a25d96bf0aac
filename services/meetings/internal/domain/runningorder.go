package domain

import "time"

// PhaseKind is what happens in a part of a meeting.
type PhaseKind int

// The phases of a meeting, in the order in which they come.
const (
	PhaseWelcome  PhaseKind = iota + 1 // people arrive, sign, sit down
	PhaseRound                         // everyone says who they are and what they come for
	PhasePractice                      // doing what the module is about, together
	PhaseBreak
	PhaseSharing // what was found is put together, and a practice sheet begun
	PhaseClosing // what comes next, and what people think
)

// Phase is a part of a meeting with its hours.
type Phase struct {
	Kind PhaseKind
	Slot
	Part int // of several practices, from 1; 0 when there is one
}

const (
	// unbroken is how long people work before they need a break, and the length of the meeting that needs none.
	unbroken = 2 * time.Hour
	// step is what hours on paper are rounded to: nobody begins at 18:47.
	step = 5 * time.Minute
	// shortest is the least time in which people can try something out.
	shortest = 20 * time.Minute
	// pause is how long a break is, and meal the one of a meeting that goes on over half a day.
	pause, meal = 15 * time.Minute, time.Hour
)

// phaseShares are the parts of a meeting that are not practice, in thousandths of its length, and what they are at most. Of two hours these are 10 minutes to
// arrive, 15 for the round, 20 to share and 10 to close: 65 are left for practice.
var phaseShares = []struct {
	kind  PhaseKind
	share time.Duration
	most  time.Duration
}{
	{PhaseWelcome, 84, 20 * time.Minute},
	{PhaseRound, 125, 30 * time.Minute},
	{PhaseSharing, 167, 45 * time.Minute},
	{PhaseClosing, 84, 20 * time.Minute},
}

// RunningOrder shares a meeting's time out, on the clock: every minute of it is in one phase, and nobody works for more than two hours without a
// break. What is too short for phases of their own is practice alone.
func (m Meeting) RunningOrder() []Phase {
	length := m.End.Sub(m.Start)
	if length <= 0 {
		return nil
	}
	lengths, rest := map[PhaseKind]time.Duration{}, length
	for _, s := range phaseShares {
		lengths[s.kind] = min(s.most, (length * s.share / 1000).Round(step))
		rest -= lengths[s.kind]
	}
	if rest < shortest {
		return []Phase{{Kind: PhasePractice, Slot: Slot{Start: m.Start, End: m.End}}}
	}
	order := clockwork{at: m.Start}
	order.add(PhaseWelcome, lengths[PhaseWelcome])
	order.add(PhaseRound, lengths[PhaseRound])
	order.practice(rest, length)
	order.add(PhaseSharing, lengths[PhaseSharing])
	order.add(PhaseClosing, lengths[PhaseClosing])
	return order.phases
}

// clockwork puts phases one after the other.
type clockwork struct {
	at     time.Time
	phases []Phase
}

func (c *clockwork) add(kind PhaseKind, length time.Duration) {
	c.phases = append(c.phases, Phase{Kind: kind, Slot: Slot{Start: c.at, End: c.at.Add(length)}})
	c.at = c.at.Add(length)
}

// practice cuts what is left into parts with breaks between them: none in a meeting of two hours, so many that each part stays short in a
// longer one, and the middle one for a meal where the meeting lasts for more than half a day.
func (c *clockwork) practice(rest, length time.Duration) {
	breaks := 0
	if length > unbroken {
		breaks = 1
		for rest-breakTime(breaks, length) > time.Duration(breaks+1)*(unbroken-30*time.Minute) {
			breaks++
		}
	}
	working := rest - breakTime(breaks, length)
	for part := 1; part <= breaks+1; part++ {
		share := working
		if left := breaks + 2 - part; left > 1 {
			share = (working / time.Duration(left)).Round(step)
		}
		working -= share
		c.add(PhasePractice, share)
		if breaks > 0 {
			c.phases[len(c.phases)-1].Part = part
		}
		if part <= breaks {
			c.add(PhaseBreak, breakLength(part, breaks, length))
		}
	}
}

func breakTime(breaks int, length time.Duration) (sum time.Duration) {
	for i := range breaks {
		sum += breakLength(i+1, breaks, length)
	}
	return sum
}

func breakLength(number, breaks int, length time.Duration) time.Duration {
	if length > halfDay && number == breaks/2+1 {
		return meal
	}
	return pause
}

// InHalves reports whether attendance is kept by half-days: a meeting of more than four hours has a morning and an afternoon.
func (m Meeting) InHalves() bool { return m.End.Sub(m.Start) > halfDay }
