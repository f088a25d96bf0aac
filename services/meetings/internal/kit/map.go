package kit

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/services/meetings/internal/paper"
)

const (
	// kilometre is a degree of latitude, in kilometres: 10 000 from the equator to a pole.
	degreeKilometres = 10_000.0 / 90
	// named is how many communes a map needs to be read, and mostNamed how many it takes.
	named, mostNamed = 6, 24
)

// reaches are what a map may show around a place, in kilometres; each is a round scale of three rings.
var reaches = []float64{3, 6, 9, 15, 30, 60, 90}

// chart is a map without tiles: what the reference data knows, at true distances and directions.
type chart struct {
	d          *paper.Document
	x, y, side float64 // its square on the page
	reach      float64 // half of its side, in kilometres
	latitude   float64
	longitude  float64
	taken      []box // where something stands already
}

type box struct{ x1, y1, x2, y2 float64 }

func (b box) meets(o box) bool { return b.x1 < o.x2 && o.x1 < b.x2 && b.y1 < o.y2 && o.y1 < b.y2 }

// drawMap draws where a place is among its neighbours, and returns how far apart its rings are, in kilometres.
func drawMap(d *paper.Document, k Kit, x, y, side float64) float64 {
	c := &chart{d: d, x: x, y: y, side: side, latitude: k.Place.Latitude, longitude: k.Place.Longitude}
	towns := c.zoom(k.Towns)
	d.Bar(x, y, side, side, paper.Soft)
	middle := paper.Point{X: x + side/2, Y: y + side/2}
	for ring := 1; ring <= 3; ring++ {
		radius := side / 2 * float64(ring) / 3
		d.Ring(middle.X, middle.Y, radius, 0.2, paper.Faint)
	}
	c.furniture()
	c.place(k.Place.Name)
	for _, t := range towns {
		c.town(t)
	}
	d.Box(x, y, side, side, 0.3, paper.Line)
	return c.reach / 3
}

// zoom chooses how much is shown: enough neighbours to know where one is, or all that there are. The largest come first.
func (c *chart) zoom(towns []Town) []Town {
	within := func(reach float64) []Town {
		c.reach = reach
		return slices.DeleteFunc(slices.Clone(towns), func(t Town) bool { return !c.holds(c.at(t)) })
	}
	enough := min(named, len(within(reaches[len(reaches)-1])))
	var shown []Town
	for _, reach := range reaches {
		if shown = within(reach); len(shown) >= enough {
			break
		}
	}
	slices.SortStableFunc(shown, func(a, b Town) int { return cmp.Compare(b.Population, a.Population) })
	return shown[:min(len(shown), mostNamed)]
}

// at is where a town stands on the page. Meridians come together towards the poles; on so small a map nothing else bends.
func (c *chart) at(t Town) paper.Point {
	east := math.Remainder(t.Longitude-c.longitude, 360) * degreeKilometres * math.Cos(c.latitude*math.Pi/180)
	north := (t.Latitude - c.latitude) * degreeKilometres
	scale := c.side / 2 / c.reach
	return paper.Point{X: c.x + c.side/2 + east*scale, Y: c.y + c.side/2 - north*scale}
}

func (c *chart) holds(p paper.Point) bool {
	const edge = 3
	return p.X > c.x+edge && p.X < c.x+c.side-edge && p.Y > c.y+edge && p.Y < c.y+c.side-edge
}

// place marks the middle.
func (c *chart) place(name string) {
	x, y := c.x+c.side/2, c.y+c.side/2
	c.d.Dot(x, y, 3.4, paper.White)
	c.d.Dot(x, y, 2.6, paper.Accent)
	c.d.Dot(x, y, 0.9, paper.White)
	c.taken = append(c.taken, box{x - 4, y - 4, x + 4, y + 4})
	s := paper.Style{Size: 10.5, Bold: true, Color: paper.Accent, Align: paper.Center}
	width := min(paper.Measure(name, s)+3, c.side-8)
	label := box{x - width/2, y - 10.5, x + width/2, y - 4.5}
	c.d.Bar(label.x1, label.y1, width, 6, paper.White)
	c.d.Fit(label.x1+1, label.y1, width-2, 6, name, s)
	c.taken = append(c.taken, label)
}

