package paper

import (
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The fonts' names inside the documents: what most pages need of the font, and all of it.
const (
	latin = "dejavu"
	every = "dejavuall"
)

// last is the last character that a document can hold: its text is written in two bytes a character.
const last = 0xFFFF

// A face is a font: its file, the part of it that most pages need, and how wide each of its characters is, in thousandths of its size; -1 for
// those it lacks. A document reads the font that it uses from its first byte to its last: the part halves the time of a page.
type face struct {
	bytes, part []byte
	width       []int16
}

// faces reads the two fonts, once.
var faces = sync.OnceValues(func() (regular, bold *face) {
	return readFace(dejavusans.TTF), readFace(dejavusansbold.TTF)
})

// readFace measures a font that is part of the program: where it is broken, so is the program.
func readFace(ttf []byte) *face {
	read, err := sfnt.Parse(ttf)
	if err != nil {
		panic("paper: " + err.Error())
	}
	var buffer sfnt.Buffer
	widths := make([]int16, last+1)
	for r := range widths {
		widths[r] = -1
		glyph, err := read.GlyphIndex(&buffer, rune(r))
		if err != nil || glyph == 0 {
			continue
		}
		advance, err := read.GlyphAdvance(&buffer, glyph, fixed.I(1000), font.HintingNone)
		if err == nil {
			widths[r] = int16(advance.Round())
		}
	}
	f := &face{bytes: ttf, width: widths}
	var cut strings.Builder
	for r := range rune(last) {
		if f.has(r) && common(r) {
			cut.WriteRune(r)
		}
	}
	f.part = fpdf.UTF8CutFont(ttf, cut.String())
	return f
}

// common says whether a character is in the part: those of Latin scripts, the signs of their texts, and what stands for missing ones.
func common(r rune) bool {
	return r >= ' ' && r < 0x0250 || r >= 0x1E00 && r < 0x1F00 || r >= 0x2000 && r < 0x2070 || r >= 0x20A0 && r < 0x20D0 || r == missing || r == unicode.ReplacementChar
}

func uncommon(r rune) bool { return !common(r) }

// has says whether the font has a character.
func (f *face) has(r rune) bool { return r >= 0 && r <= last && f.width[r] >= 0 }

// measure is the width of a text in millimetres.
func (f *face) measure(text string, size float64) float64 {
	sum := 0
	for _, r := range text {
		if f.has(r) {
			sum += int(f.width[r])
		}
	}
	return float64(sum) / 1000 * size * point
}
