package domain

import (
	"context"
	"slices"
	"strings"
)

// Gap is what a meeting needs and does not have: "6 robots missing".
type Gap struct {
	Kind      GapKind
	Equipment EquipmentKind // of missing equipment
	Label     string        // of missing equipment
	Needed    int           // units, ports or Mbit/s
	Available int
	Hosts     []string // that cannot be reached
}

// GapKind is what is missing; the numbers are the contract's.
type GapKind int

// The kinds of gaps.
const (
	GapEquipment GapKind = iota + 1
	GapRoom
	GapBandwidth
	GapWiredPorts
	GapHosts
	GapOwnComputers
)

// LogisticsState is what the gaps are found in.
type LogisticsState interface {
	RoomReads
	EquipmentReads
	NeedReads
}

// Gaps compares what a meeting needs with what is booked for it.
func Gaps(ctx context.Context, from LogisticsState, m Meeting) ([]Gap, error) {
	needs, err := from.Needs(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	rooms, err := from.RoomsOf(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	units, err := from.EquipmentOf(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	if !m.Mode.atPlace() && len(rooms) == 0 { // nobody comes to a room
		needs.Network = Network{}
	}
	return needs.gaps(m.learnersOnSite(), rooms, units), nil
}

func (n Needs) gaps(learners int, rooms []Room, units []BookedEquipment) (gaps []Gap) {
	units = with(units, rooms)
	for _, need := range n.Equipment {
		if gap, missing := need.gap(learners, units); missing {
			gaps = append(gaps, gap)
		}
	}
	return append(gaps, n.Network.gaps(rooms)...)
}

// with adds what stays in the rooms, and needs no loan.
func with(units []BookedEquipment, rooms []Room) []BookedEquipment {
	for _, r := range rooms {
		for _, f := range r.Fixtures {
			units = append(units, BookedEquipment{Equipment: Equipment{Kind: f.Kind, Quantity: f.Quantity}, Booked: f.Quantity})
		}
	}
	return units
}

func (n EquipmentNeed) gap(learners int, units []BookedEquipment) (Gap, bool) {
	gap := Gap{Kind: GapEquipment, Equipment: n.Kind, Label: n.Label, Needed: n.Quantity}
	for _, u := range units {
		if n.met(u) {
			gap.Available += u.there()
		}
	}
	if n.PersonsPerUnit > 0 {
		without := max(learners-n.serves(units), 0)
		gap.Needed = gap.Available + (without+n.PersonsPerUnit-1)/n.PersonsPerUnit
	}
	return gap, gap.Available < gap.Needed
}

// gaps looks at each room for what everyone in it needs; ports add up.
func (n Network) gaps(rooms []Room) (gaps []Gap) {
	if !n.Needed() {
		return nil
	}
	if len(rooms) == 0 {
		return []Gap{{Kind: GapRoom, Needed: 1}}
	}
	ports, slowest := 0, rooms[0].Network.BandwidthMbps
	var blocked []string
	own := true
	for _, r := range rooms {
		ports, slowest = ports+r.Network.WiredPorts, min(slowest, r.Network.BandwidthMbps)
		own = own && r.Network.OwnComputers
		for _, host := range n.Hosts {
			if !r.Network.reaches(host) && !slices.Contains(blocked, host) {
				blocked = append(blocked, host)
			}
		}
	}
	if slowest < n.BandwidthMbps {
		gaps = append(gaps, Gap{Kind: GapBandwidth, Needed: n.BandwidthMbps, Available: slowest})
	}
	if ports < n.WiredPorts {
		gaps = append(gaps, Gap{Kind: GapWiredPorts, Needed: n.WiredPorts, Available: ports})
	}
	if len(blocked) > 0 {
		gaps = append(gaps, Gap{Kind: GapHosts, Needed: len(n.Hosts), Available: len(n.Hosts) - len(blocked), Hosts: blocked})
	}
	if n.OwnComputers && !own {
		gaps = append(gaps, Gap{Kind: GapOwnComputers, Needed: 1})
	}
	return gaps
}

// Needed reports whether a meeting needs anything of a network.
func (n Network) Needed() bool {
	return n.BandwidthMbps > 0 || n.WiredPorts > 0 || n.OwnComputers || len(n.Hosts) > 0
}

// reaches reports whether a host can be reached; "*.org" lets everything below through.
func (n Network) reaches(host string) bool {
	return !n.Filtered || slices.ContainsFunc(n.Hosts, func(allowed string) bool {
		below, wildcard := strings.CutPrefix(allowed, "*")
		return allowed == host || wildcard && strings.HasSuffix(host, below)
	})
}
