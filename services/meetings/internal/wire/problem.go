package wire

import (
	"time"

	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Problem is a problem as the contract has it at a moment.
func Problem(p domain.Problem, now time.Time) *meetingsv1.Problem {
	return &meetingsv1.Problem{
		Id: p.ID, MeetingId: p.MeetingID, PlaceId: p.PlaceID, CommuneCode: p.CommuneCode, StructureId: p.StructureID,
		Kind: meetingsv1.ProblemKind(p.Kind), Severity: meetingsv1.Severity(p.Severity), Text: p.Text, State: meetingsv1.ProblemState(p.State),
		ReporterId: p.ReporterID, Charge: meetingsv1.Charge(p.Charge), ResponsibleId: p.ResponsibleID, PromiseTime: timestamp(p.PromiseTime),
		Late: p.Late(now), RouteId: p.RouteID, Etag: etag.Of(p.Version), CreateTime: timestamp(p.CreateTime), MendTime: timestamp(p.MendTime),
		ReopenedCount: int32(p.ReopenedCount),
	}
}

// ProblemRoute is a route as the contract has it.
func ProblemRoute(r domain.ProblemRoute) *meetingsv1.ProblemRoute {
	return &meetingsv1.ProblemRoute{
		Id: r.ID, Kind: meetingsv1.ProblemKind(r.Kind), TerritoryCode: r.Territory, StructureId: r.StructureID, PlaceId: r.PlaceID,
		Charge: meetingsv1.Charge(r.Charge), PersonId: r.PersonID, PromisedHours: hours(r.Promised), Version: int32(r.Version),
		CreateTime: timestamp(r.CreateTime),
	}
}
