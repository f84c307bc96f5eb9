package picture

import (
	"slices"
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
	return t.out
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
	fill  string // what goes on after left's text up to the border; "" for blanks
	wire  *Wire
	near  *Link  // the wire's end at the left
	title string // of a box that begins at the right
	open  bool   // a box at the right goes on
	close bool   // it ends here
	right textLineOf
}

type textCanvas struct {
	TextOptions
	*glyphs
	out   []byte
	ends  map[*Link][]wireEnd
	drawn map[*Wire]bool
	done  map[*Box]bool
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
		t.out = append(t.out, s...)
		return
	}
	t.out = append(t.out, "\x1b["...)
	if style == styleBold {
		t.out = append(t.out, '1')
	} else {
		t.out = append(t.out, statusColors[style-styleStatus]...)
	}
	t.out = append(t.out, 'm')
	t.out = append(t.out, s...)
	t.out = append(t.out, "\x1b[0m"...)
}

func (t *textCanvas) repeat(s string, n int) {
	for range n {
		t.out = append(t.out, s...)
	}
}

// newline ends a line; no blanks stand at its end.
func (t *textCanvas) newline() {
	for len(t.out) > 0 && t.out[len(t.out)-1] == ' ' {
		t.out = t.out[:len(t.out)-1]
	}
	t.out = append(t.out, '\n')
}

// words of a link: its name, its state and notes, its addresses.
func (t *textCanvas) words(l *Link, width int) textLineOf {
	w := textLineOf{{t.short(l.title(), width), styleBold}}
	if l.Status != StatusUp {
		w = append(w, textSpan{"(" + l.Status.String() + ")", styleStatus + textStyle(l.Status)})
	}
	for _, n := range l.Notes {
		w = append(w, textSpan{t.short(n, width), stylePlain})
	}
	for _, a := range l.Addrs {
		w = append(w, textSpan{t.short(a, width), stylePlain})
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
			line = append(line, textSpan{" ", stylePlain})
			n++
		}
		line = append(line, w)
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
	wires := false
	for _, l := range b.Links {
		for _, e := range t.ends[l] {
			wires = wires || !t.drawn[e.wire] && e.far.Box != b
		}
	}
	inner := t.Width - 4
	rightInner := 0
	if wires {
		inner = min(textLeft, (t.Width-textWire-8)/2)
		rightInner = t.Width - textWire - 8 - inner
	}
	rows := t.rows(b, inner, rightInner)
	// No wider than needed.
	title := t.boxTitle(b, inner-2)
	need, needRight := cells(title)+2, 0
	for _, r := range rows {
		need = max(need, r.left.width()+btoi(r.wire != nil))
		needRight = max(needRight, r.right.width(), cells(r.title)+2)
	}
	inner, rightInner = min(need, inner), min(needRight, rightInner)

	t.border(t.tl, t.tr, title, inner)
	from, to := 0, len(rows)
	if to > 0 && rows[0].title != "" && len(rows[0].left) == 0 { // both begin on one line
		t.repeat(" ", textWire)
		t.border(t.tl, t.tr, rows[0].title, rightInner)
		from++
	}
	ends := to > 0 && rows[to-1].close && len(rows[to-1].left) == 0
	if ends {
		to--
	}
	t.newline()
	for i := from; i < to; i++ {
		t.row(&rows[i], i > 0 && (rows[i-1].open || rows[i-1].title != ""), inner, rightInner)
	}
	t.border(t.bl, t.br, "", inner)
	if ends {
		t.repeat(" ", textWire)
		t.border(t.bl, t.br, "", rightInner)
	}
	t.newline()
}

// border draws the line above or below a box.
func (t *textCanvas) border(corner, end, title string, inner int) {
	t.out = append(t.out, corner...)
	n := inner + 2
	if title != "" {
		t.out = append(t.out, t.h...)
		t.raw(" "+title+" ", styleBold)
		n -= cells(title) + 3
	}
	t.repeat(t.h, n)
	t.out = append(t.out, end...)
}

func (t *textCanvas) boxTitle(b *Box, width int) string {
	title := b.title()
	if b.Count > 1 {
		title = t.clean(title) + " (" + itoa(b.Count) + ")"
	}
	return t.short(title, width)
}

