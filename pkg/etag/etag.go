// Package etag turns a record's version into the etag that callers send back.
package etag

import (
	"strconv"

	"github.com/classcode/maillage/pkg/errs"
)

// Of is the etag of a version, quoted as RFC 9110 asks.
func Of(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// Check refuses an etag that is not the version's; none means that the caller does not care.
func Check(given string, version int64) error {
	if given == "" || given == "*" || given == Of(version) {
		return nil
	}
	return errs.ErrStaleEtag.At("etag").With("current", Of(version))
}

// Version reads a version back from an etag that Of made; 0 from any other.
func Version(etag string) int64 {
	unquoted, err := strconv.Unquote(etag)
	if err != nil {
		return 0
	}
	version, err := strconv.ParseInt(unquoted, 10, 64)
	if err != nil {
		return 0
	}
	return version
}
