package paper

import (
	"strings"

	"github.com/classcode/maillage/pkg/prose"
)

const ellipsis = "…"

// wrap cuts a text into lines that are not wider than width. A word that is wider is cut where it must be.
func wrap(text string, width float64, s Style) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(plain(text), "\n") {
		lines = append(lines, wrapParagraph(shaped(paragraph), width, s)...)
	}
	return lines
}

func wrapParagraph(text string, width float64, s Style) []string {
	measure := func(line string) float64 { return s.face().measure(line, s.size()) }
	var lines []string
	line := ""
	text = prose.French.Replace(text) // no line begins with a colon
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' }) {
		longer := word
		if line != "" {
			longer = line + " " + word
		}
		if measure(longer) <= width {
			line = longer
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for measure(word) > width {
			head := cut(word, width, measure)
			lines = append(lines, head)
			word = word[len(head):]
		}
		line = word
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// cut is the longest beginning of a word that fits, after a hyphen or a slash if one is near; at least one character.
func cut(word string, width float64, measure func(string) float64) string {
	end, mark := 0, 0
	for i, r := range word {
		next := i + len(string(r))
		if end > 0 && measure(word[:next]) > width {
			break
		}
		end = next
		if r == '-' || r == '/' || r == '.' || r == '&' {
			mark = next
		}
	}
	if mark > end/2 {
		return word[:mark]
	}
	return word[:end]
}

// fitted makes a text fit into so many lines: first as it is, then smaller, at last cut with an ellipsis.
func fitted(text string, width float64, most int, s Style) ([]string, Style) {
	return fit(text, width, func(Style) int { return most }, s)
}

// fit does so where it depends on the size how many lines there may be.
func fit(text string, width float64, most func(Style) int, s Style) ([]string, Style) {
	smallest := s.size() * 0.7
	for {
		lines := wrap(text, width, s)
		if len(lines) <= most(s) {
			return lines, s
		}
		if s.size() <= smallest {
			return shorten(lines, width, most(s), s), s
		}
		s.Size = max(smallest, s.size()-0.5)
	}
}

// shorten keeps so many lines, and an ellipsis at the end of the last one.
func shorten(lines []string, width float64, most int, s Style) []string {
	kept := append([]string{}, lines[:most]...)
	end := []rune(kept[most-1])
	for len(end) > 0 && s.face().measure(string(end)+ellipsis, s.size()) > width {
		end = end[:len(end)-1]
	}
	kept[most-1] = string(end) + ellipsis
	return kept
}
