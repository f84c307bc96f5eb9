package picture

// How one box of the drawn picture is made up: what stands in it, where the
// wires come in, how large it is. Lengths are in pixels of the SVG.

const (
	left, right = 0, 1

	smallCell = 27 // quarters of a pixel that a column of small text takes, at 11 pixels
	nameCell  = 30 // of a link's name, at 12 pixels
	titleCell = 36 // of a box's name, at 15 pixels

	boxPad    = 12 // between a box's side and its text
	titleLine = 20
	textLine  = 14
	portPitch = 19 // between two ports of a bar, the text of one above its line
	looseMark = 18 // before a link that leads nowhere
	railRoom  = 22 // between a bar's rail and a port's text
	maxName   = 30 // columns of a name before it is shortened
	maxNote   = 44 // columns of other text
)

func textWidth(s string, cell int) int { return (cells(s)*cell + 3) / 4 }

// drawnRow is a link inside a box at one of its sides, where wires come in, or
// without any in its middle.
type drawnRow struct {
	box   *drawnBox
	link  *Link
	side  int
	bare  bool // no text: the link's name stands elsewhere
	line  bool // name and address stand on one line
	y     int  // of the port, from the box's top
	wires []*drawnWire
	key   int // where its wires lead to, for sorting
}

// section is a bar with its ports, or the rows that hang on none.
type section struct {
	bar   *Link // nil for none
	rows  [2][]*drawnRow
	y     int // of the plate with the bar's name, from the box's top
	plate int // the plate's height
	end   int // of the rail
}

// drawnBox is a box with its place.
type drawnBox struct {
	b        *Box
	x, y     int
	w, h     int
	sections []*section
	loose    []*drawnRow // links that lead nowhere
	notes    []string
	notesY   int
	leafOf   *drawnBox // the only box that it is joined to, by a single wire
	degree   int
	number   int   // in the picture's order
	cell     int   // its number in a grid
	in       *node // the grid
	layer    int
	side     int // where its wires to boxes in the same layer leave it
}

func newDrawnBox(b *Box) *drawnBox {
	d := &drawnBox{b: b}
	for _, n := range b.Notes {
		if len(d.notes) == 3 && len(b.Notes) > 4 {
			d.notes = append(d.notes, "and "+itoa(len(b.Notes)-3)+" more")
			break
		}
		d.notes = append(d.notes, shorten(visible(n), maxNote, "…"))
	}
	return d
}

// row returns the row of a link at a side, made if it is not there.
func (d *drawnBox) row(l *Link, side int) *drawnRow {
	bar := l.Master
	if l.bar() {
		bar = l
	}
	var s *section
	for _, have := range d.sections {
		if have.bar == bar {
			s = have
		}
	}
	if s == nil {
		s = &section{bar: bar}
		d.sections = append(d.sections, s)
	}
	for _, r := range s.rows[side] {
		if r.link == l {
			return r
		}
	}
	r := &drawnRow{box: d, link: l, side: side, bare: l.bar()}
	for _, other := range s.rows[1-side] {
		r.bare = r.bare || other.link == l
	}
	s.rows[side] = append(s.rows[side], r)
	return r
}

