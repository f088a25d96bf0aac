package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Needs is what a meeting needs, as the contract has it.
func Needs(n domain.Needs) *meetingsv1.Needs {
	out := &meetingsv1.Needs{MeetingId: n.MeetingID, EquipmentCapsSeats: n.EquipmentCapsSeats, Etag: etag.Of(n.Version)}
	for _, e := range n.Equipment {
		out.Equipment = append(out.Equipment, &meetingsv1.EquipmentNeed{
			Kind: meetingsv1.EquipmentKind(e.Kind), Label: e.Label, Quantity: int32(e.Quantity), PersonsPerUnit: int32(e.PersonsPerUnit),
		})
	}
	if w := n.Network; w.Needed() {
		out.Network = &meetingsv1.NetworkNeed{
			MinBandwidthMbps: int32(w.BandwidthMbps), WiredPorts: int32(w.WiredPorts), OwnComputers: w.OwnComputers, Hosts: w.Hosts,
		}
	}
	return out
}

// Gap is what is missing, as the contract has it.
func Gap(g domain.Gap) *meetingsv1.Gap {
	return &meetingsv1.Gap{
		Kind: meetingsv1.GapKind(g.Kind), EquipmentKind: meetingsv1.EquipmentKind(g.Equipment), Label: g.Label,
		Needed: int32(g.Needed), Available: int32(g.Available), Missing: int32(g.Needed - g.Available), Hosts: g.Hosts,
	}
}
