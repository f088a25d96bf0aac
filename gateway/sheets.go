package gateway

import (
	"bytes"
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const (
	sheetsPath = "/fiches"
	// sheetsShown is how many fit on a page that somebody reads through.
	sheetsShown = 24
)

var sheetTemplates = template.Must(template.ParseFS(pageFiles, "pages/sheets.html", "pages/sheet.html"))

// sheets are the pages on which anyone searches, reads and prints practice sheets; they are in French, as the sheets are.
type sheets struct {
	sheets    cataloguev1.PracticeSheetServiceClient
	catalogue cataloguev1.CatalogueServiceClient
	mesh      meshv1.MeshServiceClient
	web       webFiles
	log       *slog.Logger
	timeout   time.Duration
}

func newSheets(cfg Config, deps Deps, web webFiles) *sheets {
	return &sheets{
		sheets: cataloguev1.NewPracticeSheetServiceClient(conn{deps.Catalogue}), catalogue: cataloguev1.NewCatalogueServiceClient(conn{deps.Catalogue}),
		mesh: meshv1.NewMeshServiceClient(conn{deps.Mesh}), web: web, log: deps.Log, timeout: cfg.Timeout,
	}
}

// ServeHTTP is part of http.Handler.
func (f *sheets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, one := strings.CutPrefix(r.URL.Path, sheetsPath+"/")
	if !one && r.URL.Path != sheetsPath {
		exchangeFrom(r.Context()).name = sheetsPath
		refuse(w, r, errRoute)
		return
	}
	exchangeFrom(r.Context()).name = sheetsPath
	if one {
		exchangeFrom(r.Context()).name = sheetsPath + "/{id}"
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, r, errMethod)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), f.timeout)
	defer cancel()
	if one {
		code, v := f.read(ctx, id)
		showSheets(w, r, "sheet.html", code, v)
		return
	}
	code, v := f.search(ctx, r.URL.Query())
	showSheets(w, r, "sheets.html", code, v)
}

func showSheets(w http.ResponseWriter, r *http.Request, name string, code int, view any) {
	var page bytes.Buffer
	if err := sheetTemplates.ExecuteTemplate(&page, name, view); err != nil {
		panic(err) // the template is ours, and embedded
	}
	w.Header().Set("Content-Security-Policy", formPolicy)
	w.Header().Set("Content-Language", string(french))
	made := newDocument("text/html; charset=utf-8", page.Bytes())
	if code == http.StatusOK {
		made.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", made.contentType)
	w.WriteHeader(code)
	_, _ = w.Write(made.body) // only a caller who has left makes this fail
}

// search lists the sheets that a form asks for; what it cannot mean is said, and asks for nothing.
func (f *sheets) search(ctx context.Context, form url.Values) (int, sheetsView) {
	v := sheetsView{Web: f.web, Query: readable(form.Get("q"), 200), Where: readable(form.Get("ou"), 100)}
	modules, err := f.catalogue.ListModules(ctx, &cataloguev1.ListModulesRequest{PageSize: listPage})
	if err != nil {
		return f.away(ctx, err), sheetsView{Web: f.web, Away: true}
	}
	req := &cataloguev1.ListPracticeSheetsRequest{PageSize: sheetsShown, PageToken: form.Get("suite"), Query: v.Query}
	v.choose(form, modules.GetModules(), req)
	if v.Where != "" {
		if req.TerritoryCode, err = f.territory(ctx, v.Where); err != nil {
			return f.away(ctx, err), sheetsView{Web: f.web, Away: true}
		}
		if req.GetTerritoryCode() == "" {
			v.Notice = french.say("", "Aucune commune, aucun département et aucune région ne s'appelle « "+v.Where+" ». Vérifiez l'orthographe, ou videz ce champ.")
			return http.StatusOK, v
		}
	}
	found, err := f.sheets.ListPracticeSheets(ctx, req)
	if status.Code(err) == codes.InvalidArgument { // a page of another search
		req.PageToken = ""
		found, err = f.sheets.ListPracticeSheets(ctx, req)
	}
	if err != nil {
		return f.away(ctx, err), sheetsView{Web: f.web, Away: true}
	}
	v.list(req, found.GetPracticeSheets(), f.names(ctx, found.GetPracticeSheets()))
	if token := found.GetNextPageToken(); token != "" {
		form.Set("suite", token)
		v.Next = sheetsPath + "?" + form.Encode()
	}
	return http.StatusOK, v
}

// readable is a text of a form as the contract takes it.
func readable(text string, most int) string {
	runes := []rune(strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")))
	return string(runes[:min(len(runes), most)])
}

// territory is the code of the commune, or else of whatever else, that has a name; empty without one.
func (f *sheets) territory(ctx context.Context, name string) (string, error) {
	list, err := f.mesh.ListTerritories(ctx, &meshv1.ListTerritoriesRequest{Query: name, PageSize: listPage})
	if err != nil {
		return "", err
	}
	code, name := "", strings.ReplaceAll(name, "’", "'")
	for _, t := range list.GetTerritories() {
		if !strings.EqualFold(folded(t.GetName()), folded(name)) {
			continue
		}
		if t.GetKind() == meshv1.TerritoryKind_TERRITORY_KIND_COMMUNE {
			return t.GetCode(), nil
		}
		if code == "" {
			code = t.GetCode()
		}
	}
	return code, nil
}

// names are those of the sheets' communes, as far as the mesh answers.
func (f *sheets) names(ctx context.Context, all []*cataloguev1.PracticeSheet) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, linkPatience)
	defer cancel()
	names := map[string]string{}
	for _, s := range all {
		code := s.GetCommuneCode()
		if _, known := names[code]; known || code == "" {
			continue
		}
		names[code] = ""
		if t, err := f.mesh.GetTerritory(ctx, &meshv1.GetTerritoryRequest{Code: code}); err == nil {
			names[code] = t.GetName()
		}
	}
	return names
}

