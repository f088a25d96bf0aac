package main

import (
	"bytes"
	"strings"
	"testing"
)

const swagger = `{
  "swagger": "2.0", "info": {"title": "x", "version": "x"}, "consumes": ["application/json"], "produces": ["application/json"],
  "tags": [{"name": "MeshService", "description": "MeshService knows the territories."}],
  "paths": {
    "/v1/places/{id}": {"get": {"operationId": "MeshService_GetPlace", "tags": ["MeshService"],
      "parameters": [{"name": "id", "in": "path", "required": true, "type": "string"}],
      "responses": {"200": {"description": "ok", "schema": {"$ref": "#/definitions/v1Place"}}}}},
    "/v1/places/{place.id}": {"patch": {"operationId": "MeshService_UpdatePlace", "tags": ["MeshService"],
      "parameters": [{"name": "place.id", "in": "path", "required": true, "type": "string"},
        {"name": "place", "in": "body", "required": true, "schema": {"$ref": "#/definitions/v1Place"}}],
      "responses": {"200": {"description": "ok", "schema": {"$ref": "#/definitions/v1Place"}}}}}
  },
  "definitions": {"v1Place": {"type": "object", "properties": {"id": {"type": "string"}}}}
}`

func TestConvert(t *testing.T) {
	doc, err := convert([]byte(swagger))
	if err != nil {
		t.Fatal(err)
	}
	if doc.Paths.Len() != 1 {
		t.Fatalf("paths %v", doc.Paths.InMatchingOrder())
	}
	item := doc.Paths.Value("/v1/places/{id}")
	if item.Get.OperationID != "Mesh_GetPlace" || item.Get.Tags[0] != "mesh" || doc.Tags[0].Description != "Knows the territories." {
		t.Errorf("names %q %v %q", item.Get.OperationID, item.Get.Tags, doc.Tags[0].Description)
	}
	if s := item.Get.Security; s == nil || len(*s) != 0 {
		t.Errorf("a public RPC asks for %v", s)
	}
	if s := item.Patch.Security; s == nil || len(*s) != 1 {
		t.Errorf("a protected RPC asks for %v", s)
	}
	var names []string
	for _, p := range item.Patch.Parameters {
		names = append(names, p.Ref)
		if p.Value != nil {
			names = append(names, p.Value.Name)
		}
	}
	if got := strings.Join(names, " "); !strings.Contains(got, " id ") || !strings.Contains(got, updateMask) || !strings.Contains(got, idempotencyKey) {
		t.Errorf("parameters %q", got)
	}
	if item.Get.Responses.Value("default") == nil {
		t.Error("no error response")
	}
}

func TestRenderIsTheSameEachTime(t *testing.T) {
	var first []byte
	for range 5 {
		doc, err := convert([]byte(swagger))
		if err != nil {
			t.Fatal(err)
		}
		text, err := render(doc)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = text
		}
		if !bytes.Equal(first, text) {
			t.Fatal("two renderings differ")
		}
	}
}

func TestRefused(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":    `{`,
		"unknown RPC": strings.ReplaceAll(swagger, "MeshService_GetPlace", "MeshService_GetCastle"),
		"met twice": strings.ReplaceAll(strings.ReplaceAll(swagger, `"patch"`, `"get"`),
			"MeshService_UpdatePlace", "MeshService_GetPlace"),
	} {
		if _, err := convert([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
