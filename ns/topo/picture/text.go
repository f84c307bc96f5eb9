package picture

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// TextOptions say how Text draws. The zero ones do for a serial console.
type TextOptions struct {
	Width   int  // columns; 0 stands for 80
	Unicode bool // lines and letters beyond ASCII
	Color   bool // escape sequences for a terminal's colours
}

// Text draws the picture with characters, in lines of up to Width columns.
//
// Each box stands at the left, below the one before, with the boxes that its
// wires lead to at its right. One that has other wires too comes again at the
// left, further down.
func (p *Picture) Text(o TextOptions) []byte {
	if o.Width == 0 {
		o.Width = 80
	}
	o.Width = max(o.Width, 40)
	t := &textCanvas{TextOptions: o, glyphs: &asciiGlyphs, ends: p.ends(), drawn: map[*Wire]bool{}, done: map[*Box]bool{}}
	if o.Unicode {
		t.glyphs = &unicodeGlyphs
	}
	counts := p.summary()
	t.raw(t.short(p.Title, max(t.Width-2-len(counts), 10))+": "+counts, styleBold)
	t.newline()
	for _, b := range p.textOrder() {
		if !t.done[b] {
			t.block(b)
		}
	}
	t.legend(p)
	return t.b
}

type glyphs struct {
	h, v               string // lines
	tl, tr, bl, br     string // corners
	tee, cross         string // where the right boxes' borders meet
	branch, last, rail string // of a bar
	from, to           string // ports in the left and right borders
	dead               string // of a link that is down
	gap                string
	wires              [statuses][2]string // of two columns each; the second is for what is on top of another link
}

var asciiGlyphs = glyphs{"-", "|", "+", "+", "+", "+", "+", "+", "+-", "+-", "|", "o", "o", "x", "..",
	[statuses][2]string{{"==", "--"}, {"=!", "-!"}, {"- ", "- "}, {". ", ". "}, {"? ", "? "}}}

// unicodeGlyphs are such as the fonts of the kernel's own console have.
var unicodeGlyphs = glyphs{"─", "│", "┌", "┐", "└", "┘", "├", "┤", "├─", "└─", "│", "╞", "╡", "x", "…",
	[statuses][2]string{{"══", "──"}, {"═!", "─!"}, {"- ", "- "}, {"· ", "· "}, {"? ", "? "}}}

type textStyle uint8

const (
	stylePlain textStyle = iota
	styleBold
	styleStatus // and the status
)

var statusColors = [statuses]string{"32", "35", "33", "31", "31"}

// textSpan is text of one style.
type textSpan struct {
	text  string
	style textStyle
}

type textLineOf []textSpan

// add appends text of a style.
//
//go:noinline
func (l textLineOf) add(text string, style textStyle) textLineOf {
	return append(l, textSpan{text, style})
}

func (l textLineOf) width() int {
	n := 0
	for _, s := range l {
		n += cells(s.text)
	}
	return n
}

// textRow is one line across: what stands in the left box, the wire, what
// stands in the right one.
type textRow struct {
	left  textLineOf
	wire  *Wire
	near  *Link // the wire's end at the left
	open  bool  // a box at the right begins here, or goes on
	close bool  // it ends here
	box   *Box  // that begins here
	title string
	right textLineOf
}

type textCanvas struct {
	TextOptions
	*glyphs
	page
	ends  map[*Link][]wireEnd
	drawn map[*Wire]bool
	done  map[*Box]bool
	rows  []*textRow // of the block that is being made up
	inner [2]int     // columns inside the boxes at the left and at the right
}

// row adds a line to the block.
//
//go:noinline
func (t *textCanvas) row(left textLineOf) *textRow {
	r := &textRow{left: left}
	t.rows = append(t.rows, r)
	return r
}

// textOrder lists boxes so that joined ones follow each other.
func (p *Picture) textOrder() []*Box {
	near := neighbours(p.Boxes, p.Wires)
	seen := make([]bool, len(near))
	var out []*Box
	for i := range near {
		if seen[i] {
			continue
		}
		for _, j := range walk(near, i) {
			seen[j] = true
			out = append(out, p.Boxes[j])
		}
	}
	return out
}

