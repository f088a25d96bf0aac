// Package jsonout writes JSON field by field, as protojson does with EmitDefaultValues, for the generated code in gateway/gen
// that knows the fields. What protojson refuses makes a text fail; nobody reads why here, since protojson is asked again then.
package jsonout

import (
	"encoding/base64"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Options are how the door writes messages.
var Options = protojson.MarshalOptions{EmitDefaultValues: true}

// Writer holds one JSON text; the zero value is an empty one.
//
// What stands before a value is a comma, and its name and a colon inside an object. The first comma is in the place of the
// bracket that the end of its object or list puts there, so that nothing has to know which value is the first.
type Writer struct {
	text   []byte
	failed bool
}

// Reset empties the text and keeps its memory.
func (w *Writer) Reset() { w.text, w.failed = w.text[:0], false }

// Text is what was written, valid until Reset.
func (w *Writer) Text() []byte { return w.text }

// Failed tells that protojson would refuse what was written.
func (w *Writer) Failed() bool { return w.failed }

// Begin begins an object or a list and gives what its end needs.
func (w *Writer) Begin(before string) int {
	w.text = append(w.text, before...)
	return len(w.text)
}

// EndObject ends what Begin began.
func (w *Writer) EndObject(begin int) { w.end(begin, '{', '}') }

// EndList ends what Begin began.
func (w *Writer) EndList(begin int) { w.end(begin, '[', ']') }

func (w *Writer) end(begin int, open, end byte) {
	if len(w.text) == begin {
		w.text = append(w.text, open)
	}
	w.text[begin] = open
	w.text = append(w.text, end)
}

// Bool writes true or false.
func (w *Writer) Bool(before string, v bool) {
	w.text = strconv.AppendBool(append(w.text, before...), v)
}

// Int32 writes a number.
func (w *Writer) Int32(before string, v int32) {
	w.text = strconv.AppendInt(append(w.text, before...), int64(v), 10)
}

// Uint32 writes a number.
func (w *Writer) Uint32(before string, v uint32) {
	w.text = strconv.AppendUint(append(w.text, before...), uint64(v), 10)
}

// Int64 writes a number as text: a JavaScript number would lose digits.
func (w *Writer) Int64(before string, v int64) {
	w.text = append(strconv.AppendInt(w.quote(before), v, 10), '"')
}

// Uint64 writes a number as text.
func (w *Writer) Uint64(before string, v uint64) {
	w.text = append(strconv.AppendUint(w.quote(before), v, 10), '"')
}

func (w *Writer) quote(before string) []byte { return append(append(w.text, before...), '"') }

// Float writes a number of 32 or 64 bits, or the name of what JSON has no number for.
func (w *Writer) Float(before string, v float64, bits int) {
	switch abs := math.Abs(v); {
	case math.IsNaN(v):
		w.text = append(w.quote(before), `NaN"`...)
	case math.IsInf(v, 1):
		w.text = append(w.quote(before), `Infinity"`...)
	case math.IsInf(v, -1):
		w.text = append(w.quote(before), `-Infinity"`...)
	case v == 0 || bits == 64 && abs >= 1e-6 && abs < 1e21 || bits == 32 && float32(abs) >= 1e-6 && float32(abs) < 1e21:
		w.text = strconv.AppendFloat(append(w.text, before...), v, 'f', -1, bits)
	default:
		w.text = shortExponent(strconv.AppendFloat(append(w.text, before...), v, 'e', -1, bits))
	}
}

// shortExponent writes e-07 as JavaScript does: e-7.
func shortExponent(text []byte) []byte {
	n := len(text)
	if string(text[n-4:n-1]) != "e-0" {
		return text
	}
	text[n-2] = text[n-1]
	return text[:n-1]
}

// Bytes writes base64.
func (w *Writer) Bytes(before string, v []byte) {
	w.text = append(base64.StdEncoding.AppendEncode(w.quote(before), v), '"')
}

// Enum writes a name, or the number that has none.
func (w *Writer) Enum(before string, names map[int32]string, v int32) {
	if name, ok := names[v]; ok {
		w.text = append(append(w.quote(before), name...), '"')
		return
	}
	w.Int32(before, v)
}

// Other writes a message that no generated code knows.
func (w *Writer) Other(before string, m proto.Message) {
	text, err := Options.MarshalAppend(append(w.text, before...), m)
	if err != nil {
		w.failed = true
		return
	}
	w.text = text
}
