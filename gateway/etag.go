package gateway

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// etag gives the JSON answers to GET a strong ETag, and answers 304 to who has them already.
func etag(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w = &tagged{ResponseWriter: w, known: r.Header.Values("If-None-Match")}
		}
		next.ServeHTTP(w, r)
	})
}

// tagged takes the first write for the whole answer, as grpc-gateway makes one; the length that it sets makes net/http refuse
// another.
type tagged struct {
	http.ResponseWriter
	known     []string
	begun     bool // its header is written
	unchanged bool
}

// WriteHeader is part of http.ResponseWriter.
func (t *tagged) WriteHeader(code int) {
	t.begun = true // an error: it has no tag
	t.ResponseWriter.WriteHeader(code)
}

// Write is part of http.ResponseWriter.
func (t *tagged) Write(b []byte) (int, error) {
	if !t.begun && strings.HasPrefix(t.Header().Get("Content-Type"), "application/json") {
		t.tag(b)
	}
	if !t.unchanged {
		_, _ = t.ResponseWriter.Write(b) // a caller who has left is nobody's error: grpc-gateway would log it
	}
	return len(b), nil
}

func (t *tagged) tag(body []byte) {
	t.begun = true
	h := t.Header()
	h.Set("Cache-Control", "private, no-cache") // may be kept by the caller only, and asked for each time
	h.Add("Vary", "Authorization")
	// Not against forgery: who can choose a content gains nothing from a reader who keeps the one before.
	tag := strconv.FormatUint(xxhash.Sum64(body), 36)
	known, ok := match(t.known, tag)
	if !ok {
		h.Set("ETag", `"`+tag+`"`)
		h.Set("Content-Length", strconv.Itoa(len(body)))
		return
	}
	t.unchanged = true
	h.Set("ETag", known)
	h.Del("Content-Type")
	t.ResponseWriter.WriteHeader(http.StatusNotModified)
}

// match compares weakly, as RFC 9110 wants it for If-None-Match, and gives the caller's tag: either encoding's.
func match(headers []string, tag string) (known string, ok bool) {
	for candidate := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		switch candidate {
		case "*":
			return `"` + tag + `"`, true
		case `"` + tag + `"`, `"` + tag + gzipSuffix + `"`:
			return candidate, true
		}
	}
	return "", false
}
