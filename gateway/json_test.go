package gateway

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/gateway/internal/jsonout"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// answerTypes are what the services answer with and what stands inside of it, by name.
func answerTypes(t testing.TB) []protoreflect.MessageType {
	t.Helper()
	var types []protoreflect.MessageType
	var find func(d protoreflect.MessageDescriptor)
	find = func(d protoreflect.MessageDescriptor) {
		known := slices.ContainsFunc(types, func(m protoreflect.MessageType) bool { return m.Descriptor() == d })
		if known || !strings.HasPrefix(string(d.FullName()), "maillage.") {
			return
		}
		m, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, m)
		for i := range d.Fields().Len() {
			if inside := d.Fields().Get(i).Message(); inside != nil {
				find(inside)
			}
		}
	}
	for _, file := range []protoreflect.FileDescriptor{
		cataloguev1.File_maillage_catalogue_v1_practice_sheet_service_proto,
		cataloguev1.File_maillage_catalogue_v1_service_proto, indicatorsv1.File_maillage_indicators_v1_service_proto,
		meetingsv1.File_maillage_meetings_v1_readiness_service_proto,
		meetingsv1.File_maillage_meetings_v1_attendance_service_proto,
		meetingsv1.File_maillage_meetings_v1_feedback_service_proto,
		meetingsv1.File_maillage_meetings_v1_badge_service_proto,
		meetingsv1.File_maillage_meetings_v1_kit_service_proto,
		meetingsv1.File_maillage_meetings_v1_notice_service_proto, meshv1.File_maillage_mesh_v1_contact_service_proto,
		meetingsv1.File_maillage_meetings_v1_attestation_service_proto,
		meetingsv1.File_maillage_meetings_v1_attestation_share_service_proto,
		meetingsv1.File_maillage_meetings_v1_service_proto, meshv1.File_maillage_mesh_v1_service_proto,
		meshv1.File_maillage_mesh_v1_forming_service_proto,
		meetingsv1.File_maillage_meetings_v1_swap_service_proto,
		meetingsv1.File_maillage_meetings_v1_poll_service_proto,
		meetingsv1.File_maillage_meetings_v1_programme_service_proto,
		meetingsv1.File_maillage_meetings_v1_calendar_service_proto,
		meshv1.File_maillage_mesh_v1_professional_service_proto, meetingsv1.File_maillage_meetings_v1_search_service_proto,
		meshv1.File_maillage_mesh_v1_room_service_proto, meetingsv1.File_maillage_meetings_v1_logistics_service_proto,
	} {
		methods := file.Services().Get(0).Methods()
		for i := range methods.Len() {
			find(methods.Get(i).Output())
		}
	}
	slices.SortFunc(types, func(a, b protoreflect.MessageType) int {
		return strings.Compare(string(a.Descriptor().FullName()), string(b.Descriptor().FullName()))
	})
	return types
}

// compareJSON holds the generated code against protojson: the same text but for white space, which protojson varies on purpose,
// and the same refusals.
func compareJSON(t *testing.T, m proto.Message) (refused bool) {
	t.Helper()
	text, err := jsonout.Options.Marshal(m)
	var w jsonout.Writer
	if ok := generated(&w, m); ok != (err == nil) {
		t.Fatalf("%T: written %t, protojson says %v\n%s", m, ok, err, prototext.Format(m))
	}
	ours, ourErr := strictJSON{}.Marshal(lent{m, &exchange{}})
	if (ourErr == nil) != (err == nil) {
		t.Fatalf("%T: %v, protojson says %v", m, ourErr, err)
	}
	var want bytes.Buffer
	if err == nil {
		err = json.Compact(&want, text)
		if err != nil || want.String() != string(ours) {
			t.Fatalf("%T: %v\n%s\nprotojson:\n%s", m, err, ours, &want)
		}
	}
	return ourErr != nil
}

func TestJSON(t *testing.T) {
	types := answerTypes(t)
	if len(types) < 30 {
		t.Fatalf("only %d types", len(types))
	}
	var texts, refusals int
	for i, mt := range types {
		compareJSON(t, mt.New().Interface())
		compareJSON(t, mt.Zero().Interface()) // a nil pointer
		for seed := range 100 {
			random := rand.NewChaCha8([32]byte{byte(i), byte(seed)})
			data := make(bytesource, 1<<12)
			_, _ = random.Read(data)
			m := mt.New()
			data.fill(m, 0)
			texts++
			if compareJSON(t, m.Interface()) {
				refusals++
			}
		}
	}
	if refusals < texts/100 || refusals > texts/2 {
		t.Errorf("%d of %d were refused: the contents say little", refusals, texts)
	}
	compareJSON(t, &cataloguev1.ListModulesResponse{Modules: []*cataloguev1.Module{nil, {Steps: []*cataloguev1.Step{nil}}}})
}

func TestJSONOfText(t *testing.T) {
	for _, s := range texts {
		for before := range 17 { // eight characters are looked at together
			for after := range 9 {
				compareJSON(t, &cataloguev1.Step{Title: strings.Repeat("x", before) + s + strings.Repeat("é", after)})
			}
		}
	}
	for c := range 256 {
		for at := range 8 {
			text := []byte("abcdefgh")
			text[at] = byte(c)
			compareJSON(t, &cataloguev1.Step{Title: string(text)})
		}
	}
}

