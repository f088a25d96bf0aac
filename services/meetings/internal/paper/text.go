package paper

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// missing stands where the font has no such character.
const missing = '□'

const joiner = '\u200d'

// plain is a text without what nobody can see or print: control characters are spaces, marks of direction are gone, and
// what the font lacks is one box, also where several characters make one picture.
func plain(text string) string {
	regular, bold := faces()
	out := make([]rune, 0, len(text))
	joined := false
	for _, r := range norm.NFC.String(text) {
		switch {
		case r == '\n':
			out = append(out, r)
		case r == joiner:
			joined = true
			continue
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			out = append(out, ' ')
		case unhandled(r):
			continue
		case regular.has(r) && bold.has(r):
			out = append(out, r)
		case joined && len(out) > 0 && out[len(out)-1] == missing:
		default:
			out = append(out, missing)
		}
		joined = false
	}
	return string(out)
}

// unhandled says whether a character only changes its neighbours: marks of direction, of form and of skin.
func unhandled(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r >= 0x1F3FB && r <= 0x1F3FF
}

// visual is a line in the order in which it is drawn, from left to right.
func visual(line string) string {
	if !strings.ContainsFunc(line, rightToLeft) {
		return line
	}
	var paragraph bidi.Paragraph
	if _, err := paragraph.SetString(line); err != nil {
		return line
	}
	order, err := paragraph.Order()
	if err != nil {
		return line
	}
	runs := make([]string, order.NumRuns())
	for i := range runs {
		run := order.Run(i)
		runs[i] = run.String()
		if run.Direction() == bidi.RightToLeft {
			runs[i] = backwards(runs[i])
		}
	}
	if order.Direction() == bidi.RightToLeft || order.Direction() == bidi.Mixed && startsRight(line) {
		slices.Reverse(runs)
	}
	return strings.Join(runs, "")
}

// startsRight says whether the first letter of a line is written from right to left.
func startsRight(line string) bool {
	for _, r := range line {
		if unicode.IsLetter(r) {
			return rightToLeft(r)
		}
	}
	return false
}

func rightToLeft(r rune) bool {
	properties, _ := bidi.LookupRune(r)
	return properties.Class() == bidi.R || properties.Class() == bidi.AL
}

// backwards turns a text around; a mark stays behind its letter, and brackets open to the other side.
func backwards(text string) string {
	var letters []string
	for _, r := range text {
		if unicode.Is(unicode.Mn, r) && len(letters) > 0 {
			letters[len(letters)-1] += string(r)
			continue
		}
		letters = append(letters, bidi.ReverseString(string(r)))
	}
	slices.Reverse(letters)
	return strings.Join(letters, "")
}
