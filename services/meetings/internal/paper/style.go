package paper

import "strings"

// point is a typographic point in millimetres.
const point = 25.4 / 72

// Color is one of the few colours of the project's paper. Each is told from the others on a black and white printer, too.
type Color struct{ r, g, b int }

// The colours: text, what is less important, the project's own blue, lines, a soft ground, and the page.
var (
	Ink    = Color{27, 35, 43}
	Quiet  = Color{81, 96, 108}
	Accent = Color{26, 90, 150}
	Line   = Color{141, 154, 165}
	Faint  = Color{201, 210, 217}
	Soft   = Color{242, 245, 247}
	White  = Color{255, 255, 255}
)

// Align says on which side of its box a text stands.
type Align int

// The sides.
const (
	Left Align = iota
	Center
	Right
)

// Style is how a text looks; its size is in points. The zero value is small print's ink at the size of a paragraph.
type Style struct {
	Size  float64
	Bold  bool
	Color Color
	Align Align
}

// The styles of the flow.
var (
	titleStyle   = Style{Size: 22, Bold: true, Color: Accent}
	headingStyle = Style{Size: 13, Bold: true, Color: Ink}
	leadStyle    = Style{Size: 12, Color: Ink}
	bodyStyle    = Style{Size: 10, Color: Ink}
	noteStyle    = Style{Size: 8.5, Color: Quiet}
)

// leading is the height of a line in millimetres.
func (s Style) leading() float64 {
	if s.Size >= 16 {
		return s.size() * point * 1.22
	}
	return s.size() * point * 1.42
}

func (s Style) size() float64 {
	if s.Size == 0 {
		return bodyStyle.Size
	}
	return s.Size
}

func (s Style) face() *face {
	regular, bold := faces()
	if s.Bold {
		return bold
	}
	return regular
}

// use makes the PDF write a text in a style.
func (d *Document) use(text string, s Style) {
	weight, family, bytes := "", latin, s.face().part
	if s.Bold {
		weight = "B"
	}
	if strings.ContainsFunc(text, uncommon) {
		family, bytes = every, s.face().bytes
	}
	d.pdf.AddUTF8FontFromBytes(family, weight, bytes) // the first time; later ones change nothing
	d.pdf.SetFont(family, weight, s.size())
	d.pdf.SetTextColor(s.Color.r, s.Color.g, s.Color.b)
}

// write puts one line into a box that it is known to fit.
func (d *Document) write(x, y, width float64, line string, s Style) {
	drawn := visual(line)
	d.use(drawn, s)
	switch s.Align {
	case Center:
		x += (width - s.face().measure(drawn, s.size())) / 2
	case Right:
		x += width - s.face().measure(drawn, s.size())
	case Left:
	}
	// Capitals are 0.73 of the size high: they stand in the middle of the line.
	d.pdf.Text(x, y+(s.leading()+0.73*s.size()*point)/2, drawn)
}
