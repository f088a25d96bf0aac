package domain

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPollCheck(t *testing.T) {
	for name, c := range map[string]struct {
		closes        float64 // hours from now
		slots         []Slot
		reason, field string
	}{
		"two":              {12, []Slot{at(24, 2), at(48, 2)}, "", ""},
		"overlapping":      {12, []Slot{at(24, 2), at(25, 2)}, "", ""},
		"same start":       {12, []Slot{at(24, 2), at(24, 3)}, "", ""},
		"equal":            {12, []Slot{at(24, 2), at(48, 2), at(24, 2)}, "POLL_OPTIONS_EQUAL", "options[2]"},
		"past":             {12, []Slot{at(24, 2), at(-1, 2)}, "START_IN_PAST", "options[1].start_time"},
		"no length":        {12, []Slot{at(24, 0), at(48, 2)}, "END_BEFORE_START", "options[0].end_time"},
		"a day and more":   {12, []Slot{at(24, 25), at(48, 2)}, "MEETING_TOO_LONG", "options[0].end_time"},
		"year 9999":        {12, []Slot{at(24, 2), {time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 1, 0, 0, 0, time.UTC)}}, "START_TOO_FAR", "options[1].start_time"},
		"closes now":       {0, []Slot{at(24, 2), at(48, 2)}, "POLL_CLOSE_TIME", "close_time"},
		"closes too late":  {24, []Slot{at(24, 2), at(48, 2)}, "POLL_CLOSE_TIME", "close_time"},
		"closes just once": {23.99, []Slot{at(48, 2), at(24, 2)}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := Poll{TimeZone: "Europe/Paris", Closes: at(c.closes, 0).Start}
			for i, s := range c.slots {
				p.Options = append(p.Options, PollOption{Position: i + 1, Slot: s})
			}
			refusedAs(t, p.check(now), c.reason, c.field)
		})
	}
}

func TestBest(t *testing.T) {
	option := func(hour float64, yes, perhaps, no int) PollOption {
		return PollOption{Slot: at(hour, 2), Yes: yes, Perhaps: perhaps, No: no}
	}
	for name, c := range map[string]struct {
		options []PollOption
		want    int
	}{
		"most yes":         {[]PollOption{option(1, 2, 0, 0), option(2, 3, 0, 9)}, 2},
		"fewest no":        {[]PollOption{option(1, 3, 0, 2), option(2, 3, 5, 1)}, 2},
		"the earliest":     {[]PollOption{option(9, 3, 0, 1), option(2, 3, 0, 1)}, 2},
		"nobody":           {[]PollOption{option(1, 0, 0, 0), option(2, 0, 0, 0)}, 1},
		"past suits least": {[]PollOption{option(-1, 9, 0, 0), option(2, 0, 0, 9)}, 2},
		"begins now":       {[]PollOption{option(0, 9, 0, 0), option(2, 0, 0, 9)}, 2},
		"all past":         {[]PollOption{option(-1, 9, 0, 0), option(-2, 0, 0, 9)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := Poll{}
			for i, o := range c.options {
				o.Position = i + 1
				p.Options = append(p.Options, o)
			}
			if got := p.Best(now); got != c.want {
				t.Fatalf("%d; want %d", got, c.want)
			}
		})
	}
}

// No other date to come suits better than the best, and its place in the list does not matter.
func TestBestIsBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Poll
		for i, hour := range rapid.SliceOfNDistinct(rapid.IntRange(-3, 30), 2, 20, rapid.ID).Draw(t, "hours") {
			count := func(what string) int { return rapid.IntRange(0, 3).Draw(t, fmt.Sprint(what, i)) }
			p.Options = append(p.Options, PollOption{Position: i + 1, Slot: at(float64(hour), 2), Yes: count("yes"), No: count("no"), Perhaps: count("perhaps")})
		}
		best := p.option(p.Best(now))
		for _, o := range p.Options {
			if !o.Slot.Start.After(now) {
				continue
			}
			if best == nil {
				t.Fatalf("%+v is to come, but none is the best", o)
			}
			if o.Yes > best.Yes || o.Yes == best.Yes && (o.No < best.No || o.No == best.No && o.Slot.Start.Before(best.Slot.Start)) {
				t.Fatalf("%+v suits better than %+v", o, *best)
			}
		}
		if best != nil && !best.Slot.Start.After(now) {
			t.Fatalf("%+v is past", *best)
		}
		reversed := Poll{}
		for i := range p.Options {
			reversed.Options = append(reversed.Options, p.Options[len(p.Options)-1-i])
		}
		if reversed.Best(now) != p.Best(now) {
			t.Fatalf("%d in one order, %d in the other", p.Best(now), reversed.Best(now))
		}
	})
}
