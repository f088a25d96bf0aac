package gateway

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// route is what the contract says of one RPC over HTTP.
type route struct {
	method, pattern string
	input           protoreflect.MessageType
	body            string // the field that the body fills, "*" for all, "" for none
	vars            []string
	path            *regexp.Regexp
}

// routes are those of all services.
type routes struct {
	all   []*route
	byKey map[string]*route
}

func contractRoutes() (*routes, error) {
	rs := &routes{byKey: map[string]*route{}}
	for _, file := range []protoreflect.FileDescriptor{
		cataloguev1.File_maillage_catalogue_v1_service_proto,
		cataloguev1.File_maillage_catalogue_v1_practice_sheet_service_proto,
		indicatorsv1.File_maillage_indicators_v1_service_proto,
		meetingsv1.File_maillage_meetings_v1_service_proto,
		meetingsv1.File_maillage_meetings_v1_attestation_service_proto,
		meetingsv1.File_maillage_meetings_v1_attestation_share_service_proto,
		meetingsv1.File_maillage_meetings_v1_swap_service_proto,
		meetingsv1.File_maillage_meetings_v1_poll_service_proto,
		meetingsv1.File_maillage_meetings_v1_programme_service_proto,
		meetingsv1.File_maillage_meetings_v1_calendar_service_proto,
		meetingsv1.File_maillage_meetings_v1_search_service_proto,
		meetingsv1.File_maillage_meetings_v1_readiness_service_proto,
		meetingsv1.File_maillage_meetings_v1_attendance_service_proto,
		meetingsv1.File_maillage_meetings_v1_feedback_service_proto,
		meetingsv1.File_maillage_meetings_v1_badge_service_proto,
		meshv1.File_maillage_mesh_v1_service_proto,
		meetingsv1.File_maillage_meetings_v1_notice_service_proto,
		meshv1.File_maillage_mesh_v1_contact_service_proto,
		meshv1.File_maillage_mesh_v1_forming_service_proto,
		meshv1.File_maillage_mesh_v1_professional_service_proto,
		meetingsv1.File_maillage_meetings_v1_logistics_service_proto,
		meshv1.File_maillage_mesh_v1_room_service_proto,
	} {
		for i := range file.Services().Len() {
			if err := rs.addService(file.Services().Get(i)); err != nil {
				return nil, err
			}
		}
	}
	return rs, nil
}

func (rs *routes) addService(s protoreflect.ServiceDescriptor) error {
	for i := range s.Methods().Len() {
		m := s.Methods().Get(i)
		input, err := protoregistry.GlobalTypes.FindMessageByName(m.Input().FullName())
		if err != nil {
			return fmt.Errorf("route of %s: %w", m.FullName(), err)
		}
		rule, ok := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
		if !ok || rule == nil {
			continue // an RPC between services
		}
		for _, r := range append(rule.GetAdditionalBindings(), rule) {
			rs.add(newRoute(r, input))
		}
	}
	return nil
}

var variable = regexp.MustCompile(`\{([^}=]+)[^}]*\}`)

func newRoute(rule *annotations.HttpRule, input protoreflect.MessageType) *route {
	r := &route{input: input, body: rule.GetBody()}
	r.method, r.pattern = endpoint(rule)
	expression := "^"
	rest := r.pattern
	for _, v := range variable.FindAllStringSubmatch(r.pattern, -1) {
		before, after, _ := strings.Cut(rest, v[0])
		expression += regexp.QuoteMeta(before) + "[^/]*"
		rest = after
		r.vars = append(r.vars, v[1])
	}
	r.path = regexp.MustCompile(expression + regexp.QuoteMeta(rest) + "$")
	return r
}

func endpoint(rule *annotations.HttpRule) (method, pattern string) {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, p.Get
	case *annotations.HttpRule_Post:
		return http.MethodPost, p.Post
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, p.Patch
	case *annotations.HttpRule_Put:
		return http.MethodPut, p.Put
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, p.Delete
	}
	return rule.GetCustom().GetKind(), rule.GetCustom().GetPath()
}

func (rs *routes) add(r *route) {
	rs.all = append(rs.all, r)
	rs.byKey[r.method+" "+r.pattern] = r
}

// of finds the route that grpc-gateway has matched; it writes {id} as {id=*}.
func (rs *routes) of(method string, p runtime.Pattern) *route {
	return rs.byKey[method+" "+strings.ReplaceAll(p.String(), "=*}", "}")]
}

// methods are those that exist for a path, for the header Allow.
func (rs *routes) methods(path string) []string {
	var found []string
	for _, r := range rs.all {
		if r.path.MatchString(path) && !slices.Contains(found, r.method) {
			found = append(found, r.method)
		}
	}
	slices.Sort(found)
	return found
}
