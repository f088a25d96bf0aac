package domain

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/classcode/maillage/pkg/errs"
)

func inUse(id string, begin, length float64, units int) Booking {
	s := at(begin, length)
	return Booking{ID: id, Kind: ResourceEquipment, MeetingID: "meeting-" + id, Quantity: units, Start: s.Start, End: s.End}
}

// What counts is the fullest instant, not the sum over the period.
func TestPeak(t *testing.T) {
	for name, c := range map[string]struct {
		others []Booking
		want   int
		at     float64
	}{
		"none":                {nil, 0, 0},
		"before":              {[]Booking{inUse("a", 1, 1, 5)}, 0, 0},
		"until it begins":     {[]Booking{inUse("a", 8, 2, 5)}, 0, 0},
		"once it ends":        {[]Booking{inUse("a", 12, 2, 5)}, 0, 0},
		"around":              {[]Booking{inUse("a", 9, 9, 5)}, 5, 10},
		"within":              {[]Booking{inUse("a", 10.5, 1, 5)}, 5, 10.5},
		"one after the other": {[]Booking{inUse("a", 10, 1, 5), inUse("b", 11, 1, 4)}, 5, 10},
		"together for a bit":  {[]Booking{inUse("a", 9, 2.5, 5), inUse("b", 11, 2, 4), inUse("c", 11.75, 1, 3)}, 9, 11},
	} {
		t.Run(name, func(t *testing.T) {
			wanted := at(10, 2)
			got, instant := peak(c.others, wanted.Start, wanted.End)
			if got != c.want || got > 0 && !instant.Equal(at(c.at, 0).Start) {
				t.Fatalf("%d at %v; want %d at %v", got, instant, c.want, at(c.at, 0).Start)
			}
		})
	}
}

// Looking at every instant one by one gives the same.
func TestPeakIsTheFullestInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hour := rapid.IntRange(0, 20)
		others := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Booking {
			return inUse("x", float64(hour.Draw(t, "from")), float64(rapid.IntRange(1, 8).Draw(t, "hours")), rapid.IntRange(1, 9).Draw(t, "units"))
		}), 0, 12).Draw(t, "others")
		from, length := hour.Draw(t, "from"), rapid.IntRange(1, 8).Draw(t, "hours")
		most := 0
		for h := from; h < from+length; h++ {
			used, instant := 0, at(float64(h), 0).Start
			for _, o := range others {
				if !o.Start.After(instant) && o.End.After(instant) {
					used += o.Quantity
				}
			}
			most = max(most, used)
		}
		period := at(float64(from), float64(length))
		if got, _ := peak(others, period.Start, period.End); got != most {
			t.Fatalf("%d; want %d", got, most)
		}
	})
}

