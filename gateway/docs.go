package gateway

import (
	"embed"
	"maps"
	"net/http"
	"strings"

	"github.com/swaggest/swgui/v5emb"
)

// Where the documentation and its assets are.
const docsPath = "/docs/"

var (
	//go:embed openapi.json
	openAPI []byte
	//go:embed pages
	pageFiles embed.FS
)

// The interface draws its icons from data: URLs and sets styles on its elements.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

func pages(deps Deps, web webFiles) map[string]http.Handler {
	home := newHome(deps, web)
	m := map[string]http.Handler{
		"/":             http.HandlerFunc(home.servePage),
		"/map.json":     http.HandlerFunc(home.servePoints),
		"/healthz":      http.HandlerFunc(healthz),
		"/openapi.json": etag(page("application/json", openAPI)),
		"/docs":         http.RedirectHandler(docsPath, http.StatusPermanentRedirect),
	}
	maps.Copy(m, web.handlers)
	if dev := deps.DevIssuer; dev != nil {
		m["/dev/token"] = http.HandlerFunc(dev.token)
		m["/dev/jwks.json"] = http.HandlerFunc(dev.jwks)
	}
	return m
}

// healthz says that the process answers, and nothing of the services: those have their own.
func healthz(w http.ResponseWriter, _ *http.Request) { writeJSON(w, map[string]string{"status": "ok"}) }

// docs is Swagger UI with a page of our own, so that no script stands in the page itself.
func docs() http.Handler {
	assets := v5emb.New("maillage", "/openapi.json", docsPath)
	files := map[string]http.Handler{
		"":                     page("text/html; charset=utf-8", read("docs.html")),
		"start.js":             page("text/javascript; charset=utf-8", read("docs.js")),
		"swagger-ui.css":       assets,
		"swagger-ui-bundle.js": assets,
		"favicon-32x32.png":    assets,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := files[strings.TrimPrefix(r.URL.Path, docsPath)]
		if !ok {
			refuse(w, r, errRoute)
			return
		}
		w.Header().Set("Content-Security-Policy", docsPolicy)
		w.Header().Set("Cache-Control", "public, max-age=3600") // assets change with a release, and carry no version
		file.ServeHTTP(w, r)
	})
}

func page(contentType string, content []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(content) // a caller who has left is nobody's error
	})
}

func read(name string) []byte {
	b, err := pageFiles.ReadFile("pages/" + name)
	if err != nil {
		panic(err) // the file is embedded
	}
	return b
}
