package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const evil = `<script>alert(1)</script>"'&`

// country answers for a small France: Nantes, Lyon, and whatever places and groups a test puts there.
type country struct {
	places []*meshv1.Place
	groups []*meshv1.Group
	away   string // methods with this in their name do not answer
}

func (c *country) answer(call call) (proto.Message, error) {
	if c.away != "" && strings.Contains(call.method, c.away) {
		return nil, status.Error(codes.Unavailable, "away")
	}
	switch r := call.request.(type) {
	case *meshv1.ListTerritoriesRequest:
		return &meshv1.ListTerritoriesResponse{Territories: territories[r.GetKind()]}, nil
	case *meshv1.ListPlacesRequest:
		list, next := part(c.places, r.GetPageToken())
		return &meshv1.ListPlacesResponse{Places: list, NextPageToken: next}, nil
	case *meshv1.ListGroupsRequest:
		list, next := part(c.groups, r.GetPageToken())
		return &meshv1.ListGroupsResponse{Groups: list, NextPageToken: next}, nil
	case *indicatorsv1.ListIndicatorsRequest:
		return &indicatorsv1.ListIndicatorsResponse{Indicators: someIndicators}, nil
	}
	return empty(call.method)
}

// part gives pages of two, so that every list has several.
func part[T any](all []T, token string) ([]T, string) {
	var from int
	_, _ = fmt.Sscan(token, &from)
	to := min(from+2, len(all))
	if to == len(all) {
		return all[from:to], ""
	}
	return all[from:to], fmt.Sprint(to)
}

var territories = map[meshv1.TerritoryKind][]*meshv1.Territory{
	meshv1.TerritoryKind_TERRITORY_KIND_REGION: {
		{Code: "REG-52", Name: "Pays de la Loire"}, {Code: "REG-84", Name: "Auvergne-Rhône-Alpes"}, {Code: "REG-11", Name: "Île-de-France"},
	},
	meshv1.TerritoryKind_TERRITORY_KIND_DEPARTMENT: {
		{Code: "DEP-44", Name: "Loire-Atlantique", ParentCode: "REG-52"}, {Code: "DEP-69", Name: "Rhône", ParentCode: "REG-84"},
		{Code: "DEP-78", Name: "Yvelines", ParentCode: "REG-11"},
	},
	meshv1.TerritoryKind_TERRITORY_KIND_OVERSEAS_COLLECTIVITY: {{Code: "DEP-988", Name: "Nouvelle-Calédonie", ParentCode: "FR"}},
	meshv1.TerritoryKind_TERRITORY_KIND_COMMUNE: {
		{Code: "44109", Name: "Nantes", AncestorCodes: []string{"DEP-44", "REG-52", "FR"}},
		{Code: "78646", Name: "Versailles", AncestorCodes: []string{"DEP-78", "REG-11", "FR"}},
		{Code: "98818", Name: "Nouméa", AncestorCodes: []string{"DEP-988", "FR"}},
	},
	meshv1.TerritoryKind_TERRITORY_KIND_MUNICIPAL_ARRONDISSEMENT: {
		{Code: "69388", Name: "Lyon 8e", AncestorCodes: []string{"69123", "DEP-69", "REG-84", "FR"}},
	},
}

var someIndicators = []*indicatorsv1.Indicator{{
	Id: "I2b", Title: "Personnes formées", Definition: "Ayant participé " + evil, Unit: indicatorsv1.Unit_UNIT_PERSON,
	Measures: []*indicatorsv1.Measure{
		{Value: new(int64(38)), Qualifier: indicatorsv1.Qualifier_QUALIFIER_EXACT, Origin: indicatorsv1.Origin_ORIGIN_COMPUTED, MeasuredOn: "2026-11-01", Source: "maillage"},
		{Value: new(int64(9000)), Qualifier: indicatorsv1.Qualifier_QUALIFIER_EXACT, Origin: indicatorsv1.Origin_ORIGIN_DECLARED, MeasuredOn: "2017-06", Milestone: "M24", Source: "Rapport M24"},
	},
}}

func aPlace(id, name, commune string, status meshv1.PlaceStatus) *meshv1.Place {
	return &meshv1.Place{Id: id, Name: name, CommuneCode: commune, Status: status, Position: &meshv1.Position{Latitude: 47.2181234, Longitude: -1.55}}
}

