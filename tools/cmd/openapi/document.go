package main

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	bearer         = "bearer"
	errorResponse  = "Error"
	idempotencyKey = "IdempotencyKey"
	updateMask     = "UpdateMask"
)

// describe sets what holds for the whole document.
func describe(doc *openapi3.T) {
	doc.Info = &openapi3.Info{
		Title:       "maillage",
		Version:     "v1",
		Description: "Catalogue, mesh of places and people, meetings and indicators. JSON in UTF-8; names in lowerCamelCase; times are RFC 3339 instants.",
		License:     &openapi3.License{Name: "Apache-2.0", URL: "https://www.apache.org/licenses/LICENSE-2.0"},
	}
	doc.Servers = openapi3.Servers{{URL: "/"}}
	for _, tag := range doc.Tags {
		// "MeshService knows the territories": the tag is its subject already.
		tag.Description = sentence(strings.TrimPrefix(tag.Description, tag.Name+" "))
		tag.Name = tagName(tag.Name)
	}
	c := doc.Components
	c.SecuritySchemes = openapi3.SecuritySchemes{bearer: {Value: openapi3.NewJWTSecurityScheme().
		WithDescription("A token of an OpenID Connect issuer that the deployment trusts.")}}
	c.Schemas["Error"] = openapi3.NewSchemaRef("", errorSchema())
	c.Responses = openapi3.ResponseBodies{errorResponse: {Value: openapi3.NewResponse().
		WithDescription("What went wrong; the same shape for every error.").
		WithJSONSchemaRef(openapi3.NewSchemaRef("#/components/schemas/Error", nil))}}
	c.Parameters = parameters()
}

func parameters() openapi3.ParametersMap {
	return openapi3.ParametersMap{
		idempotencyKey: {Value: openapi3.NewHeaderParameter("Idempotency-Key").
			WithDescription("UUID chosen by the caller: a retry with the same one has one effect. Stands for requestId.").
			WithSchema(openapi3.NewUUIDSchema())},
		updateMask: {Value: openapi3.NewQueryParameter("updateMask").
			WithDescription("What changes, separated by commas, e.g. \"startTime,capacity\"; the fields that the body holds when absent.").
			WithSchema(openapi3.NewStringSchema())},
	}
}

// tagName turns "MeshService" into "mesh".
func tagName(service string) string {
	return strings.ToLower(strings.TrimSuffix(service, "Service"))
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func errorSchema() *openapi3.Schema {
	field := object(map[string]*openapi3.Schema{
		"field":   text("Path of the field, as the caller wrote it, e.g. \"place.position.latitude\"."),
		"reason":  text("UPPER_SNAKE, stable."),
		"message": text("For people, in their language."),
	})
	code := openapi3.NewInt32Schema()
	code.Description = "The HTTP status."
	problem := object(map[string]*openapi3.Schema{
		"status":   text("Name of the gRPC code, e.g. \"INVALID_ARGUMENT\"."),
		"code":     code,
		"reason":   text("UPPER_SNAKE, stable: programs decide on it, e.g. \"ETAG_MISMATCH\"."),
		"message":  text("For people, in French unless Accept-Language asks for English."),
		"fields":   openapi3.NewArraySchema().WithItems(field),
		"metadata": openapi3.NewObjectSchema().WithAdditionalProperties(openapi3.NewStringSchema()),
	})
	problem.Properties["requestId"] = openapi3.NewSchemaRef("", text("Names the request in the logs; absent without tracing."))
	return object(map[string]*openapi3.Schema{"error": problem})
}

// object requires all of its properties.
func object(properties map[string]*openapi3.Schema) *openapi3.Schema {
	s := openapi3.NewObjectSchema().WithProperties(properties)
	for name := range properties {
		s.Required = append(s.Required, name)
	}
	slices.Sort(s.Required)
	return s
}

func text(description string) *openapi3.Schema {
	s := openapi3.NewStringSchema()
	s.Description = description
	return s
}
