package prose_test

import (
	"strings"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/prose"
)

func TestDates(t *testing.T) {
	for _, c := range []struct{ at, zone, french, english string }{
		{"2026-11-24T17:30:00Z", "Europe/Paris", "mardi 24 novembre 2026 à 18 h 30 (heure de Paris)", "Tuesday 24 November 2026 at 18:30 (Paris time)"},
		{"2026-07-31T22:00:00Z", "Europe/Paris", "samedi 1er août 2026 à 0 h (heure de Paris)", "Saturday 1 August 2026 at 00:00 (Paris time)"},
		{"2026-11-24T05:05:00Z", "Indian/Reunion", "mardi 24 novembre 2026 à 9 h 05 (heure de La Réunion)", "Tuesday 24 November 2026 at 09:05 (Reunion time)"},
		{"2026-11-24T05:05:00Z", "America/New_York", "mardi 24 novembre 2026 à 0 h 05 (fuseau America/New_York)", "Tuesday 24 November 2026 at 00:05 (New York time)"},
		{"2026-11-24T05:05:00Z", "UTC", "mardi 24 novembre 2026 à 5 h 05 (heure universelle)", "Tuesday 24 November 2026 at 05:05 (UTC)"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		plain := func(s string) string { return strings.ReplaceAll(s, prose.Space, " ") }
		if fr, en := plain(prose.FrenchTime(at, c.zone)), plain(prose.EnglishTime(at, c.zone)); fr != c.french || en != c.english {
			t.Errorf("%q %q", fr, en)
		}
	}
}