// clean is a text that came from outside, and fits the character set.
func (t *textCanvas) clean(s string) string {
	s = visible(s)
	if t.Unicode {
		return s
	}
	var out []byte
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r < 0x80:
			out = append(out, s[i])
		case r == '…':
			out = append(out, ".."...)
		case r == '–':
			out = append(out, '-')
		default:
			for _, c := range []byte(s[i : i+n]) {
				out = append(out, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
			}
		}
		i += n
	}
	return string(out)
}

func (t *textCanvas) raw(s string, style textStyle) {
	if !t.Color || style == stylePlain {
		t.s(s)
		return
	}
	t.s("\x1b[")
	if style == styleBold {
		t.s("1")
	} else {
		t.s(statusColors[style-styleStatus])
	}
	t.s("m")
	t.s(s)
	t.s("\x1b[0m")
}

//go:noinline
func (t *textCanvas) repeat(s string, n int) {
	for range n {
		t.s(s)
	}
}

// newline ends a line; no blanks stand at its end.
func (t *textCanvas) newline() {
	for len(t.b) > 0 && t.b[len(t.b)-1] == ' ' {
		t.b = t.b[:len(t.b)-1]
	}
	t.nl()
}

// words of a link: its name, its state and notes, its addresses.
func (t *textCanvas) words(l *Link, width int) textLineOf {
	w := textLineOf(nil).add(t.short(l.title(), width), styleBold)
	if l.Status != StatusUp {
		w = w.add("("+l.Status.String()+")", styleStatus+textStyle(l.Status))
	}
	for _, list := range [2][]string{l.Notes, l.Addrs} {
		for _, n := range list {
			w = w.add(t.short(n, width), stylePlain)
		}
	}
	return w
}

func (t *textCanvas) short(s string, width int) string {
	return shorten(t.clean(s), width, t.gap)
}

// wrap makes lines of words.
func wrap(words textLineOf, width int) []textLineOf {
	var out []textLineOf
	var line textLineOf
	n := 0
	for _, w := range words {
		size := cells(w.text)
		if n > 0 && n+1+size > width {
			out = append(out, line)
			line, n = nil, 0
		}
		if n > 0 {
			line = line.add(" ", stylePlain)
			n++
		}
		line = line.add(w.text, w.style)
		n += size
	}
	return append(out, line)
}

const (
	textWire = 7  // columns of a wire
	textLeft = 36 // of the left box's inside, at most, where there are boxes at the right
)

// block draws a box, and those at the other ends of its wires.
func (t *textCanvas) block(b *Box) {
	t.done[b] = true
	t.inner = [2]int{t.Width - 4, 0}
	for _, l := range b.Links {
		for _, e := range t.ends[l] {
			if !t.drawn[e.wire] && e.far.Box != b {
				n := min(textLeft, (t.Width-textWire-8)/2)
				t.inner = [2]int{n, t.Width - textWire - 8 - n}
			}
		}
	}
	t.makeUp(b)
	rows := t.rows
	// No wider than needed.
	title := t.boxTitle(b, t.inner[left]-2)
	need := [2]int{cells(title) + 2, 0}
	for _, r := range rows {
		need[left] = max(need[left], r.left.width()+btoi(r.wire != nil))
		need[right] = max(need[right], r.right.width(), cells(r.title)+2)
	}
	for side := range need {
		t.inner[side] = min(t.inner[side], need[side])
	}

	t.border(t.tl, t.tr, title, t.inner[left])
	if len(rows) > 0 && rows[0].title != "" && len(rows[0].left) == 0 { // both begin on one line
		t.repeat(" ", textWire)
		t.border(t.tl, t.tr, rows[0].title, t.inner[right])
		rows = rows[1:]
	}
	t.newline()
	for i, r := range rows {
		if i == len(rows)-1 && r.close && len(r.left) == 0 { // both end on one line
			t.border(t.bl, t.br, "", t.inner[left])
			t.repeat(" ", textWire)
			t.border(t.bl, t.br, "", t.inner[right])
			t.newline()
			return
		}
		t.across(r, i > 0 && rows[i-1].open)
	}
	t.border(t.bl, t.br, "", t.inner[left])
	t.newline()
}

// border draws the line above or below a box.
func (t *textCanvas) border(corner, end, title string, inner int) {
	t.s(corner)
	n := inner + 2
	if title != "" {
		t.s(t.h)
		t.raw(" "+title+" ", styleBold)
		n -= cells(title) + 3
	}
	t.repeat(t.h, n)
	t.s(end)
}