// rows makes up a block.
func (t *textCanvas) rows(b *Box, inner, rightInner int) (rows []textRow) {
	for _, bar := range b.Links {
		if !bar.bar() {
			continue
		}
		words := t.words(bar, inner-2)
		words[0].text = "[" + words[0].text + "]"
		for _, l := range wrap(words, inner) {
			rows = append(rows, textRow{left: l})
		}
		var ports []*Link
		for _, l := range b.Links {
			if l.Master == bar {
				ports = append(ports, l)
			}
		}
		t.together(ports)
		first := len(rows)
		for _, l := range ports {
			rows = t.link(rows, l, t.branch+" ", t.rail+"  ", inner, rightInner)
		}
		t.finishRail(rows[first:])
		rows = t.link(rows, bar, "", "", inner, rightInner)
	}
	var free []*Link
	for _, l := range b.Links {
		if !l.bar() && l.Master == nil {
			free = append(free, l)
		}
	}
	t.together(free)
	for _, l := range free {
		rows = t.link(rows, l, "", "  ", inner, rightInner)
	}
	for _, n := range b.Notes {
		for _, l := range wrap(textLineOf{{t.short("* "+n, inner), stylePlain}}, inner) {
			rows = append(rows, textRow{left: l})
		}
	}
	return t.closeBoxes(rows, rightInner)
}

// together sorts links by the boxes that they lead to.
func (t *textCanvas) together(links []*Link) {
	at := map[*Box]int{}
	key := func(l *Link) int {
		if len(t.ends[l]) == 0 {
			return 1 << 30
		}
		return at[t.ends[l][0].far.Box]
	}
	for i, l := range links {
		for _, e := range t.ends[l] {
			if _, ok := at[e.far.Box]; !ok {
				at[e.far.Box] = i
			}
		}
	}
	slices.SortStableFunc(links, func(a, b *Link) int { return key(a) - key(b) })
}

// finishRail ends a bar's rail at its last port.
func (t *textCanvas) finishRail(rows []textRow) {
	last := len(rows) - 1
	for ; last >= 0; last-- {
		if len(rows[last].left) > 0 && rows[last].left[0].text == t.branch+" " {
			rows[last].left[0].text = t.last + " "
			break
		}
	}
	for i := last + 1; i >= 1 && i < len(rows); i++ {
		if len(rows[i].left) > 0 && rows[i].left[0].text == t.rail+"  " {
			rows[i].left[0].text = "   "
		}
	}
}

