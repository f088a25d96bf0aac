package wire

import (
	"time"

	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Board is a meeting's readiness as the contract has it.
func Board(b domain.Board) *meetingsv1.Readiness {
	fr, en := b.Summary()
	out := &meetingsv1.Readiness{
		MeetingId: b.Meeting.ID, MeetingType: meetingsv1.MeetingType(b.Checklist.Type), ListVersion: int32(b.Checklist.ListVersion),
		Ready: b.Missing == 0, MissingCount: int32(b.Missing), LateCount: int32(b.Late), SummaryFr: fr, SummaryEn: en,
		Referent: Referent(b.Referent), OpenProblemCount: int32(b.Problems.Open), SevereProblemCount: int32(b.Problems.Severe),
		LateProblemCount: int32(b.Problems.Late), IncidentCount: int32(b.Incidents),
		Recommendation: meetingsv1.Recommendation(b.Recommendation), Etag: etag.Of(b.Checklist.Version),
	}
	if b.Next != nil {
		out.NextDueTime = timestamp(b.Next.Due)
	}
	for _, l := range b.Lines {
		out.Items = append(out.Items, line(l))
	}
	for _, r := range b.Reasons {
		out.Reasons = append(out.Reasons, reason(r))
	}
	return out
}

// WithoutNotes is a board for those whom it does not concern who did what: without notes and, where persons is false, without the persons
// who checked.
func WithoutNotes(b *meetingsv1.Readiness, persons bool) *meetingsv1.Readiness {
	for _, i := range b.GetItems() {
		if i.GetComputed() { // what the system notes names nobody
			continue
		}
		i.Note = ""
		if !persons {
			i.PersonId = ""
		}
	}
	return b
}

func line(l domain.Line) *meetingsv1.ReadinessItem {
	out := &meetingsv1.ReadinessItem{
		Id: l.ID, Code: l.Code, Domain: meetingsv1.RequirementDomain(l.Domain), TextFr: l.FR, TextEn: l.EN, Required: l.Required,
		DueTime: timestamp(l.Due), CheckedBy: meetingsv1.Charge(l.CheckedBy), State: meetingsv1.ItemState(l.State), PersonId: l.PersonID,
		CheckTime: timestamp(l.CheckTime), Note: l.Note, Late: l.Late, Computed: l.Computed(), RequirementVersion: int32(l.RequirementVersion),
	}
	if !l.Computed() {
		out.Etag = etag.Of(l.Version)
	}
	return out
}

func reason(r domain.Crossing) *meetingsv1.Reason {
	fr, en := r.Say()
	return &meetingsv1.Reason{
		Measure: meetingsv1.Measure(r.Measure), Count: int32(r.Count), Limit: int32(r.Limit),
		Recommendation: meetingsv1.Recommendation(r.Recommendation), TextFr: fr, TextEn: en, ThresholdVersion: int32(r.Version),
	}
}

// Overdue is a late check as the contract has it.
func Overdue(o domain.Overdue) *meetingsv1.OverdueCheck {
	return &meetingsv1.OverdueCheck{
		MeetingId: o.MeetingID, CommuneCode: o.CommuneCode, StartTime: timestamp(o.Start),
		Item: line(domain.Line{Item: o.Item, Due: o.Due(), Late: true}),
	}
}

// Referent is a referent as the contract has it.
func Referent(r domain.Referent) *meetingsv1.Referent {
	return &meetingsv1.Referent{
		MeetingId: r.MeetingID, PersonId: r.PersonID, State: meetingsv1.ReferentState(r.State), Etag: etag.Of(r.Version),
		NameTime: timestamp(r.NameTime), AnswerTime: timestamp(r.AnswerTime),
	}
}

// Requirement is a requirement as the contract has it.
func Requirement(r domain.Requirement) *meetingsv1.Requirement {
	return &meetingsv1.Requirement{
		Id: r.ID, MeetingType: meetingsv1.MeetingType(r.Type), TerritoryCode: r.Territory, Code: r.Code,
		Domain: meetingsv1.RequirementDomain(r.Domain), TextFr: r.FR, TextEn: r.EN, Required: r.Required, DueHoursBeforeStart: hours(r.DueBefore),
		CheckedBy: meetingsv1.Charge(r.CheckedBy), Version: int32(r.Version), CreateTime: timestamp(r.CreateTime),
	}
}

// Threshold is a threshold as the contract has it.
func Threshold(t domain.Threshold) *meetingsv1.Threshold {
	return &meetingsv1.Threshold{
		Id: t.ID, MeetingType: meetingsv1.MeetingType(t.Type), TerritoryCode: t.Territory, Measure: meetingsv1.Measure(t.Measure),
		Limit: int32(t.Limit), HoursBeforeStart: hours(t.Before), Recommendation: meetingsv1.Recommendation(t.Recommendation),
		Version: int32(t.Version), CreateTime: timestamp(t.CreateTime),
	}
}

func hours(d time.Duration) int32 { return int32(d / time.Hour) }
