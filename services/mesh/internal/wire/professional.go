package wire

import (
	"fmt"
	"math"

	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// Professional is a profile as the contract has it.
func Professional(p domain.Professional) *meshv1.Professional {
	out := &meshv1.Professional{
		PersonId: p.PersonID, CommuneCode: p.CommuneCode, RadiusKm: int32(p.RadiusKM), Remote: p.Remote, ModuleIds: p.ModuleIDs, Tags: p.Tags,
		TimeZone: p.Calendar.TimeZone, MonthlyLimit: int32(p.MonthlyLimit), Active: p.Active, StructureId: p.StructureID,
		Etag: etag.Of(p.Version), CreateTime: timestamp(p.CreateTime),
	}
	for _, a := range p.Calendar.Availabilities {
		out.Availabilities = append(out.Availabilities, &meshv1.Availability{
			Weekday: meshv1.Weekday(a.Weekday), Start: clock(a.Start), End: clock(a.End),
		})
	}
	for _, a := range p.Calendar.Absences {
		out.Absences = append(out.Absences, &meshv1.Absence{FirstDate: a.First, LastDate: a.Last})
	}
	return out
}

// clock is a minute of a day as "HH:MM".
func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// FoundProfessional is what whoever looks for a professional learns of one.
func FoundProfessional(n domain.NearProfessional, free domain.Free) *meshv1.FoundProfessional {
	return &meshv1.FoundProfessional{
		PersonId: n.PersonID, DistanceMetres: int32(math.Round(n.Distance)), InReach: n.InReach(), Remote: n.Remote,
		ModuleIds: n.ModuleIDs, Tags: n.Tags, Free: meshv1.Free(free), MonthlyLimit: int32(n.MonthlyLimit),
	}
}
