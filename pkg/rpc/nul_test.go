package rpc

import (
	"testing"

	"github.com/classcode/maillage/pkg/errs"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

func TestNULIsFoundAtAnyDepth(t *testing.T) {
	for name, c := range map[string]struct {
		request *cataloguev1.CreateResourceRequest
		field   string
	}{
		"none":   {&cataloguev1.CreateResourceRequest{Resource: &cataloguev1.Resource{Title: "Écran"}}, ""},
		"nested": {&cataloguev1.CreateResourceRequest{Resource: &cataloguev1.Resource{Title: "a\x00b"}}, "resource.title"},
		"listed": {&cataloguev1.CreateResourceRequest{Resource: &cataloguev1.Resource{ModuleIds: []string{"a", "\x00"}}}, "resource.module_ids[1]"},
	} {
		err := refuseText(c.request.ProtoReflect(), "")
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.field != "" && (err == nil || errs.From(err).Fields[0].Path != c.field):
			t.Errorf("%s: got %v, want an error at %s", name, err, c.field)
		}
	}
}
