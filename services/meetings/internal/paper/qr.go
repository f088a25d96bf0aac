package paper

import (
	"fmt"

	"rsc.io/qr"
)

// quiet is what must stay white around a QR code, in its modules.
const quiet = 4

// QR puts a QR code of a URL into the flow: its caption beside it, and below that the URL in plain text, for those who type it.
func (d *Document) QR(url, caption string, side float64) {
	d.Need(side)
	x, y := d.left, d.y
	d.QRAt(x, y, side, url)
	end := d.Column(x+side+4, y+2, d.width-side-4, func() {
		d.text(caption, Style{Size: 10.5, Bold: true, Color: Ink})
		d.Space(1)
		d.URL(url)
	})
	d.y = max(y+side, end)
	d.Space(3)
}

// URL writes an address as a link.
func (d *Document) URL(url string) {
	s := noteStyle
	for _, line := range wrap(url, d.width, s) {
		d.Need(s.leading())
		d.write(d.left, d.y, d.width, line, s)
		d.Link(d.left, d.y, s.face().measure(line, s.size()), s.leading(), url)
		d.y += s.leading()
	}
}

// QRAt draws a QR code of a URL into a square of the page, with the white border that it needs.
func (d *Document) QRAt(x, y, side float64, url string) {
	d.begun()
	code, err := qr.Encode(url, qr.M)
	if err != nil {
		d.err = fmt.Errorf("a QR code of %d characters: %w", len(url), err)
		return
	}
	d.Bar(x, y, side, side, White)
	module := side / float64(code.Size+2*quiet)
	d.pdf.SetFillColor(0, 0, 0)
	for row := range code.Size {
		for column := 0; column < code.Size; {
			run := 0
			for column+run < code.Size && code.Black(column+run, row) {
				run++
			}
			if run > 0 {
				// A hair higher than it is: no reader shows white lines between the rows.
				d.pdf.Rect(x+float64(quiet+column)*module, y+float64(quiet+row)*module, float64(run)*module, module*1.02, "F")
			}
			column += max(run, 1)
		}
	}
	d.Link(x, y, side, side, url)
}
