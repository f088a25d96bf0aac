package events

import (
	"github.com/classcode/maillage/pkg/events"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// A meeting's readiness, its referent and its needs change apart from the meeting: each has versions of its own, under a name of its own.
const (
	readinessOf = "/readiness"
	referentOf  = "/referent"
	needsOf     = "/needs"
	feedbackOf  = "/feedback"
)

// readiness gives what makes a meeting ready the form in which it is published, without what people wrote.
func readiness(e domain.Event) (events.Event, bool) {
	switch state := e.State.(type) {
	case domain.Board:
		return event(e, state.Meeting.ID+readinessOf, state.Checklist.Version, &meetingsv1.ReadinessEvent{
			Readiness:  wire.WithoutNotes(wire.Board(state), true),
			CampaignId: state.Meeting.CampaignID, CommuneCode: state.Meeting.CommuneCode, OrganiserId: state.Meeting.OrganiserID,
		}), true
	case domain.Referent:
		return event(e, state.MeetingID+referentOf, state.Version, &meetingsv1.ReferentEvent{Referent: wire.Referent(state)}), true
	case domain.Problem:
		problem := wire.Problem(state, state.AlertTime) // late is what an alert says, and nothing that another moment would change
		problem.Text = ""
		return event(e, state.ID, state.Version, &meetingsv1.ProblemEvent{Problem: problem}), true
	case domain.Incident:
		incident := wire.Incident(state)
		incident.Text = ""
		for _, a := range incident.GetAttachments() {
			a.Name = ""
		}
		return event(e, state.ID, state.Version, &meetingsv1.IncidentEvent{Incident: incident}), true
	}
	return events.Event{}, false
}
