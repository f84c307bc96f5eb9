package picture

import "slices"

// sort orders each layer's nodes, and the rows of each box, so that few wires
// cross: again and again each goes to the middle of what it is joined to.
func (p *part) sort() {
	p.stack()
	p.sortRows()
	best := p.crossings()
	keep := p.snapshot()
	for round := 0; round < 12 && best > 0; round++ {
		dir := round & 1
		for i := range p.layers {
			l := p.layers[i]
			if dir == 1 {
				l = p.layers[len(p.layers)-1-i]
			}
			for _, n := range l {
				n.key = n.middle(1 - dir) // of what was sorted before
				if len(n.segs[1-dir]) == 0 {
					n.key = n.y + n.h/2
				}
			}
			slices.SortStableFunc(l, func(a, b *node) int { return a.key - b.key })
			p.stackLayer(l)
		}
		p.sortRows()
		if c := p.crossings(); c < best {
			best, keep = c, p.snapshot()
		}
	}
	for i, l := range keep {
		copy(p.layers[i], l)
	}
	p.stack()
	p.sortRows()
	p.swap()
}

// swap tries neighbours the other way round, where that is cheap to judge.
func (p *part) swap() {
	if len(p.wires) > 80 {
		return
	}
	best := p.crossings()
	for better, rounds := true, 0; better && best > 0 && rounds < 4; rounds++ {
		better = false
		for _, l := range p.layers {
			for i := 1; i < len(l); i++ {
				l[i-1], l[i] = l[i], l[i-1]
				p.stackLayer(l)
				p.sortRows()
				if c := p.crossings(); c < best {
					best, better = c, true
					continue
				}
				l[i-1], l[i] = l[i], l[i-1]
				p.stackLayer(l)
			}
		}
		p.sortRows()
	}
}

func (p *part) snapshot() [][]*node {
	out := make([][]*node, len(p.layers))
	for i, l := range p.layers {
		out[i] = slices.Clone(l)
	}
	return out
}

func (p *part) stack() {
	for _, l := range p.layers {
		p.stackLayer(l)
	}
}

// stackLayer puts a layer's nodes below each other, the middle at 0.
func (p *part) stackLayer(l []*node) {
	sum := 0
	for i, n := range l {
		n.size()
		n.order = i
		if i > 0 {
			sum += gap(l[i-1], n)
		}
		n.y = sum
		sum += n.h
	}
	for _, n := range l {
		n.y -= sum / 2
	}
	p.follow(l)
}

func gap(a, b *node) int {
	if a.wire != nil || b.wire != nil {
		return bendGap
	}
	return boxGap
}

// follow moves boxes with their nodes.
func (p *part) follow(l []*node) {
	for _, n := range l {
		switch {
		case n.box != nil:
			n.box.y = n.y
		case n.grid != nil:
			for _, d := range n.grid.boxes {
				_, y, _ := n.cell(d)
				d.y = n.y + y
			}
		}
	}
}

// middle is where the far ends of a node's wires at a side are, on average.
func (n *node) middle(side int) int {
	sum := 0
	for _, s := range n.segs[side] {
		sum += s.far.y + s.far.port(s.fr)
	}
	if len(n.segs[side]) == 0 {
		return 0
	}
	return sum / len(n.segs[side])
}

// farKeys gives each row the place where its wires lead.
func (p *part) farKeys() {
	for _, l := range p.layers {
		for _, n := range l {
			if n.box == nil {
				continue
			}
			for side := range n.segs {
				sums, counts := map[*drawnRow]int{}, map[*drawnRow]int{}
				for _, s := range n.segs[side] {
					sums[s.row] += s.far.y + s.far.port(s.fr)
					counts[s.row]++
				}
				for r, sum := range sums {
					r.key = sum / counts[r]
				}
			}
		}
	}
	for _, w := range p.wires {
		if w.loop && len(w.a.wires) == 1 {
			w.a.key = loopKey(w.a.box, w.b.box)
		}
		if w.loop && len(w.b.wires) == 1 {
			w.b.key = loopKey(w.b.box, w.a.box)
		}
	}
}

// loopKey: a wire to a box above leaves at the top, one to a box below at the
// bottom; those to far ones inside of those to near ones.
func loopKey(from, to *drawnBox) int {
	switch {
	case to.y < from.y:
		return -1<<20 - to.y
	case to.y > from.y:
		return 1<<20 - to.y
	}
	return 0
}

// sortRows orders rows at each side by where they lead.
func (p *part) sortRows() {
	p.farKeys()
	for _, d := range p.boxes {
		for _, s := range d.sections {
			for side := range s.rows {
				if len(s.rows[side]) > 1 {
					slices.SortStableFunc(s.rows[side], func(a, b *drawnRow) int { return a.key - b.key })
				}
			}
		}
		if len(d.sections) > 1 {
			slices.SortStableFunc(d.sections, func(a, b *section) int { return a.key() - b.key() })
		}
		d.measure(nil)
	}
}

