package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

// Module is a module as the contract has it.
func Module(m domain.Module) *cataloguev1.Module {
	out := &cataloguev1.Module{
		Id: m.ID, Position: int32(m.Position), Title: m.Title, Summary: m.Summary, LanguageCode: m.LanguageCode,
		MeetingCount: int32(m.MeetingCount), Licence: m.Licence, Uri: m.URI,
		Competences: m.Competences, Version: m.Version, Etag: etag.Of(m.Version), CreateTime: timestamp(m.CreateTime),
	}
	for _, l := range m.Levels {
		out.Levels = append(out.Levels, cataloguev1.Level(l))
	}
	for _, s := range m.Steps {
		out.Steps = append(out.Steps, &cataloguev1.Step{Id: s.ID, Title: s.Title, Level: cataloguev1.Level(s.Level), Minutes: int32(s.Minutes)})
	}
	return out
}
