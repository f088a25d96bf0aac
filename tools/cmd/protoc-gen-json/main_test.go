package main

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// What the contract does not have: a map, a oneof, a message of someone else's.
const contract = `
name: "maillage/x/v1/service.proto" package: "maillage.x.v1" syntax: "proto3"
dependency: "google/protobuf/duration.proto"
options { go_package: "example.org/x/v1;xv1" }
message_type { name: "GetRequest" }
message_type {
  name: "Answer"
  field { name: "took" json_name: "took" number: 1 type: TYPE_MESSAGE type_name: ".google.protobuf.Duration" label: LABEL_OPTIONAL }
  field { name: "mapped" json_name: "mapped" number: 2 type: TYPE_MESSAGE type_name: ".maillage.x.v1.Mapped" label: LABEL_REPEATED }
  field { name: "either" json_name: "either" number: 3 type: TYPE_MESSAGE type_name: ".maillage.x.v1.Either" label: LABEL_OPTIONAL }
  field { name: "again" json_name: "again" number: 4 type: TYPE_MESSAGE type_name: ".maillage.x.v1.Answer" label: LABEL_OPTIONAL }
  field { name: "size" json_name: "size" number: 5 type: TYPE_FIXED64 label: LABEL_OPTIONAL proto3_optional: true oneof_index: 0 }
  oneof_decl { name: "_size" }
}
message_type {
  name: "Mapped"
  field { name: "names" json_name: "names" number: 1 type: TYPE_MESSAGE type_name: ".maillage.x.v1.Mapped.NamesEntry" label: LABEL_REPEATED }
  nested_type {
    name: "NamesEntry" options { map_entry: true }
    field { name: "key" json_name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "value" json_name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  }
}
message_type {
  name: "Either"
  field { name: "a" json_name: "a" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "b" json_name: "b" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }
  oneof_decl { name: "choice" }
}
service { name: "XService" method { name: "Get" input_type: ".maillage.x.v1.GetRequest" output_type: ".maillage.x.v1.Answer" } }
`

func TestProtojsonWritesTheRest(t *testing.T) {
	file := &descriptorpb.FileDescriptorProto{}
	if err := prototext.Unmarshal([]byte(contract), file); err != nil {
		t.Fatal(err)
	}
	p, err := protogen.Options{}.New(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{file.GetName()},
		ProtoFile:      []*descriptorpb.FileDescriptorProto{protodesc.ToFileDescriptorProto(durationpb.File_google_protobuf_duration_proto), file},
		Parameter:      proto.String("paths=source_relative"),
	})
	if err != nil {
		t.Fatal(err)
	}
	generate(p)
	answer := p.Response()
	if answer.Error != nil || len(answer.GetFile()) != 1 {
		t.Fatalf("%d files, %s", len(answer.GetFile()), answer.GetError())
	}
	text := answer.GetFile()[0].GetContent()
	for _, want := range []string{
		"case *v1.Answer:",
		"if v := m.GetTook(); v != nil {\n\t\tw.Other(`,\"took\":`, v)",
		"for _, v := range m.GetMapped() {\n\t\tw.Other(`,`, v)",
		"w.Other(`,\"either\":`, v)",
		"writeAnswer(w, `,\"again\":`, v)",
		"if m != nil && m.Size != nil {\n\t\tw.Uint64(`,\"size\":`, m.GetSize())",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("not there: %s", want)
		}
	}
	for _, no := range []string{"GetRequest", "v1.Mapped", "v1.Either"} {
		if strings.Contains(text, no) {
			t.Errorf("there: %s", no)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}
