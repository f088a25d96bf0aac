package paper

// Title is the largest line of a page, in the project's colour, with what kind of paper it is above it.
func (d *Document) Title(kind, title string) {
	d.Need(30)
	if kind != "" {
		d.text(kind, Style{Size: 10, Bold: true, Color: Quiet})
		d.Space(1)
	}
	lines, style := fitted(title, d.width, 3, titleStyle)
	d.lines(lines, style)
	d.Space(2.5)
}

// Heading begins a part of a page, and is kept with what follows.
func (d *Document) Heading(text string) {
	d.Need(24)
	d.Space(4)
	d.text(text, headingStyle)
	d.Space(1.2)
}

// Lead is a paragraph that is read first.
func (d *Document) Lead(text string) {
	d.text(text, leadStyle)
	d.Space(3)
}

// Paragraph is a paragraph.
func (d *Document) Paragraph(text string) {
	d.text(text, bodyStyle)
	d.Space(2)
}

// Note is a paragraph of small print.
func (d *Document) Note(text string) {
	d.text(text, noteStyle)
	d.Space(2.5)
}

// Text is a paragraph in a style of its own.
func (d *Document) Text(text string, s Style) { d.text(text, s) }

// Bullets is a list.
func (d *Document) Bullets(items ...string) {
	for _, item := range items {
		d.item(item, func(x, y float64) { d.Dot(x+1, y+bodyStyle.leading()/2, 0.65, Accent) })
	}
	d.Space(1.5)
}

// Boxes is a list to tick.
func (d *Document) Boxes(items ...string) {
	for _, item := range items {
		d.item(item, func(x, y float64) { d.Box(x, y+0.9, 3.2, 3.2, 0.25, Ink) })
	}
	d.Space(1.5)
}

// item is a paragraph behind a sign; it is kept whole where it is short.
func (d *Document) item(text string, sign func(x, y float64)) {
	const indent = 5.5
	lines := wrap(text, d.width-indent, bodyStyle)
	d.Need(float64(min(len(lines), 3)) * bodyStyle.leading())
	sign(d.left, d.y)
	left, width := d.left, d.width
	d.left, d.width = left+indent, width-indent
	d.lines(lines, bodyStyle)
	d.left, d.width = left, width
	d.Space(0.8)
}

// Fact is a line with its name in a column of its own: «Quand», and when.
type Fact struct{ Name, Text string }

// Facts are lines with their names.
func (d *Document) Facts(nameWidth float64, facts ...Fact) {
	strong := bodyStyle
	strong.Bold = true
	for _, fact := range facts {
		names, texts := wrap(fact.Name, nameWidth-3, strong), wrap(fact.Text, d.width-nameWidth, bodyStyle)
		d.Need(float64(min(max(len(names), len(texts)), 4)) * bodyStyle.leading())
		end := d.Column(d.left, d.y, nameWidth-3, func() { d.lines(names, strong) })
		left, width, page := d.left, d.width, len(d.marks)
		d.left, d.width = left+nameWidth, width-nameWidth
		d.lines(texts, bodyStyle)
		d.left, d.width = left, width
		if page == len(d.marks) {
			d.y = max(d.y, end)
		}
		d.Space(1.4)
	}
	d.Space(1.5)
}

// Ruled are lines to write on.
func (d *Document) Ruled(lines int, apart float64) {
	for range lines {
		d.Need(apart)
		d.y += apart
		d.Rule(d.left, d.y, d.left+d.width, d.y, 0.2, Line)
	}
	d.Space(2)
}

// text puts a text into the flow.
func (d *Document) text(text string, s Style) { d.lines(wrap(text, d.width, s), s) }

// lines puts lines into the flow, over as many pages as they need.
func (d *Document) lines(lines []string, s Style) {
	for _, line := range lines {
		d.Need(s.leading())
		d.write(d.left, d.y, d.width, line, s)
		d.y += s.leading()
	}
}

// Height is how high a text stands in a column of that width.
func Height(text string, width float64, s Style) float64 {
	return float64(len(wrap(text, width, s))) * s.leading()
}