func TestFits(t *testing.T) {
	wanted := func(kind ResourceKind, units int) Booking {
		b := inUse("wanted", 10, 2, units)
		b.Kind = kind
		return b
	}
	room := func(b Booking) Booking { b.Kind = ResourceRoom; return b }
	professional := func(b Booking) Booking { b.Kind = ResourceProfessional; return b }
	begins := at(11, 0).Start.Format(time.RFC3339)
	for name, c := range map[string]struct {
		wanted   Booking
		others   []Booking
		quantity int
		reason   string
		meta     map[string]string
	}{
		"free":            {wanted(ResourceRoom, 1), nil, 1, "", nil},
		"itself":          {wanted(ResourceRoom, 1), []Booking{room(inUse("wanted", 9, 9, 1))}, 1, "", nil},
		"next":            {wanted(ResourceRoom, 1), []Booking{room(inUse("a", 12, 1, 1)), room(inUse("b", 9, 1, 1))}, 1, "", nil},
		"taken":           {wanted(ResourceRoom, 1), []Booking{room(inUse("a", 11, 2, 1))}, 1, "ROOM_TAKEN", map[string]string{"meeting": "meeting-a", "start_time": begins}},
		"engaged":         {wanted(ResourceProfessional, 1), []Booking{professional(inUse("a", 11, 2, 1))}, 1, "PROFESSIONAL_TAKEN", map[string]string{"meeting": "", "start_time": begins}},
		"enough":          {wanted(ResourceEquipment, 4), []Booking{inUse("a", 9, 2, 6), inUse("b", 11, 2, 6)}, 10, "", nil},
		"short":           {wanted(ResourceEquipment, 5), []Booking{inUse("a", 11, 2, 6)}, 10, "EQUIPMENT_SHORT", map[string]string{"meeting": "meeting-a", "free": "4", "wanted": "5"}},
		"over the stock":  {wanted(ResourceEquipment, 11), nil, 10, "EQUIPMENT_SHORT", map[string]string{"free": "10", "meeting": ""}},
		"stock was lost":  {wanted(ResourceEquipment, 1), []Booking{inUse("a", 11, 2, 6)}, 4, "EQUIPMENT_SHORT", map[string]string{"free": "0"}},
		"nothing counted": {wanted(ResourceEquipment, 1), nil, 0, "EQUIPMENT_SHORT", map[string]string{"free": "0"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.wanted.fits(c.others, c.quantity, "path")
			refusedAs(t, err, c.reason, "path")
			for key, want := range c.meta {
				if got := errs.From(err).Meta[key]; got != want {
					t.Errorf("%s is %q; want %q", key, got, want)
				}
			}
		})
	}
}

// What a booking says by itself.
func TestBookingPeriod(t *testing.T) {
	m := Meeting{State: MeetingOpen, Start: at(10, 2).Start, End: at(10, 2).End}
	for name, c := range map[string]struct {
		booking       Booking
		reason, field string
	}{
		"the meeting's":      {Booking{Kind: ResourceRoom, Quantity: 1}, "", ""},
		"with time to tidy":  {inUse("a", 9, 4, 3), "", ""},
		"31 days":            {inUse("a", 10, 31*24, 3), "", ""},
		"longer":             {inUse("a", 10, 31*24+0.01, 3), "BOOKING_TOO_LONG", "end_time"},
		"no length":          {inUse("a", 10, 0, 3), "BOOKING_PERIOD", "end_time"},
		"backwards":          {inUse("a", 10, -1, 3), "BOOKING_PERIOD", "end_time"},
		"begins too late":    {inUse("a", 10.5, 4, 3), "BOOKING_OUTSIDE_MEETING", "start_time"},
		"ends too early":     {inUse("a", 9, 2, 3), "BOOKING_OUTSIDE_MEETING", "end_time"},
		"less than none":     {inUse("a", 10, 2, -1), "BOOKING_QUANTITY", "quantity"},
		"none":               {inUse("a", 10, 2, 0), "BOOKING_QUANTITY", "quantity"},
		"two of one room":    {Booking{Kind: ResourceRoom, Quantity: 2}, "BOOKING_QUANTITY", "quantity"},
		"one person, twice":  {Booking{Kind: ResourceProfessional, Quantity: 2}, "BOOKING_QUANTITY", "quantity"},
		"start without end":  {Booking{Kind: ResourceRoom, Quantity: 1, Start: m.Start}, "BOOKING_PERIOD", "end_time"},
		"asked for too late": {Booking{Kind: ResourceRoom, Quantity: 1, CreateTime: m.Start}, "MEETING_BEGUN", "meeting_id"},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := c.booking.of(m, c.booking.CreateTime)
			if err == nil {
				err = b.check(b.CreateTime)
			}
			refusedAs(t, err, c.reason, c.field)
		})
	}
	if err := (Booking{Kind: ResourceEquipment, Quantity: 1, Start: at(-2, 0).Start, End: now, CreateTime: now}).check(now); errs.From(err).Reason != "BOOKING_IN_PAST" {
		t.Errorf("a booking that is over: %v", err)
	}
}
