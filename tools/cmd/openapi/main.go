// Command openapi turns the Swagger 2.0 file that protoc-gen-openapiv2 writes into the OpenAPI 3.0.3 document that the
// gateway serves, with what the first cannot say: who may call, what an error looks like, how a retry is made safe.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: openapi IN OUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	text, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	doc, err := convert(text)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	text, err = render(doc)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return os.WriteFile(out, text, 0o644)
}

func convert(text []byte) (*openapi3.T, error) {
	var old openapi2.T
	if err := json.Unmarshal(text, &old); err != nil {
		return nil, err
	}
	doc, err := openapi2conv.ToV3(&old)
	if err != nil {
		return nil, err
	}
	describe(doc)
	return doc, errors.Join(merge(doc), complete(doc))
}

// render checks the document as a reader would see it. Maps are written in the order of their keys: the same contract
// gives the same bytes.
func render(doc *openapi3.T) ([]byte, error) {
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, err
	}
	read, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	if err := read.Validate(context.Background()); err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}
