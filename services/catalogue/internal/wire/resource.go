package wire

import (
	"github.com/classcode/maillage/pkg/etag"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue/internal/domain"
)

// Resource is a resource as the contract has it.
func Resource(r domain.Resource) *cataloguev1.Resource {
	return &cataloguev1.Resource{
		Id: r.ID, Title: r.Title, Summary: r.Summary, Uri: r.URI, Kind: cataloguev1.ResourceKind(r.Kind),
		LanguageCode: r.LanguageCode, Licence: r.Licence, ModuleIds: r.ModuleIDs,
		Etag: etag.Of(r.Version), CreateTime: timestamp(r.CreateTime),
	}
}
