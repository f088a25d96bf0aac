package database

import (
	"testing"
	"time"
)

func TestFold(t *testing.T) {
	cases := map[string]string{
		"":                      "",
		"Écœuré":                "ecoeure",
		"L’Haÿ-les-Roses":       "l'hay-les-roses",
		"l'Haÿ-les-Roses":       "l'hay-les-roses",
		"e\u0301":               "e",
		"ÇA ET LÀ":              "ca et la",
		"Œuf Æ STRASSE Straße":  "oeuf ae strasse strasse",
		"ﬁn":                    "fin",
		"İstanbul":              "istanbul",
		"Saint\u200b-\u202eLô":  "saint-lo",
		"\ufeffNîmes":           "nimes",
		"Ｎａｎｔｅｓ":                "nantes",
		"42 %_":                 "42 %_",
		"Saint-Barthélemy (ex)": "saint-barthelemy (ex)",
	}
	for in, want := range cases {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Écœuré", "ẞ", "ǅ", "ΐ", "\xff", "K", "ſ", "ℌ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Errorf("%q folds to %q, then to %q", s, once, twice)
		}
	})
}

func TestMicros(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(2026, 3, 29, 2, 30, 0, 123_456_999, time.FixedZone("Tahiti", -10*3600)),
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
	} {
		got := Time(Micros(at))
		if !got.Equal(at.Truncate(time.Microsecond)) || got.Location() != time.UTC {
			t.Errorf("%v became %v", at, got)
		}
	}
}
