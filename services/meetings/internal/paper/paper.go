// Package paper lays out A4 pages as PDF: headings, paragraphs, tables, QR codes and simple drawings, in a font that is
// embedded, and so that no text runs off the page, however long a name is. The same input gives the same bytes.
package paper

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// The page and its margins, in millimetres.
const (
	PageWidth  = 210.0
	PageHeight = 297.0
	Margin     = 20.0
	top        = 27.0
	bottom     = 22.0
)

// TextWidth is the width between the margins, in millimetres.
const TextWidth = PageWidth - 2*Margin

// Settings say what a document is.
type Settings struct {
	Title    string    // the document's title, as readers and screen readers announce it
	Language string    // of the text, such as fr-FR
	Made     time.Time // written as creation date; the clock is never asked
	Running  string    // above each page on the left; Section changes it
	Footer   string    // below each page on the left; Section changes it
}

// A Document is a sequence of pages that fills from top to bottom.
type Document struct {
	pdf     *fpdf.Fpdf
	left    float64
	width   float64
	y       float64
	fixed   bool // inside a Column: nothing there starts a page
	running string
	footer  string
	marks   []mark
	err     error
}

// mark is what stands above and below a page.
type mark struct{ running, footer string }

// New begins a document; its first page begins with the first thing that is put on it.
func New(settings Settings) *Document {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(Margin, top, Margin)
	pdf.SetCreationDate(settings.Made.UTC())
	pdf.SetModificationDate(settings.Made.UTC())
	pdf.SetProducer("maillage", true)
	pdf.SetTitle(plain(settings.Title), true)
	pdf.SetLang(settings.Language)
	return &Document{pdf: pdf, left: Margin, width: TextWidth, running: settings.Running, footer: settings.Footer}
}

// Section begins a page, and changes what stands above and below it and those that follow; title goes into the outline.
func (d *Document) Section(title, running, footer string) {
	d.running, d.footer = running, footer
	d.Page()
	d.outline(title, 0)
}

// Page begins a new page.
func (d *Document) Page() {
	d.pdf.AddPage()
	d.y = top
	d.marks = append(d.marks, mark{running: d.running, footer: d.footer})
}

// Bytes is the finished document, with its page numbers. Nothing can be put on it afterwards.
func (d *Document) Bytes() ([]byte, error) {
	if len(d.marks) == 0 {
		d.Page()
	}
	for i, m := range d.marks {
		d.pdf.SetPage(i + 1)
		d.head(m.running)
		d.foot(m.footer, i+1)
	}
	if d.err != nil {
		return nil, d.err
	}
	var out bytes.Buffer
	if err := d.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("write the PDF: %w", err)
	}
	return out.Bytes(), nil
}

// head draws the line above a page: a short bar of colour, and what is running.
func (d *Document) head(running string) {
	if running == "" {
		return
	}
	d.Bar(Margin, 13.1, 1.6, 3.6, Accent)
	d.Fit(Margin+3.6, 12, TextWidth-3.6, 6, running, Style{Size: 8.5, Color: Quiet})
}

// foot draws the line below a page.
func (d *Document) foot(footer string, page int) {
	const y = PageHeight - 16
	d.Rule(Margin, y, PageWidth-Margin, y, 0.2, Faint)
	small := Style{Size: 8, Color: Quiet}
	if footer != "" {
		d.Fit(Margin, y+1.5, TextWidth-30, 5, footer, small)
	}
	if len(d.marks) > 1 {
		small.Align = Right
		d.Fit(PageWidth-Margin-28, y+1.5, 28, 5, fmt.Sprintf("%d / %d", page, len(d.marks)), small)
	}
}

// outline adds a line to the table of contents that a reader shows beside the pages.
func (d *Document) outline(title string, level int) {
	d.use(title, Style{Size: 10})
	d.pdf.Bookmark(plain(title), level, d.y)
}

// Y is where the next thing goes, in millimetres from the top.
func (d *Document) Y() float64 { return d.y }

// MoveTo sets where the next thing goes, on this page.
func (d *Document) MoveTo(y float64) {
	d.begun()
	d.y = y
}

// Left is where the text begins, in millimetres from the left; it is another one inside a Column.
func (d *Document) Left() float64 { return d.left }

// Width is the width of the text, in millimetres; it is another one inside a Column.
func (d *Document) Width() float64 { return d.width }

// Space leaves some millimetres free.
func (d *Document) Space(height float64) {
	d.begun()
	d.y += height
}

// Room is what is left of this page, in millimetres.
func (d *Document) Room() float64 { return PageHeight - bottom - d.y }

// Need begins a new page where less than height is left of this one.
func (d *Document) Need(height float64) {
	d.begun()
	if !d.fixed && d.Room() < height && d.y > top {
		d.Page()
	}
}

// Column lets put flow in a column of the page, from y downwards, and returns where it ended. The page's own text goes on
// from where it was.
func (d *Document) Column(x, y, width float64, put func()) float64 {
	d.begun()
	left, wide, at, fixed := d.left, d.width, d.y, d.fixed
	d.left, d.width, d.y, d.fixed = x, width, y, true
	put()
	end := d.y
	d.left, d.width, d.y, d.fixed = left, wide, at, fixed
	return end
}

// begun makes sure that there is a page.
func (d *Document) begun() {
	if len(d.marks) == 0 {
		d.Page()
	}
}
