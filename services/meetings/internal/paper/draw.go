package paper

import "codeberg.org/go-pdf/fpdf"

// Rule draws a line; all measures are millimetres from the page's upper left corner.
func (d *Document) Rule(x1, y1, x2, y2, thick float64, c Color) {
	d.begun()
	d.pen(thick, c)
	d.pdf.Line(x1, y1, x2, y2)
}

// Dashes draws a broken line: where to cut.
func (d *Document) Dashes(x1, y1, x2, y2 float64, c Color) {
	d.begun()
	d.pdf.SetDashPattern([]float64{1.6, 1.2}, 0)
	d.pen(0.2, c)
	d.pdf.Line(x1, y1, x2, y2)
	d.pdf.SetDashPattern(nil, 0)
}

// Bar draws a filled rectangle.
func (d *Document) Bar(x, y, width, height float64, c Color) {
	d.begun()
	d.pdf.SetFillColor(c.r, c.g, c.b)
	d.pdf.Rect(x, y, width, height, "F")
}

// Box draws the outline of a rectangle.
func (d *Document) Box(x, y, width, height, thick float64, c Color) {
	d.begun()
	d.pen(thick, c)
	d.pdf.Rect(x, y, width, height, "D")
}

// Dot draws a filled circle.
func (d *Document) Dot(x, y, radius float64, c Color) {
	d.begun()
	d.pdf.SetFillColor(c.r, c.g, c.b)
	d.pdf.Circle(x, y, radius, "F")
}

// Ring draws a circle.
func (d *Document) Ring(x, y, radius, thick float64, c Color) {
	d.begun()
	d.pen(thick, c)
	d.pdf.Circle(x, y, radius, "D")
}

// Point is a place on the page.
type Point struct{ X, Y float64 }

// Shape draws a filled polygon.
func (d *Document) Shape(c Color, corners ...Point) {
	d.begun()
	points := make([]fpdf.PointType, len(corners))
	for i, corner := range corners {
		points[i] = fpdf.PointType{X: corner.X, Y: corner.Y}
	}
	d.pdf.SetFillColor(c.r, c.g, c.b)
	d.pdf.Polygon(points, "F")
}

// Fit writes a text into the middle of a box of the page: as it is, smaller, on more lines, and at last cut with an ellipsis. It never
// leaves the box.
func (d *Document) Fit(x, y, width, height float64, text string, s Style) {
	lines, s := d.fitBox(width, height, text, s)
	d.stack(x, y+(height-float64(len(lines))*s.leading())/2, width, lines, s)
}

// FitTop does the same from the top of the box, and returns where the text ended.
func (d *Document) FitTop(x, y, width, height float64, text string, s Style) float64 {
	lines, s := d.fitBox(width, height, text, s)
	return d.stack(x, y, width, lines, s)
}

func (d *Document) fitBox(width, height float64, text string, s Style) ([]string, Style) {
	d.begun()
	return fit(text, width, func(s Style) int { return max(1, int(height/s.leading()+0.01)) }, s)
}

func (d *Document) stack(x, y, width float64, lines []string, s Style) float64 {
	for _, line := range lines {
		d.write(x, y, width, line, s)
		y += s.leading()
	}
	return y
}

// Measure is the width of a text on one line, in millimetres.
func Measure(text string, s Style) float64 {
	return s.face().measure(shaped(plain(text)), s.size())
}

// Link makes a rectangle of the page a link.
func (d *Document) Link(x, y, width, height float64, url string) {
	d.begun()
	d.pdf.LinkString(x, y, width, height, url)
}

func (d *Document) pen(thick float64, c Color) {
	d.pdf.SetDrawColor(c.r, c.g, c.b)
	d.pdf.SetLineWidth(thick)
}
