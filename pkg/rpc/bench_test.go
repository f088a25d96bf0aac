package rpc_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

// shelf answers with messages of its own each time, as a service that has just read them.
type shelf struct{ catalogue }

func (*shelf) ListModules(context.Context, *cataloguev1.ListModulesRequest) (*cataloguev1.ListModulesResponse, error) {
	page := &cataloguev1.ListModulesResponse{NextPageToken: "next"}
	for i := range 50 {
		page.Modules = append(page.Modules, &cataloguev1.Module{
			Id: anyID, Title: fmt.Sprintf("Module %d", i), Summary: strings.Repeat("résumé ", 20), LanguageCode: "fr", Position: int32(i),
			MeetingCount: 2, Licence: "CC-BY-4.0", Uri: "https://example.org/", CreateTime: timestamppb.New(time.Unix(1e9, 0)), Etag: "1",
		})
	}
	return page, nil
}

// The whole chain, with and without serialising: the difference is what a connection costs.
func BenchmarkConnections(b *testing.B) {
	for name, w := range map[string]way{"network": network, "in process": inProcess} {
		h := open(b, w, &shelf{})
		b.Run("echo/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.GetModule(b.Context(), &cataloguev1.GetModuleRequest{Id: anyID}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("page of 50/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.ListModules(b.Context(), &cataloguev1.ListModulesRequest{PageSize: 50}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
