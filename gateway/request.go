package gateway

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/classcode/maillage/pkg/errs"
)

// check refuses what grpc-gateway would ignore: unknown parameters, text that is not UTF-8.
func (a *api) check(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		pattern, _ := runtime.HTTPPattern(r.Context())
		rt := a.routes.of(r.Method, pattern)
		if rt == nil { // generated code and descriptors differ
			refuse(w, r, errs.ErrInternal)
			return
		}
		x := exchangeFrom(r.Context())
		x.route, x.name = rt, rt.pattern
		if e := rt.check(r, params); e != nil {
			refuse(w, r, e)
			return
		}
		next(w, r, params)
	}
}

func (rt *route) check(r *http.Request, params map[string]string) *errs.Error {
	for _, name := range rt.vars {
		if !utf8.ValidString(params[name]) {
			return errInvalidValue.At(jsonPath(name))
		}
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return errMalformedQuery
	}
	form, e := rt.query(values)
	if e != nil {
		return e
	}
	// Both set: the generated code's ParseForm has nothing left to do, and never takes a body for a form.
	r.Form, r.PostForm = form, url.Values{}
	return nil
}

// query gives the parameters under the contract's names.
func (rt *route) query(values url.Values) (url.Values, *errs.Error) {
	form := url.Values{}
	for _, key := range slices.Sorted(maps.Keys(values)) { // the same mistake gets the same answer
		name, field := rt.parameter(key)
		if field == nil {
			return nil, errUnknownParameter.At(key)
		}
		if form.Has(name) {
			return nil, errDuplicateField.At(key)
		}
		form[name] = values[key]
		if isMask(field) {
			form[name] = contractMasks(values[key])
		}
		if slices.ContainsFunc(form[name], func(v string) bool { return !utf8.ValidString(v) }) {
			return nil, errInvalidValue.At(key)
		}
	}
	return form, nil
}

// parameter finds the field that a query parameter fills, "position.latitude" included; nil where there is none, or
// where the path or the body fills it.
func (rt *route) parameter(key string) (name string, field protoreflect.FieldDescriptor) {
	message := rt.input.Descriptor()
	var names []string
	for part := range strings.SplitSeq(key, ".") {
		if message == nil || (field != nil && field.IsList()) {
			return "", nil
		}
		if field = message.Fields().ByJSONName(part); field == nil {
			field = message.Fields().ByTextName(part)
		}
		if field == nil {
			return "", nil
		}
		names = append(names, string(field.Name()))
		message = field.Message()
	}
	name = strings.Join(names, ".")
	if rt.body == "*" || rt.body == names[0] || slices.Contains(rt.vars, name) {
		return "", nil
	}
	return name, field
}

// explain finds the parameter that grpc-gateway could not read: each gets a message of its own, since grpc-gateway's error
// would not say which one it is about.
func (rt *route) explain(query string) *errs.Error {
	values, _ := url.ParseQuery(query)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		name, _ := rt.parameter(key)
		nothing := &utilities.DoubleArray{}
		if err := (&runtime.DefaultQueryParser{}).Parse(rt.input.New().Interface(), url.Values{name: values[key]}, nothing); err != nil {
			return errInvalidValue.At(key)
		}
	}
	return nil
}

func isMask(field protoreflect.FieldDescriptor) bool {
	return field.Message() != nil && field.Message().FullName() == "google.protobuf.FieldMask"
}

// contractMasks turns JSON's paths ("startTime,capacity") into the contract's, which grpc-gateway leaves as they are.
func contractMasks(values []string) []string {
	masks := make([]string, len(values))
	for i, v := range values {
		var b strings.Builder
		for _, r := range v {
			if r >= 'A' && r <= 'Z' {
				b.WriteByte('_')
				r += 'a' - 'A'
			}
			b.WriteRune(r)
		}
		masks[i] = b.String()
	}
	return masks
}
