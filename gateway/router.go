package gateway

import (
	"net/http"
	"strings"
)

// router chooses between the door's own pages and the API. http.ServeMux would redirect paths that are not clean
// ("//", ".."); here they are unknown, as the contract has them.
type router struct {
	pages map[string]http.Handler
	links map[string]http.Handler // by the path's beginning; each knows its methods
	docs  http.Handler
	feed  http.Handler // of a calendar
	files http.Handler // of what is shown to a structure
	kits  http.Handler // of meetings, as files
	api   http.Handler
}

// ServeHTTP is part of http.Handler.
func (d *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for prefix, link := range d.links {
		if strings.HasPrefix(r.URL.Path, prefix) {
			link.ServeHTTP(w, r)
			return
		}
	}
	if isCalendarFeed(r.URL.Path) {
		d.feed.ServeHTTP(w, r)
		return
	}
	if isAttestationFile(r.URL.Path) {
		d.files.ServeHTTP(w, r)
		return
	}
	if kitPath.MatchString(r.URL.Path) {
		d.kits.ServeHTTP(w, r)
		return
	}
	page, ok := d.pages[r.URL.Path]
	if !ok && strings.HasPrefix(r.URL.Path, docsPath) {
		page, ok = d.docs, true
	}
	if !ok {
		d.api.ServeHTTP(w, r)
		return
	}
	exchangeFrom(r.Context()).name = pageName(r.URL.Path)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, r, errMethod)
		return
	}
	page.ServeHTTP(w, r)
}

// pageName keeps one name for all of the documentation's files.
func pageName(path string) string {
	if strings.HasPrefix(path, docsPath) {
		return docsPath
	}
	return path
}
