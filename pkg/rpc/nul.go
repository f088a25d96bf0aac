package rpc

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/classcode/maillage/pkg/errs"
)

// PostgreSQL cannot store U+0000 in a text, and nobody can have meant it.
var errNUL = errs.New(errs.Invalid, "NUL_CHARACTER",
	"This text contains the character U+0000; remove it.",
	"Ce texte contient le caractère U+0000 ; supprimez-le.")

// refuseNUL finds the first text of a message, at any depth, that contains U+0000.
func refuseNUL(m protoreflect.Message, path string) (err error) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		at := path + string(field.Name())
		switch {
		case field.IsMap():
			return true // no request of the contract has one
		case field.IsList():
			list := value.List()
			for i := 0; i < list.Len() && err == nil; i++ {
				err = nulIn(field, list.Get(i), at+"["+strconv.Itoa(i)+"]")
			}
		default:
			err = nulIn(field, value, at)
		}
		return err == nil
	})
	return err
}

func nulIn(field protoreflect.FieldDescriptor, value protoreflect.Value, at string) error {
	switch field.Kind() {
	case protoreflect.StringKind:
		if strings.ContainsRune(value.String(), 0) {
			return errNUL.At(at)
		}
	case protoreflect.MessageKind:
		return refuseNUL(value.Message(), at+".")
	}
	return nil
}
