package etag

import (
	"errors"
	"testing"

	"github.com/classcode/maillage/pkg/errs"
)

func TestCheck(t *testing.T) {
	for given, stale := range map[string]bool{``: false, `*`: false, `"3"`: false, `"2"`: true, `3`: true, `W/"3"`: true} {
		err := Check(given, 3)
		if errors.Is(err, errs.ErrStaleEtag) != stale || (err != nil) != stale {
			t.Errorf("%q against version 3: %v", given, err)
		}
	}
}
