package domain

import (
	"reflect"
	"testing"
)

func units(kind EquipmentKind, booked, each int) BookedEquipment {
	return BookedEquipment{Equipment: Equipment{Kind: kind, Label: "Thymio II", Quantity: 100, PersonsPerUnit: each}, Booked: booked}
}

func TestGaps(t *testing.T) {
	lost := units(Robot, 10, 0)
	lost.Unusable = 94
	fast := Room{Network: Network{BandwidthMbps: 100, WiredPorts: 4, OwnComputers: true}}
	school := Room{Network: Network{BandwidthMbps: 10, WiredPorts: 8, Filtered: true, Hosts: []string{"*.mit.edu", "pixees.fr"}}}
	perTwo := []EquipmentNeed{{Kind: Robot, PersonsPerUnit: 2}}
	online := Network{BandwidthMbps: 20, WiredPorts: 10, OwnComputers: true, Hosts: []string{"scratch.mit.edu", "mit.edu", "pixees.fr"}}
	for name, c := range map[string]struct {
		needs Needs
		rooms []Room
		units []BookedEquipment
		want  []Gap
	}{
		"nothing needed":      {Needs{}, nil, nil, nil},
		"six robots missing":  {Needs{Equipment: perTwo}, nil, []BookedEquipment{units(Robot, 4, 0)}, []Gap{{Kind: GapEquipment, Equipment: Robot, Needed: 10, Available: 4}}},
		"enough":              {Needs{Equipment: perTwo}, nil, []BookedEquipment{units(Robot, 10, 0)}, nil},
		"two stocks":          {Needs{Equipment: perTwo}, nil, []BookedEquipment{units(Robot, 4, 0), units(Robot, 6, 2)}, nil},
		"each serves one":     {Needs{Equipment: perTwo}, nil, []BookedEquipment{units(Robot, 10, 1)}, []Gap{{Kind: GapEquipment, Equipment: Robot, Needed: 15, Available: 10}}},
		"each could serve 5":  {Needs{Equipment: perTwo}, nil, []BookedEquipment{units(Robot, 4, 5)}, []Gap{{Kind: GapEquipment, Equipment: Robot, Needed: 10, Available: 4}}},
		"of another kind":     {Needs{Equipment: []EquipmentNeed{{Kind: Projector, Quantity: 1}}}, nil, []BookedEquipment{units(Robot, 4, 0)}, []Gap{{Kind: GapEquipment, Equipment: Projector, Needed: 1}}},
		"stays in the room":   {Needs{Equipment: []EquipmentNeed{{Kind: Projector, Quantity: 1}}}, []Room{{Fixtures: []Fixture{{Projector, 1}}}}, nil, nil},
		"lost since":          {Needs{Equipment: []EquipmentNeed{{Kind: Robot, Quantity: 10}}}, nil, []BookedEquipment{lost}, []Gap{{Kind: GapEquipment, Equipment: Robot, Needed: 10, Available: 6}}},
		"this one only":       {Needs{Equipment: []EquipmentNeed{{Kind: Robot, Label: "Poppy", Quantity: 1}}}, nil, []BookedEquipment{units(Robot, 4, 0)}, []Gap{{Kind: GapEquipment, Equipment: Robot, Label: "Poppy", Needed: 1}}},
		"written differently": {Needs{Equipment: []EquipmentNeed{{Kind: Robot, Label: "THYMIO ii", Quantity: 4}}}, nil, []BookedEquipment{units(Robot, 4, 0)}, nil},
		"network, no room":    {Needs{Network: online}, nil, nil, []Gap{{Kind: GapRoom, Needed: 1}}},
		"network, no ports":   {Needs{Network: online}, []Room{fast}, nil, []Gap{{Kind: GapWiredPorts, Needed: 10, Available: 4}}},
		"a filtered one": {Needs{Network: online}, []Room{school}, nil, []Gap{
			{Kind: GapBandwidth, Needed: 20, Available: 10}, {Kind: GapWiredPorts, Needed: 10, Available: 8},
			{Kind: GapHosts, Needed: 3, Available: 2, Hosts: []string{"mit.edu"}}, {Kind: GapOwnComputers, Needed: 1}}},
		"the weakest room decides": {Needs{Network: online}, []Room{fast, school}, nil, []Gap{
			{Kind: GapBandwidth, Needed: 20, Available: 10}, {Kind: GapHosts, Needed: 3, Available: 2, Hosts: []string{"mit.edu"}}, {Kind: GapOwnComputers, Needed: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.needs.gaps(20, c.rooms, c.units); !reflect.DeepEqual(got, c.want) {
				t.Fatalf("%+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestServes(t *testing.T) {
	robots, laptops := EquipmentNeed{Kind: Robot, PersonsPerUnit: 3}, EquipmentNeed{Kind: Laptop, PersonsPerUnit: 1}
	for name, c := range map[string]struct {
		needs []EquipmentNeed
		units []BookedEquipment
		want  int
	}{
		"nothing":                  {[]EquipmentNeed{robots}, nil, 0},
		"units add up":             {[]EquipmentNeed{robots}, []BookedEquipment{units(Robot, 2, 0), units(Robot, 3, 2)}, 12},
		"the scarcer kind decides": {[]EquipmentNeed{robots, laptops}, []BookedEquipment{units(Robot, 5, 0), units(Laptop, 12, 0)}, 12},
		"so many in all":           {[]EquipmentNeed{{Kind: Projector, Quantity: 1}}, nil, maxCapacity},
	} {
		if got := (Needs{Equipment: c.needs}).serves(c.units); got != c.want {
			t.Errorf("%s: %d; want %d", name, got, c.want)
		}
	}
}
