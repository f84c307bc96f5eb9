package picture

import "slices"

// Where the boxes go. Those that are joined stand in layers from left to right;
// wires run between neighbouring layers, so that none crosses a box, and long
// ones bend in the layers between. Several ways to choose the layers are tried, and
// the best picture is taken: what must be shrunk least for a slide, with few
// crossings. All is integers, and nothing hangs on the order of a map: the
// same topology gives the same picture.

// drawnWire is a wire with its course.
type drawnWire struct {
	w     *Wire
	a, b  *drawnRow // a stands left of b, or above it in the same layer
	bends []*node   // in the layers between
	loop  bool      // both ends are at the same side
	depth int       // of a loop: how far it reaches out
}

// node is what stands in a layer: a box, boxes alike in a grid, a wire's bend.
type node struct {
	box   *drawnBox
	grid  *grid
	wire  *drawnWire // of a bend
	layer int
	order int
	x, y  int
	w, h  int
	segs  [2][]seg // to the left, to the right
	key   int
}

// seg is a piece of a wire between neighbouring layers, seen from one end.
type seg struct {
	row *drawnRow // at this end; nil for a bend
	far *node
	fr  *drawnRow // at the far end
}

// grid is boxes that hang on one box by one wire each, in rows of several; the
// wires to those farther away run between the rows.
type grid struct {
	boxes []*drawnBox
	cols  int
	side  int // of the box that they hang on: where the grid is from there
	cellW int
	cellH int
	pitch int
}

const (
	boxGap   = 14 // between boxes of a layer
	bendGap  = 12
	layerGap = 84
	gridGap  = 26 // between a grid's columns
	laneGap  = 7  // between the wires that run between a grid's rows
)

// part is boxes that are joined to each other.
type part struct {
	boxes  []*drawnBox
	wires  []*drawnWire
	layers [][]*node
	x, y   int
	w, h   int
	cost   int
}

// arrange is one try.
type arrange struct {
	root  int  // the box in the middle, or at the left
	sides bool // both sides of it
	cols  int  // of grids; 1 for none
	ring  int  // layers of a ring; 0 for none
	tips  bool // layers by the distance from the nearest box with one neighbour
}

// bestPart lays boxes out in all ways that may be good, and returns the best.
func bestPart(boxes []*Box, wires []*Wire) *part {
	var best *part
	for _, a := range arrangements(boxes, wires) {
		p := layOut(boxes, wires, a)
		if best == nil || p.cost < best.cost {
			best = p
		}
	}
	return best
}

func arrangements(boxes []*Box, wires []*Wire) []arrange {
	near := neighbours(boxes, wires)
	most, host := 0, -1
	leaves, edges := 0, 0
	for i := range near {
		n := len(near[i])
		if n > len(near[most]) {
			most = i
		}
		if boxes[i].Host {
			host = i
		}
		if n == 1 {
			leaves++
		}
		edges += n
	}
	cols := 1
	for cols < 16 && (cols+1)*(cols+1) <= 2*leaves {
		cols++
	}
	if len(boxes) > 400 { // one try takes long enough
		return []arrange{{root: most, sides: true, cols: cols}}
	}
	rings := len(boxes) >= 3 && edges/2 >= len(boxes) // there is a ring among them
	var out []arrange
	for _, a := range [...]arrange{{root: center(near)}, {root: host}, {root: most}, {root: most, tips: true}} {
		if a.root < 0 || a.tips && (leaves < 2 || !rings) || !a.tips && len(out) > 0 && a.root == out[len(out)-1].root {
			continue
		}
		for a.cols = 1; a.cols <= cols; a.cols++ {
			for range 2 {
				out = append(out, a)
				a.sides = !a.sides
			}
		}
	}
	if rings && len(boxes) <= 40 {
		for a := (arrange{ring: 3, cols: 1}); a.ring <= min(7, len(boxes)); a.ring += 2 {
			out = append(out, a)
		}
	}
	return out
}

