package database

import (
	"strconv"
	"strings"
)

// anonymous writes a text's parameters as SQLite takes them best: "$1" is a name to it, looked up among all others each time that a
// statement is parsed or bound, which is quadratic. "?" is simply the next number; one that comes again is "?1".
func anonymous(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for last := 0; ; {
		begin, end := parameter(text)
		if begin < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:begin])
		b.WriteByte('?')
		if n, _ := strconv.Atoi(text[begin+1 : end]); n == last+1 {
			last = n
		} else {
			b.WriteString(text[begin+1 : end])
			last = max(last, n)
		}
		text = text[end:]
	}
}

// parameter finds the first "$n" outside of quotes; begin is -1 when there is none.
func parameter(text string) (begin, end int) {
	var quote byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '$':
			for end = i + 1; end < len(text) && '0' <= text[end] && text[end] <= '9'; end++ {
			}
			if end > i+1 {
				return i, end
			}
		}
	}
	return -1, 0
}
