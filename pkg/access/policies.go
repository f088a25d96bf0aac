package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// policies are the parsed .cedar files, with what was learnt by reading them.
type policies struct {
	set   *cedar.PolicySet
	needs map[string]needs // by action, of all that policies name
}

// policyJSON is the part we read of Cedar's documented JSON form of a policy; the Go syntax tree is experimental.
type policyJSON struct {
	Effect string `json:"effect"`
	Action struct {
		Entity   entityJSON   `json:"entity"`
		Entities []entityJSON `json:"entities"`
	} `json:"action"`
	Conditions []struct {
		Kind string `json:"kind"`
		Body any    `json:"body"`
	} `json:"conditions"`
}

type entityJSON struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func parsePolicies(files fs.FS) (*policies, error) {
	p := &policies{set: cedar.NewPolicySet(), needs: make(map[string]needs)}
	if files == nil {
		return p, nil
	}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".cedar" {
			return err
		}
		document, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		return p.add(name, document)
	})
	return p, err
}

func (p *policies) add(name string, document []byte) error {
	list, err := cedar.NewPolicyListFromBytes(name, document)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var failures []error
	for n, policy := range list {
		id := string(policy.Annotations()["id"])
		if id == "" {
			id = fmt.Sprintf("%s#%d", name, n+1)
		}
		if !p.set.Add(types.PolicyID(id), policy) {
			failures = append(failures, fmt.Errorf("%s: policy %q: two policies have this id", name, id))
		}
		if err := p.read(policy); err != nil {
			failures = append(failures, fmt.Errorf("%s: policy %q: %w", name, id, err))
		}
	}
	return errors.Join(failures...)
}

// read notes the actions that a policy names and what it asks of the caller; it refuses attributes that do not exist,
// which Cedar would only notice during a call.
func (p *policies) read(policy *cedar.Policy) error {
	encoded, err := policy.MarshalJSON()
	if err != nil {
		return err
	}
	var parsed policyJSON
	if err := json.Unmarshal(encoded, &parsed); err != nil {
		return err
	}
	asked := needs{}
	var failures []error
	for _, c := range parsed.Conditions {
		found := needs{}
		failures = append(failures, found.walk(c.Body))
		if parsed.Effect == "permit" && c.Kind == "when" {
			asked.merge(found)
		}
	}
	for _, action := range append(parsed.Action.Entities, parsed.Action.Entity) {
		switch {
		case action.ID == "":
		case action.Type != actionType:
			failures = append(failures, fmt.Errorf("the action must be an %s, not a %s", actionType, action.Type))
		default:
			if p.needs[action.ID] == nil {
				p.needs[action.ID] = needs{}
			}
			p.needs[action.ID].merge(asked)
		}
	}
	return errors.Join(failures...)
}

// permit asks Cedar. A policy that fails is an error and not a "no": Cedar skips it, and a skipped forbid would let
// the caller through.
func (p *policies) permit(action string, who, what types.Entity) (bool, error) {
	entities, req := request(action, who, what)
	decision, diagnostic := cedar.Authorize(p.set, entities, req)
	if len(diagnostic.Errors) > 0 {
		first := diagnostic.Errors[0]
		return false, fmt.Errorf("policy %q: %s", first.PolicyID, first.Message)
	}
	return decision == cedar.Allow, nil
}