// key is where a section's wires lead, on average.
func (s *section) key() int {
	sum, n := 0, 0
	for side := range s.rows {
		for _, r := range s.rows[side] {
			if len(r.wires) > 0 {
				sum += max(-1<<14, min(r.key, 1<<14))
				n++
			}
		}
	}
	if n == 0 {
		return 1 << 15
	}
	return sum / n
}

// crossings counts where wires cross between neighbouring layers.
func (p *part) crossings() int {
	if len(p.wires) > 400 {
		return 0
	}
	sum := 0
	type span struct{ a, b int }
	var spans []span
	for _, l := range p.layers {
		spans = spans[:0]
		for _, n := range l {
			for _, s := range n.segs[right] {
				spans = append(spans, span{n.y + n.port(s.row), s.far.y + s.far.port(s.fr)})
			}
		}
		for i, s := range spans {
			for _, t := range spans[:i] {
				if s.a < t.a && s.b > t.b || s.a > t.a && s.b < t.b {
					sum++
				}
			}
		}
	}
	return sum
}

// place gives all their place: down the layers first, then across.
func (p *part) place(root int) {
	rounds := 8
	if len(p.wires) > 200 {
		rounds = 3
	}
	for range rounds {
		p.sweep(root)
		p.stretch(root)
	}
	p.sweep(root)
	p.across(root)
}

// sweep moves each layer's nodes to what they are joined to: from the root
// outwards, and back.
func (p *part) sweep(root int) {
	for i := root + 1; i < len(p.layers); i++ {
		p.settle(p.layers[i], left, -1)
	}
	for i := root - 1; i >= 0; i-- {
		p.settle(p.layers[i], right, -1)
	}
	for i := len(p.layers) - 2; i > root; i-- {
		p.settle(p.layers[i], left, right)
	}
	for i := 1; i < root; i++ {
		p.settle(p.layers[i], right, left)
	}
	if len(p.layers) > 1 {
		p.settle(p.layers[root], left, right)
	}
}