// town draws a neighbour where its name finds room beside its dot; otherwise it is left out.
func (c *chart) town(t Town) {
	p := c.at(t)
	s := paper.Style{Size: 8.5, Color: paper.Ink}
	if t.Population >= 20_000 {
		s = paper.Style{Size: 9.5, Bold: true, Color: paper.Ink}
	}
	width, height := paper.Measure(t.Name, s)+0.6, 4.2
	dot := box{p.X - 1, p.Y - 1, p.X + 1, p.Y + 1}
	if c.crowded(dot) {
		return
	}
	for _, label := range beside(p, width, height) {
		if label.x1 < c.x+1 || label.x2 > c.x+c.side-1 || label.y1 < c.y+1 || label.y2 > c.y+c.side-1 || c.crowded(label) {
			continue
		}
		c.d.Dot(p.X, p.Y, 0.9, paper.Ink)
		c.d.Fit(label.x1+0.2, label.y1, width, height, t.Name, s)
		c.taken = append(c.taken, dot, label)
		return
	}
}

// beside are the boxes in which a name may stand, the best first: on the right, on the left, above, below, and a little further away.
func beside(p paper.Point, width, height float64) (all []box) {
	for _, away := range []float64{1.5, 2.6} {
		for _, corner := range []paper.Point{
			{X: p.X + away, Y: p.Y - height/2}, {X: p.X - away - width, Y: p.Y - height/2}, {X: p.X - width/2, Y: p.Y - away - height}, {X: p.X - width/2, Y: p.Y + away},
			{X: p.X, Y: p.Y - away - height}, {X: p.X - width, Y: p.Y - away - height}, {X: p.X, Y: p.Y + away}, {X: p.X - width, Y: p.Y + away},
		} {
			all = append(all, box{corner.X, corner.Y, corner.X + width, corner.Y + height})
		}
	}
	return all
}

func (c *chart) crowded(b box) bool { return slices.ContainsFunc(c.taken, b.meets) }

// furniture is the scale and the arrow to the north.
func (c *chart) furniture() {
	third := c.side / 6
	x, y := c.x+4, c.y+c.side-5
	c.d.Rule(x, y, x+third, y, 0.7, paper.Ink)
	c.d.Rule(x, y-1.2, x, y+1.2, 0.4, paper.Ink)
	c.d.Rule(x+third, y-1.2, x+third, y+1.2, 0.4, paper.Ink)
	c.d.Fit(x+third+2, y-2.5, 18, 5, fmt.Sprintf("%g%skm", c.reach/3, prose.Space), paper.Style{Size: 8.5, Color: paper.Ink})
	c.taken = append(c.taken, box{x - 1, y - 3, x + third + 20, y + 4})
	nx, ny := c.x+c.side-7, c.y+4
	c.d.Shape(paper.Ink, paper.Point{X: nx, Y: ny}, paper.Point{X: nx + 2.2, Y: ny + 6.5}, paper.Point{X: nx, Y: ny + 5}, paper.Point{X: nx - 2.2, Y: ny + 6.5})
	c.d.Fit(nx-3, ny+6.5, 6, 4.5, "N", paper.Style{Size: 8.5, Bold: true, Color: paper.Ink, Align: paper.Center})
	c.taken = append(c.taken, box{nx - 4, ny - 1, nx + 4, ny + 12})
}

// openMap is the place on OpenStreetMap's map; four decimals are eleven metres.
func (p Place) openMap() string {
	return fmt.Sprintf("https://www.openstreetmap.org/?mlat=%.4f&mlon=%.4f&zoom=16", p.Latitude, p.Longitude)
}

// located reports whether the place has a position.
func (p Place) located() bool { return p.Name != "" && (p.Latitude != 0 || p.Longitude != 0) }