func (t *textCanvas) boxTitle(b *Box, width int) string {
	title := b.title()
	if b.Count > 1 {
		title = t.clean(title) + " (" + itoa(b.Count) + ")"
	}
	return t.short(title, width)
}

// makeUp makes the lines of a block.
func (t *textCanvas) makeUp(b *Box) {
	t.rows = nil
	inner := t.inner[left]
	for _, bar := range b.Links {
		if !bar.bar() {
			continue
		}
		words := t.words(bar, inner-2)
		words[0].text = "[" + words[0].text + "]"
		for _, l := range wrap(words, inner) {
			t.row(l)
		}
		first := len(t.rows)
		for _, l := range t.together(b, bar) {
			t.link(l, t.branch+" ", t.rail+"  ")
		}
		t.finishRail(t.rows[first:])
		t.link(bar, "", "")
	}
	for _, l := range t.together(b, nil) {
		t.link(l, "", "  ")
	}
	for _, n := range b.Notes {
		for _, line := range t.note(n, inner) {
			t.row(line)
		}
	}
	t.closeBoxes()
}

// together lists a box's links with a master, or those without one, so that those
// which lead to the same box follow each other.
func (t *textCanvas) together(b *Box, master *Link) (links []*Link) {
	at := map[*Box]int{}
	for _, l := range b.Links {
		if l.Master != master || l.bar() {
			continue
		}
		links = append(links, l)
		for _, e := range t.ends[l] {
			if _, ok := at[e.far.Box]; !ok {
				at[e.far.Box] = len(links)
			}
		}
	}
	key := func(l *Link) int {
		if len(t.ends[l]) == 0 {
			return 1 << 30
		}
		return at[t.ends[l][0].far.Box]
	}
	slices.SortStableFunc(links, func(a, b *Link) int { return key(a) - key(b) })
	return links
}

// finishRail ends a bar's rail at its last port.
func (t *textCanvas) finishRail(rows []*textRow) {
	for i := len(rows) - 1; i >= 0; i-- {
		switch first := &rows[i].left[0]; first.text {
		case t.branch + " ":
			first.text = t.last + " "
			return
		case t.rail + "  ":
			first.text = "   "
		}
	}
}

// link adds a link at the left, and what is at the other ends of its wires. lead
// stands before its first line, more before others.
func (t *textCanvas) link(l *Link, lead, more string) {
	room := t.inner[left] - max(cells(lead), cells(more))
	words := t.words(l, room)
	var wires []wireEnd
	for _, e := range t.ends[l] {
		switch {
		case e.wire.inside():
		case e.far.Box == l.Box || t.drawn[e.wire]:
			words = words.add(t.short("to "+e.far.full(), room), stylePlain)
		default:
			wires = append(wires, e)
		}
	}
	lines := wrap(words, room)
	if l.bar() { // its name stands above its ports
		if lines = nil; len(wires) == 0 {
			return
		}
	}
	// next is the next line at the left.
	n := 0
	next := func() *textRow {
		start := more
		if n == 0 {
			start = lead
		}
		var line textLineOf
		if start != "" && (n < len(lines) || start != "  ") {
			line = line.add(start, stylePlain)
		}
		if n < len(lines) {
			line = append(line, lines[n]...)
		}
		n++
		return t.row(line)
	}
	for _, e := range wires {
		t.drawn[e.wire] = true
		far := e.far.Box
		if !t.isOpen(far) {
			var rail textLineOf
			if lead != "" {
				rail = rail.add(more, stylePlain)
			}
			r := t.row(rail)
			r.title, r.box, r.open = t.boxTitle(far, t.inner[right]-2), far, true
		}
		for i, line := range t.farLines(e.far) {
			r := next()
			r.open, r.right, r.near = true, line, l
			if i == 0 {
				r.wire = e.wire
			}
		}
	}
	for n < len(lines) {
		next().open = len(wires) > 0
	}
}

// farLines are the lines of a link in a box at the right, and, once all wires
// of that box are drawn, of what else is in it, if that is little.
func (t *textCanvas) farLines(l *Link) []textLineOf {
	room := t.inner[right]
	lines := wrap(t.words(l, room), room)
	if !t.leaf(l.Box) {
		return lines
	}
	t.done[l.Box] = true
	for _, other := range l.Box.Links {
		if len(t.ends[other]) == 0 {
			lines = append(lines, wrap(t.words(other, room), room)...)
		}
	}
	for _, n := range l.Box.Notes {
		lines = append(lines, t.note(n, room)...)
	}
	return lines
}

