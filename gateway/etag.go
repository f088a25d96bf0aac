package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// etag gives the JSON answers to GET a strong ETag, and answers 304 to who has them already. It holds an answer back
// until it is whole: a service sends at most 8 MiB, and nothing is streamed yet.
func etag(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		held := &held{ResponseWriter: w, code: http.StatusOK}
		next.ServeHTTP(held, r)
		held.release(r)
	})
}

// held is an answer that waits.
type held struct {
	http.ResponseWriter
	code int
	body bytes.Buffer
}

// WriteHeader is part of http.ResponseWriter.
func (h *held) WriteHeader(code int) { h.code = code }

// Write is part of http.ResponseWriter.
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) }

func (h *held) release(r *http.Request) {
	if h.code == http.StatusOK && strings.HasPrefix(h.Header().Get("Content-Type"), "application/json") {
		h.Header().Set("Cache-Control", "private, no-cache") // may be kept by the caller only, and asked for each time
		h.Header().Add("Vary", "Authorization")
		sum := sha256.Sum256(h.body.Bytes())
		tag := base64.RawURLEncoding.EncodeToString(sum[:16])
		h.Header().Set("ETag", `"`+tag+`"`)
		if known, ok := match(r.Header.Values("If-None-Match"), tag); ok {
			h.Header().Set("ETag", known)
			h.Header().Del("Content-Type")
			h.ResponseWriter.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.ResponseWriter.WriteHeader(h.code)
	_, _ = h.ResponseWriter.Write(h.body.Bytes()) // a caller who has left is nobody's error
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
