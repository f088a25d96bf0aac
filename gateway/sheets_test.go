package gateway

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func practiceSheet() *cataloguev1.PracticeSheet {
	return &cataloguev1.PracticeSheet{
		Id: someID, State: cataloguev1.PracticeSheetState_PRACTICE_SHEET_STATE_PUBLISHED, Title: "Trier <script>alert(1)</script>", Summary: "Un\n<b>deux</b>",
		MinAge: 8, MaxAge: 11, DurationMinutes: 90, Material: []string{"Cartes <i>"}, Competences: []string{"Décrire \"un\" algorithme"}, Keywords: []string{"tri", "jeu"},
		Steps:  []*cataloguev1.PracticeSheetStep{{Title: "Jouer", Text: "Chacun pioche </p><script>", Minutes: 20}, {Title: "Comparer"}},
		Worked: "Les équipes", DidNotWork: "Seul", Licence: "CC-BY-SA-4.0", DerivedFrom: "018f4e4e-3c1a-7cc3-98a4-1f2a3b4c5d6f", CommuneCode: "49007", MeetingDate: "2026-12-01",
		DerivationCount: 1, UserCountSuppressed: true, ModuleId: someID,
	}
}

// sheetShelf is a door whose catalogue has one sheet.
func sheetShelf(t *testing.T) (http.Handler, *services) {
	t.Helper()
	door, fake := open(t, Config{}, Deps{})
	fake.answer = func(c call) (proto.Message, error) {
		switch req := c.request.(type) {
		case *cataloguev1.ListPracticeSheetsRequest:
			if req.GetPageToken() == "foreign" {
				return nil, refusedBy(codes.InvalidArgument, "PAGE_TOKEN_INVALID")
			}
			if req.GetQuery() == "rien" {
				return &cataloguev1.ListPracticeSheetsResponse{}, nil
			}
			return &cataloguev1.ListPracticeSheetsResponse{PracticeSheets: []*cataloguev1.PracticeSheet{practiceSheet()}, NextPageToken: "next"}, nil
		case *cataloguev1.GetPracticeSheetRequest:
			if req.GetId() == practiceSheet().GetDerivedFrom() {
				return &cataloguev1.PracticeSheet{Id: req.GetId(), Title: "L'<origine>", CommuneCode: "44109"}, nil
			}
			if req.GetId() != someID {
				return nil, refusedBy(codes.NotFound, "NOT_FOUND")
			}
			return practiceSheet(), nil
		case *cataloguev1.GetModuleRequest:
			return &cataloguev1.Module{Title: "Programmation créative"}, nil
		case *cataloguev1.ListModulesRequest:
			return &cataloguev1.ListModulesResponse{Modules: []*cataloguev1.Module{{Id: someID, Title: "Programmation créative"}}}, nil
		case *meshv1.ListTerritoriesRequest:
			return &meshv1.ListTerritoriesResponse{Territories: []*meshv1.Territory{
				{Code: "DEP-75", Name: "Paris", Kind: meshv1.TerritoryKind_TERRITORY_KIND_DEPARTMENT}, {Code: "75056", Name: "Paris", Kind: meshv1.TerritoryKind_TERRITORY_KIND_COMMUNE},
				{Code: "REG-52", Name: "Île-et-L'Haÿ", Kind: meshv1.TerritoryKind_TERRITORY_KIND_REGION},
			}}, nil
		case *meshv1.GetTerritoryRequest:
			return &meshv1.Territory{Name: "Angers"}, nil
		}
		return nil, errors.New(c.method)
	}
	return door, fake
}

