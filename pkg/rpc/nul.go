package rpc

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/classcode/maillage/pkg/errs"
)

// PostgreSQL cannot store U+0000 in a text, and nobody can have meant it.
var errNUL = errs.New(errs.Invalid, "NUL_CHARACTER",
	"This text contains the character U+0000; remove it.",
	"Ce texte contient le caractère U+0000 ; supprimez-le.")

// What is serialised is UTF-8 or was refused on the way; what was handed over in process was not looked at.
var errNotUTF8 = errs.New(errs.Invalid, "NOT_UTF8",
	"This text is not valid UTF-8.",
	"Ce texte n'est pas de l'UTF-8 valide.")

// refuseText finds the first text of a message, at any depth, that is not UTF-8 or contains U+0000.
func refuseText(m protoreflect.Message, path string) (err error) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		at := path + string(field.Name())
		switch {
		case field.IsMap():
			return true // no request of the contract has one
		case field.IsList():
			list := value.List()
			for i := 0; i < list.Len() && err == nil; i++ {
				err = badText(field, list.Get(i), at+"["+strconv.Itoa(i)+"]")
			}
		default:
			err = badText(field, value, at)
		}
		return err == nil
	})
	return err
}

func badText(field protoreflect.FieldDescriptor, value protoreflect.Value, at string) error {
	switch field.Kind() {
	case protoreflect.StringKind:
		switch text := value.String(); {
		case !utf8.ValidString(text):
			return errNotUTF8.At(at)
		case strings.IndexByte(text, 0) >= 0:
			return errNUL.At(at)
		}
	case protoreflect.MessageKind:
		return refuseText(value.Message(), at+".")
	}
	return nil
}
