package gateway

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

const gzipSuffix = "-gzip"

// newCompression compresses answers over 1 kB; below, the frame costs more than it saves. The ETag of the compressed
// form must be another one (RFC 9110, 8.8.1).
func newCompression() (middleware, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.SuffixETag(gzipSuffix), gzhttp.EnableZstd(false))
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler { return wrap(next) }, nil
}
