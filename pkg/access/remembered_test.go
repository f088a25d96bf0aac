package access

import (
	"strconv"
	"testing"
	"time"
)

func TestTokensAreBelievedForAMinuteAtMost(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		expiry time.Duration
		after  time.Duration
		known  bool
	}{
		"at once":                      {time.Hour, 0, true},
		"just before a minute":         {time.Hour, believed - 1, true},
		"after a minute":               {time.Hour, believed, false},
		"an earlier expiry":            {time.Second, time.Second, false},
		"just before its early expiry": {time.Second, time.Second - 1, true},
	} {
		var r remembered
		r.put("token", Identity{Subject: "someone"}, noon, noon.Add(c.expiry))
		got, known := r.get("token", noon.Add(c.after))
		if known != c.known || (known && got.Subject != "someone") {
			t.Errorf("%s: %v, known %v", name, got, known)
		}
		if _, known := r.get("another", noon); known {
			t.Errorf("%s: another token is known", name)
		}
	}
}

func TestRememberedTokensAreBounded(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	var r remembered
	for i := range 2*believedTokens + 1 {
		r.put(strconv.Itoa(i), Identity{}, noon, noon.Add(time.Hour))
	}
	if len(r.tokens) > believedTokens {
		t.Errorf("%d tokens are kept", len(r.tokens))
	}
}
