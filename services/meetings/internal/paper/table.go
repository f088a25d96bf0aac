package paper

// Column is a column of a table.
type Column struct {
	Title string
	Width float64 // in millimetres; what is left is shared by those without one
	Bold  bool
	Align Align
}

// Table is a table: its head comes again on each page, and a row stays whole.
type Table struct {
	Columns   []Column
	Rows      [][]string
	RowHeight float64 // the least height of a row
	MostLines int     // of one cell; what is longer gets smaller, then an ellipsis; 6 when it is 0
	Grid      bool    // lines between the columns too: for what is written by hand
	Size      float64 // of the text in points; 9 when it is 0
}

// cellPad is what a cell leaves free on each side.
const cellPad = 1.8

// Table puts a table into the flow.
func (d *Document) Table(t Table) {
	d.begun()
	if t.Size == 0 {
		t.Size = 9
	}
	if t.MostLines == 0 {
		t.MostLines = 6
	}
	widths := t.widths(d.width)
	headed := false
	for _, row := range t.Rows {
		cells, height := t.row(row, widths)
		if !headed {
			d.Need(height + 12)
			d.tableHead(t, widths)
			headed = true
		} else if d.Room() < height && !d.fixed {
			d.Page()
			d.tableHead(t, widths)
		}
		d.tableRow(t, widths, cells, height)
	}
	if !headed {
		d.tableHead(t, widths)
	}
	d.Space(4)
}

// widths shares the width between the columns.
func (t Table) widths(width float64) []float64 {
	widths := make([]float64, len(t.Columns))
	open := 0
	for i, column := range t.Columns {
		widths[i] = column.Width
		width -= column.Width
		if column.Width == 0 {
			open++
		}
	}
	for i := range widths {
		if widths[i] == 0 {
			widths[i] = width / float64(open)
		}
	}
	return widths
}

// cell is a text that was made to fit.
type cell struct {
	lines []string
	style Style
}

func (t Table) row(texts []string, widths []float64) ([]cell, float64) {
	cells := make([]cell, len(t.Columns))
	height := t.RowHeight
	for i, column := range t.Columns {
		if i >= len(texts) {
			break
		}
		style := Style{Size: t.Size, Bold: column.Bold, Color: Ink, Align: column.Align}
		lines, style := fitted(texts[i], widths[i]-2*cellPad, t.MostLines, style)
		cells[i] = cell{lines: lines, style: style}
		height = max(height, float64(len(lines))*style.leading()+2*cellPad)
	}
	return cells, height
}

func (d *Document) tableHead(t Table, widths []float64) {
	height := 0.0
	cells := make([]cell, len(t.Columns))
	for i, column := range t.Columns {
		style := Style{Size: t.Size - 0.5, Bold: true, Color: Ink, Align: column.Align}
		lines, style := fitted(column.Title, widths[i]-2*cellPad, 3, style)
		cells[i] = cell{lines: lines, style: style}
		height = max(height, float64(len(lines))*style.leading()+2*cellPad)
	}
	d.Bar(d.left, d.y, d.width, height, Soft)
	d.cells(widths, cells, height)
	if t.Grid {
		d.columns(widths, height)
	}
	d.y += height
	d.Rule(d.left, d.y, d.left+d.width, d.y, 0.6, Accent)
}

func (d *Document) tableRow(t Table, widths []float64, cells []cell, height float64) {
	d.cells(widths, cells, height)
	if t.Grid {
		d.columns(widths, height)
	}
	d.y += height
	color := Faint
	if t.Grid {
		color = Line
	}
	d.Rule(d.left, d.y, d.left+d.width, d.y, 0.2, color)
}

// cells writes a row: texts begin on the same line, and a row of single lines has them in its middle.
func (d *Document) cells(widths []float64, cells []cell, height float64) {
	x, most := d.left, 0.0
	for _, c := range cells {
		most = max(most, float64(len(c.lines))*c.style.leading())
	}
	for i, c := range cells {
		y := d.y + (height-most)/2
		for _, line := range c.lines {
			d.write(x+cellPad, y, widths[i]-2*cellPad, line, c.style)
			y += c.style.leading()
		}
		x += widths[i]
	}
}

// columns draws the lines between the columns, and beside the first and the last.
func (d *Document) columns(widths []float64, height float64) {
	x := d.left
	d.Rule(x, d.y, x, d.y+height, 0.2, Line)
	for _, width := range widths {
		x += width
		d.Rule(x, d.y, x, d.y+height, 0.2, Line)
	}
}
