package idempotent

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// fingerprint hashes a request's populated fields in the order of their numbers, without its request_id. Not its encoding: even
// "deterministic" protobuf bytes may change with a release of the library, and a retry may reach another replica.
func fingerprint(m protoreflect.Message) []byte {
	w := walker{sha256.New()}
	w.message(m, idField(m.Descriptor()))
	return w.Sum(nil)
}

type walker struct{ hash.Hash }

func (w walker) message(m protoreflect.Message, without protoreflect.FieldDescriptor) {
	w.text(string(m.Descriptor().FullName()))
	var fields []protoreflect.FieldDescriptor
	for field := range m.Range {
		if without == nil || field.Number() != without.Number() {
			fields = append(fields, field)
		}
	}
	slices.SortFunc(fields, func(a, b protoreflect.FieldDescriptor) int { return cmp.Compare(a.Number(), b.Number()) })
	for _, field := range fields {
		w.number(uint64(field.Number()))
		w.field(field, m.Get(field))
	}
	w.number(0) // no field has this number: the message ends
}

func (w walker) field(field protoreflect.FieldDescriptor, v protoreflect.Value) {
	switch {
	case field.IsMap():
		w.entries(field, v.Map())
	case field.IsList():
		list := v.List()
		w.number(uint64(list.Len()))
		for i := range list.Len() {
			w.value(field.Kind(), list.Get(i))
		}
	default:
		w.value(field.Kind(), v)
	}
}

func (w walker) entries(field protoreflect.FieldDescriptor, entries protoreflect.Map) {
	keys := make([]protoreflect.MapKey, 0, entries.Len())
	for key := range entries.Range {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b protoreflect.MapKey) int { return cmp.Compare(a.String(), b.String()) })
	w.number(uint64(len(keys)))
	for _, key := range keys {
		w.text(key.String())
		w.value(field.MapValue().Kind(), entries.Get(key))
	}
}

func (w walker) value(kind protoreflect.Kind, v protoreflect.Value) {
	switch kind {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		w.message(v.Message(), nil)
	case protoreflect.StringKind:
		w.text(v.String())
	case protoreflect.BytesKind:
		w.text(string(v.Bytes()))
	case protoreflect.BoolKind:
		if v.Bool() {
			w.number(1)
		} else {
			w.number(0)
		}
	case protoreflect.EnumKind:
		w.number(uint64(v.Enum()))
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		w.number(math.Float64bits(v.Float()))
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed32Kind, protoreflect.Fixed64Kind:
		w.number(v.Uint())
	default:
		w.number(uint64(v.Int()))
	}
}

func (w walker) number(n uint64) {
	_, _ = w.Write(binary.BigEndian.AppendUint64(nil, n)) // a hash never fails
}

func (w walker) text(s string) {
	w.number(uint64(len(s)))
	_, _ = w.Write([]byte(s))
}
