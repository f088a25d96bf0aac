package main

import (
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	accessv1 "github.com/classcode/maillage/proto/gen/maillage/access/v1"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// complete adds to each operation what the contract says beside its RPC.
func complete(doc *openapi3.T) error {
	methods := contract()
	for path, item := range doc.Paths.Map() {
		for verb, op := range item.Operations() {
			// protoc-gen-openapiv2 names an operation "MeshService_GetPlace".
			method, ok := methods[op.OperationID]
			if !ok {
				return fmt.Errorf("%s %s: no RPC is called %s", verb, path, op.OperationID)
			}
			if err := completeOne(op, method); err != nil {
				return fmt.Errorf("%s %s: %w", verb, path, err)
			}
		}
	}
	return nil
}

func completeOne(op *openapi3.Operation, method protoreflect.MethodDescriptor) error {
	access, ok := proto.GetExtension(method.Options(), accessv1.E_Access).(*accessv1.Access)
	if !ok || access.GetRule() == nil {
		return fmt.Errorf("%s has no access option", method.FullName())
	}
	op.Security = openapi3.NewSecurityRequirements() // empty: no token
	if !access.GetPublic() {
		op.Security.With(openapi3.NewSecurityRequirement().Authenticate(bearer))
	}
	for i, tag := range op.Tags {
		op.Tags[i] = tagName(tag)
	}
	op.OperationID = strings.Replace(op.OperationID, "Service_", "_", 1)
	op.Responses.Set("default", &openapi3.ResponseRef{Ref: "#/components/responses/" + errorResponse})
	if op.RequestBody != nil && op.RequestBody.Value != nil {
		op.RequestBody.Value.Extensions = nil // a trace of the conversion
	}
	for _, name := range parametersOf(method.Input()) {
		op.Parameters = append(op.Parameters, &openapi3.ParameterRef{Ref: "#/components/parameters/" + name})
	}
	return nil
}

// parametersOf names what protoc-gen-openapiv2 leaves out: it hides the mask of a PATCH, and knows no headers.
func parametersOf(input protoreflect.MessageDescriptor) (names []string) {
	if input.Fields().ByName("update_mask") != nil {
		names = append(names, updateMask)
	}
	if input.Fields().ByName("request_id") != nil {
		names = append(names, idempotencyKey)
	}
	return names
}

// contract gives the RPCs by the name that their operation has.
func contract() map[string]protoreflect.MethodDescriptor {
	methods := map[string]protoreflect.MethodDescriptor{}
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
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				m := service.Methods().Get(j)
				methods[string(service.Name())+"_"+string(m.Name())] = m
			}
		}
	}
	return methods
}
