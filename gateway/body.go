package gateway

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/classcode/maillage/pkg/errs"
)

// limitBody reads the body before anything is decided on it: too much is 413 whatever the route, and what grpc-gateway
// cannot decode can be read again to say why.
func limitBody(limit int64) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, e := readBody(w, r, limit)
			if e == nil && len(body) > 0 && !isJSON(r.Header) {
				e = errMediaType
			}
			if e != nil {
				refuse(w, r, e)
				return
			}
			exchangeFrom(r.Context()).body = body
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
		})
	}
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, *errs.Error) {
	if r.ContentLength > limit {
		return nil, errBodyTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, errBodyTooLarge
	}
	if err != nil {
		return nil, errBodyUnreadable.Because(err)
	}
	return body, nil
}

// isJSON accepts a body that does not say what it is. A form is what a foreign page can send without asking: never.
func isJSON(h http.Header) bool {
	if h.Get("Content-Encoding") != "" {
		return false
	}
	if len(h.Values("Content-Type")) == 0 {
		return true
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset, given := params["charset"]
	return err == nil && kind == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}
