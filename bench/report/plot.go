package main

import (
	"bytes"
	"cmp"
	"fmt"
	"image/color"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"rawns/bench/measure"
)

// The colours of a picture are those of the other pictures of docs/img, in light and in
// dark. The SVG that is drawn has the light ones; a style sheet in it turns them into the
// dark ones where the reader's page is dark.
type shade struct{ light, dark string }

var (
	ground = shade{"#ffffff", "#0d1117"}
	ink    = shade{"#1f2933", "#e6edf3"}
	faint  = shade{"#616e7c", "#9aa7b4"}
	rule   = shade{"#d9dfe5", "#2d3640"}
	ours   = shade{"#0b63b5", "#58a6ff"}
	kin    = shade{"#6ba5dc", "#a5cdfa"} // rawns in other ways
	bound  = shade{"#9aa5b1", "#6e7a86"} // those who do less than the work
	others = []shade{{"#c8541e", "#f0883e"}, {"#2e7d4f", "#56c271"}, {"#8b2f78", "#d48fd0"}, {"#a67c00", "#e3c04b"}, {"#00798c", "#4cc9d9"}, {"#b3261a", "#ff7b72"},
		{"#5b5bd6", "#a5a5ff"}, {"#7a5c3e", "#c9a57f"}}
)

func (s shade) color() color.Color {
	n, err := strconv.ParseUint(s.light[1:], 16, 32)
	if err != nil {
		panic(err)
	}
	return color.NRGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}
}

// usual are the colours of peers that are in many pictures: in each the same one, if there
// it is not another's already.
var usual = []struct {
	peer  string
	shade int // of others
}{{"vishvananda/netlink", 0}, {"jsimonetti/rtnetlink", 1}, {"mdlayher/netlink", 2}, {"iproute2", 3}, {"ip -batch", 3}, {"busybox", 4}, {"C naive", 5}, {"script", 7}}

// A palette is who has which of the other colours in a picture.
type palette [8]string

// of returns a peer's colour.
func (p *palette) of(t *measure.Table, r *measure.Row) shade {
	switch {
	case r.Peer == t.Base:
		return ours
	case r.Floor:
		return bound
	case strings.HasPrefix(r.Peer, "rawns"):
		return kin
	}
	i := slices.Index(p[:], r.Peer)
	for _, u := range usual {
		if i < 0 && u.peer == r.Peer && p[u.shade] == "" {
			i = u.shade
		}
	}
	if i < 0 {
		i = max(slices.Index(p[:], ""), 0) // more than eight peers have to share
	}
	p[i] = r.Peer
	return others[i]
}

// newPalette gives those of the usual peers that are in a picture their colours first.
func newPalette(t *measure.Table, pl measure.Plot) *palette {
	p := &palette{}
	for _, u := range usual {
		wanted(t, pl, func(_ *measure.Case, r *measure.Row, _ float64) {
			if r.Peer == u.peer {
				p.of(t, r)
			}
		})
	}
	return p
}

// Sizes of the pictures, in points: as wide as a README's column.
const (
	width     = 720
	barHeight = 17
	barGap    = 12
)

// draws returns the picture of a table as an SVG; nil if nothing of it was measured.
func draws(t *measure.Table, pl measure.Plot) []byte {
	colors := newPalette(t, pl)
	p := plot.New()
	p.BackgroundColor = nil // the style sheet has one
	p.Title.Text = pl.Title
	p.Title.TextStyle.Font.Size, p.Title.TextStyle.Font.Variant = 15, "Sans"
	p.Title.TextStyle.Color = ink.color()
	p.Title.Padding = 10
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color = faint.color()
		a.LineStyle.Width = 0
		a.Label.TextStyle.Color, a.Label.TextStyle.Font.Size, a.Label.TextStyle.Font.Variant = faint.color(), 12, "Sans"
		a.Tick.Label.Color, a.Tick.Label.Font.Size, a.Tick.Label.Font.Variant = ink.color(), 12, "Sans"
		a.Tick.LineStyle.Width = 0
		a.Padding = 2
	}
	height := 0
	if pl.Kind == measure.Curves {
		height = curves(p, t, pl, colors)
	} else {
		height = bars(p, t, pl, colors)
	}
	if height == 0 {
		return nil
	}
	c := vgsvg.NewWith(vgsvg.UseWH(width, vg.Length(height)))
	p.Draw(draw.Crop(draw.New(c), 12, -16, 10, -12))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		panic(err) // a buffer does not fail
	}
	return dress(b.Bytes(), pl.Title)
}

// wanted returns the cases and rows that a picture has, with their medians.
func wanted(t *measure.Table, pl measure.Plot, each func(c *measure.Case, r *measure.Row, median float64)) {
	for _, c := range t.Cases {
		if len(pl.Cases) > 0 && !slices.Contains(pl.Cases, c.Name) {
			continue
		}
		for _, r := range c.Rows {
			v := measure.Median(r.Samples[pl.Metric])
			if len(pl.Peers) > 0 && !slices.Contains(pl.Peers, r.Peer) || r.Failed != "" || v <= 0 {
				continue
			}
			each(c, r, v)
		}
	}
}