// read shows one sheet.
func (f *sheets) read(ctx context.Context, id string) (int, sheetView) {
	missing := sheetView{Web: f.web, Title: "Cette fiche n'existe pas", Missing: "Elle n'est pas publiée, ou son adresse a été mal recopiée."}
	if !isUUID(id) {
		return http.StatusNotFound, missing
	}
	s, err := f.sheets.GetPracticeSheet(ctx, &cataloguev1.GetPracticeSheetRequest{Id: id})
	if status.Code(err) == codes.NotFound {
		return http.StatusNotFound, missing
	}
	if err != nil {
		return f.away(ctx, err), sheetView{Web: f.web, Title: french.say("", "maillage ne répond pas en ce moment"), Missing: "Réessayez dans quelques minutes."}
	}
	all := append([]*cataloguev1.PracticeSheet{s}, f.family(ctx, s)...)
	module := ""
	if s.GetModuleId() != "" {
		if m, err := f.catalogue.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: s.GetModuleId()}); err == nil {
			module = m.GetTitle()
		}
	}
	return http.StatusOK, viewSheet(f.web, all, f.names(ctx, all), module)
}

// family is the sheet that a sheet was made from and those that were made from it, as far as the catalogue answers.
func (f *sheets) family(ctx context.Context, s *cataloguev1.PracticeSheet) (all []*cataloguev1.PracticeSheet) {
	if s.GetDerivedFrom() != "" {
		if origin, err := f.sheets.GetPracticeSheet(ctx, &cataloguev1.GetPracticeSheetRequest{Id: s.GetDerivedFrom()}); err == nil {
			all = append(all, origin)
		}
	}
	if s.GetDerivationCount() > 0 {
		if derived, err := f.sheets.ListPracticeSheets(ctx, &cataloguev1.ListPracticeSheetsRequest{DerivedFrom: s.GetId(), PageSize: sheetsShown}); err == nil {
			all = append(all, derived.GetPracticeSheets()...)
		}
	}
	return all
}

func (f *sheets) away(ctx context.Context, err error) int {
	return serviceProblem(ctx, f.log, err, french).Code
}