// settle gives a layer's nodes the places nearest to where they would like to
// be, in their order and without overlaps: neighbours that get in each other's
// way are moved together, by the least squares.
func (p *part) settle(l []*node, side, side2 int) {
	type block struct{ sum, n, y, h int } // h: up to the next block
	var blocks []block
	heads := make([]int, 0, len(l)) // first node of each block
	off := 0                        // of a node in its block
	for i, n := range l {
		n.size()
		sum, count := 0, 0
		for _, side := range [2]int{side, side2} {
			if side < 0 {
				continue
			}
			for _, s := range n.segs[side] {
				sum += s.far.y + s.far.port(s.fr) - n.port(s.row)
				count++
			}
		}
		if count == 0 {
			sum, count = n.y, 1
		}
		want := sum / count
		h := n.h
		if i+1 < len(l) {
			h += gap(n, l[i+1])
		}
		blocks = append(blocks, block{want, 1, want, h})
		heads = append(heads, i)
		for len(blocks) > 1 {
			a, b := &blocks[len(blocks)-2], blocks[len(blocks)-1]
			if a.y+a.h <= b.y {
				break
			}
			a.sum += b.sum - b.n*a.h
			a.n += b.n
			a.h += b.h
			a.y = floorDiv(a.sum, a.n)
			blocks = blocks[:len(blocks)-1]
			heads = heads[:len(heads)-1]
		}
	}
	for i, b := range blocks {
		end := len(l)
		if i+1 < len(heads) {
			end = heads[i+1]
		}
		off = b.y
		for j := heads[i]; j < end; j++ {
			l[j].y = off
			off += l[j].h
			if j+1 < len(l) {
				off += gap(l[j], l[j+1])
			}
		}
	}
	p.follow(l)
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// stretch makes the box in the middle as tall as what hangs on it, so that the
// wires run straight.
func (p *part) stretch(root int) {
	l := p.layers[root]
	if len(l) != 1 || l[0].box == nil {
		return
	}
	n := l[0]
	d := n.box
	p.farKeys()
	d.measure(nil)
	// The top goes where the first row meets its wire. Wires to a box that has
	// several of them come at an angle anyway.
	first, found, rows := 0, false, 0
	straight := map[*drawnRow]bool{}
	for side := range n.segs {
		low, at := 0, -1
		for _, s := range n.segs[side] {
			if s.far.grid == nil && s.far.wiresTo(n) > 1 || len(s.row.wires) > 1 {
				continue
			}
			straight[s.row] = true
			rows++
			if y := s.far.y + s.far.port(s.fr) - s.row.y; at < 0 || s.row.y < at {
				low, at = y, s.row.y
			}
		}
		if at >= 0 && (!found || low < first) {
			first, found = low, true
		}
	}
	if rows < 2 {
		return
	}
	n.y, d.y = first, first
	d.measure(func(r *drawnRow) int {
		if !straight[r] {
			return 0
		}
		return r.key - first
	})
	n.size()
}

// wiresTo counts the wires to a node.
func (n *node) wiresTo(to *node) (count int) {
	for side := range n.segs {
		for _, s := range n.segs[side] {
			if s.far == to {
				count++
			}
		}
	}
	return count
}

// across puts the layers beside each other, and moves all to positive places.
func (p *part) across(root int) {
	x := 0
	for i, l := range p.layers {
		w := 0
		for _, n := range l {
			n.size()
			w = max(w, n.w)
		}
		x += p.loopRoom(l, left)
		for _, n := range l {
			// Small differences in width look like mistakes.
			if n.box != nil && n.w < w && n.w*10 >= w*6 {
				n.box.w, n.w = w, w
			}
			switch {
			case n.wire != nil:
				n.x, n.w = x, w
			case i < root:
				n.x = x + w - n.w
			case i > root:
				n.x = x
			default:
				n.x = x + (w-n.w)/2
			}
			if n.box != nil {
				n.box.x = n.x
			}
			if g := n.grid; g != nil {
				for _, d := range g.boxes {
					cx, cy, _ := n.cell(d)
					d.x, d.y, d.w = n.x+cx, n.y+cy, g.cellW
				}
			}
		}
		x += w + p.loopRoom(l, right)
		p.w = x
		x += p.between(l)
	}
	top, bottom := 1<<30, -1<<30
	for _, l := range p.layers {
		for _, n := range l {
			top, bottom = min(top, n.y), max(bottom, n.y+n.h)
		}
	}
	for _, l := range p.layers {
		for _, n := range l {
			n.y -= top
		}
		p.follow(l)
	}
	p.h = bottom - top
}

// between is the room between a layer and the next: more where wires climb.
func (p *part) between(l []*node) int {
	climb := 0
	for _, n := range l {
		for _, s := range n.segs[right] {
			dy := n.y + n.port(s.row) - s.far.y - s.far.port(s.fr)
			climb = max(climb, dy, -dy)
		}
	}
	return min(layerGap+climb/5, 200)
}

// loopRoom is the room beside a layer for wires that come back to it; they get
// their depth.
func (p *part) loopRoom(l []*node, side int) int {
	room := 0
	for _, w := range p.wires {
		if !w.loop || w.a.side != side || w.a.box.layer != l[0].layer {
			continue
		}
		ya, yb := w.a.box.y+w.a.y, w.b.box.y+w.b.y
		dy := max(ya-yb, yb-ya)
		w.depth = min(34+dy/8, 150)
		room = max(room, w.depth)
	}
	return room
}

// price is how bad the picture is: how much it must be shrunk for a slide, in
// thousandths, and what else one would not like, in the same measure.
func (p *part) price() {
	p.cost = max(p.w*1000/1500, p.h*1000/800, 1000)
	wide, tall := max(p.w, 1)*9, max(p.h, 1)*16
	if wide > tall {
		p.cost += (min(wide*10/tall, 40) - 10) * 2
	} else {
		p.cost += (min(tall*10/wide, 30) - 10) * 4
	}
	p.cost += 40 * p.crossings()
	for _, w := range p.wires {
		p.cost += 6 * len(w.bends)
		if w.loop && w.a.box != w.b.box {
			p.cost += 14
			if !w.adjacent(p) {
				p.cost += 60
			}
		}
	}
	for i, l := range p.layers {
		for j, n := range l {
			if n.grid != nil && n.grid.cols > 1 { // a single column is easier to read
				p.cost += 30 + 2*n.grid.cols + 4*n.grid.free()
			}
			if n.box == nil {
				continue
			}
			if n.box.b.Host && i > 0 && i == len(p.layers)-1 {
				p.cost += 100 // it belongs to the left, or into the middle
			}
			if j > 0 && l[j-1].box != nil && l[j-1].box.number > n.box.number {
				p.cost += 3 // not the file's order
			}
			// A way that turns back.
			if a, b := n.segs[left], n.segs[right]; len(a) == 0 && len(b) == 2 && b[0].far != b[1].far ||
				len(b) == 0 && len(a) == 2 && a[0].far != a[1].far {
				p.cost += 100
			}
		}
	}
}

// free is how many places in the last row are left.
func (g *grid) free() int { return (g.cols - len(g.boxes)%g.cols) % g.cols }

// adjacent tells whether nothing stands between the ends of a loop.
func (w *drawnWire) adjacent(p *part) bool {
	oa, ob := -1, -1
	for _, n := range p.layers[w.a.box.layer] {
		if n.box == w.a.box {
			oa = n.order
		}
		if n.box == w.b.box {
			ob = n.order
		}
	}
	return oa-ob == 1 || ob-oa == 1
}
