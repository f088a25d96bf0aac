package jsonout

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// protojson writes a wrapper as the value that it wraps: so each kind can be held against it, used by the contract or not.
func compare(t *testing.T, m proto.Message, write func(*Writer)) {
	t.Helper()
	var w Writer
	list := w.Begin("")
	write(&w)
	w.EndList(list)
	text, err := Options.Marshal(m)
	if w.Failed() != (err != nil) {
		t.Fatalf("%v: failed %t, protojson says %v", m, w.Failed(), err)
	}
	var want bytes.Buffer
	if err == nil {
		err = json.Compact(&want, text)
		if got := string(w.Text()); err != nil || got != "["+want.String()+"]" {
			t.Fatalf("%v: %s, protojson %s, %v", m, got, &want, err)
		}
	}
}

func TestKinds(t *testing.T) {
	for _, n := range []uint64{0, 1, 9, 10, math.MaxInt32, math.MaxUint32, math.MaxInt64, 1 << 63, math.MaxUint64} {
		compare(t, wrapperspb.Int32(int32(n)), func(w *Writer) { w.Int32(",", int32(n)) })
		compare(t, wrapperspb.UInt32(uint32(n)), func(w *Writer) { w.Uint32(",", uint32(n)) })
		compare(t, wrapperspb.Int64(int64(n)), func(w *Writer) { w.Int64(",", int64(n)) })
		compare(t, wrapperspb.UInt64(n), func(w *Writer) { w.Uint64(",", n) })
		compare(t, wrapperspb.Bool(n > 0), func(w *Writer) { w.Bool(",", n > 0) })
		compare(t, wrapperspb.Bytes(bytes.Repeat([]byte{0xfb}, int(n%10))), func(w *Writer) { w.Bytes(",", bytes.Repeat([]byte{0xfb}, int(n%10))) })
	}
}

func TestFloats(t *testing.T) {
	check := func(n float64) {
		compare(t, wrapperspb.Double(n), func(w *Writer) { w.Float(",", n, 64) })
		compare(t, wrapperspb.Float(float32(n)), func(w *Writer) { w.Float(",", float64(float32(n)), 32) })
	}
	for e := -330; e < 310; e++ {
		for _, factor := range []float64{1, -1, 1.5, 9.999999999999999} {
			n := factor * math.Pow(10, float64(e))
			check(n)
			check(math.Nextafter(n, 0))
		}
	}
	for _, n := range []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat32, math.SmallestNonzeroFloat32} {
		check(n)
	}
}

func TestOther(t *testing.T) {
	inside, err := structpb.NewStruct(map[string]any{"b": nil, "a": []any{1.5, "é", true}})
	if err != nil {
		t.Fatal(err)
	}
	boxed, err := anypb.New(durationpb.New(-1500000))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []proto.Message{
		inside, boxed, durationpb.New(1500), &fieldmaskpb.FieldMask{Paths: []string{"start_time"}}, &fieldmaskpb.FieldMask{Paths: []string{"a b"}},
		&durationpb.Duration{Seconds: math.MaxInt64}, &anypb.Any{TypeUrl: "nowhere"}, wrapperspb.String("\xff"),
	} {
		text, err := Options.Marshal(m)
		var w Writer
		w.Other("x:", m)
		if w.Failed() != (err != nil) || (err == nil && string(w.Text()) != "x:"+string(text)) {
			t.Errorf("%v: %s, %t, protojson %s, %v", m, w.Text(), w.Failed(), text, err)
		}
	}
}

func TestBrackets(t *testing.T) {
	var w Writer
	for range 2 { // the second time in the same memory
		w.Reset()
		object := w.Begin("")
		empty := w.Begin(`,"a":`)
		w.EndList(empty)
		full := w.Begin(`,"b":`)
		for range 2 {
			w.EndObject(w.Begin(","))
		}
		w.EndList(full)
		w.String(`,"c":`, "d")
		w.EndObject(object)
		if got := string(w.Text()); got != `{"a":[],"b":[{},{}],"c":"d"}` {
			t.Error(got)
		}
	}
	w.String("", "\xff")
	if w.Reset(); w.Failed() || len(w.Text()) != 0 {
		t.Error("a failure outlives Reset")
	}
}
