package domain

// DemoStructureID is the structure over which the development personas hold their roles. It says that it is synthetic.
const DemoStructureID = "00000000-0000-4000-8000-00000000c0de"

// DemoTerritory is Auvergne-Rhône-Alpes, where the places of the reference data stand.
const DemoTerritory = "REG-84"

// PersonaGrants are the roles with which a development persona starts; an unknown one has none.
func PersonaGrants(persona string) []Grant {
	switch persona {
	case "national":
		return []Grant{{Role: National}}
	case "coordinator":
		return []Grant{{Role: Coordinator, TerritoryCode: DemoTerritory}}
	case "relay":
		return []Grant{{Role: Relay, StructureID: DemoStructureID}}
	case "organiser":
		return []Grant{{Role: OrganiserRole, StructureID: DemoStructureID}}
	case "learner":
		return []Grant{{Role: Learner}}
	case "professional":
		return []Grant{{Role: ProfessionalRole}}
	}
	return nil
}
