package picture

// The colours of both, as in the SVG on a light ground.
var statusHex = [statuses]string{"#0b63b5", "#a3458f", "#b86e00", "#c8321e", "#7b8794"}

var dotStyles = [statuses]string{"solid", "dashed", "dotted", "dashed", "dotted"}

// Dot writes the picture for graphviz: dot -Tsvg.
func (p *Picture) Dot() []byte {
	s := &page{}
	s.s("graph ").dot(p.Title).s(" {\n\trankdir=LR; ranksep=1.2; labelloc=t; fontname=Helvetica; label=").dot(p.Title).s(`;
	node [shape=box, style="rounded,filled", fillcolor=white, fontname="DejaVu Sans Mono", fontsize=11];
	edge [penwidth=2];
`)
	ids := p.number()
	for i, b := range p.Boxes {
		fill := "#f7f9fb"
		if b.Host {
			fill = "#eef3f8"
		}
		s.f("\tsubgraph cluster_% {\n\t\tstyle=\"rounded,filled\"; fillcolor=\"", i).s(fill).s(`"; color="#627d98"; label=`).dot(b.fullTitle()).s(";\n")
		if len(b.Links)+len(b.Notes) == 0 {
			s.f("\t\te% [style=invis, label=\"\"];\n", i)
		}
		for _, l := range b.Links {
			s.f("\t\tn% [label=", ids[l]).dot(l.lines()...).s(`, color="`).s(statusHex[l.Status]).s(`"`)
			if l.bar() {
				s.s(`, style=filled, fillcolor="#dbe7f5"`)
			}
			s.s("];\n")
		}
		if len(b.Notes) > 0 {
			s.f("\t\tm% [shape=plaintext, style=\"\", label=", i).dot(b.Notes...).s("];\n")
		}
		for _, l := range b.Links {
			if l.Master != nil {
				s.f("\t\tn% -- n% [color=\"", ids[l.Master], ids[l]).s(statusHex[l.Status]).s(`", penwidth=1.5];`).nl()
			}
		}
		s.s("\t}\n")
	}
	for _, w := range p.Wires {
		if w.inside() {
			continue
		}
		s.f("\tn% -- n% [color=\"", min(ids[w.A], ids[w.B]), max(ids[w.A], ids[w.B])).s(statusHex[w.Status]).s(`", style=`).s(dotStyles[w.Status])
		if w.Lower {
			s.s(`, penwidth=1, label="on top of", fontsize=9`)
		}
		s.s("];\n")
	}
	s.s("}\n")
	return s.b
}

// inside tells whether a wire joins a link to the one below it in the same box:
// the link's note tells it, and programs that place boxes do better without.
func (w *Wire) inside() bool { return w.Lower && w.A.Box == w.B.Box }

// number gives each link a number.
func (p *Picture) number() map[*Link]int {
	ids := map[*Link]int{}
	for _, b := range p.Boxes {
		for _, l := range b.Links {
			ids[l] = len(ids)
		}
	}
	return ids
}

// fullTitle is the box's title, with the number of namespaces if it stands for
// several.
func (b *Box) fullTitle() string {
	if b.Count > 1 {
		return b.title() + " (" + itoa(b.Count) + " namespaces)"
	}
	return b.title()
}

// lines are a link's name, state and notes, and addresses, a line each.
func (l *Link) lines() []string {
	out := []string{l.title()}
	if l.Status != StatusUp {
		out = append(out, "("+l.Status.String()+")")
	}
	out = append(out, l.Notes...)
	return append(out, l.Addrs...)
}

// dot appends a quoted string of lines. In graphviz's strings a backslash and
// an ampersand begin what stands for another character.
func (s *page) dot(lines ...string) *page {
	s.b = append(s.b, '"')
	for i, line := range lines {
		if i > 0 {
			s.b = append(s.b, `\n`...)
		}
		line = visible(line)
		for j := 0; j < len(line); j++ {
			switch c := line[j]; c {
			case '"', '\\':
				s.b = append(s.b, '\\', c)
			case '&':
				s.b = append(s.b, "&amp;"...)
			default:
				s.b = append(s.b, c)
			}
		}
	}
	s.b = append(s.b, '"')
	return s
}