func smallFrance() *country {
	const identified, active = meshv1.PlaceStatus_PLACE_STATUS_IDENTIFIED, meshv1.PlaceStatus_PLACE_STATUS_ACTIVE
	return &country{
		places: []*meshv1.Place{
			aPlace("a", "Atelier "+evil, "44109", identified), aPlace("b", "Bibliothèque", "44109", active),
			aPlace("c", "Centre", "69388", identified), aPlace("d", "Dock", "98818", identified), aPlace("e", "École", "00000", identified),
			aPlace("f", "Fablab", "78646", identified),
		},
		groups: []*meshv1.Group{
			{PlaceId: "b", CommuneCode: "44109", MemberCount: 12}, {PlaceId: "c", CommuneCode: "69388", MemberCount: 4},
			{PlaceId: "unknown", CommuneCode: "44109", MemberCount: 7},
		},
	}
}

func show(t *testing.T, c *country, deps Deps) (http.Handler, *services) {
	t.Helper()
	door, fake := open(t, loopback, deps)
	fake.answer = c.answer
	return door, fake
}

func expect(t *testing.T, body string, wanted ...string) {
	t.Helper()
	body = strings.NewReplacer(nbsp, " ", thin, " ").Replace(body)
	for _, w := range wanted {
		if !strings.Contains(body, w) {
			t.Errorf("%q is missing in\n%s", w, body)
		}
	}
}

func TestHomeShowsTheMeshAndTheIndicators(t *testing.T) {
	door, _ := show(t, smallFrance(), Deps{})
	res := ask(t, door, "GET", "/", "")
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	expect(t, res.Body, "<strong>6 lieux</strong>", "1 lieu actif", "<strong>3 groupes</strong>", "au moins 19 personnes",
		"Loire-Atlantique (44)", "Nouvelle-Calédonie (988)", "Collectivités d&#39;outre-mer", "Commune inconnue", "Centre, Lyon 8e",
		"moins de 5 personnes, Lyon 8e", "12 personnes, Nantes", "7 personnes, Nantes",
		"<strong>38 personnes</strong>", "Le 1er novembre 2026. Source : maillage.", "<strong>9 000 personnes</strong>", "Juin 2017, à l&#39;échéance M24.")
	if strings.Contains(res.Body, "4 personnes") || strings.Contains(res.Body, "23 personnes") {
		t.Error("a group of four is counted in public")
	}
	active, other := strings.Index(res.Body, "Bibliothèque, Nantes"), strings.Index(res.Body, "Atelier")
	if active < 0 || active > other {
		t.Error("the active place does not stand before the others")
	}
	loire, alpes, paris := strings.Index(res.Body, "Pays de la Loire"), strings.Index(res.Body, "Auvergne"), strings.Index(res.Body, "Île-de-France")
	if alpes > paris || paris > loire {
		t.Error("the regions are not in the order of a dictionary")
	}
}

func TestHomeEscapesNames(t *testing.T) {
	door, _ := show(t, smallFrance(), Deps{})
	body := ask(t, door, "GET", "/", "").Body
	if strings.Contains(body, "alert(1)</script>") || !strings.Contains(body, "&lt;script&gt;alert(1)") {
		t.Error("a name can become HTML")
	}
	if points := ask(t, door, "GET", "/map.json", "").Body; strings.Contains(points, "<script>") {
		t.Error("a name could end a script element")
	}
}

func TestHomeWithAServiceAway(t *testing.T) {
	const noMesh, noIndicators = "Les lieux et les groupes ne répondent pas", "Les indicateurs ne répondent pas"
	for away, missing := range map[string][2]bool{
		"MeshService": {true, false}, "ListTerritories": {true, false}, "ListGroups": {true, false},
		"IndicatorsService": {false, true}, "maillage": {true, true}, "nothing": {false, false},
	} {
		c := smallFrance()
		c.away = away
		door, _ := show(t, c, Deps{})
		res := ask(t, door, "GET", "/", "")
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", away, res.StatusCode)
		}
		if got := [2]bool{strings.Contains(res.Body, noMesh), strings.Contains(res.Body, noIndicators)}; got != missing {
			t.Errorf("%s away: the page says %v, want %v", away, got, missing)
		}
		if points := ask(t, door, "GET", "/map.json", ""); points.StatusCode != http.StatusOK || !json.Valid([]byte(points.Body)) {
			t.Errorf("%s away: the map has %d %s", away, points.StatusCode, points.Body)
		}
	}
}