func TestSheetIsRead(t *testing.T) {
	door, _ := sheetShelf(t)
	res := ask(t, door, "GET", sheetsPath+"/"+someID, "")
	body := plainText(res.Body)
	for _, want := range []string{
		"<h1>Trier &lt;script&gt;alert(1)&lt;/script&gt;</h1>", "Par le groupe d'Angers, rencontre du 1er décembre 2026", "8 à 11 ans", "1 h 30", "Programmation créative", "tri, jeu",
		"Cartes &lt;i&gt;", "Chacun pioche &lt;/p&gt;&lt;script&gt;", "20 min", "Ce qui n'a pas marché", `href="https://creativecommons.org/licenses/by-sa/4.0/deed.fr"`, "moins de cinq personnes", "1 fiche en est tirée",
		`Tirée de <a href="/fiches/018f4e4e-3c1a-7cc3-98a4-1f2a3b4c5d6f">L'&lt;origine&gt;</a>, par le groupe d'Angers.`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("want %q in %s", want, body)
		}
	}
	if res.StatusCode != http.StatusOK || strings.Contains(body, "<script") || strings.Contains(body, "<b>") || res.Header.Get("Content-Security-Policy") != formPolicy || res.Header.Get("X-Robots-Tag") != "" {
		t.Error(res.StatusCode, res.Header, body)
	}
	if again := ask(t, door, "GET", sheetsPath+"/"+someID, "", "If-None-Match: "+res.Header.Get("Etag")); again.StatusCode != http.StatusNotModified {
		t.Error(again.StatusCode)
	}
	for path, code := range map[string]int{"/018f4e4e-3c1a-7cc3-98a4-000000000000": 404, "/": 404, "/x": 404, "/..%2f": 404, "x": 404} {
		if res := ask(t, door, "GET", sheetsPath+path, ""); res.StatusCode != code {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if res := ask(t, door, "POST", sheetsPath, "q=x"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Error(res.StatusCode, res.Header)
	}
}

// What the form says reaches the catalogue as the contract has it; what it cannot mean is left out, or said.
func TestSheetsAreSearched(t *testing.T) {
	for query, want := range map[string]*cataloguev1.ListPracticeSheetsRequest{
		"": {},
		"?q=+%C3%A9t%C3%A9%00%ff+&module=" + someID + "&age=9&duree=60&ordre=reutilisees": {
			Query: "été", ModuleId: someID, Age: 9, MaxDurationMinutes: 60, Order: cataloguev1.PracticeSheetOrder_PRACTICE_SHEET_ORDER_MOST_REUSED,
		},
		"?module=x&age=200&duree=-1&ordre=x": {}, "?ou=paris": {TerritoryCode: "75056"}, "?ou=ile-et-l%E2%80%99hay": {TerritoryCode: "REG-52"}, "?suite=mine": {PageToken: "mine"}, "?suite=foreign": {},
		"?q=" + strings.Repeat("%C3%A9", 300): {Query: strings.Repeat("é", 200)},
	} {
		door, fake := sheetShelf(t)
		res := ask(t, door, "GET", sheetsPath+query, "")
		want.PageSize = sheetsShown
		var got *cataloguev1.ListPracticeSheetsRequest
		for _, c := range fake.seen() {
			if req, ok := c.request.(*cataloguev1.ListPracticeSheetsRequest); ok {
				got = req
			}
		}
		if body := plainText(res.Body); res.StatusCode != http.StatusOK || !proto.Equal(got, want) || !strings.Contains(body, "le groupe d'Angers") || strings.Contains(body, "<script") || !strings.Contains(body, "suite=next") {
			t.Errorf("%s: asked %v; want %v: %d %s", query, got, want, res.StatusCode, body)
		}
	}
	door, fake := sheetShelf(t)
	for query, want := range map[string]string{"?ou=Atlantide+<b>": "Atlantide &lt;b&gt; ». Vérifiez", "?q=rien": "Aucune fiche ne correspond"} {
		if res := ask(t, door, "GET", sheetsPath+strings.NewReplacer("<", "%3C", ">", "%3E").Replace(query), ""); res.StatusCode != http.StatusOK || !strings.Contains(plainText(res.Body), want) {
			t.Errorf("%s: %d %s", query, res.StatusCode, res.Body)
		}
	}
	for query, want := range map[string]string{"": "Aucune fiche n'est encore publiée", "?ordre=reutilisees": "encore publiée", "?age=9": "ne correspond"} {
		answer := fake.answer
		fake.answer = func(c call) (proto.Message, error) {
			if _, ok := c.request.(*cataloguev1.ListPracticeSheetsRequest); ok {
				return &cataloguev1.ListPracticeSheetsResponse{}, nil
			}
			return answer(c)
		}
		if res := ask(t, door, "GET", sheetsPath+query, ""); !strings.Contains(plainText(res.Body), want) {
			t.Errorf("%q, with no sheets: %s", query, res.Body)
		}
		fake.answer = answer
	}
	fake.answer = func(call) (proto.Message, error) { return nil, status.Error(codes.Unavailable, "dial tcp 10.0.0.7") }
	for _, path := range []string{"", "/" + someID} {
		if res := ask(t, door, "GET", sheetsPath+path, ""); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(plainText(res.Body), "répond") || strings.Contains(res.Body, "10.0.0.7") {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Body)
		}
	}
}

func TestOfTown(t *testing.T) {
	for name, want := range map[string]string{
		"Nantes": "de Nantes", "Angers": "d'Angers", "Le Mans": "du Mans", "Les Sables-d'Olonne": "des Sables-d'Olonne", "La Rochelle": "de La Rochelle",
		"Évry": "d'Évry", "Hyères": "d'Hyères", "Œuilly": "d'Œuilly", "L'Haÿ-les-Roses": "de L'Haÿ-les-Roses", "": "de ",
	} {
		if got := ofTown(name); got != want {
			t.Errorf("%q", got)
		}
	}
}
