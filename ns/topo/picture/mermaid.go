package picture

var mermaidDashes = [statuses]string{"", "8 3 2 3", "2 4", "7 5", "2 7"}

// Mermaid writes the picture as a flowchart for mermaid.
func (p *Picture) Mermaid() []byte {
	s := &page{}
	s.s("%% ").mermaid(p.Title).s("\nflowchart LR\n")
	ids := p.number()
	var of [statuses][]int // the numbers of the lines of a status
	lines := 0
	line := func(st Status) {
		of[st] = append(of[st], lines)
		lines++
	}
	for i, b := range p.Boxes {
		s.f(`  subgraph b%["`, i).mermaid(b.fullTitle()).s(`"]`).nl()
		for _, l := range b.Links {
			from, to := "([\"", "\"])"
			if l.bar() {
				from, to = "[\"", "\"]"
			}
			s.f("    n%", ids[l]).s(from)
			for j, text := range l.lines() {
				if j > 0 {
					s.s("<br/>")
				}
				s.mermaid(text)
			}
			s.s(to).s(":::").s(statusClass[l.Status]).s("\n")
		}
		for j, n := range b.Notes {
			s.f(`    b%note%[/"`, i, j).mermaid(n).s(`"/]:::note`).nl()
		}
		if len(b.Links)+len(b.Notes) == 0 {
			s.f(`    b%empty[" "]:::note`, i).nl()
		}
		for _, l := range b.Links {
			if l.Master != nil {
				s.f("    n% --- n%\n", ids[l.Master], ids[l])
				line(l.Status)
			}
		}
		s.s("  end\n")
	}
	for _, w := range p.Wires {
		if w.inside() {
			continue
		}
		a, b := min(ids[w.A], ids[w.B]), max(ids[w.A], ids[w.B]) // the host at the left
		if w.Lower {
			s.f("  n% ---|on top of| n%\n", a, b)
		} else {
			s.f("  n% === n%\n", a, b)
		}
		line(w.Status)
	}
	var used [statuses]bool
	for _, b := range p.Boxes {
		for _, l := range b.Links {
			used[l.Status] = true
		}
	}
	for st := range used {
		if used[st] {
			s.s("  classDef ").s(statusClass[st]).s(" stroke:").s(statusHex[st]).s(",stroke-width:2px\n")
		}
		if len(of[st]) == 0 {
			continue
		}
		s.s("  linkStyle ")
		for i, n := range of[st] {
			if i > 0 {
				s.s(",")
			}
			s.f("%", n)
		}
		s.s(" stroke:").s(statusHex[st])
		if mermaidDashes[st] != "" {
			s.s(",stroke-dasharray:").s(mermaidDashes[st])
		}
		s.s("\n")
	}
	s.s("  classDef note stroke:none,fill:none\n")
	return s.b
}

// mermaid appends text for between double quotes, where mermaid looks for
// markdown and for #NN; as a character's number: all that could be a sign of
// either is written as such a number.
func (s *page) mermaid(text string) *page {
	text = visible(text)
	word := func(i int) bool {
		return i >= 0 && i < len(text) && (text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z' || text[i] >= '0' && text[i] <= '9' || text[i] >= 0x80)
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		plain := word(i) || c == ' ' || c == '/' || c == ',' || c == '(' || c == ')' ||
			(c == '.' || c == '-' || c == '_') && word(i-1) && word(i+1) || c == ':' && i > 0
		if plain {
			s.b = append(s.b, c)
		} else {
			s.f("#%;", int(c))
		}
	}
	return s
}