func TestMapPoints(t *testing.T) {
	door, _ := show(t, smallFrance(), Deps{})
	res := ask(t, door, "GET", "/map.json", "")
	var doc struct {
		Communes []string
		Places   [][]any
		Groups   [][2]int
	}
	if err := json.Unmarshal([]byte(res.Body), &doc); err != nil || res.Header.Get("Content-Type") != "application/json" {
		t.Fatal(err, res.Header)
	}
	if len(doc.Places) != 6 || fmt.Sprint(doc.Places[1]) != "[Bibliothèque -1.55 47.21812 2 0]" || doc.Communes[0] != "Nantes (Loire-Atlantique)" {
		t.Errorf("%v %v", doc.Places, doc.Communes)
	}
	if fmt.Sprint(doc.Groups) != "[[1 12] [2 0]]" {
		t.Errorf("groups %v: want those at a known place, and no number under five", doc.Groups)
	}
}

func TestHomeIsMadeSeldom(t *testing.T) {
	fake := &services{answer: smallFrance().answer}
	c := fake.connect(t)
	h := newHome(Deps{Catalogue: c, Mesh: c, Meetings: c, Indicators: c}.withDefaults(), webFiles{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { h.edition(t.Context()) })
	}
	all.Wait()
	first, calls := h.edition(t.Context()), len(fake.seen())
	if calls > 15 {
		t.Errorf("%d calls for one edition", calls)
	}
	old := *first
	old.until = time.Now().Add(-time.Second)
	h.current.Store(&old)
	h.making.Lock()
	if h.edition(t.Context()) != &old {
		t.Error("a visitor waited for another's edition")
	}
	h.making.Unlock()
	if next := h.edition(t.Context()); next == &old || len(fake.seen()) == calls || next.until.Before(time.Now().Add(homeFresh/2)) {
		t.Errorf("an old edition is kept: %d calls", len(fake.seen()))
	}
	if n := len(fake.seen()) - calls; n > calls-5 {
		t.Errorf("%d calls for the second edition: the names were asked for again", n)
	}
}

func TestHomeHasABound(t *testing.T) {
	c := smallFrance()
	c.places = nil
	for i := range 2000 {
		c.places = append(c.places, aPlace(fmt.Sprint(i), fmt.Sprintf("Lieu %04d", i), []string{"44109", "69388"}[i%2], meshv1.PlaceStatus_PLACE_STATUS_IDENTIFIED))
	}
	door, _ := show(t, c, Deps{})
	body := ask(t, door, "GET", "/", "").Body
	if n := strings.Count(body, "<li>Lieu "); n != mostLines/2*2 {
		t.Errorf("%d places stand in the list", n)
	}
	expect(t, body, "250 autres lieux, Rhône", "/v1/places?pageSize=500&amp;territoryCode=DEP-69", "<strong>2 000 lieux</strong>")
}

// A service that never ends a list must not hold the page.
func TestEachPageEnds(t *testing.T) {
	calls := 0
	whole, err := eachPage(10, func(string) (int, string, error) { calls++; return 3, "again", nil })
	if whole || err != nil || calls != 4 {
		t.Errorf("%v %v after %d calls", whole, err, calls)
	}
	if whole, err := eachPage(10, func(string) (int, string, error) { return 0, "again", nil }); whole || err != nil {
		t.Errorf("empty pages: %v %v", whole, err)
	}
}

func TestHomeHeaders(t *testing.T) {
	door, _ := show(t, smallFrance(), Deps{})
	for _, target := range []string{"/", "/map.json"} {
		res := ask(t, door, "GET", target, "")
		tag := res.Header.Get("ETag")
		if tag == "" || res.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %v", target, res.Header)
		}
		again := ask(t, door, "GET", target, "", "If-None-Match: "+tag)
		if again.StatusCode != http.StatusNotModified || again.Body != "" || again.Header.Get("ETag") != tag {
			t.Errorf("%s: %d %v", target, again.StatusCode, again.Header)
		}
		zipped := ask(t, door, "GET", target, "", "Accept-Encoding: gzip").Header.Get("ETag")
		if again := ask(t, door, "GET", target, "", "Accept-Encoding: gzip", "If-None-Match: "+zipped); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s, compressed: %d for %s", target, again.StatusCode, zipped)
		}
		refusal(t, ask(t, door, "POST", target, "{}"), http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
	}
	policy := ask(t, door, "GET", "/", "").Header.Get("Content-Security-Policy")
	if policy != homePolicy || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "http") {
		t.Errorf("policy %q", policy)
	}
}

