package access_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	accessv1 "github.com/classcode/maillage/proto/gen/maillage/access/v1"
)

type method struct {
	name      string
	access    *accessv1.Access
	streaming bool
}

// contract describes a service whose requests all have id, inner.id, number and list.
func contract(t *testing.T, methods ...method) protoreflect.ServiceDescriptor {
	t.Helper()
	field := func(name string, number int32, kind descriptorpb.FieldDescriptorProto_Type) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{
			Name: &name, Number: &number, Type: &kind, Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}
	}
	inner := field("inner", 2, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE)
	inner.TypeName = proto.String(".test.v1.Request")
	list := field("list", 4, descriptorpb.FieldDescriptorProto_TYPE_STRING)
	list.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	service := &descriptorpb.ServiceDescriptorProto{Name: proto.String("TestService")}
	for _, m := range methods {
		options := &descriptorpb.MethodOptions{}
		if m.access != nil {
			proto.SetExtension(options, accessv1.E_Access, m.access)
		}
		service.Method = append(service.Method, &descriptorpb.MethodDescriptorProto{
			Name: &m.name, InputType: proto.String(".test.v1.Request"), OutputType: proto.String(".test.v1.Request"),
			Options: options, ServerStreaming: &m.streaming,
		})
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("test.proto"), Package: proto.String("test.v1"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{
			Name: proto.String("Request"),
			Field: []*descriptorpb.FieldDescriptorProto{
				field("id", 1, descriptorpb.FieldDescriptorProto_TYPE_STRING), inner,
				field("number", 3, descriptorpb.FieldDescriptorProto_TYPE_INT64), list,
			},
		}},
		Service: []*descriptorpb.ServiceDescriptorProto{service},
	}, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return file.Services().Get(0)
}
