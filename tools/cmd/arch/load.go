package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// modulePrefix is what every module path of the workspace begins with.
const modulePrefix = "github.com/classcode/maillage/"

// goPackage is a folder of Go files: path is relative to the root, imports of ours are too.
type goPackage struct {
	path        string
	name        string
	imports     []dependency
	testImports []dependency
}

// dependency is an import: ours (relative to the root) or somebody else's.
type dependency struct {
	path string
	ours bool
}

// Folders that hold no code of the workspace; tools is a module of its own, outside it.
var skipped = []string{"bin", "var", "tools", "node_modules", "testdata"}

func load(root string) ([]goPackage, error) {
	folders := map[string]*goPackage{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && file != root && hidden(entry.Name()) {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(file) != ".go" {
			return nil
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		return addFile(folders, os.DirFS(root), filepath.ToSlash(relative))
	})
	packages := make([]goPackage, 0, len(folders))
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		packages = append(packages, *folders[folder])
	}
	return packages, err
}

func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || slices.Contains(skipped, name)
}

func addFile(folders map[string]*goPackage, files fs.FS, file string) error {
	source, err := fs.ReadFile(files, file)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
	if err != nil {
		return err
	}
	folder := path.Dir(file)
	p := folders[folder]
	if p == nil {
		p = &goPackage{path: folder}
		folders[folder] = p
	}
	target := &p.testImports
	if !strings.HasSuffix(file, "_test.go") {
		target, p.name = &p.imports, parsed.Name.Name
	}
	for _, spec := range parsed.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		*target = append(*target, newDependency(name))
	}
	return nil
}

func newDependency(name string) dependency {
	relative, ours := strings.CutPrefix(name, modulePrefix)
	return dependency{path: relative, ours: ours}
}

// standard tells whether the dependency belongs to Go itself: its first element has no dot.
func (d dependency) standard() bool {
	first, _, _ := strings.Cut(d.path, "/")
	return !d.ours && !strings.Contains(first, ".")
}