func TestWebFilesWithAndWithoutTheMap(t *testing.T) {
	built := fstest.MapFS{
		webManifest:                  {Data: []byte(`{"src/main.ts":{"file":"assets/main-1.js"}}`)},
		webApp + "/assets/main-1.js": {Data: []byte("x")}, webApp + "/assets/outline-2.json": {Data: []byte("{}")},
	}
	for name, c := range map[string]struct {
		dist    fstest.MapFS
		shown   []string
		without []string
	}{
		"with":    {built, []string{`src="/assets/main-1.js"`, `data-map="/map.json"`, "Natural Earth"}, []string{"sans la carte"}},
		"without": {fstest.MapFS{"web/dist/.gitignore": {}}, []string{"construite sans la carte", "Bibliothèque, Nantes"}, []string{"<script", "data-map", "<noscript"}},
	} {
		web, err := newWebFiles(c.dist)
		if err != nil {
			t.Fatal(name, err)
		}
		fake := &services{answer: smallFrance().answer}
		conn := fake.connect(t)
		body := string(newHome(Deps{Mesh: conn, Indicators: conn}.withDefaults(), web).edition(t.Context()).page.body)
		expect(t, body, c.shown...)
		for _, w := range c.without {
			if strings.Contains(body, w) {
				t.Errorf("%s: %q is there", name, w)
			}
		}
		files := &router{pages: web.handlers, api: http.NotFoundHandler()}
		for address := range web.handlers {
			h := ask(t, files, "GET", address, "").Header
			if h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Content-Type") == "" {
				t.Errorf("%s: %v", address, h)
			}
		}
	}
	for name, manifest := range map[string]string{"no JSON": "x", "no entry": "{}"} {
		if _, err := newWebFiles(fstest.MapFS{webManifest: {Data: []byte(manifest)}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestMeasuresInFrench(t *testing.T) {
	const person, points, cents, months = indicatorsv1.Unit_UNIT_PERSON, indicatorsv1.Unit_UNIT_BASIS_POINT, indicatorsv1.Unit_UNIT_EUR_CENT, indicatorsv1.Unit_UNIT_PERSON_MONTH
	for _, c := range []struct {
		m    *indicatorsv1.Measure
		unit indicatorsv1.Unit
		want string
	}{
		{&indicatorsv1.Measure{Value: new(int64(1234567))}, person, "1 234 567 personnes"},
		{&indicatorsv1.Measure{Value: new(int64(0))}, person, "0 personne"},
		{&indicatorsv1.Measure{Value: new(int64(100)), Qualifier: indicatorsv1.Qualifier_QUALIFIER_APPROXIMATE}, indicatorsv1.Unit_UNIT_PLACE, "environ 100 lieux"},
		{&indicatorsv1.Measure{Value: new(int64(1550))}, points, "15,5 %"},
		{&indicatorsv1.Measure{Value: new(int64(3000000))}, cents, "30 000 €"},
		{&indicatorsv1.Measure{Value: new(int64(25)), Unit: months}, points, "25 mois de travail d'une personne"},
		{&indicatorsv1.Measure{Qualifier: indicatorsv1.Qualifier_QUALIFIER_NOT_YET, Text: "à venir"}, person, "à venir"},
		{&indicatorsv1.Measure{Text: "+1 :)"}, indicatorsv1.Unit_UNIT_TEXT, "« +1 :) »"},
		{&indicatorsv1.Measure{Suppressed: true}, person, "moins de 5 personnes"},
		{&indicatorsv1.Measure{}, person, "inconnu"},
		{&indicatorsv1.Measure{Value: new(int64(7))}, 0, "7 (unité non précisée)"},
	} {
		got := strings.NewReplacer(nbsp, " ", thin, " ").Replace(viewMeasure(c.m, c.unit).Value)
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.m, got, c.want)
		}
	}
	if note := viewMeasure(&indicatorsv1.Measure{Milestone: "M24"}, person).Note; note != "À l'échéance M24" {
		t.Errorf("note %q", note)
	}
	for iso, want := range map[string]string{"2026-11-22": "le 22 novembre 2026", "2017-06": "juin 2017", "2016": "2016", "": "", "2026-13-99": "2026-13-99"} {
		if got := strings.ReplaceAll(frenchDate(iso), nbsp, " "); got != want {
			t.Errorf("%s: %q", iso, got)
		}
	}
}