// rest gives what has no wires its place: bars and their ports, and links that
// lead nowhere.
func (d *drawnBox) rest() {
	for _, l := range d.b.Links {
		switch {
		case d.has(l):
		case l.bar():
			found := false
			for _, s := range d.sections {
				found = found || s.bar == l
			}
			if !found {
				d.sections = append(d.sections, &section{bar: l})
			}
		case l.Master == nil:
			d.loose = append(d.loose, &drawnRow{box: d, link: l, line: true})
		}
	}
	// A port that leads nowhere (a device, a tap) goes where fewer are, but not
	// alone to a side.
	for _, port := range d.b.Links {
		if d.has(port) || port.bar() || port.Master == nil {
			continue
		}
		side := right
		for _, s := range d.sections {
			l, r := len(s.rows[left]), len(s.rows[right])
			if s.bar == port.Master && l < r && (l > 0 || r > 8) || s.bar == port.Master && r == 0 && l > 0 && l <= 8 {
				side = left
			}
		}
		d.row(port, side)
	}
	// Rows without a bar stand behind the bars.
	for i, s := range d.sections {
		if s.bar == nil {
			d.sections = append(append(d.sections[:i:i], d.sections[i+1:]...), s)
			break
		}
	}
	both := false
	n := 0
	for _, s := range d.sections {
		both = both || s.bar != nil || len(s.rows[left]) > 0 && len(s.rows[right]) > 0
		n += len(s.rows[left]) + len(s.rows[right])
	}
	for _, s := range d.sections {
		for side := range s.rows {
			for _, r := range s.rows[side] {
				r.line = s.bar == nil && !both && len(r.link.Addrs) <= 1 && len(r.notes()) == 0 && r.lineWidth() < 260
			}
		}
	}
}

// has tells whether a link has a row: whether a wire comes in at it.
func (d *drawnBox) has(l *Link) bool {
	for _, s := range d.sections {
		for side := range s.rows {
			for _, r := range s.rows[side] {
				if r.link == l {
					return true
				}
			}
		}
	}
	return false
}

// oneSided tells whether ports are at the box's right side only, and no bar.
func (d *drawnBox) oneSided() bool {
	for _, s := range d.sections {
		if s.bar != nil || len(s.rows[left]) > 0 {
			return false
		}
	}
	return true
}

// name is the link's name as it is drawn.
func (r *drawnRow) name() string { return linkName(r.link) }

func linkName(l *Link) string {
	if l.Last != "" && l.Last != l.Name {
		return shorten(visible(l.Name), maxName/2, "…") + " … " + shorten(visible(l.Last), maxName/2, "…")
	}
	return shorten(visible(l.Name), maxName, "…")
}

func (b *Box) drawnTitle() string {
	switch {
	case b.Host:
		return "host"
	case b.Count > 1:
		return shorten(visible(b.Name), maxName/2, "…") + " … " + shorten(visible(b.Last), maxName/2, "…")
	}
	return shorten(visible(b.Name), maxName, "…")
}

// notes is what stands behind the name: the status, if it is not up, and the
// link's own notes.
func (r *drawnRow) notes() string { return linkNotes(r.link) }

func linkNotes(l *Link) string {
	text := ""
	if l.Status != StatusUp {
		text = l.Status.String()
	}
	for _, n := range l.Notes {
		if text != "" {
			text += ", "
		}
		text += visible(n)
	}
	return shorten(text, maxNote, "…")
}

// headWidth is the width of name and notes.
func (r *drawnRow) headWidth() int {
	w := textWidth(r.name(), nameCell)
	if n := r.notes(); n != "" {
		w += 8 + textWidth(n, smallCell)
	}
	return w
}

// lineWidth is the width with the address on the same line.
func (r *drawnRow) lineWidth() int {
	w := r.headWidth()
	for _, a := range r.link.Addrs {
		w += 8 + textWidth(a, smallCell)
	}
	return w
}

func addrsWidth(l *Link) int {
	w := 0
	for _, a := range l.Addrs {
		w = max(w, textWidth(a, smallCell))
	}
	return w
}

func (r *drawnRow) width() int {
	switch {
	case r.bare:
		return 0
	case r.line:
		return r.lineWidth()
	}
	return max(r.headWidth(), addrsWidth(r.link))
}

// above and below are the room that a row takes above and below its port.
func (r *drawnRow) room(bar bool) (above, below int) {
	n := len(r.link.Addrs)
	switch {
	case r.bare:
		return 8, 8
	case bar:
		return portPitch - 4, 4 + textLine*n
	case r.line:
		return 9, 9
	}
	h := textLine * (n + 1)
	return h/2 + 2, h/2 + 2
}

