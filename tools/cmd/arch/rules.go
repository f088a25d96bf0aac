package main

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Names that say nothing about what is inside, so that anything ends up there.
var vague = []string{
	"common", "helper", "helpers", "manager", "managers", "misc", "shared", "util", "utils",
}

// What each module may reach beside itself. deploy puts everything together, e2e tries what deploy makes.
var reach = map[string][]string{
	"proto":    {},
	"pkg":      {"proto"},
	"services": {"proto", "pkg"},
	"gateway":  {"proto", "pkg"},
	"deploy":   {"proto", "pkg", "services", "gateway"},
	"e2e":      {"proto", "pkg", "services", "gateway", "deploy"},
}

// The layers of every service. A service may have other internal packages (a conversion that api and
// events share); a layer knows these and domain, never another layer.
var layers = []string{"api", "domain", "events", "store"}

// The parts of the standard library that a domain does without: SQL, RPC, HTTP.
var worldly = []string{"database/sql", "net/http", "net/rpc"}

// What a layer leaves to another one: SQL stands in store, RPC in api.
var elsewhere = map[string][]string{
	"api":    {"database/sql"},
	"store":  {"google.golang.org/grpc"},
	"events": {"google.golang.org/grpc"},
}

func violations(packages []goPackage) []string {
	found := missingLayers(packages)
	for _, p := range packages {
		found = append(found, p.naming()...)
		found = append(found, p.placement()...)
		for _, d := range p.imports {
			found = p.report(found, d, p.module(d), p.layer(d))
		}
		for _, d := range p.testImports {
			found = p.report(found, d, p.module(d))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (p goPackage) report(found []string, d dependency, reasons ...string) []string {
	for _, reason := range reasons {
		if reason != "" {
			found = append(found, fmt.Sprintf("%s imports %s: %s", p.path, d.path, reason))
		}
	}
	return found
}

// module says why the package's module may not reach the dependency's.
func (p goPackage) module(d dependency) string {
	if !d.ours || moduleOf(d.path) == moduleOf(p.path) {
		return ""
	}
	from, to := area(p.path), area(d.path)
	if from == "services" && to == "services" {
		return "a service reaches another through its client or its events"
	}
	if !slices.Contains(reach[from], to) {
		return fmt.Sprintf("%s may not reach %s", from, to)
	}
	return ""
}

// layer says why the package's layer may not reach the dependency.
func (p goPackage) layer(d dependency) string {
	if p.path == "pkg/errs" && !d.standard() {
		return "pkg/errs is imported by every domain: the standard library only"
	}
	switch from := layerOf(p.path); {
	case from == "":
		return ""
	case from == "domain":
		return domainReason(d)
	case within(d.path, elsewhere[from]):
		return from + " leaves this to another layer"
	case d.ours && slices.Contains(layers, layerOf(d.path)) && !slices.Contains([]string{from, "domain"}, layerOf(d.path)):
		return fmt.Sprintf("%s does not know %s", from, layerOf(d.path))
	}
	return ""
}

func domainReason(d dependency) string {
	switch {
	case d.standard() && within(d.path, worldly):
		return "a domain knows no SQL, RPC or HTTP"
	case d.standard(), d.ours && (d.path == "pkg/errs" || layerOf(d.path) == "domain"):
		return ""
	}
	return "a domain imports the standard library and pkg/errs"
}

func (p goPackage) naming() []string {
	for _, name := range []string{path.Base(p.path), p.name} {
		if slices.Contains(vague, name) {
			return []string{fmt.Sprintf("%s: a package is not called %q", p.path, name)}
		}
	}
	return nil
}

func (p goPackage) placement() []string {
	parts := strings.Split(p.path, "/")
	switch {
	case reach[parts[0]] == nil:
		return []string{fmt.Sprintf("%s: Go code stands in proto, pkg, services, gateway, deploy or e2e", p.path)}
	case parts[0] == "services" && len(parts) > 2 && parts[2] != "internal" && parts[2] != "cmd":
		return []string{fmt.Sprintf("%s: a service exports its root package only", p.path)}
	}
	return nil
}

func missingLayers(packages []goPackage) []string {
	present := map[string]map[string]bool{}
	for _, p := range packages {
		if area(p.path) != "services" {
			continue
		}
		service := moduleOf(p.path)
		if present[service] == nil {
			present[service] = map[string]bool{}
		}
		present[service][layerOf(p.path)] = true
	}
	var found []string
	for _, service := range slices.Sorted(maps.Keys(present)) {
		for _, layer := range layers {
			if !present[service][layer] {
				found = append(found, fmt.Sprintf("%s: no package in internal/%s", service, layer))
			}
		}
	}
	return found
}

func area(p string) string {
	first, _, _ := strings.Cut(p, "/")
	return first
}

// moduleOf is the module's folder: services and deploy hold one module per sub-folder.
func moduleOf(p string) string {
	parts := strings.Split(p, "/")
	if len(parts) > 1 && (parts[0] == "services" || parts[0] == "deploy") {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// layerOf is the service's layer in which the package stands, if any.
func layerOf(p string) string {
	parts := strings.Split(p, "/")
	if len(parts) > 3 && parts[0] == "services" && parts[2] == "internal" {
		return parts[3]
	}
	return ""
}

// within tells whether a path is one of the roots or stands below it.
func within(p string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return p == root || strings.HasPrefix(p, root+"/") })
}
