package database

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// spelled gives letters that no normalisation takes apart the spelling people type, and the typographic apostrophe the typed one.
var spelled = strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss", "ø", "o", "’", "'")

// Fold gives a name the form it is matched and ordered by: no accents, œ as oe, lower case, nothing invisible.
func Fold(s string) string {
	// Twice: lower case may bring a new accent (İ), and some capitals hide behind a compatibility form.
	return spelled.Replace(plain(strings.ToLower(plain(s))))
}

func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Cf) { // accents, and zero-width marks that would make two equal names differ
			return -1
		}
		return r
	}, norm.NFKD.String(s))
}
