package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// cors lets pages of the listed origins call the API. No credentials: a page sends its bearer token itself.
type cors struct{ origins []string }

func newCORS(origins []string) (*cors, error) {
	for _, o := range origins {
		u, err := url.Parse(o)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.Scheme+"://"+u.Host != o {
			return nil, fmt.Errorf("origin %q: want SCHEME://HOST[:PORT], exactly as a browser sends it", o)
		}
	}
	return &cors{origins: origins}, nil
}

func (c *cors) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Add("Vary", "Origin")
		allowed := slices.Contains(c.origins, origin)
		if allowed {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Expose-Headers", "ETag, Retry-After")
		}
		preflight := r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
		switch {
		case preflight && allowed:
			c.preflight(w)
		case preflight:
			refuse(w, r, errOrigin)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (c *cors) preflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, PATCH")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept-Language, Idempotency-Key, If-None-Match, Traceparent, Tracestate")
	h.Set("Access-Control-Max-Age", "600") // Chromium takes at most two hours; a changed list should hold soon
	w.WriteHeader(http.StatusNoContent)
}