// neighbours lists, for each box, those that it is joined to, each once.
func neighbours(boxes []*Box, wires []*Wire) [][]int {
	at := make(map[*Box]int, len(boxes))
	for i, b := range boxes {
		at[b] = i
	}
	near := make([][]int, len(boxes))
	seen := make(map[[2]int]bool, len(wires))
	for _, w := range wires {
		a, b := at[w.A.Box], at[w.B.Box]
		if a == b || seen[[2]int{a, b}] {
			continue
		}
		seen[[2]int{a, b}], seen[[2]int{b, a}] = true, true
		near[a] = append(near[a], b)
		near[b] = append(near[b], a)
	}
	return near
}

// distances counts the wires from a box to each other one.
//
//go:noinline
func distances(near [][]int, from int) []int {
	dist := make([]int, len(near))
	for i := range dist {
		dist[i] = -1
	}
	dist[from] = 0
	for queue := []int{from}; len(queue) > 0; queue = queue[1:] {
		for _, n := range near[queue[0]] {
			if dist[n] < 0 {
				dist[n] = dist[queue[0]] + 1
				queue = append(queue, n)
			}
		}
	}
	return dist
}

// center is the box from which the farthest other one is nearest: half-way on
// the longest way.
func center(near [][]int) int {
	far := func(from int) (int, []int) {
		dist := distances(near, from)
		at := from
		for i, d := range dist {
			if d > dist[at] {
				at = i
			}
		}
		return at, dist
	}
	a, _ := far(0)
	b, fromA := far(a)
	_, fromB := far(b)
	best := a
	for i := range near {
		if max(fromA[i], fromB[i]) < max(fromA[best], fromB[best]) {
			best = i
		}
	}
	return best
}

// walk lists boxes so that those that are joined stand together.
func walk(near [][]int, from int) []int {
	seen := make([]bool, len(near))
	var out []int
	for stack := []int{from}; len(stack) > 0; {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[i] {
			continue
		}
		seen[i] = true
		out = append(out, i)
		for j := len(near[i]) - 1; j >= 0; j-- {
			if !seen[near[i][j]] {
				stack = append(stack, near[i][j])
			}
		}
	}
	return out
}

func layOut(boxes []*Box, wires []*Wire, a arrange) *part {
	p := &part{}
	near := neighbours(boxes, wires)
	layer := make([]int, len(boxes))
	var order []int
	if a.ring > 0 {
		order = walk(near, 0)
		ringLayers(layer, order, a.ring)
		order = ringOrder(order)
	} else {
		copy(layer, distances(near, a.root))
		order = walk(near, a.root)
		if a.tips {
			tipLayers(layer, near)
		}
		if a.sides {
			twoSides(layer, near, order)
		}
	}
	low := slices.Min(layer)
	by := make(map[*Box]*drawnBox, len(boxes))
	drawn := make([]*drawnBox, len(boxes))
	for i, b := range boxes {
		d := newDrawnBox(b)
		d.number = i
		d.layer = layer[i] - low
		if d.layer > 0 {
			d.side = right
		}
		drawn[i] = d
		by[b] = d
		p.boxes = append(p.boxes, d)
	}
	p.layers = make([][]*node, slices.Max(layer)-low+1)
	root := layer[a.root] - low
	if a.tips {
		root = -low
	}
	p.hang(wires, by)
	p.nodes(drawn, order, a.cols, root)
	for _, d := range drawn {
		d.rest()
		d.measure(nil)
	}
	p.sort()
	p.place(root)
	p.price()
	return p
}

