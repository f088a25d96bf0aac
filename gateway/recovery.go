package gateway

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/classcode/maillage/pkg/errs"
)

// recovery turns a panic into a 500 in our shape.
func recovery(log *slog.Logger) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := &recorder{ResponseWriter: w}
			defer func() {
				v := recover()
				if v == nil {
					return
				}
				if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
					panic(v)
				}
				log.ErrorContext(r.Context(), "panic", "value", fmt.Sprint(v), "stack", string(debug.Stack()))
				if answer.wrote {
					panic(http.ErrAbortHandler) // the client must not take half an answer for a whole one
				}
				refuse(answer, r, errs.ErrInternal)
			}()
			next.ServeHTTP(answer, r)
		})
	}
}