// unit returns the label of a metric's axis.
func unit(t *measure.Table, metric string) string {
	for _, m := range t.Metrics {
		if m.Name == metric && m.Unit != "" {
			return m.Name + ", " + m.Unit
		}
	}
	return metric
}

// A barPlot is a plotter.Plotter: gonum's own bars begin at 0, which a logarithmic axis does
// not have.
type barPlot struct {
	bars  []bar
	heads []head
	least float64
}

type bar struct {
	y, value float64
	color    color.Color
	label    string
	name     string
}

// A head is the name of a case, above its bars.
type head struct {
	y    float64
	text string
}

func (b barPlot) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := p.X.Tick.Label
	style.XAlign, style.YAlign = draw.XLeft, draw.YCenter
	bold := style
	bold.Font.Weight = 2 // font.WeightBold, of x/image
	for _, h := range b.heads {
		c.FillText(bold, vg.Point{X: c.Min.X - names(b, p), Y: y(h.y)}, h.text)
	}
	for _, r := range b.bars {
		left, right, mid := x(b.least), x(r.value), y(r.y)
		var path vg.Path
		path.Move(vg.Point{X: left, Y: mid - barHeight*0.38})
		path.Line(vg.Point{X: right, Y: mid - barHeight*0.38})
		path.Line(vg.Point{X: right, Y: mid + barHeight*0.38})
		path.Line(vg.Point{X: left, Y: mid + barHeight*0.38})
		path.Close()
		c.SetColor(r.color)
		c.Fill(path)
		c.FillText(style, vg.Point{X: right + 5, Y: mid}, r.label)
		c.FillText(style, vg.Point{X: c.Min.X - names(b, p), Y: mid}, r.name)
	}
}

// names returns how much room the names of peers take, left of the bars.
func names(b barPlot, p *plot.Plot) (most vg.Length) {
	style := p.X.Tick.Label
	for _, r := range b.bars {
		most = max(most, style.Width(r.name))
	}
	return most*1.12 + 10 // a reader's font may be wider
}

// bars fills in bars, and returns how high the picture must be.
func bars(p *plot.Plot, t *measure.Table, pl measure.Plot, colors *palette) int {
	var b barPlot
	least, most, y := math.Inf(1), 0.0, 0.0
	last := ""
	cases := map[string]bool{}
	wanted(t, pl, func(c *measure.Case, r *measure.Row, v float64) { cases[c.Name] = true })
	wanted(t, pl, func(c *measure.Case, r *measure.Row, v float64) {
		if c.Name != last {
			if last != "" {
				y -= barGap
			}
			last = c.Name
			if len(cases) > 1 {
				y -= barHeight
				b.heads = append(b.heads, head{y, c.Name})
			}
		}
		y -= barHeight
		least, most = min(least, v), max(most, v)
		label := measure.Format(v)
		if ratio, ok := t.Ratio(c, r.Peer, pl.Metric); ok && r.Peer != t.Base {
			label += "  (" + measure.Format(ratio) + "×)"
		}
		b.bars = append(b.bars, bar{y, v, colors.of(t, r).color(), label, r.Peer})
	})
	if len(b.bars) == 0 {
		return 0
	}
	decade := math.Pow(10, math.Floor(math.Log10(least*0.7)))
	b.least = decade
	for _, k := range []float64{2, 5} {
		if decade*k < least*0.7 {
			b.least = decade * k
		}
	}
	p.X.Min, p.X.Max = b.least, most*math.Pow(most/b.least, 0.28) // room for the labels
	p.Y.Min, p.Y.Max = y-barHeight*0.7, 0
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, decades{p.X.Max}
	p.Y.Tick.Marker = plot.ConstantTicks(nil)
	p.X.Label.Text = or(pl.X, unit(t, pl.Metric))
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color, grid.Vertical.Width = nil, rule.color(), 1
	p.Add(grid, b)
	p.Y.Padding = names(b, p)
	return int(-y) + 100
}

