package rpc_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/rpc"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

func TestViolations(t *testing.T) { everyWay(t, testViolations) }

func testViolations(t *testing.T, w way) {
	h := open(t, w, &catalogue{})
	bad := &cataloguev1.CreateResourceRequest{
		Resource: &cataloguev1.Resource{
			Uri: "nowhere", Kind: 99, LanguageCode: "français", Licence: "x", ModuleIds: []string{anyID, "1"},
		},
		RequestId: "retry",
	}
	page := &cataloguev1.ListModulesRequest{PageSize: -1}
	pattern := "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
	for lang, want := range map[string][][3]string{
		"fr": {
			{"resource.title", "STRING_MIN_LEN", "Ne doit pas être vide."},
			{"resource.uri", "STRING_URI", "Doit être un lien complet, du type https://…."},
			{"resource.kind", "ENUM_DEFINED_ONLY", "N'est pas une des valeurs du contrat."},
			{"resource.language_code", "STRING_PATTERN", "N'a pas la forme attendue : " + pattern},
			{"resource.module_ids[1]", "STRING_UUID", "Doit être un UUID."},
			{"request_id", "STRING_UUID", "Doit être un UUID."},
			{"page_size", "INT32_GTE", "Doit être supérieur ou égal à 0."},
			{"resource", "FIELD_REQUIRED", errs.ErrRequired.FR},
		},
		"en": {
			{"resource.title", "STRING_MIN_LEN", "Must not be empty."},
			{"resource.uri", "STRING_URI", "Must be a full link, such as https://…."},
			{"resource.kind", "ENUM_DEFINED_ONLY", "Is not one of the values of the contract."},
			{"resource.language_code", "STRING_PATTERN", "Does not have the expected form: " + pattern},
			{"resource.module_ids[1]", "STRING_UUID", "Must be a UUID."},
			{"request_id", "STRING_UUID", "Must be a UUID."},
			{"page_size", "INT32_GTE", "Must be greater than or equal to 0."},
			{"resource", "FIELD_REQUIRED", errs.ErrRequired.EN},
		},
	} {
		ctx := h.as(t, "nat", "accept-language", lang)
		_, err1 := h.CreateResource(ctx, bad)
		_, err2 := h.ListModules(ctx, page)
		_, err3 := h.CreateResource(ctx, &cataloguev1.CreateResourceRequest{})
		var got [][3]string
		for _, err := range []error{err1, err2, err3} {
			a := read(err)
			if a.code != codes.InvalidArgument || a.reason != "INVALID_ARGUMENT" {
				t.Errorf("%+v", a)
			}
			for _, f := range a.fields {
				got = append(got, [3]string{f.GetField(), f.GetReason(), f.GetDescription()})
			}
		}
		for i := range max(len(got), len(want)) {
			switch {
			case i >= len(got):
				t.Errorf("%s: missing %v", lang, want[i])
			case i >= len(want):
				t.Errorf("%s: more: %v", lang, got[i])
			case got[i] != want[i]:
				t.Errorf("%s: %v, want %v", lang, got[i], want[i])
			}
		}
	}
}

func TestManyViolations(t *testing.T) { everyWay(t, testManyViolations) }

func testManyViolations(t *testing.T, w way) {
	h := open(t, w, &catalogue{})
	_, err := h.CreateResource(h.as(t, "nat"), &cataloguev1.CreateResourceRequest{Resource: &cataloguev1.Resource{
		Title: "T", Uri: "https://example.org/", Kind: 1, LanguageCode: "fr", Licence: "x", ModuleIds: make([]string, 5000),
	}})
	if a := read(err); a.code != codes.InvalidArgument || len(a.fields) != 50 {
		t.Errorf("%v with %d fields", a.code, len(a.fields))
	}
}

func TestFromStatus(t *testing.T) { everyWay(t, testFromStatus) }

func testFromStatus(t *testing.T, w way) {
	for _, sent := range []*errs.Error{
		errs.New(errs.Precondition, "MEETING_CLOSED", "The meeting is closed.", "La réunion est close.").With("state", "CLOSED").At("id"),
		errs.ErrStaleEtag, errs.Missing("room", "salle"), errs.ErrExhausted.Retry(time.Second), errs.ErrDenied, errs.ErrPageToken.At("page_token"),
	} {
		h := open(t, w, &catalogue{do: func(context.Context) error { return sent }})
		got := errs.From(rpc.FromStatus(module(h.as(t, "", "accept-language", "en"), h)))
		if got.Kind != sent.Kind || got.Reason != sent.Reason || got.EN != sent.EN || got.FR != sent.EN ||
			got.Meta["state"] != sent.Meta["state"] || len(got.Fields) != len(sent.Fields) || got.RetryAfter != sent.RetryAfter {
			t.Errorf("%v became %+v", sent, got)
		}
	}
}
