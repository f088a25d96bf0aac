package gateway

import (
	"net/http"

	"github.com/google/uuid"
)

// singleHeaders refuses two values where one decides: which of them counts would be chance.
func singleHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Authorization", "Idempotency-Key"} {
			if len(r.Header.Values(name)) > 1 {
				refuse(w, r, errHeader.At(name))
				return
			}
		}
		if keys := r.Header.Values("Idempotency-Key"); len(keys) == 1 && !isUUID(keys[0]) {
			refuse(w, r, errHeader.At("Idempotency-Key"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isUUID takes the plain form only, as the contract's request_id does.
func isUUID(s string) bool {
	return len(s) == 36 && uuid.Validate(s) == nil
}