// curves fills in curves, and returns how high the picture must be.
func curves(p *plot.Plot, t *measure.Table, pl measure.Plot, colors *palette) int {
	type curve struct {
		name  string
		shade shade
		floor bool
		at    plotter.XYs
	}
	var all []*curve
	wanted(t, pl, func(c *measure.Case, r *measure.Row, v float64) {
		if c.Size <= 0 {
			return
		}
		i := slices.IndexFunc(all, func(k *curve) bool { return k.name == r.Peer })
		if i < 0 {
			i = len(all)
			all = append(all, &curve{name: r.Peer, shade: colors.of(t, r), floor: r.Floor})
		}
		all[i].at = append(all[i].at, plotter.XY{X: float64(c.Size), Y: v})
	})
	if len(all) == 0 {
		return 0
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = rule.color(), rule.color()
	grid.Horizontal.Width, grid.Vertical.Width = 1, 1
	p.Add(grid)
	var ends ends
	for _, k := range all {
		slices.SortFunc(k.at, func(a, b plotter.XY) int { return int(a.X - b.X) })
		line, points, err := plotter.NewLinePoints(k.at)
		if err != nil {
			panic(err) // medians are finite
		}
		line.Color, line.Width = k.shade.color(), 2.25
		if k.floor {
			line.Dashes = []vg.Length{6, 4}
		}
		points.Color, points.Radius, points.Shape = k.shade.color(), 3.5, draw.CircleGlyph{}
		p.Add(line, points)
		ends = append(ends, end{k.at[len(k.at)-1], k.name, k.shade.color()})
	}
	p.Add(ends)
	// Room for the names, right of the last points: a part of the width, as the axis is logarithmic.
	var room vg.Length
	for _, k := range all {
		room = max(room, p.X.Tick.Label.Width(k.name)*1.12+9)
	}
	p.X.Max = p.X.Min * math.Pow(p.X.Max/p.X.Min, 1/(1-float64(room/(width-90))))
	if p.X.Max == p.X.Min {
		p.X.Min, p.X.Max = p.X.Min/2, p.X.Max*2
	}
	p.Y.Min, p.Y.Max = p.Y.Min/1.5, p.Y.Max*1.5
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	var sizes plot.ConstantTicks
	for _, c := range t.Cases {
		if c.Size > 0 {
			sizes = append(sizes, plot.Tick{Value: float64(c.Size), Label: short(float64(c.Size))})
		}
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = sizes, decades{p.Y.Max}
	p.X.Label.Text, p.Y.Label.Text = pl.X, or(pl.Y, unit(t, pl.Metric))
	return 400
}

// Ends are the names of curves, beside the last point of the longest one, as high as their own.
type ends []end

type end struct {
	plotter.XY
	name  string
	color color.Color
}

func (e ends) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := p.X.Tick.Label
	style.XAlign, style.YAlign = draw.XLeft, draw.YCenter
	slices.SortFunc(e, func(a, b end) int { return cmp.Compare(a.Y, b.Y) })
	right := 0.0 // where the longest curve ends: there are all names, also of those that end before
	for _, k := range e {
		right = max(right, k.X)
	}
	at := vg.Length(math.Inf(-1))
	for _, k := range e {
		at = max(at+14, y(k.Y)) // not on top of the one below
		style.Color = k.color
		c.FillText(style, vg.Point{X: x(right) + 9, Y: at}, k.name)
	}
}

// decades are the ticks of a logarithmic axis: powers of ten, with 2 and 5 between them
// where they are few.
type decades struct{ most float64 }

func (d decades) Ticks(low, high float64) (all []plot.Tick) {
	factors := []float64{1, 2, 5}
	if high/low > 2000 {
		factors = factors[:1]
	}
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		for _, k := range factors {
			if v := k * math.Pow(10, e); v >= low*0.999 && v <= min(high, d.most)*1.001 {
				all = append(all, plot.Tick{Value: v, Label: short(v)})
			}
		}
	}
	return all
}

// short writes the number of a tick.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 3, 64) + " M"
	case v >= 1e4:
		return strconv.FormatFloat(v/1e3, 'g', 4, 64) + " k"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

var (
	root  = regexp.MustCompile(`(?s)^.*?<svg [^>]*>`)
	fonts = regexp.MustCompile(`font-family:[^;"]*`)
)

// dress makes a drawing fit for a page: a background, fonts that readers have, colours for
// a dark page, and a title for those who do not see it.
func dress(svg []byte, title string) []byte {
	var b strings.Builder
	height := regexp.MustCompile(`viewBox="0 0 \S+ (\S+)"`).FindSubmatch(svg)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %s" width="%d" height="%s" role="img" aria-labelledby="t">`+"\n", width, height[1], width, height[1])
	fmt.Fprintf(&b, "<title id=\"t\">%s</title>\n<style>\n", escape(title))
	b.WriteString("text{font-family:\"Helvetica Neue\",Helvetica,Arial,\"Liberation Sans\",sans-serif}\n")
	fmt.Fprintf(&b, ".ground{fill:%s}\n@media (prefers-color-scheme:dark){\n.ground{fill:%s}\n", ground.light, ground.dark)
	for _, s := range append([]shade{ink, faint, rule, ours, kin, bound}, others...) {
		fmt.Fprintf(&b, "[style*=\"fill:%s\"]{fill:%s!important}[style*=\"stroke:%s\"]{stroke:%s!important}\n", s.light, s.dark, s.light, s.dark)
	}
	fmt.Fprintf(&b, "}\n</style>\n<rect class=\"ground\" width=\"%d\" height=\"%s\" rx=\"6\"/>", width, height[1])
	body := root.ReplaceAll(svg, nil)
	body = fonts.ReplaceAll(body, nil)
	body = regexp.MustCompile(`#[0-9A-F]{6}`).ReplaceAllFunc(body, bytes.ToLower)
	b.Write(body)
	return []byte(b.String())
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
