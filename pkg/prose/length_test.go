package prose

import (
	"strings"
	"testing"
	"time"
)

func TestLength(t *testing.T) {
	for minutes, want := range map[int]string{0: "0 min", 45: "45 min", 60: "1 h", 65: "1 h 05", 150: "2 h 30", 24*60 + 1: "24 h 01"} {
		if got := strings.ReplaceAll(Length(time.Duration(minutes)*time.Minute), Space, " "); got != want {
			t.Errorf("%d: %q, want %q", minutes, got, want)
		}
	}
}

func TestShortDate(t *testing.T) {
	late := time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{"UTC": "31/12/2026", "Indian/Reunion": "01/01/2027"} {
		if got := ShortDate(late, zone); got != want {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
	}
}