// note makes lines of a box's note: up to three.
func (t *textCanvas) note(n string, width int) []textLineOf {
	var words textLineOf
	for i, w := range strings.Fields(t.short(n, 3*width-6)) {
		if i == 0 {
			w = "* " + w
		}
		words = words.add(t.short(w, width), stylePlain)
	}
	return wrap(words, width)
}

// isOpen tells whether the box that is open at the right is b.
func (t *textCanvas) isOpen(b *Box) bool {
	for i := len(t.rows) - 1; i >= 0 && t.rows[i].open; i-- {
		if t.rows[i].box != nil {
			return t.rows[i].box == b
		}
	}
	return false
}

// leaf tells whether all wires of a box are drawn and lead to one other box, and
// there is no bar in it: it fits at the right.
func (t *textCanvas) leaf(b *Box) bool {
	var to *Box
	for _, l := range b.Links {
		if l.bar() || l.Master != nil {
			return false
		}
		for _, e := range t.ends[l] {
			if e.far.Box == b || to != nil && e.far.Box != to || !t.drawn[e.wire] {
				return false
			}
			to = e.far.Box
		}
	}
	return true
}

// closeBoxes ends each box at the right that no other one follows: beside the
// next line, if there is one.
func (t *textCanvas) closeBoxes() {
	open := false
	for _, r := range t.rows {
		r.close = open && !r.open
		open = r.open
	}
	if open {
		t.row(nil).close = true
	}
}

// across writes one line. open tells that a box at the right is open above it.
func (t *textCanvas) across(r *textRow, open bool) {
	t.s(t.v).s(" ")
	t.spans(r.left)
	fill, n := " ", t.inner[left]-r.left.width()
	if r.wire != nil {
		fill = t.h
	}
	t.s(" ")
	t.repeat(fill, n)
	if r.wire != nil {
		t.wire(r)
	} else {
		t.s(t.v)
		if r.open || r.close {
			t.repeat(" ", textWire)
		}
	}
	switch {
	case r.title != "" && open:
		t.border(t.tee, t.cross, r.title, t.inner[right])
	case r.title != "":
		t.border(t.tl, t.tr, r.title, t.inner[right])
	case r.close:
		t.border(t.bl, t.br, "", t.inner[right])
	case r.open:
		if r.wire == nil {
			t.s(t.v)
		}
		t.s(" ")
		t.spans(r.right)
		t.repeat(" ", t.inner[right]-r.right.width()+1)
		t.s(t.v)
	}
	t.newline()
}

func (t *textCanvas) spans(l textLineOf) {
	for _, s := range l {
		t.raw(s.text, s.style)
	}
}

// wire writes the wire with the ports at its ends.
func (t *textCanvas) wire(r *textRow) {
	far := r.wire.A
	if far == r.near {
		far = r.wire.B
	}
	from, to, piece := t.from, t.to, t.wires[r.wire.Status][btoi(r.wire.Lower)]
	if r.wire.Lower && t.Unicode {
		from, to = t.tee, t.cross
	}
	if r.near.Status >= StatusDown {
		from = t.dead
	}
	if far.Status >= StatusDown {
		to = t.dead
	}
	for i := range textWire {
		from += half(piece, i%2)
	}
	t.raw(from+to, styleStatus+textStyle(r.wire.Status))
}

// half is the i-th of a text's two characters.
func half(s string, i int) string {
	_, n := utf8.DecodeRuneInString(s)
	if i == 0 {
		return s[:n]
	}
	return s[n:]
}

// legend explains what is not up.
func (t *textCanvas) legend(p *Picture) {
	var seen [statuses]bool
	for _, w := range p.Wires {
		seen[w.Status] = true
	}
	if len(p.Wires) == 0 || seen == [statuses]bool{StatusUp: true} {
		return
	}
	for st, yes := range seen {
		if yes {
			t.raw(t.wires[st][0]+t.wires[st][0], styleStatus+textStyle(st))
			t.s(" ").s(statusWords[st]).s("   ")
		}
	}
	t.newline()
}
