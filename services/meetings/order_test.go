package meetings_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/anishathalye/porcupine"
)

// calls is a set of calls, by their numbers in the history.
type calls [historyOperations/64 + 1]uint64

func (c *calls) add(n int)      { c[n/64] |= 1 << (n % 64) }
func (c *calls) has(n int) bool { return c[n/64]&(1<<(n%64)) != 0 }

// holds reports whether all of the others are in the set.
func (c *calls) holds(others *calls) bool {
	for i := range c {
		if others[i]&^c[i] != 0 {
			return false
		}
	}
	return true
}

// book is a hall with the calls that have had their turn. It is compared with ==.
type book struct {
	hall
	done calls
}

// reading is a call that changed nothing.
type reading struct {
	porcupine.Operation
	n      int
	before calls // those that had ended when it began
}

// readings has those calls take their turns by themselves: each at the first moment at which it may and its answer is right. If there is
// an order in which it comes later, there is one in which it comes then, as it changes nothing. Porcupine would try each of some ten of
// them at every place, for seconds; it has the others to order, and does so in milliseconds.
type readings []reading

func (all readings) turn(b book) book {
	for _, r := range all { // by the time at which they began: none has to wait for one behind it
		if b.done.has(r.n) || !b.done.holds(&r.before) {
			continue
		}
		if _, told := b.answer(r.Input.(call)); told == r.Output.(reply) {
			b.done.add(r.n)
		}
	}
	return b
}

// overdue reports whether one of them has ended before an instant, and has had no turn.
func (all readings) overdue(b book, now int64) bool {
	return slices.ContainsFunc(all, func(r reading) bool { return r.Return < now && !b.done.has(r.n) })
}

// change is a call that changed something; the last one of a history changes nothing, and comes when all the others have had their turns.
type change struct {
	call
	n     int
	began int64
}

const endOfHistory = "end"

// linearizable looks for an order in which the calls could have been answered as they were, one after the other.
func linearizable(capacity int, operations []porcupine.Operation) porcupine.CheckResult {
	operations = slices.SortedFunc(slices.Values(operations), func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	var changes []porcupine.Operation
	var reads readings
	end := int64(0)
	for n, o := range operations {
		end = max(end, o.Return+1)
		if c := o.Input.(call); o.Output.(reply).refusal == "" && c.what != "look" {
			o.Input = change{c, n, o.Call}
			changes = append(changes, o)
			continue
		}
		r := reading{Operation: o, n: n}
		for before, other := range operations {
			if other.Return < o.Call {
				r.before.add(before)
			}
		}
		reads = append(reads, r)
	}
	changes = append(changes, porcupine.Operation{Input: change{call{what: endOfHistory}, len(operations), end}, Call: end, Return: end + 1, Output: reply{}})
	return porcupine.CheckOperationsTimeout(porcupine.Model{
		Init: func() any { return reads.turn(book{hall: hall{capacity: capacity}}) },
		Step: func(state, input, output any) (bool, any) {
			b, c := state.(book), input.(change)
			if reads.overdue(b, c.began) {
				return false, b
			}
			if c.what == endOfHistory {
				return true, b
			}
			next, told := b.answer(c.call)
			if told != output.(reply) {
				return false, b
			}
			b.hall = next
			b.done.add(c.n)
			return true, reads.turn(b)
		},
	}, changes, patience)
}

// What calls that change nothing are told must fit into the order, too: between what had ended before them and what began after them.
func TestHistoriesOfOneSeat(t *testing.T) {
	register := func(person int, from, to int64, is reply) porcupine.Operation {
		return porcupine.Operation{Input: call{"register", person, 0}, Call: from, Return: to, Output: is}
	}
	look := func(person int, from, to int64, is reply) porcupine.Operation {
		return porcupine.Operation{Input: call{"look", person, 0}, Call: from, Return: to, Output: is}
	}
	none, confirmed := reply{}, reply{state: 'C', version: 1}
	full := porcupine.Operation{Input: call{"seat only", 1, 0}, Call: 1, Return: 9, Output: refused("MEETING_FULL")}
	early := full
	early.Call, early.Return = 0, 1
	for name, h := range map[string]struct {
		operations []porcupine.Operation
		want       porcupine.CheckResult
	}{
		"nothing happened":                 {nil, porcupine.Ok},
		"refused while the seat was taken": {[]porcupine.Operation{register(0, 2, 4, confirmed), full}, porcupine.Ok},
		"refused before it was taken":      {[]porcupine.Operation{early, register(0, 2, 4, confirmed)}, porcupine.Illegal},
		"refused, and nobody took it":      {[]porcupine.Operation{full}, porcupine.Illegal},
		"taken twice":                      {[]porcupine.Operation{register(0, 2, 4, confirmed), register(1, 5, 6, confirmed)}, porcupine.Illegal},
		"seen, then not seen":              {[]porcupine.Operation{register(0, 0, 9, confirmed), look(0, 1, 2, confirmed), look(0, 3, 4, none)}, porcupine.Illegal},
		"not seen, then seen":              {[]porcupine.Operation{register(0, 0, 9, confirmed), look(0, 1, 2, none), look(0, 3, 4, confirmed)}, porcupine.Ok},
		"not seen after it was done":       {[]porcupine.Operation{register(0, 0, 2, confirmed), look(0, 3, 4, none)}, porcupine.Illegal},
		"the last call is wrong":           {[]porcupine.Operation{register(0, 0, 2, confirmed), look(0, 3, 4, reply{state: 'C', version: 2})}, porcupine.Illegal},
	} {
		if got := linearizable(1, h.operations); got != h.want {
			t.Errorf("%s: %s, want %s", name, got, h.want)
		}
	}
}