func TestJSONOfNumbers(t *testing.T) {
	for _, n := range floats {
		compareJSON(t, &meshv1.Position{Latitude: n, Longitude: -n})
	}
	for _, n := range integers {
		compareJSON(t, &cataloguev1.Module{Version: n, Position: int32(n), Levels: []cataloguev1.Level{cataloguev1.Level(n)}})
		compareJSON(t, &cataloguev1.Module{CreateTime: &timestamppb.Timestamp{Seconds: n}})
		compareJSON(t, &cataloguev1.Module{CreateTime: &timestamppb.Timestamp{Nanos: int32(n)}})
	}
}

// FuzzJSON takes the bytes for a message on the wire, and again for a source of contents.
func FuzzJSON(f *testing.F) {
	types := answerTypes(f)
	for i := range types {
		f.Add(uint8(i), []byte("\x0a\x03abc\x12\x05\x00\x80\xff\"\\\x1a\x03\xe2\x80\xa8"))
	}
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		mt := types[int(kind)%len(types)]
		sent, made := mt.New(), mt.New()
		if proto.Unmarshal(data, sent.Interface()) == nil {
			compareJSON(t, sent.Interface())
		}
		source := bytesource(data)
		source.fill(made, 0)
		compareJSON(t, made.Interface())
	})
}

var (
	texts = []string{
		"", "Saint-Étienne", "l'Haÿ", `"`, `\`, "/", "<>&", "\x00", "\x1f", " ", "\x7f", "\b\f\n\r\t\v", "\u2028\u2029", "\ufffd", "😀",
		"\x80", "\xff", "\xc3", "\xe2\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf",
	}
	floats = []float64{
		0, math.Copysign(0, -1), 1, 0.1, 48.8566, 1e-6, 9.999999e-7, 1e-7, 1e-10, 1e20, 1e21, 123456789e15, 1e100, 5e-324, math.MaxFloat64,
		math.MaxFloat32, math.SmallestNonzeroFloat32, math.NaN(), math.Inf(1), math.Inf(-1),
	}
	integers = []int64{
		0, 1, -1, 9, 10, 100, 1000, 1_000_000, 10_000_000, 999_999_999, 1_000_000_000, 120_000_000, 1_230, math.MaxInt32, math.MinInt32,
		math.MaxInt64, math.MinInt64, -62135596800, -62135596801, 253402300799, 253402300800,
	}
)

// bytesource makes contents out of bytes; zeros when they are used up, so that it ends.
type bytesource []byte

func (s *bytesource) next() byte {
	if len(*s) == 0 {
		return 0
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return b
}

func (s *bytesource) bits() uint64 {
	var b [8]byte
	for i := range b {
		b[i] = s.next()
	}
	return binary.LittleEndian.Uint64(b[:])
}

func (s *bytesource) fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		switch choice := s.next(); {
		case choice%4 == 0 || depth > 4: // stays as it is
		case field.IsList():
			list := m.Mutable(field).List()
			for range choice % 5 {
				list.Append(s.value(field, list.NewElement, depth))
			}
		default:
			m.Set(field, s.value(field, func() protoreflect.Value { return m.NewField(field) }, depth))
		}
	}
}

func (s *bytesource) value(field protoreflect.FieldDescriptor, empty func() protoreflect.Value, depth int) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.MessageKind:
		v := empty()
		if stamp, ok := v.Message().Interface().(*timestamppb.Timestamp); ok {
			stamp.Seconds, stamp.Nanos = int64(s.bits()%4e9), []int32{0, 1, 120e6, 45e3, 999999999}[s.next()%5]
			if s.next() > 247 {
				stamp.Seconds, stamp.Nanos = s.integer(), int32(s.integer())
			}
			return v
		}
		s.fill(v.Message(), depth+1)
		return v
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(s.next()%2 == 1)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(int8(s.next()) % 8))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(s.integer()))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(s.integer())
	case protoreflect.DoubleKind:
		if c := s.next(); c%2 == 0 {
			return protoreflect.ValueOfFloat64(floats[int(c)%len(floats)])
		}
		return protoreflect.ValueOfFloat64(math.Float64frombits(s.bits()))
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(s.text())
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(s.text()))
	}
	panic("the contract has a new kind of field: " + field.Kind().String())
}

func (s *bytesource) integer() int64 {
	if c := s.next(); c%2 == 0 {
		return integers[int(c)%len(integers)]
	}
	return int64(s.bits())
}

// text is one of those above, now and then one that is not UTF-8, or bytes as they come.
func (s *bytesource) text() string {
	switch c := s.next(); {
	case c == 255:
		return texts[int(s.next())%len(texts)]
	case c%2 == 0:
		return texts[int(c)%15]
	}
	raw := make([]byte, s.next()%40)
	for i := range raw {
		raw[i] = s.next()
	}
	return strings.ToValidUTF8(string(raw), "é")
}
