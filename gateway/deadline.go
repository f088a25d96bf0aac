package gateway

import (
	"context"
	"net/http"
	"time"
)

// deadline bounds a request. A client's own Grpc-Timeout would replace it, and an invalid one be an error: dropped.
func deadline(timeout time.Duration) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), timeout)
			defer cancel()
			r.Header.Del("Grpc-Timeout")
			r.Header.Del("Te") // trailers carry nothing of ours, and change how grpc-gateway writes
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}
