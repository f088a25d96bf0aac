package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/errs"
)

// Our messages nest five deep at most; protojson's own limit is 10 000.
var strict = protojson.UnmarshalOptions{RecursionLimit: 64}

// strictJSON reads one JSON value and nothing after it; runtime.JSONPb would leave the rest of the body unread.
type strictJSON struct{ *runtime.JSONPb }

// NewDecoder is part of runtime.Marshaler.
func (j strictJSON) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		data, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(data)) == 0 {
			return io.EOF // no body: the generated code accepts this, validation tells what is missing
		}
		m, err := target(v)
		if err != nil {
			return err
		}
		return strict.Unmarshal(data, m)
	})
}

// target is the message to fill: v itself (body "*"), or what v points to (body "place").
func target(v any) (proto.Message, error) {
	if m, ok := v.(proto.Message); ok {
		return m, nil
	}
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && p.Elem().Kind() == reflect.Pointer {
		if p.Elem().IsNil() {
			p.Elem().Set(reflect.New(p.Elem().Type().Elem()))
		}
		if m, ok := p.Elem().Interface().(proto.Message); ok {
			return m, nil
		}
	}
	return nil, fmt.Errorf("a body cannot fill a %T", v)
}

var position = regexp.MustCompile(`\(line (\d+):(\d+)\)`)

// explain finds out what is wrong with a body that could not be decoded; nil when nothing is. protojson says where in a
// text of its own ("unknown field", "duplicate field", a line and a column), and never the path: a test pins its words.
//
// prefix is the request's field that the body fills, with a dot; "" when the body is the request.
func explain(data []byte, m proto.Message, prefix string) *errs.Error {
	err := strict.Unmarshal(data, m)
	if err == nil {
		return nil
	}
	at := position.FindStringSubmatch(err.Error())
	if !json.Valid(data) || at == nil {
		return malformed(data, at)
	}
	line, _ := strconv.Atoi(at[1])
	column, _ := strconv.Atoi(at[2])
	path := pathAt(data, offset(data, line, column))
	switch text := err.Error(); {
	case path == "": // an array or a number where an object belongs
		return errMalformedJSON.With("line", at[1]).With("column", at[2])
	case strings.Contains(text, "unknown field"):
		return errUnknownField.At(prefix + path)
	case strings.Contains(text, "duplicate"):
		return errDuplicateField.At(prefix + path)
	}
	return errInvalidValue.At(prefix + path)
}

// malformed gives the position: protojson's, or the end for a text that stops too early.
func malformed(data []byte, at []string) *errs.Error {
	if at != nil {
		return errMalformedJSON.With("line", at[1]).With("column", at[2])
	}
	before := data[:len(data)-len(data[bytes.LastIndexByte(data, '\n')+1:])]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(data[len(before):]) + 1
	return errMalformedJSON.With("line", strconv.Itoa(line)).With("column", strconv.Itoa(column))
}

// explain says what is wrong with a request that grpc-gateway could not read.
func (x *exchange) explain(r *http.Request) *errs.Error {
	if x.route == nil {
		return nil
	}
	if e := x.route.explain(r.URL.RawQuery); e != nil || x.route.body == "" {
		return e
	}
	m := x.route.input.New()
	if x.route.body == "*" {
		return explain(x.body, m.Interface(), "")
	}
	field := m.Descriptor().Fields().ByTextName(x.route.body)
	return explain(x.body, m.Mutable(field).Message().Interface(), field.JSONName()+".")
}
