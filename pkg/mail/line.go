package mail

import (
	"strings"
	"unicode"
)

// longestLine is of a name or a title in a header; what is longer is cut.
const longestLine = 200

// Line makes a text fit for a header: one line without control characters, without marks that turn the direction of what follows
// (a name must not rewrite the rest of the line), of at most 200 characters.
func Line(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r), r == '\uFEFF':
			return -1
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	// What looks like an encoded word would be decoded by the reader's program, into whatever was kept out here.
	text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "=?", "= ?")
	if short := []rune(text); len(short) > longestLine {
		return strings.TrimSpace(string(short[:longestLine-1])) + "…"
	}
	return text
}
