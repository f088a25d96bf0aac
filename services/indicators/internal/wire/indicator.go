// Package wire turns indicators into their form in the contract, for answers and for events alike.
package wire

import (
	"google.golang.org/protobuf/proto"

	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

// Indicator is an indicator as the contract has it.
func Indicator(i domain.Indicator) *indicatorsv1.Indicator {
	out := &indicatorsv1.Indicator{
		Id: i.ID, Title: i.Title, Definition: i.Definition, DefinitionVersion: int32(i.DefinitionVersion),
		Unit: indicatorsv1.Unit(i.Unit),
	}
	for _, m := range i.Measures {
		out.Measures = append(out.Measures, measure(m))
	}
	return out
}

func measure(m domain.Measure) *indicatorsv1.Measure {
	out := &indicatorsv1.Measure{
		Part: m.Part, Value: m.Value, Unit: indicatorsv1.Unit(m.Unit), Qualifier: indicatorsv1.Qualifier(m.Qualifier),
		Origin: indicatorsv1.Origin(m.Origin), MeasuredOn: m.MeasuredOn, Milestone: m.Milestone,
		TerritoryCode: m.Area.Territory, CampaignId: m.Area.Campaign, Suppressed: m.Suppressed,
		Source: m.Source, Text: m.Text, DefinitionVersion: int32(m.DefinitionVersion), Wave: m.Wave,
	}
	if m.ResponseRate != nil {
		out.ResponseRate = proto.Int32(int32(*m.ResponseRate)) //nolint:gosec // 10 000 at most
	}
	return out
}
