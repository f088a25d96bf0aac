package paper

import "unicode"

// The forms of a letter, in the order of Unicode's Arabic Presentation Forms.
const (
	isolated = iota
	final
	initial
	medial
)

// letter says where the forms of an Arabic letter begin, and whether the next one can join it: it has four forms then.
type letter struct {
	first rune
	joins bool
}

// letters are those of Arabic, whose forms follow one another from U+FE80, and those that Persian and Urdu add.
var letters = arabicLetters()

func arabicLetters() map[rune]letter {
	found := map[rune]letter{
		0x067E: {0xFB56, true}, 0x0686: {0xFB7A, true}, 0x0698: {0xFB8A, false},
		0x06A9: {0xFB8E, true}, 0x06AF: {0xFB92, true}, 0x06CC: {0xFBFC, true},
	}
	form := rune(0xFE80)
	for _, block := range []struct {
		first  rune
		counts string
	}{{0x0621, "12222424244444222244444444"}, {0x0641, "4444444224"}} {
		for i, count := range block.counts {
			found[block.first+rune(i)] = letter{form, count == '4'}
			form += count - '0'
		}
	}
	return found
}

// ligatures are the alefs that melt with a lam before them.
var ligatures = map[rune]rune{0x0622: 0xFEF5, 0x0623: 0xFEF7, 0x0625: 0xFEF9, 0x0627: 0xFEFB}

const (
	lam     = 0x0644
	hamza   = 0x0621
	tatweel = 0x0640
)

// shaped gives each Arabic letter the form that its neighbours ask for. The text stays in its order.
func shaped(text string) string {
	runes := []rune(text)
	out := make([]rune, 0, len(runes))
	before := false // the letter before reaches out to this one
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		l, known := letters[r]
		switch {
		case unicode.Is(unicode.Mn, r):
			out = append(out, r)
			continue
		case r == tatweel:
			out, before = append(out, r), true
			continue
		case !known:
			out, before = append(out, r), false
			continue
		}
		if r == lam && i+1 < len(runes) && ligatures[runes[i+1]] != 0 {
			out = append(out, ligatures[runes[i+1]]+form(before, false))
			before = false
			i++
			continue
		}
		after := l.joins && reached(runes[i+1:])
		out = append(out, l.first+form(before && r != hamza, after))
		before = l.joins
	}
	return string(out)
}

func form(before, after bool) rune {
	switch {
	case before && after:
		return medial
	case before:
		return final
	case after:
		return initial
	default:
		return isolated
	}
}

// reached says whether the next letter can be joined to the one before it.
func reached(rest []rune) bool {
	for _, r := range rest {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		_, known := letters[r]
		return r == tatweel || known && r != hamza
	}
	return false
}
