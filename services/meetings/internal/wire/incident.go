package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// Incident is an incident as the contract has it.
func Incident(i domain.Incident) *meetingsv1.Incident {
	out := &meetingsv1.Incident{
		Id: i.ID, MeetingId: i.MeetingID, Kind: meetingsv1.ProblemKind(i.Kind), Text: i.Text, OccurTime: timestamp(i.OccurTime),
		ReporterId: i.ReporterID, Etag: etag.Of(i.Version), CreateTime: timestamp(i.CreateTime),
	}
	for _, a := range i.Attachments {
		out.Attachments = append(out.Attachments, Attachment(a))
	}
	return out
}

// Attachment is an attachment as the contract has it.
func Attachment(a domain.Attachment) *meetingsv1.Attachment {
	return &meetingsv1.Attachment{
		Id: a.ID, IncidentId: a.IncidentID, Name: a.Name, ContentType: a.ContentType, Size: int32(a.Size), Sha256: a.SHA256, Content: a.Content,
		CreateTime: timestamp(a.CreateTime),
	}
}
