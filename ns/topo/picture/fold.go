package picture

import (
	"strings"
)

// FoldLimit is how many namespaces, or links of one of them, are drawn each by
// itself where the caller has no other wish.
const FoldLimit = 128

// Fold makes one box of namespaces that are alike: the same links in the same
// state, joined in the same way to the same others. It does nothing to a
// picture of up to limit namespaces. One with a fault is not like the others, and
// stays by itself.
func (p *Picture) Fold(limit int) {
	for _, b := range p.Boxes {
		if len(b.Links) > limit {
			b.foldLinks()
		}
	}
	if len(p.Boxes) <= limit {
		return
	}
	ends := p.ends()
	ids := map[any]int{}
	id := func(what any) int {
		n, ok := ids[what]
		if !ok {
			n = len(ids)
			ids[what] = n
		}
		return n
	}
	groups := map[string][]*Box{}
	var order []string
	for _, b := range p.Boxes {
		if b.Host {
			continue
		}
		s := b.signature(ends, id)
		if groups[s] == nil {
			order = append(order, s)
		}
		groups[s] = append(groups[s], b)
	}
	f := folding{links: map[*Link]*Link{}, boxes: map[*Box]bool{}, gone: map[*Box]bool{}}
	for _, s := range order {
		if g := groups[s]; len(g) >= 3 {
			f.fold(g, ends)
		}
	}
	p.drop(&f)
}

// wireEnd is a wire as seen from one of its ends.
type wireEnd struct {
	wire *Wire
	far  *Link
}

// ends lists each link's wires.
func (p *Picture) ends() map[*Link][]wireEnd {
	m := make(map[*Link][]wireEnd, 2*len(p.Wires))
	for _, w := range p.Wires {
		m[w.A] = append(m[w.A], wireEnd{w, w.B})
		m[w.B] = append(m[w.B], wireEnd{w, w.A})
	}
	return m
}

// shape appends what two links have in common that may be drawn as one.
func (l *Link) shape(s *page) {
	s.s(l.Kind).f(" % ", int(l.Status))
	for _, a := range l.Addrs {
		s.s(a[strings.LastIndexByte(a, '/')+1:])
		if strings.IndexByte(a, ':') >= 0 {
			s.s("six")
		}
		s.s(",")
	}
	for _, n := range l.Notes {
		s.s(n).s("\x00")
	}
	s.s("\x00")
}

// signature is the same for boxes that are alike. id numbers what is to be the
// very same.
func (b *Box) signature(ends map[*Link][]wireEnd, id func(any) int) string {
	var s page
	at := make(map[*Link]int, len(b.Links))
	for i, l := range b.Links {
		at[l] = i + 1
	}
	for _, n := range b.Notes {
		s.s(noteKind(n)).s("\x00")
	}
	for _, l := range b.Links {
		l.shape(&s)
		s.f("% ", at[l.Master])
		for _, e := range ends[l] {
			far := e.far
			s.f("wire % % ", int(e.wire.Status), btoi(e.wire.Lower))
			switch {
			case far.Box == b:
				s.f("own % ", at[far])
			case far.wires > 1:
				s.f("% ", id(far))
			default:
				s.f("% ", id(far.Box))
				far.shape(&s)
				if far.Master != nil {
					s.f("% ", id(far.Master))
				}
			}
		}
	}
	return string(s.b)
}

// noteKind is what of a note is to be the same: each may have a gateway of its own.
func noteKind(n string) string {
	if i := strings.Index(n, " via "); i >= 0 {
		return n[:i+5]
	}
	return n
}

// folding collects what goes: boxes and links, and for each link the one that
// stands for it.
type folding struct {
	links map[*Link]*Link
	boxes map[*Box]bool // touched: they or their links' far ends
	gone  map[*Box]bool
}

func (f *folding) fold(g []*Box, ends map[*Link][]wireEnd) {
	for _, b := range g {
		if f.boxes[b] {
			return // others were folded at its side: what is alike has changed
		}
	}
	first, last := g[0], g[len(g)-1]
	for _, b := range g {
		for i, l := range b.Links {
			f.into(l, first.Links[i])
			for j, e := range ends[l] {
				if e.far.Box == b || e.far.wires > 1 {
					continue
				}
				f.boxes[e.far.Box] = true
				f.into(e.far, ends[first.Links[i]][j].far)
			}
		}
		for i, n := range b.Notes {
			if kind := noteKind(n); n != first.Notes[i] {
				first.Notes[i] = kind + "…"
			}
		}
		f.boxes[b] = true
		f.gone[b] = b != first
	}
	first.Count, first.Last = len(g), last.Name
}

// into lets a link be drawn by another one.
func (f *folding) into(l, by *Link) {
	if l == by {
		return
	}
	f.links[l] = by
	by.Count++
	by.Last = l.Name
	for i := range by.Addrs {
		if i < len(l.Addrs) {
			by.Addrs[i] = span(by.Addrs[i], l.Addrs[i])
		}
	}
}

// span is "10.0.0.1 … 10.0.0.9/16" of the two.
func span(from, to string) string {
	i := strings.IndexByte(from, ' ')
	if i < 0 {
		i = strings.IndexByte(from, '/')
	}
	if i < 0 || from == to {
		return from
	}
	return from[:i] + " … " + to
}

// drop takes out what another one stands for.
func (p *Picture) drop(f *folding) {
	boxes := p.Boxes[:0]
	for _, b := range p.Boxes {
		if f.gone[b] {
			continue
		}
		boxes = append(boxes, b)
		links := b.Links[:0]
		for _, l := range b.Links {
			if f.links[l] == nil {
				links = append(links, l)
			}
		}
		b.Links = links
	}
	p.Boxes = boxes
	wires := p.Wires[:0]
	for _, w := range p.Wires {
		if f.links[w.A] == nil && f.links[w.B] == nil {
			wires = append(wires, w)
		}
	}
	p.Wires = wires
}

// foldLinks makes one of neighbouring links that are alike and lead nowhere.
func (b *Box) foldLinks() {
	f := folding{links: map[*Link]*Link{}}
	var by *Link
	like := ""
	for _, l := range b.Links {
		if l.wires > 0 || l.ports > 0 || l.bar() {
			by = nil
			continue
		}
		var s page
		l.shape(&s)
		if by != nil && l.Master == by.Master && string(s.b) == like {
			f.into(l, by)
			continue
		}
		by, like = l, string(s.b)
	}
	links := b.Links[:0]
	for _, l := range b.Links {
		if f.links[l] == nil {
			links = append(links, l)
		}
	}
	b.Links = links
}
