package main

import (
	"fmt"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"
)

func (w *writers) printAll() {
	g := w.g
	g.P()
	g.P("// WriteJSON writes an answer of this package; false, and nothing is written, for any other message.")
	g.P("func WriteJSON(w *", jsonout.Ident("Writer"), ", m ", protobuf.Ident("Message"), ") bool {")
	g.P("switch m := m.(type) {")
	for _, m := range w.messages {
		g.P("case *", m.GoIdent, ":")
		g.P(function(m), "(w, \"\", m)")
	}
	g.P("default:")
	g.P("return false")
	g.P("}")
	g.P("return true")
	g.P("}")
	for _, m := range w.messages {
		w.printMessage(m)
	}
}

func function(m *protogen.Message) string { return "write" + m.GoIdent.GoName }

func (w *writers) printMessage(m *protogen.Message) {
	g := w.g
	g.P()
	g.P("func ", function(m), "(w *", jsonout.Ident("Writer"), ", before string, m *", m.GoIdent, ") {")
	g.P("object := w.Begin(before)")
	for _, f := range m.Fields {
		w.printField(f)
	}
	g.P("w.EndObject(object)")
	g.P("}")
}

func (w *writers) printField(f *protogen.Field) {
	g := w.g
	before := fmt.Sprintf("`,%q:`", f.Desc.JSONName())
	switch {
	case f.Desc.IsList():
		list := "list" + f.GoName
		g.P(list, " := w.Begin(", before, ")")
		g.P("for _, v := range m.Get", f.GoName, "() {")
		w.printValue(f, "`,`", "v")
		g.P("}")
		g.P("w.EndList(", list, ")")
	case f.Message != nil:
		g.P("if v := m.Get", f.GoName, "(); v != nil {")
		w.printValue(f, before, "v")
		g.P("}")
	case f.Desc.HasPresence():
		g.P("if m != nil && m.", f.GoName, " != nil {")
		w.printValue(f, before, "m.Get"+f.GoName+"()")
		g.P("}")
	default:
		w.printValue(f, before, "m.Get"+f.GoName+"()")
	}
}

// printValue calls what writes one value, after what stands before it.
func (w *writers) printValue(f *protogen.Field, before, value string) {
	g := w.g
	switch kind := f.Desc.Kind(); kind {
	case protoreflect.MessageKind:
		switch {
		case f.Message.Desc.FullName() == timestamp:
			g.P("w.Timestamp(", before, ", ", value, ")")
		case w.known[f.Message.Desc.FullName()]:
			g.P(function(f.Message), "(w, ", before, ", ", value, ")")
		default:
			g.P("w.Other(", before, ", ", value, ")")
		}
	case protoreflect.EnumKind:
		names := f.Enum.GoIdent
		names.GoName += "_name"
		g.P("w.Enum(", before, ", ", names, ", int32(", value, "))")
	default:
		g.P("w.", fmt.Sprintf(scalars[kind], before, value))
	}
}

var scalars = map[protoreflect.Kind]string{
	protoreflect.BoolKind:     "Bool(%s, %s)",
	protoreflect.StringKind:   "String(%s, %s)",
	protoreflect.BytesKind:    "Bytes(%s, %s)",
	protoreflect.FloatKind:    "Float(%s, float64(%s), 32)",
	protoreflect.DoubleKind:   "Float(%s, %s, 64)",
	protoreflect.Int32Kind:    "Int32(%s, %s)",
	protoreflect.Sint32Kind:   "Int32(%s, %s)",
	protoreflect.Sfixed32Kind: "Int32(%s, %s)",
	protoreflect.Uint32Kind:   "Uint32(%s, %s)",
	protoreflect.Fixed32Kind:  "Uint32(%s, %s)",
	protoreflect.Int64Kind:    "Int64(%s, %s)",
	protoreflect.Sint64Kind:   "Int64(%s, %s)",
	protoreflect.Sfixed64Kind: "Int64(%s, %s)",
	protoreflect.Uint64Kind:   "Uint64(%s, %s)",
	protoreflect.Fixed64Kind:  "Uint64(%s, %s)",
}
