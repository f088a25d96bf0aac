// Command arch checks the dependency rule: proto <- pkg <- services, gateway <- deploy, and inside a
// service api -> domain <- store, events -> domain. It reads import clauses, so that it also sees files
// hidden by build constraints and answers when a module does not compile.
package main

import (
	"fmt"
	"os"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	found, err := check(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "arch:", err)
		os.Exit(2)
	}
	for _, v := range found {
		fmt.Println(v)
	}
	if len(found) > 0 {
		fmt.Fprintf(os.Stderr, "arch: %d violation(s) of the dependency rule (see CONTRIBUTING.md)\n", len(found))
		os.Exit(1)
	}
}

func check(root string) ([]string, error) {
	packages, err := load(root)
	if err != nil {
		return nil, err
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("no Go package under %s", root)
	}
	return violations(packages), nil
}