// twoSides sends a part of what hangs on layer 0 to the left: what is joined
// without that stays together. The first half goes there.
func twoSides(layer []int, near [][]int, order []int) {
	group := make([]int, len(near))
	rest := len(near)
	for i := range group {
		group[i] = -1
		if layer[i] == 0 {
			group[i] = -2
			rest--
		}
	}
	var sizes []int
	for _, i := range order {
		if group[i] != -1 {
			continue
		}
		g := len(sizes)
		sizes = append(sizes, 0)
		group[i] = g
		for queue := []int{i}; len(queue) > 0; queue = queue[1:] {
			sizes[g]++
			for _, n := range near[queue[0]] {
				if group[n] == -1 {
					group[n] = g
					queue = append(queue, n)
				}
			}
		}
	}
	if len(sizes) < 2 {
		return
	}
	sum, half := 0, rest/2
	for g, n := range sizes {
		if sum > 0 && sum+n > half && sum+n-half > half-sum {
			break
		}
		if g == len(sizes)-1 && g > 0 && sum+n > half {
			break
		}
		sum += n
		sizes[g] = -1
	}
	for i, g := range group {
		if g >= 0 && sizes[g] == -1 {
			layer[i] = -layer[i]
		}
	}
}

// tipLayers puts what has one neighbour at the right, and what is farthest from
// all such at the left: spines, leaves, hosts.
func tipLayers(layer []int, near [][]int) {
	var queue []int
	for i := range near {
		layer[i] = -1
		if len(near[i]) == 1 {
			layer[i] = 0
			queue = append(queue, i)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, n := range near[queue[0]] {
			if layer[n] < 0 {
				layer[n] = layer[queue[0]] + 1
				queue = append(queue, n)
			}
		}
	}
	far := slices.Max(layer)
	for i := range layer {
		layer[i] = far - layer[i]
	}
}

// ringLayers puts boxes on a ring, the first at its top, clockwise; layers are
// its columns from left to right.
func ringLayers(layer, order []int, cols int) {
	n := len(order)
	for i, b := range order {
		// 0 at the top, 1000 at the right, 2000 at the bottom, 3000 at the left.
		t := i * 4000 / n
		x := 0 // -1000 to 1000: near enough the sine
		switch {
		case t <= 2000:
			x = 1000 - (t-1000)*(t-1000)/1000
		default:
			x = -(1000 - (t-3000)*(t-3000)/1000)
		}
		layer[b] = (x + 1000) * cols / 2001
	}
}

// ringOrder lists boxes from the ring's top to its bottom.
func ringOrder(order []int) []int {
	var out []int
	for n, i := len(order), 0; len(out) < n; i++ {
		out = append(out, order[i])
		if i > 0 && len(out) < n {
			out = append(out, order[n-i])
		}
	}
	return out
}

// hang makes the rows to which wires are fastened, and the wires.
func (p *part) hang(wires []*Wire, by map[*Box]*drawnBox) {
	near := map[*drawnBox]*drawnBox{}
	for _, w := range wires {
		a, b := by[w.A.Box], by[w.B.Box]
		if w.inside() {
			continue
		}
		a.degree++
		b.degree++
		near[a], near[b] = b, a
		d := &drawnWire{w: w}
		la, lb := w.A, w.B
		if a.layer > b.layer {
			a, b, la, lb = b, a, lb, la
		}
		if a.layer == b.layer {
			d.loop = true
			d.a, d.b = a.row(la, a.side), b.row(lb, a.side)
		} else {
			d.a, d.b = a.row(la, right), b.row(lb, left)
		}
		d.a.wires = append(d.a.wires, d)
		if d.b != d.a {
			d.b.wires = append(d.b.wires, d)
		}
		p.wires = append(p.wires, d)
	}
	for _, d := range p.boxes {
		if d.degree == 1 && near[d] != d && near[d].degree > 1 && near[d].layer != d.layer {
			d.leafOf = near[d]
		}
	}
}

// add puts a node behind the others in its layer.
//
//go:noinline
func (p *part) add(n *node) {
	n.order = len(p.layers[n.layer])
	p.layers[n.layer] = append(p.layers[n.layer], n)
}

// join adds a piece of a wire.
//
//go:noinline
func (n *node) join(side int, row *drawnRow, far *node, fr *drawnRow) {
	n.segs[side] = append(n.segs[side], seg{row, far, fr})
}

// nodes fills the layers.
func (p *part) nodes(drawn []*drawnBox, order []int, cols, root int) {
	of := make(map[*drawnBox]*node, len(drawn))
	type key struct {
		hub *drawnBox
		bar *Link
		to  int
	}
	grids := map[key]*node{}
	for _, i := range order {
		d := drawn[i]
		if d.leafOf != nil && cols > 1 {
			far := d.onlyWire().other(d)
			k := key{d.leafOf, far.link.Master, d.layer}
			n := grids[k]
			if n == nil {
				side := right
				if d.layer < d.leafOf.layer {
					side = left
				}
				n = &node{grid: &grid{cols: cols, side: side}, layer: d.layer}
				grids[k] = n
				p.add(n)
			}
			d.cell = len(n.grid.boxes)
			n.grid.boxes = append(n.grid.boxes, d)
			d.in = n
			of[d] = n
			continue
		}
		n := &node{box: d, layer: d.layer}
		of[d] = n
		p.add(n)
	}
	for _, w := range p.wires {
		if w.loop {
			continue
		}
		a, b := of[w.a.box], of[w.b.box]
		from, row := a, w.a
		for l := w.a.box.layer + 1; l < w.b.box.layer; l++ {
			n := &node{wire: w, layer: l}
			w.bends = append(w.bends, n)
			p.add(n)
			from.join(right, row, n, nil)
			n.join(left, nil, from, row)
			from, row = n, nil
		}
		from.join(right, row, b, w.b)
		b.join(left, w.b, from, row)
	}
}

func (d *drawnBox) onlyWire() *drawnWire {
	for _, s := range d.sections {
		for side := range s.rows {
			for _, r := range s.rows[side] {
				if len(r.wires) > 0 {
					return r.wires[0]
				}
			}
		}
	}
	return nil
}

// other is the wire's end that is not in a box.
func (w *drawnWire) other(d *drawnBox) *drawnRow {
	if w.a.box == d {
		return w.b
	}
	return w.a
}

// size is a node's, once its boxes have theirs.
func (n *node) size() {
	switch {
	case n.box != nil:
		n.w, n.h = n.box.w, n.box.h
	case n.grid != nil:
		g := n.grid
		for _, d := range g.boxes {
			g.cellW, g.cellH = max(g.cellW, d.w), max(g.cellH, d.h)
		}
		cols := min(g.cols, len(g.boxes))
		rows := (len(g.boxes) + g.cols - 1) / g.cols
		g.pitch = max(g.cellH+12+(cols-1)*laneGap, cols*portPitch)
		n.w = cols*(g.cellW+gridGap) - gridGap
		n.h = rows*g.pitch - (g.pitch - g.cellH - (cols-1)*laneGap)
	}
}

// port is where a wire leaves a node, from the node's top.
func (n *node) port(r *drawnRow) int {
	switch {
	case n.grid != nil:
		_, _, lane := n.cell(r.box)
		return lane
	case r == nil:
		return 0
	}
	return r.y
}

// cell is where in a grid a box stands, from the grid's corner, and the lane on
// which its wire comes in. At the right, the first column is the nearest, and
// the lanes of the others run below the boxes; at the left the first one is the
// farthest, and the lanes run above: read from left to right, both are in order.
func (n *node) cell(d *drawnBox) (x, y, lane int) {
	g := n.grid
	i := d.cell
	cols := min(g.cols, len(g.boxes))
	row, col := i/g.cols, i%g.cols
	inRow := min(cols, len(g.boxes)-row*g.cols)
	x = col * (g.cellW + gridGap)
	y = row * g.pitch
	port := d.leafPort()
	if g.side == left {
		x += (cols - inRow) * (g.cellW + gridGap)
		y += (cols - 1) * laneGap
		if far := inRow - 1 - col; far > 0 {
			return x, y, y - 2 - far*laneGap
		}
		return x, y, y + port
	}
	if col > 0 {
		return x, y, y + g.cellH + 2 + col*laneGap
	}
	return x, y, y + port
}

// leafPort is where the only wire comes in, from the box's top.
func (d *drawnBox) leafPort() int {
	w := d.onlyWire()
	if w.a.box == d {
		return w.a.y
	}
	return w.b.y
}
