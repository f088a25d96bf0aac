package domain

import (
	"cmp"
	"slices"
)

// Tally is how many persons of a commune count, in a campaign or, with none, at all.
type Tally struct {
	Campaign, Commune   string
	Sensitised, Trained int64
}

// Differences is what the tallies gain and lose when a person's standing changes; none when nobody would notice.
func Differences(before, after Standing) []Tally {
	type key struct{ campaign, commune string }
	sum := map[key]Tally{}
	add := func(s Standing, sign int64) {
		for _, campaign := range append([]string{""}, s.Campaigns...) {
			k := key{campaign, s.Commune}
			t := sum[k]
			if s.Sensitised {
				t.Sensitised += sign
			}
			if s.Trained {
				t.Trained += sign
			}
			sum[k] = t
		}
	}
	add(before, -1)
	add(after, +1)
	var out []Tally
	for k, t := range sum {
		if t.Sensitised != 0 || t.Trained != 0 {
			out = append(out, Tally{Campaign: k.campaign, Commune: k.commune, Sensitised: t.Sensitised, Trained: t.Trained})
		}
	}
	// One order for all: two transactions that wait for each other's rows would be a deadlock.
	slices.SortFunc(out, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Commune, b.Commune))
	})
	return out
}
