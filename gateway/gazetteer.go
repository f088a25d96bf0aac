package gateway

import (
	"context"
	"fmt"
	"strings"
	"time"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const (
	listPage = 500 // the largest page that the contract has
	// Twice the communes of France: whoever has more is not a gazetteer.
	mostTerritories = 70_000
	// Names change once a year.
	namesFresh = time.Hour
)

// gazetteer knows what a commune is called, and where it lies.
type gazetteer struct {
	communes    map[string]commune
	departments map[string]department
	until       time.Time
}

type commune struct{ name, department string }

type department struct{ code, name, region string }

// A commune that the mesh does not name is shown all the same.
var elsewhere = department{name: "Commune inconnue", region: "Autres lieux"}

const overseas = "Collectivités d'outre-mer"

func (h *home) loadNames(ctx context.Context) (*gazetteer, error) {
	if h.names != nil && time.Now().Before(h.names.until) {
		return h.names, nil
	}
	g := &gazetteer{communes: map[string]commune{}, departments: map[string]department{}, until: time.Now().Add(namesFresh)}
	regions := map[string]string{}
	for _, step := range []struct {
		kind meshv1.TerritoryKind
		take func(*meshv1.Territory)
	}{
		{meshv1.TerritoryKind_TERRITORY_KIND_REGION, func(t *meshv1.Territory) { regions[t.GetCode()] = t.GetName() }},
		{meshv1.TerritoryKind_TERRITORY_KIND_DEPARTMENT, func(t *meshv1.Territory) { g.addDepartment(t, regions[t.GetParentCode()]) }},
		{meshv1.TerritoryKind_TERRITORY_KIND_OVERSEAS_COLLECTIVITY, func(t *meshv1.Territory) { g.addDepartment(t, overseas) }},
		{meshv1.TerritoryKind_TERRITORY_KIND_COMMUNE, g.addCommune},
		{meshv1.TerritoryKind_TERRITORY_KIND_MUNICIPAL_ARRONDISSEMENT, g.addCommune},
	} {
		if err := h.eachTerritory(ctx, step.kind, step.take); err != nil {
			return nil, fmt.Errorf("territories: %w", err)
		}
	}
	h.names = g
	return g, nil
}

func (h *home) eachTerritory(ctx context.Context, kind meshv1.TerritoryKind, take func(*meshv1.Territory)) error {
	_, err := eachPage(mostTerritories, func(token string) (int, string, error) {
		res, err := h.mesh.ListTerritories(ctx, &meshv1.ListTerritoriesRequest{Kind: kind, PageSize: listPage, PageToken: token})
		for _, t := range res.GetTerritories() {
			take(t)
		}
		return len(res.GetTerritories()), res.GetNextPageToken(), err
	})
	return err
}

func (g *gazetteer) addDepartment(t *meshv1.Territory, region string) {
	g.departments[t.GetCode()] = department{t.GetCode(), t.GetName(), region}
}

func (g *gazetteer) addCommune(t *meshv1.Territory) {
	for _, code := range t.GetAncestorCodes() {
		if d, ok := g.departments[code]; ok {
			g.communes[t.GetCode()] = commune{t.GetName(), d.code}
			return
		}
	}
}

// of gives a commune's name and department.
func (g *gazetteer) of(code string) (string, department) {
	c, known := g.communes[code]
	if !known {
		return code, elsewhere
	}
	return c.name, g.departments[c.department]
}

// number is how people know a department: 01, 2A, 974.
func (d department) number() string { return strings.TrimPrefix(d.code, "DEP-") }

// eachPage asks for pages until the last, or until most have come; whole says whether it was the last. It also ends with a
// service that goes on giving tokens and nothing else.
func eachPage(most int, list func(token string) (count int, next string, err error)) (whole bool, err error) {
	token := ""
	for seen := 0; seen < most; {
		count, next, err := list(token)
		if err != nil || next == "" {
			return err == nil, err
		}
		if count == 0 {
			return false, nil
		}
		seen, token = seen+count, next
	}
	return false, nil
}
