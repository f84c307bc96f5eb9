package picture

var mermaidDashes = [statuses]string{"", "8 3 2 3", "2 4", "7 5", "2 7"}

// Mermaid writes the picture as a flowchart for mermaid.
func (p *Picture) Mermaid() []byte {
	s := &svg{}
	s.s("%% ").mermaid(p.Title).s("\nflowchart LR\n")
	ids := p.number()
	var of [statuses][]int // the numbers of the lines of a status
	lines := 0
	line := func(st Status) {
		of[st] = append(of[st], lines)
		lines++
	}
	for i, b := range p.Boxes {
		s.s("  subgraph b", i, "[\"").mermaid(b.fullTitle()).s("\"]\n")
		for _, l := range b.Links {
			from, to := "([\"", "\"])"
			if l.bar() {
				from, to = "[\"", "\"]"
			}
			s.s("    n", ids[l], from)
			for j, text := range l.lines() {
				if j > 0 {
					s.s("<br/>")
				}
				s.mermaid(text)
			}
			s.s(to, ":::", statusClass[l.Status], "\n")
		}
		for j, n := range b.Notes {
			s.s("    b", i, "note", j, "[/\"").mermaid(n).s("\"/]:::note\n")
		}
		if len(b.Links)+len(b.Notes) == 0 {
			s.s("    b", i, "empty[\" \"]:::note\n")
		}
		for _, l := range b.Links {
			if l.Master != nil {
				s.s("    n", ids[l.Master], " --- n", ids[l], "\n")
				line(l.Status)
			}
		}
		s.s("  end\n")
	}
	for _, w := range p.Wires {
		if w.Lower {
			s.s("  n", ids[w.A], " ---|on top of| n", ids[w.B], "\n")
		} else {
			s.s("  n", ids[w.A], " === n", ids[w.B], "\n")
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
			s.s("  classDef ", statusClass[st], " stroke:", statusHex[st], ",stroke-width:2px\n")
		}
		if len(of[st]) == 0 {
			continue
		}
		s.s("  linkStyle ")
		for i, n := range of[st] {
			if i > 0 {
				s.s(",")
			}
			s.s(n)
		}
		s.s(" stroke:", statusHex[st])
		if mermaidDashes[st] != "" {
			s.s(",stroke-dasharray:", mermaidDashes[st])
		}
		s.s("\n")
	}
	s.s("  classDef note stroke:none,fill:none\n")
	return s.b
}

// mermaid appends text for between double quotes, where mermaid looks for
// markdown and for #NN; as a character's number: all that could be a sign of
// either is written as such a number.
func (s *svg) mermaid(text string) *svg {
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
			s.s("#", int(c), ";")
		}
	}
	return s
}