// plateSize is the size of the plate with a bar's name.
func (s *section) plateSize() (w, h int) {
	if s.bar == nil {
		return 0, 0
	}
	r := drawnRow{link: s.bar}
	return max(r.headWidth(), addrsWidth(s.bar)) + 22, 22 + textLine*len(s.bar.Addrs) + len(s.bar.Addrs)/max(1, len(s.bar.Addrs))*3
}

// measure works out where all stands, and the size. want is where each row
// would like its port to be, from the box's top; nil for no matter. A row never
// comes higher than it fits.
func (d *drawnBox) measure(want func(r *drawnRow) int) {
	var lw, rw, plate, mid int
	bars := false
	for _, s := range d.sections {
		for _, r := range s.rows[left] {
			lw = max(lw, r.width())
		}
		for _, r := range s.rows[right] {
			rw = max(rw, r.width())
		}
		w, _ := s.plateSize()
		plate = max(plate, w)
		bars = bars || s.bar != nil
	}
	w := textWidth(d.b.drawnTitle(), titleCell)
	if d.b.Count > 1 {
		w = max(w, textWidth(d.countText(), smallCell))
	}
	switch {
	case bars:
		mid = 2 * railRoom
		if lw == 0 || rw == 0 {
			mid = railRoom + 14
		}
	case lw > 0 && rw > 0:
		mid = 20
	}
	w = max(w, lw+mid+rw, plate)
	for _, r := range d.loose {
		w = max(w, r.width()+looseMark)
	}
	for _, n := range d.notes {
		w = max(w, textWidth(n, smallCell))
	}
	d.w = max(d.w, w+2*boxPad)

	y := 6 + titleLine
	if d.b.Count > 1 {
		y += textLine
	}
	for i, s := range d.sections {
		if i > 0 {
			y += 12
		}
		if s.bar != nil {
			y += 3
			s.y = y
			_, s.plate = s.plateSize()
			y += s.plate
			s.end = y
			y += 5
		}
		end := y
		for side := range s.rows {
			at := y
			for _, r := range s.rows[side] {
				above, below := r.room(s.bar != nil)
				r.y = at + above
				if r.bare && s.bar == r.link {
					// the wire comes out of the plate, if it is the first
					if at == y {
						r.y = s.y + s.plate/2
						continue
					}
				}
				if want != nil {
					r.y = max(r.y, want(r))
				}
				at = r.y + below
				if s.bar != nil {
					s.end = max(s.end, r.y)
				}
			}
			end = max(end, at)
		}
		y = end
	}
	for i, r := range d.loose {
		if i == 0 && len(d.sections) > 0 {
			y += 8
		}
		r.y = y + 9
		y += 18
	}
	if len(d.notes) > 0 {
		y += 8
		d.notesY = y
		y += textLine * len(d.notes)
	}
	d.h = y + 7
	if len(d.notes) == 0 && bars {
		d.h += 3
	}
}

// countText is the line below the title of a box that stands for several.
func (d *drawnBox) countText() string { return itoa(d.b.Count) + " namespaces" }

// rail is where a section's rail stands.
func (d *drawnBox) rail(s *section) int {
	var w [2]int
	for _, t := range d.sections {
		for side := range t.rows {
			if t.bar == nil {
				continue
			}
			for _, r := range t.rows[side] {
				w[side] = max(w[side], r.width(), 1)
			}
		}
	}
	plate, _ := s.plateSize()
	inner := d.w - 2*boxPad
	var x int
	switch {
	case w[left] == 0 && w[right] == 0:
		return plate / 2
	case w[left] == 0:
		x = min(16, inner-w[right]-railRoom)
	case w[right] == 0:
		x = max(inner-16, w[left]+railRoom)
	default:
		x = w[left] + (inner-w[left]-w[right])/2
	}
	return x + boxPad
}

// plateX is the plate's left edge, beside the box's: centred on the rail where
// that fits.
func (d *drawnBox) plateX(s *section) int {
	w, _ := s.plateSize()
	return max(boxPad, min(d.rail(s)-w/2, d.w-boxPad-w))
}
