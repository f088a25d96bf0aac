package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/classcode/maillage/pkg/errs"
)

// needs is what policies ask of a caller: principal attributes, "owners", and the kinds of roles named by string.
type needs map[string]struct{}

type said struct{ need, role, en, fr string }

// What a refused caller would have to be, in the order in which it is said.
var saidAs = []said{
	{"national", string(National), "the national team", "à l'équipe nationale"},
	{"coordinates", string(Coordinator), "the coordinators of this territory", "à la coordination de ce territoire"},
	{"relays", string(Relay), "the relays of this structure", "aux relais de cette structure"},
	{"organises", string(Organiser), "the organisers of this structure", "aux personnes qui organisent pour cette structure"},
	{string(National), string(National), "the national team", "à l'équipe nationale"},
	{string(Coordinator), string(Coordinator), "coordinators", "aux personnes qui coordonnent"},
	{string(Relay), string(Relay), "relays", "aux relais"},
	{string(Organiser), string(Organiser), "organisers", "aux personnes qui organisent"},
	{string(Professional), string(Professional), "IT professionals", "aux personnes dont le numérique est le métier"},
	{string(Learner), string(Learner), "learners", "aux personnes qui suivent une formation"},
	{"owners", "OWNER", "the person concerned", "à la personne concernée"},
}

func (n needs) merge(other needs) {
	for k := range other {
		n[k] = struct{}{}
	}
}

// walk goes through a condition in Cedar's JSON form and refuses what the entities do not have.
func (n needs) walk(node any) error {
	switch node := node.(type) {
	case []any:
		var failures []error
		for _, child := range node {
			failures = append(failures, n.walk(child))
		}
		return errors.Join(failures...)
	case map[string]any:
		return n.walkObject(node)
	}
	return nil
}

func (n needs) walkObject(node map[string]any) error {
	var failures []error
	for operator, child := range node {
		switch operator {
		case ".", "has":
			failures = append(failures, n.attribute(child))
		case "contains", "containsAny", "containsAll":
			failures = append(failures, n.kinds(child))
		}
		if operator != "Value" {
			failures = append(failures, n.walk(child))
		}
	}
	return errors.Join(failures...)
}

func (n needs) attribute(node any) error {
	access, _ := node.(map[string]any)
	name, _ := access["attr"].(string)
	of := variable(access["left"])
	if of == "" {
		return nil
	}
	if !slices.Contains(attributes[of], name) {
		return fmt.Errorf("%s.%s: there is no such attribute, only %s", of, name, strings.Join(attributes[of], ", "))
	}
	if of == "principal" || name == "owners" {
		n[name] = struct{}{}
	}
	return nil
}

// kinds notes which kinds of roles are looked for in principal.roles.
func (n needs) kinds(node any) error {
	comparison, _ := node.(map[string]any)
	left, _ := comparison["left"].(map[string]any)
	access, _ := left["."].(map[string]any)
	if variable(access["left"]) != "principal" || access["attr"] != "roles" {
		return nil
	}
	right, _ := comparison["right"].(map[string]any)
	values, isSet := right["Set"].([]any)
	if !isSet {
		values = []any{right}
	}
	var failures []error
	for _, v := range values {
		literal, _ := v.(map[string]any)
		kind, _ := literal["Value"].(string)
		if !slices.ContainsFunc(saidAs, func(s said) bool { return s.need == kind && s.role == kind }) {
			failures = append(failures, fmt.Errorf("principal.roles: there is no role %q", kind))
			continue
		}
		n[kind] = struct{}{}
	}
	return errors.Join(failures...)
}

func variable(node any) string {
	object, _ := node.(map[string]any)
	name, _ := object["Var"].(string)
	return name
}

// refusal is the error for a caller whom no policy permits the action.
func (n needs) refusal(action string) *errs.Error {
	var roles, en, fr []string
	for _, s := range saidAs {
		if _, asked := n[s.need]; asked && !slices.Contains(en, s.en) {
			roles, en, fr = append(roles, s.role), append(en, s.en), append(fr, s.fr)
		}
	}
	if len(en) == 0 {
		return ErrNotPermitted.With("action", action)
	}
	refusal := *ErrNotPermitted
	refusal.EN = "Your roles do not allow this: it is reserved to " + join(en, " and ") + "."
	refusal.FR = "Vos rôles ne le permettent pas : c'est réservé " + join(fr, " et ") + "."
	return refusal.With("action", action).With("roles", strings.Join(slices.Compact(roles), ","))
}

func join(list []string, and string) string {
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + and + list[last]
}
