// Command protodeps prints the proto files that ours import, from the descriptors linked into the
// pinned Go modules, so that buf needs no schema registry.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"github.com/jhump/protoreflect/v2/protoprint"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// What the contract imports; google/protobuf/* is built into buf.
var roots = []string{"buf/validate/validate.proto", "google/api/annotations.proto", "google/api/http.proto"}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: protodeps FOLDER")
		os.Exit(2)
	}
	if err := printAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "protodeps:", err)
		os.Exit(1)
	}
}

func printAll(dir string) error {
	for _, path := range roots {
		file, err := protoregistry.GlobalFiles.FindFileByPath(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := printFile(dir, file); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

func printFile(dir string, file protoreflect.FileDescriptor) error {
	target := filepath.Join(dir, filepath.FromSlash(file.Path()))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	out, err := os.Create(target)
	if err != nil {
		return err
	}
	defer out.Close()
	return (&protoprint.Printer{}).PrintProtoFile(file, out)
}
