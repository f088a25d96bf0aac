package main

import (
	"fmt"
	"regexp"

	"github.com/getkin/kin-openapi/openapi3"
)

// A variable that stands for a field of a field: "{place.id}".
var nested = regexp.MustCompile(`\{\w+\.(\w+)\}`)

// merge puts "/v1/places/{place.id}" (PATCH) under "/v1/places/{id}" (GET): OpenAPI knows a path once, whatever its
// variable is called, and to a client they are the same address.
func merge(doc *openapi3.T) error {
	for path, item := range doc.Paths.Map() {
		plain := nested.ReplaceAllString(path, "{$1}")
		if plain == path {
			continue
		}
		doc.Paths.Delete(path)
		if doc.Paths.Value(plain) == nil {
			doc.Paths.Set(plain, &openapi3.PathItem{})
		}
		into := doc.Paths.Value(plain)
		for verb, op := range item.Operations() {
			if into.GetOperation(verb) != nil {
				return fmt.Errorf("%s %s exists twice", verb, plain)
			}
			rename(op.Parameters)
			into.SetOperation(verb, op)
		}
	}
	return nil
}

func rename(parameters openapi3.Parameters) {
	for _, p := range parameters {
		if p.Value != nil && p.Value.In == openapi3.ParameterInPath {
			p.Value.Name = nested.ReplaceAllString("{"+p.Value.Name+"}", "$1")
		}
	}
}
