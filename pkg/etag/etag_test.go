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

func TestVersion(t *testing.T) {
	for given, want := range map[string]int64{Of(3): 3, Of(0): 0, ``: 0, `3`: 0, `"x"`: 0, `W/"3"`: 0, `*`: 0} {
		if got := Version(given); got != want {
			t.Errorf("%q is version %d; want %d", given, got, want)
		}
	}
}
