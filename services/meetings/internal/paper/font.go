package paper

import (
	"sync"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// family is the font's name inside the documents.
const family = "dejavu"

// last is the last character that a document can hold: its text is written in two bytes a character.
const last = 0xFFFF

// A face is a font: its file, and how wide each of its characters is, in thousandths of its size; -1 for those it lacks.
type face struct {
	bytes []byte
	width []int16
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
	return &face{bytes: ttf, width: widths}
}

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
