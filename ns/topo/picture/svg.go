package picture

import (
	"slices"
)

// SVG draws the picture as a self-contained SVG 1.1 document: no scripts, no
// fonts or files from elsewhere. It follows the reader's choice of light or dark. What
// a colour says (blue for up, orange for no carrier, red for down: a choice that
// most colour-blind people can tell apart) the style of the line says too.
func (p *Picture) SVG() []byte {
	parts := p.parts()
	w, h := packParts(parts)
	s := &page{}
	s.document(p, parts, w, h)
	return s.b
}

// parts lays out what is joined, each by itself.
func (p *Picture) parts() []*part {
	of := make(map[*Box]int, len(p.Boxes))
	parent := make([]int, len(p.Boxes))
	for i, b := range p.Boxes {
		of[b], parent[i] = i, i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, w := range p.Wires {
		a, b := find(of[w.A.Box]), find(of[w.B.Box])
		parent[max(a, b)] = min(a, b)
	}
	boxes, wires := map[int][]*Box{}, map[int][]*Wire{}
	var order []int
	for i, b := range p.Boxes {
		r := find(i)
		if boxes[r] == nil {
			order = append(order, r)
		}
		boxes[r] = append(boxes[r], b)
	}
	for _, w := range p.Wires {
		r := find(of[w.A.Box])
		wires[r] = append(wires[r], w)
	}
	var out []*part
	for _, r := range order {
		out = append(out, bestPart(boxes[r], wires[r]))
	}
	// What is joined comes first.
	slices.SortStableFunc(out, func(a, b *part) int { return min(len(b.wires), 1) - min(len(a.wires), 1) })
	return out
}

// packParts puts parts in rows, and returns the size of all.
func packParts(parts []*part) (w, h int) {
	const between = 36
	area, widest, alone := 0, 0, 0
	for _, p := range parts {
		if len(p.wires) == 0 {
			alone = max(alone, min(p.w, 320))
		}
	}
	for _, p := range parts {
		if len(p.wires) == 0 && len(p.boxes) == 1 && p.w < alone { // small differences look like mistakes
			p.w, p.boxes[0].w = alone, alone
		}
	}
	for _, p := range parts {
		area += (p.w + between) * (p.h + between)
		widest = max(widest, p.w)
	}
	limit := widest
	for limit*limit*10 < area*17 { // wider than tall
		limit += 20
	}
	x, y, row := 0, 0, 0
	joined := true
	for i, p := range parts {
		if i > 0 && (x+p.w > limit || joined && len(p.wires) == 0) {
			x, y = 0, y+row+between
			if !joined {
				y -= between / 2
			}
			row = 0
		}
		joined = len(p.wires) > 0
		p.x, p.y = x, y
		w = max(w, x+p.w)
		x += p.w + between
		if !joined {
			x -= between / 2
		}
		row = max(row, p.h)
		h = y + row
	}
	// Each row in the middle.
	for i := 0; i < len(parts); {
		j := i
		for j < len(parts) && parts[j].y == parts[i].y {
			j++
		}
		if last := parts[j-1]; len(parts[i].wires) > 0 {
			shift := (w - last.x - last.w) / 2
			for _, p := range parts[i:j] {
				p.x += shift
			}
		}
		i = j
	}
	return w, h
}

// The style has plain colours first, for programs that know no media queries.
const svgStyle = `<style>
text{font-family:"DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace;fill:#1f2933;white-space:pre}
.bg{fill:#ffffff}
.head{font:600 20px system-ui,"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif}
.sub{font:13px system-ui,"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;fill:#52606d}
.ns{font:600 15px system-ui,"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif}
.name{font-size:12px;font-weight:600}
.addr{font-size:11px;fill:#3e4c59}
.note{font-size:11px;fill:#616e7c}
.box{fill:#f7f9fb;stroke:#9aa5b1;stroke-width:1.25}
.host{fill:#eef3f8;stroke:#627d98;stroke-width:1.5}
.deck{fill:#e4e9ee;stroke:#9aa5b1}
.plate{fill:#dbe7f5;stroke:#0b63b5;stroke-width:1.25}
.rail{stroke-width:5;stroke-linecap:round;fill:none}
.wire{fill:none;stroke-width:2.25}
.many{stroke-width:4}
.lower{stroke-width:1.5}
.stub{fill:none;stroke-width:1.5}
.up{stroke:#0b63b5}.blocked{stroke:#a3458f;stroke-dasharray:9 3 2 3}.nocarrier{stroke:#b86e00;stroke-dasharray:1.5 4;stroke-linecap:round}.down{stroke:#c8321e;stroke-dasharray:7 5}.missing{stroke:#7b8794;stroke-dasharray:2 7}
.solid{stroke-dasharray:none}
.port{fill:#ffffff;stroke-width:2;stroke-dasharray:none}
.port.up{fill:#0b63b5}.x{stroke-width:2.25;stroke-linecap:round;stroke-dasharray:none}
tspan.tblocked{fill:#8b2f78}tspan.tnocarrier{fill:#8f5500}tspan.tdown{fill:#b3261a}tspan.tmissing{fill:#616e7c}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.bg{fill:#0d1117}.sub,.note{fill:#9aa7b4}.addr{fill:#c3ccd5}
.box{fill:#161b22;stroke:#4b5763}.host{fill:#18222e;stroke:#6b87a3}.deck{fill:#1d242c;stroke:#4b5763}.plate{fill:#12304f;stroke:#58a6ff}
.up{stroke:#58a6ff}.blocked{stroke:#d79be0}.nocarrier{stroke:#f0a83a}.down{stroke:#ff7b6b}.missing{stroke:#8b949e}
.port{fill:#0d1117}.port.up{fill:#58a6ff}
tspan.tblocked{fill:#d79be0}tspan.tnocarrier{fill:#f0a83a}tspan.tdown{fill:#ff8b7d}tspan.tmissing{fill:#9aa7b4}
}
</style>
`

var statusClass = [statuses]string{"up", "blocked", "nocarrier", "down", "missing"}

const (
	svgMargin = 28
	svgHead   = 58 // the title's height
	svgFoot   = 48 // the legend's
)

func (s *page) document(p *Picture, parts []*part, w, h int) {
	legend := p.legend()
	width := max(w, legendWidth(legend), textWidth(shorten(visible(p.Title), maxNote, "…"), 48), textWidth(p.summary(), 32)) + 2*svgMargin
	height := h + svgHead + svgFoot + svgMargin
	s.f(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 % %" width="%" height="%" role="img" aria-labelledby="picture-title picture-desc">`, width, height, width, height).nl()
	s.s(`<title id="picture-title">`).t(visible(p.Title)).s("</title>\n")
	s.s(`<desc id="picture-desc">`).t(p.describe()).s("</desc>").nl().s(svgStyle)
	s.f(`<rect class="bg" width="%" height="%"/>`, width, height).nl()
	s.text("head", svgMargin, svgMargin+10, shorten(visible(p.Title), maxNote, "…"), "")
	s.text("sub", svgMargin, svgMargin+30, p.summary(), "")
	for _, q := range parts {
		q.x += (width - w) / 2
		q.y += svgHead + 14
		for _, d := range q.boxes {
			d.x, d.y = d.x+q.x, d.y+q.y
		}
		for _, l := range q.layers {
			for _, n := range l {
				n.x, n.y = n.x+q.x, n.y+q.y
			}
		}
	}
	for _, q := range parts {
		for _, wire := range q.wires {
			s.wire(wire)
		}
	}
	for _, q := range parts {
		for _, d := range q.boxes {
			s.box(d)
		}
	}
	s.legend(legend, svgMargin, height-svgFoot/2)
	s.s("</svg>\n")
}

// text writes one line; anchor is "", "middle" or "end".
func (s *page) text(class string, x, y int, text, anchor string) {
	if text == "" {
		return
	}
	s.s(`<text class="`).s(class).f(`" x="%" y="%"`, x, y)
	if anchor != "" {
		s.s(` text-anchor="`).s(anchor).s(`"`)
	}
	s.s(">").t(text).s("</text>\n")
}

func (s *page) box(d *drawnBox) {
	class := "box"
	if d.b.Host {
		class = "box host"
	}
	s.s("<g><title>").t(d.b.title()).s("</title>\n")
	if d.b.Count > 1 { // a stack
		dx := 5
		if d.oneSided() { // away from where the wire leaves
			dx = -5
		}
		for i := 2; i > 0; i-- {
			s.f(`<rect class="deck" x="%" y="%" width="%" height="%" rx="10"/>`, d.x+dx*i, d.y+5*i, d.w, d.h).nl()
		}
	}
	s.s(`<rect class="`).s(class).f(`" x="%" y="%" width="%" height="%" rx="10"/>`, d.x, d.y, d.w, d.h).nl()
	s.text("ns", d.x+boxPad, d.y+20, d.b.drawnTitle(), "")
	if d.b.Count > 1 {
		s.text("note", d.x+boxPad, d.y+35, d.countText(), "")
	}
	for _, sec := range d.sections {
		s.section(d, sec)
	}
	for _, r := range d.loose {
		s.mark(d.x+boxPad+5, d.y+r.y, r.link.Status)
		s.line(d.x+boxPad+looseMark, d.y+r.y+4, r, "", true)
	}
	if len(d.notes) > 0 {
		y := d.y + d.notesY
		s.f(`<path class="deck" d="M% %H%"/>`, d.x+boxPad, y-2, d.x+d.w-boxPad).nl()
		for i, n := range d.notes {
			s.text("note", d.x+boxPad, y+12+i*textLine, n, "")
		}
	}
	s.s("</g>\n")
}

func (s *page) section(d *drawnBox, sec *section) {
	rail := d.x + d.rail(sec)
	if sec.bar != nil {
		class := statusClass[sec.bar.Status]
		if sec.end > sec.y+sec.plate {
			s.s(`<path class="rail solid `).s(class).f(`" d="M% %V%"/>`, rail, d.y+sec.y+sec.plate, d.y+sec.end).nl()
		}
		x, y := d.x+d.plateX(sec), d.y+sec.y
		w, _ := sec.plateSize()
		s.s(`<rect class="plate `).s(class).f(` solid" x="%" y="%" width="%" height="%" rx="5"/>`, x, y, w, sec.plate).nl()
		r := &drawnRow{link: sec.bar}
		s.line(x+11, y+15, r, "", false)
		for i, a := range sec.bar.Addrs {
			s.text("addr", x+11, y+30+i*textLine, a, "")
		}
	}
	for side := range sec.rows {
		for _, r := range sec.rows[side] {
			s.row(d, sec, r, rail)
		}
	}
}

// row draws a link at its side of the box.
func (s *page) row(d *drawnBox, sec *section, r *drawnRow, rail int) {
	y := d.y + r.y
	edge, x, anchor := d.x, d.x+boxPad, ""
	if r.side == right {
		edge, x, anchor = d.x+d.w, d.x+d.w-boxPad, "end"
		if d.oneSided() { // text begins where the title does
			x, anchor = d.x+boxPad, ""
		}
	}
	st := r.link.Status
	switch {
	case r.bare && sec.bar == r.link:
		from := rail
		if r.y < sec.y+sec.plate { // out of the plate
			pw, _ := sec.plateSize()
			from = d.x + d.plateX(sec)
			if r.side == right {
				from += pw
			}
		}
		s.s(`<path class="stub `).s(statusClass[st]).f(`" d="M% %H%"/>`, from, y, edge).nl()
	case sec.bar != nil:
		s.s(`<path class="stub `).s(statusClass[st]).f(`" d="M% %H%"/>`, rail, y, edge).nl()
		if !r.bare {
			s.line(x, y-5, r, anchor, false)
			for i, a := range r.link.Addrs {
				s.text("addr", x, y+13+i*textLine, a, anchor)
			}
		}
	case r.bare:
	case r.line:
		s.line(x, y+4, r, anchor, true)
	default:
		top := y - textLine*(len(r.link.Addrs)+1)/2 + 11
		s.line(x, top, r, anchor, false)
		for i, a := range r.link.Addrs {
			s.text("addr", x, top+textLine*(i+1), a, anchor)
		}
	}
	s.mark(edge, y, st)
}

// line writes a link's name, its notes in the colour of its status, and, if
// they stand on the same line, its addresses.
func (s *page) line(x, y int, r *drawnRow, anchor string, addrs bool) {
	s.f(`<text x="%" y="%"`, x, y)
	if anchor != "" {
		s.s(` text-anchor="`).s(anchor).s(`"`)
	}
	s.s(`><tspan class="name">`).t(r.name()).s("</tspan>")
	if n := r.notes(); n != "" {
		s.s(`<tspan class="note" dx="8">`)
		if st := r.link.Status; st != StatusUp {
			s.s(`<tspan class="t`).s(statusClass[st]).s(`">`).s(st.String()).s("</tspan>")
			n = n[len(st.String()):]
		}
		s.t(n).s("</tspan>")
	}
	if addrs {
		for _, a := range r.link.Addrs {
			s.s(`<tspan class="addr" dx="8">`).t(a).s("</tspan>")
		}
	}
	s.s("</text>\n")
}

// mark is a port: filled where it is up, hollow where it has no carrier, a
// cross where it is down.
func (s *page) mark(x, y int, st Status) {
	switch st {
	case StatusDown, StatusMissing:
		s.s(`<circle class="port solid `).s(statusClass[st]).f(`" cx="%" cy="%" r="6"/>`, x, y)
		s.s(`<path class="x solid `).s(statusClass[st]).f(`" d="M% %l4 4m0-4l-4 4"/>`, x-2, y-2).nl()
	default:
		s.s(`<circle class="port solid `).s(statusClass[st]).f(`" cx="%" cy="%" r="4.5"/>`, x, y).nl()
	}
}

// wire draws a wire from port to port.
func (s *page) wire(w *drawnWire) {
	class := "wire " + statusClass[w.w.Status]
	if w.w.Lower {
		class += " lower"
	}
	if w.w.A.Count > 1 || w.w.B.Count > 1 {
		class += " many"
	}
	s.s(`<path class="`).s(class).s(`" d="`)
	ax, ay := portAt(w.a)
	bx, by := portAt(w.b)
	s.f("M% %", ax, ay)
	switch {
	case w.loop && w.a.side == left:
		out := min(ax, bx) - w.depth*4/3 // the curve reaches three quarters of the way to its control points
		s.f("C% % % % % %", out, ay, out, by, bx, by)
	case w.loop:
		out := max(ax, bx) + w.depth*4/3
		s.f("C% % % % % %", out, ay, out, by, bx, by)
	default:
		// Out of the grid that a is in, through the bends, into the grid that b is in.
		c := &course{s, ax, ay}
		if n := w.a.box.in; n != nil && n.grid.side == left {
			_, _, lane := n.cell(w.a.box)
			c.curve(ax+gridGap-4, n.y+lane)
			c.along(n.x + n.w)
		}
		for _, n := range w.bends {
			c.curve(n.x, n.y)
			c.along(n.x + n.w)
		}
		if n := w.b.box.in; n != nil && n.grid.side == right {
			_, _, lane := n.cell(w.b.box)
			c.curve(n.x, n.y+lane)
			c.along(bx - gridGap + 4)
		}
		c.curve(bx, by)
	}
	s.s(`"><title>`).t(w.w.title()).s("</title></path>\n")
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func portAt(r *drawnRow) (x, y int) {
	x = r.box.x
	if r.side == right {
		x += r.box.w
	}
	return x, r.box.y + r.y
}

// course is a line that is being drawn, and how far it is.
type course struct {
	*page
	x, y int
}

// curve goes on smoothly, horizontal at both ends.
func (c *course) curve(x, y int) {
	if y == c.y {
		c.along(x)
		return
	}
	m := (x - c.x) / 2
	c.f("C% % % % % %", c.x+m, c.y, x-m, y, x, y)
	c.x, c.y = x, y
}

// along goes on straight. It does not go back.
func (c *course) along(x int) {
	if x > c.x {
		c.f("H%", x)
		c.x = x
	}
}

// title tells what a wire joins.
func (w *Wire) title() string {
	middle := " – "
	if w.Lower {
		middle = " on top of "
	}
	return w.A.full() + middle + w.B.full() + ": " + w.Status.String()
}

// full is a link's name with its namespace's.
func (l *Link) full() string {
	if l.Box.Host {
		return l.title()
	}
	return l.Box.title() + ":" + l.title()
}

// summary counts what is drawn.
func (p *Picture) summary() string {
	spaces, bars, veths := 0, 0, 0
	for _, b := range p.Boxes {
		if !b.Host {
			spaces += b.Count
		}
		for _, l := range b.Links {
			if l.Kind == "bridge" {
				bars += l.Count
			}
		}
	}
	for _, w := range p.Wires {
		if !w.Lower {
			veths += max(w.A.Count, w.B.Count)
		}
	}
	text := counted(spaces, "namespace")
	if bars > 0 {
		text += ", " + counted(bars, "bridge")
	}
	if veths > 0 {
		text += ", " + counted(veths, "veth")
	}
	return text
}

func counted(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return itoa(n) + " " + what + "s"
}

// describe is the picture in sentences, for those who cannot see it.
func (p *Picture) describe() string {
	text := p.summary() + "."
	for i, w := range p.Wires {
		if i == 40 {
			return text + " And " + itoa(len(p.Wires)-i) + " more."
		}
		text += " " + w.A.described()
		if w.Lower {
			text += " is on top of "
		} else {
			text += " is joined to "
		}
		text += w.B.described() + ": " + w.Status.String() + "."
	}
	return text
}

func (l *Link) described() string {
	text := l.full()
	for i, a := range l.Addrs {
		if i == 0 {
			text += " with "
		} else {
			text += " and "
		}
		text += a
	}
	if l.Master != nil {
		text += ", a port of " + l.Master.title()
		for _, a := range l.Master.Addrs {
			text += " " + a
		}
		text += ","
	}
	return text
}

// legendItem is a sample with its meaning.
type legendItem struct {
	status Status
	lower  bool
	text   string
}

// legend explains the three states that all look for, and what else is drawn.
func (p *Picture) legend() []legendItem {
	var seen [statuses]bool
	lower := false
	for _, b := range p.Boxes {
		for _, l := range b.Links {
			seen[l.Status] = true
		}
	}
	for _, w := range p.Wires {
		seen[w.Status] = true
		lower = lower || w.Lower
	}
	var out []legendItem
	for st := StatusUp; st < statuses; st++ {
		if seen[st] || st == StatusUp || st == StatusNoCarrier || st == StatusDown {
			out = append(out, legendItem{st, false, st.String()})
		}
	}
	if lower {
		out = append(out, legendItem{StatusUp, true, "on top of another link"})
	}
	return out
}

const legendSample = 44

func legendWidth(items []legendItem) int {
	w := 0
	for _, it := range items {
		w += legendSample + 8 + max(textWidth(it.text, 26), 18) + 22
	}
	return w
}

func (s *page) legend(items []legendItem, x, y int) {
	for _, it := range items {
		class := "wire " + statusClass[it.status]
		if it.lower {
			class += " lower"
		}
		s.s(`<path class="`).s(class).f(`" d="M% %H%"/>`, x, y, x+legendSample)
		if it.lower {
			s.s("\n")
		} else {
			s.mark(x+legendSample, y, it.status)
		}
		s.text("sub", x+legendSample+12, y+4, it.text, "")
		x += legendSample + 12 + max(textWidth(it.text, 26), 18) + 22
	}
}
