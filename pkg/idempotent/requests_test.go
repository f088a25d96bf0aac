package idempotent

import (
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// The floor knows no service's messages, so the test brings a request of its own.
const requestFile = `
name: "idempotent_test.proto" syntax: "proto3" package: "idempotent.test"
message_type {
  name: "Request"
  field { name: "seats" number: 3 type: TYPE_INT64 label: LABEL_OPTIONAL }
  field { name: "request_id" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "labels" number: 4 type: TYPE_MESSAGE type_name: ".idempotent.test.Request.LabelsEntry" label: LABEL_REPEATED }
  field { name: "rooms" number: 5 type: TYPE_STRING label: LABEL_REPEATED }
  field { name: "child" number: 6 type: TYPE_MESSAGE type_name: ".idempotent.test.Request" label: LABEL_OPTIONAL }
  field { name: "ratio" number: 7 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
  field { name: "data" number: 8 type: TYPE_BYTES label: LABEL_OPTIONAL }
  field { name: "open" number: 9 type: TYPE_BOOL label: LABEL_OPTIONAL proto3_optional: true oneof_index: 0 }
  oneof_decl { name: "_open" }
  nested_type {
    name: "LabelsEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "value" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL }
  }
}
message_type {
  name: "Other"
  field { name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "request_id" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL }
}`

func descriptor(t *testing.T, name protoreflect.Name) protoreflect.MessageDescriptor {
	t.Helper()
	var file descriptorpb.FileDescriptorProto
	if err := prototext.Unmarshal([]byte(requestFile), &file); err != nil {
		t.Fatal(err)
	}
	d, err := protodesc.NewFile(&file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d.Messages().ByName(name)
}

func request(t *testing.T, text string) *dynamicpb.Message {
	t.Helper()
	return message(t, "Request", text)
}

func message(t *testing.T, name protoreflect.Name, text string) *dynamicpb.Message {
	t.Helper()
	m := dynamicpb.NewMessage(descriptor(t, name))
	if err := prototext.Unmarshal([]byte(text), m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFingerprint(t *testing.T) {
	sum := func(text string) string { return string(fingerprint(request(t, text))) }
	same := [][2]string{
		{`name: "a" seats: 3`, `seats: 3 name: "a"`},
		{`name: "a" request_id: "1"`, `name: "a" request_id: "2"`},
		{`labels { key: "x" value: 1 } labels { key: "y" value: 2 }`, `labels { key: "y" value: 2 } labels { key: "x" value: 1 }`},
		{`name: ""`, ``},
	}
	for _, c := range same {
		if sum(c[0]) != sum(c[1]) {
			t.Errorf("%s and %s differ", c[0], c[1])
		}
	}
	different := []string{
		``, `name: "a"`, `name: "b"`, `seats: 1`, `seats: -1`, `rooms: "a"`, `rooms: "a" rooms: ""`, `rooms: "" rooms: "a"`,
		`rooms: "ab"`, `rooms: "a" rooms: "b"`, `rooms: "b" rooms: "a"`, `labels { key: "x" value: 1 }`, `labels { key: "x" value: 2 }`,
		`labels { key: "x" }`, `child {}`, `child { child {} }`, `child { name: "a" }`, `child { request_id: "1" }`, `child { request_id: "2" }`,
		`name: "a" child {}`, `ratio: 1`, `ratio: 1.5`, `ratio: -0.0`, `data: "a"`, `open: false`, `open: true`,
	}
	seen := map[string]string{}
	for _, text := range different {
		p := sum(text)
		if before, taken := seen[p]; taken {
			t.Errorf("%q and %q are the same", before, text)
		}
		seen[p] = text
	}
	if a, b := sum(`name: "a"`), string(fingerprint(message(t, "Other", `name: "a"`))); a == b {
		t.Error("two types are the same")
	}
}

func TestRequestID(t *testing.T) {
	for _, c := range []struct {
		m    *dynamicpb.Message
		want string
	}{
		{request(t, `name: "a"`), ""},
		{request(t, `request_id: "0190AB"`), "0190ab"},
		{message(t, "Other", `request_id: 7`), ""}, // not a text: not ours
	} {
		if got := requestID(c.m.ProtoReflect()); got != c.want {
			t.Errorf("%v: %q, want %q", c.m, got, c.want)
		}
	}
}
