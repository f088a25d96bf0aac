package gateway

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"

	"github.com/cespare/xxhash/v2"
)

// What Vite built, in web/dist/app; the folder is empty where there was no Node.
//
//go:embed all:web/dist
var webDist embed.FS

const (
	webApp      = "web/dist/app"
	webManifest = webApp + "/manifest.json"
	webEntry    = "src/main.ts"
)

// Not what the machine says of an extension: a browser takes no script of another type.
var webTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".json": "application/json", ".svg": "image/svg+xml",
}

// webFiles are the page's own files, each at an address that changes with its content.
type webFiles struct {
	Style, Icon string
	SheetStyle  string // what practice sheets add to it
	Screen      string // the script of a room's screen
	Script      string // empty when the map was not built
	handlers    map[string]http.Handler
}

// newWebFiles takes the built map, where there is one; the style is the page's own and always there.
func newWebFiles(dist fs.FS) (webFiles, error) {
	w := webFiles{handlers: map[string]http.Handler{}}
	w.Style, w.Icon, w.Screen = w.add("home.css"), w.add("icon.svg"), w.add("screen.js")
	w.SheetStyle = w.add("sheets.css")
	manifest, err := fs.ReadFile(dist, webManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return w, nil
	}
	var chunks map[string]struct{ File string }
	if err == nil {
		err = json.Unmarshal(manifest, &chunks)
	}
	if err == nil && chunks[webEntry].File == "" {
		err = errors.New("no " + webEntry)
	}
	if err != nil {
		return w, fmt.Errorf("%s: %w", webManifest, err)
	}
	w.Script = "/" + chunks[webEntry].File
	assets, err := fs.Sub(dist, webApp)
	if err != nil {
		return w, err
	}
	return w, fs.WalkDir(assets, "assets", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(assets, name)
		w.handlers["/"+name] = forever(name, content)
		return err
	})
}

// add serves a file of the pages under a name that holds its hash, as Vite's have.
func (w webFiles) add(name string) string {
	content := read(name)
	extension := path.Ext(name)
	address := "/assets/" + name[:len(name)-len(extension)] + "-" + strconv.FormatUint(xxhash.Sum64(content), 36) + extension
	w.handlers[address] = forever(name, content)
	return address
}

func forever(name string, content []byte) http.Handler {
	next := page(webTypes[path.Ext(name)], content)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		next.ServeHTTP(w, r)
	})
}