// link adds a link at the left, and what is at the other ends of its wires.
func (t *textCanvas) link(rows []textRow, l *Link, lead, more string, inner, rightInner int) []textRow {
	indent := func(s string, line textLineOf) textLineOf {
		if s == "" {
			return line
		}
		return append(textLineOf{{s, stylePlain}}, line...)
	}
	var wires []wireEnd
	words := t.words(l, inner-max(cells(lead), cells(more)))
	for _, e := range t.ends[l] {
		switch {
		case e.far.Box == l.Box && e.wire.Lower:
		case e.far.Box == l.Box || t.drawn[e.wire]:
			words = append(words, textSpan{t.short("to "+e.far.full(), inner-cells(more)), stylePlain})
		default:
			wires = append(wires, e)
		}
	}
	lines := wrap(words, inner-max(cells(lead), cells(more)))
	if l.bar() {
		lines = []textLineOf{{}}
		if len(wires) == 0 {
			return rows
		}
	}
	if len(wires) == 0 {
		for i, line := range lines {
			if i == 0 {
				line = indent(lead, line)
			} else {
				line = indent(more, line)
			}
			rows = append(rows, textRow{left: line})
		}
		return rows
	}
	for i, e := range wires {
		t.drawn[e.wire] = true
		far := e.far.Box
		if !openBox(rows, far) {
			rail := more
			if rail == "  " {
				rail = ""
			}
			rows = append(rows, textRow{left: indent(rail, nil), title: t.boxTitle(far, rightInner-2), near: e.far})
		}
		right := wrap(t.words(e.far, rightInner), rightInner)
		leaf := t.leaf(far)
		if leaf && t.lastWire(far) {
			t.done[far] = true
			for _, other := range far.Links {
				if len(t.ends[other]) == 0 {
					right = append(right, wrap(t.words(other, rightInner), rightInner)...)
				}
			}
			for _, n := range far.Notes {
				right = append(right, textLineOf{{t.short("* "+n, rightInner), stylePlain}})
			}
		}
		left := lines
		if i > 0 {
			left = nil
		}
		for j := range max(len(left), len(right)) {
			r := textRow{open: true, near: l}
			switch {
			case j == 0 && i == 0:
				r.left = indent(lead, left[0])
			case j < len(left):
				r.left = indent(more, left[j])
			default:
				r.left = indent(more, nil)
			}
			if j == 0 {
				r.wire, r.fill = e.wire, t.h
			}
			if j < len(right) {
				r.right = right[j]
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// openBox tells whether the box that is open at the right is b.
func openBox(rows []textRow, b *Box) bool {
	for i := len(rows) - 1; i >= 0 && (rows[i].open || rows[i].title != ""); i-- {
		if rows[i].title != "" {
			return rows[i].near.Box == b
		}
	}
	return false
}

// leaf tells whether all wires of a box lead to one other box, and all fits at
// its right.
func (t *textCanvas) leaf(b *Box) bool {
	var to *Box
	for _, l := range b.Links {
		if l.bar() || l.Master != nil {
			return false
		}
		for _, e := range t.ends[l] {
			if e.far.Box == b || to != nil && e.far.Box != to {
				return false
			}
			to = e.far.Box
		}
	}
	return true
}

// lastWire tells whether all wires of a box are drawn.
func (t *textCanvas) lastWire(b *Box) bool {
	for _, l := range b.Links {
		for _, e := range t.ends[l] {
			if !t.drawn[e.wire] {
				return false
			}
		}
	}
	return true
}

// closeBoxes adds the line below a box at the right that no other one follows.
func (t *textCanvas) closeBoxes(rows []textRow, rightInner int) []textRow {
	var out []textRow
	for i, r := range rows {
		if i > 0 && rows[i-1].open && !r.open && r.title == "" {
			r.close = true // beside it is room
		}
		out = append(out, r)
	}
	if len(rows) > 0 && rows[len(rows)-1].open {
		out = append(out, textRow{close: true})
	}
	return out
}

// row writes one line across.
func (t *textCanvas) row(r *textRow, open bool, inner, rightInner int) {
	t.out = append(t.out, t.v+" "...)
	n := 0
	for _, s := range r.left {
		t.raw(s.text, s.style)
		n += cells(s.text)
	}
	if r.wire != nil {
		t.raw(" ", stylePlain)
		t.repeat(r.fill, inner-n)
		t.wire(r)
	} else {
		t.repeat(" ", inner-n+1)
		t.out = append(t.out, t.v...)
		if r.open || r.title != "" || r.close {
			t.repeat(" ", textWire)
		}
	}
	switch {
	case r.title != "":
		corner, end := t.tl, t.tr
		if open {
			corner, end = t.tee, t.cross
		}
		t.border(corner, end, r.title, rightInner)
	case r.close:
		t.border(t.bl, t.br, "", rightInner)
	case r.open:
		if r.wire == nil {
			t.out = append(t.out, t.v...)
		}
		t.out = append(t.out, ' ')
		n := 0
		for _, s := range r.right {
			t.raw(s.text, s.style)
			n += cells(s.text)
		}
		t.repeat(" ", rightInner-n+1)
		t.out = append(t.out, t.v...)
	}
	t.newline()
}

// wire writes the wire with the ports at its ends.
func (t *textCanvas) wire(r *textRow) {
	end := func(l *Link, glyph string) string {
		if l.Status >= StatusDown {
			return t.dead
		}
		return glyph
	}
	far := r.wire.A
	if far == r.near {
		far = r.wire.B
	}
	from, to, lower := t.from, t.to, 0
	if r.wire.Lower {
		lower = 1
		if t.Unicode {
			from, to = t.tee, t.cross
		}
	}
	piece := t.wires[r.wire.Status][lower]
	text := end(r.near, from)
	for i := 0; i < textWire; i++ {
		text += half(piece, i%2)
	}
	text += end(far, to)
	t.raw(text, styleStatus+textStyle(r.wire.Status))
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
	items := p.legend()
	var seen [statuses]bool
	for _, w := range p.Wires {
		seen[w.Status] = true
	}
	if len(p.Wires) == 0 || !seen[StatusBlocked] && !seen[StatusNoCarrier] && !seen[StatusDown] && !seen[StatusMissing] {
		return
	}
	for i, it := range items {
		if it.lower || !seen[it.status] {
			continue
		}
		if i > 0 {
			t.out = append(t.out, "   "...)
		}
		t.raw(t.wires[it.status][0]+t.wires[it.status][0], styleStatus+textStyle(it.status))
		t.out = append(t.out, ' ')
		t.out = append(t.out, it.text...)
	}
	t.newline()
}
