package gateway

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/cespare/xxhash/v2"
)

// document is an answer that is ready, with its tag: a browser asks whether there is another.
type document struct {
	contentType string
	body        []byte
	tag         string
	age         string // how long it may be kept without asking, as Cache-Control has it; empty: not at all
}

func newDocument(contentType string, body []byte) document {
	return document{contentType: contentType, body: body, tag: strconv.FormatUint(xxhash.Sum64(body), 36)}
}

// ServeHTTP is part of http.Handler.
func (d document) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", cmp.Or(d.age, "no-cache"))
	if known, ok := match(r.Header.Values("If-None-Match"), d.tag); ok {
		h.Set("Etag", known)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Etag", `"`+d.tag+`"`)
	h.Set("Content-Type", d.contentType)
	_, _ = w.Write(d.body) // a caller who has left is nobody's error
}
