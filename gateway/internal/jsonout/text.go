package jsonout

import (
	"encoding/binary"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"
)

// String writes a text; one that is not UTF-8 fails.
func (w *Writer) String(before, v string) {
	w.text = append(w.quote(before), v...)
	begin := len(w.text) - len(v)
	special, ascii := look(w.text[begin:])
	if !ascii && !utf8.ValidString(v) {
		w.failed = true
	}
	if special {
		w.text = appendEscaped(w.text[:begin], v)
	}
	w.text = append(w.text, '"')
}

// look takes eight characters at a time: whether JSON must escape one, and whether all are ASCII. Each subtraction leaves the
// top bit of a byte that was smaller than what is taken away; which byte it was does not matter here.
func look(text []byte) (special, ascii bool) {
	const each, top = 0x0101010101010101, 0x8080808080808080
	var found, seen uint64
	for ; len(text) >= 8; text = text[8:] {
		x := binary.LittleEndian.Uint64(text)
		quote, backslash := x^'"'*each, x^'\\'*each
		found |= (x-' '*each)&^x | (quote-each)&^quote | (backslash-each)&^backslash
		seen |= x
	}
	for _, c := range text {
		if c < ' ' || c == '"' || c == '\\' {
			found |= top
		}
		seen |= uint64(c)
	}
	return found&top != 0, seen&top == 0
}

func appendEscaped(text []byte, v string) []byte {
	from := 0
	for i := range len(v) {
		if c := v[i]; c < ' ' || c == '"' || c == '\\' {
			text = appendEscape(append(text, v[from:i]...), c)
			from = i + 1
		}
	}
	return append(text, v[from:]...)
}

const digits = "0123456789abcdef"

func appendEscape(text []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(text, '\\', c)
	case '\b':
		return append(text, `\b`...)
	case '\f':
		return append(text, `\f`...)
	case '\n':
		return append(text, `\n`...)
	case '\r':
		return append(text, `\r`...)
	case '\t':
		return append(text, `\t`...)
	}
	return append(text, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}

// From year 1 to year 9999, as RFC 3339 writes them.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// Timestamp writes an instant; one that RFC 3339 cannot say fails.
func (w *Writer) Timestamp(before string, v *timestamppb.Timestamp) {
	seconds, nanos := v.GetSeconds(), v.GetNanos()
	if seconds < firstSecond || seconds > lastSecond || nanos < 0 || nanos >= int32(time.Second) {
		w.failed = true
		return
	}
	text := time.Unix(seconds, 0).UTC().AppendFormat(w.quote(before), time.RFC3339) // the layout that package time is quick at
	w.text = append(appendFraction(text[:len(text)-len("Z")], int(nanos)), 'Z', '"')
}

// appendFraction writes thousandths, millionths or billionths: as many as are needed.
func appendFraction(text []byte, nanos int) []byte {
	if nanos == 0 {
		return text
	}
	places := 9
	for ; nanos%1000 == 0; nanos /= 1000 {
		places -= 3
	}
	text = append(text, '.')
	at := len(text) + places - 1
	for range places {
		text = append(text, '0')
	}
	for ; nanos > 0; nanos /= 10 {
		text[at] = digits[nanos%10]
		at--
	}
	return text
}
