package access

import (
	"maps"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// The entity types that policies may name, beside the resource types of the contract.
const (
	personType    = "Person"
	actionType    = "Action"
	territoryType = "Territory"
	structureType = "Structure"
)

// The attributes that policies may read; POLICIES.md says what they hold.
var attributes = map[string][]string{
	"principal": {"national", "coordinates", "relays", "organises", "roles"},
	"resource":  {"owners", "territories", "structures"},
}

func person(p Principal) types.Entity {
	var coordinates, relays, organises, roles []types.Value
	for _, r := range p.Roles {
		roles = append(roles, types.String(r.Kind))
		switch {
		case r.Kind == Coordinator && r.Territory != "":
			coordinates = append(coordinates, uid(territoryType, r.Territory))
		case r.Kind == Relay && r.Structure != "":
			relays = append(relays, uid(structureType, r.Structure))
		case r.Kind == Organiser && r.Structure != "":
			organises = append(organises, uid(structureType, r.Structure))
		}
	}
	return types.Entity{UID: uid(personType, p.PersonID), Attributes: types.NewRecord(types.RecordMap{
		"national":    types.Boolean(p.Has(National)),
		"coordinates": types.NewSet(coordinates...),
		"relays":      types.NewSet(relays...),
		"organises":   types.NewSet(organises...),
		"roles":       types.NewSet(roles...),
	})}
}

// thing is the resource's entity; territories is its own code and all that lies above it.
func thing(r Resource, territories []string) types.Entity {
	var structures []string
	if r.Structure != "" {
		structures = []string{r.Structure}
	}
	return types.Entity{UID: uid(types.EntityType(r.Type), r.ID), Attributes: types.NewRecord(types.RecordMap{
		"owners":      set(personType, r.Owners),
		"territories": set(territoryType, territories),
		"structures":  set(structureType, structures),
	})}
}

func request(action string, who, what types.Entity) (types.EntityMap, cedar.Request) {
	if who.UID == what.UID { // a person and their own record: one entity, put last, with the attributes of both
		both := who.Attributes.Map()
		maps.Copy(both, what.Attributes.Map())
		what.Attributes = types.NewRecord(both)
	}
	return types.EntityMap{who.UID: who, what.UID: what},
		cedar.Request{Principal: who.UID, Action: uid(actionType, action), Resource: what.UID}
}

func set(kind types.EntityType, ids []string) types.Set {
	values := make([]types.Value, len(ids))
	for i, id := range ids {
		values[i] = uid(kind, id)
	}
	return types.NewSet(values...)
}

func uid(kind types.EntityType, id string) types.EntityUID {
	return types.NewEntityUID(kind, types.String(id))
}
