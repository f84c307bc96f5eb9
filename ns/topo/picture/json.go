package picture

import "unicode/utf8"

// JSON writes the picture as data: namespaces with their links, and the wires.
// Strings are written as in a file's JSON form: a byte that is no UTF-8 is \udcNN.
func (p *Picture) JSON() []byte {
	s := &page{}
	s.s(`{"title":`).json(p.Title)
	if p.Live {
		s.s(`,"live":true`)
	}
	s.s(`,"namespaces":[`)
	for i, b := range p.Boxes {
		if i > 0 {
			s.s(",")
		}
		s.s("\n {\"name\":").json(b.Name)
		if b.Host {
			s.s(`,"host":true`)
		}
		if b.Count > 1 {
			s.s(`,"last":`).json(b.Last).f(`,"count":%`, b.Count)
		}
		if len(b.Notes) > 0 {
			s.s(`,"notes":`).jsonList(b.Notes)
		}
		s.s(`,"links":[`)
		for j, l := range b.Links {
			if j > 0 {
				s.s(",")
			}
			s.s("\n  {\"name\":").json(l.Name)
			if l.Count > 1 {
				s.s(`,"last":`).json(l.Last).f(`,"count":%`, l.Count)
			}
			if l.Kind != "" {
				s.s(`,"kind":`).json(l.Kind)
			}
			s.s(`,"status":`).json(l.Status.String())
			if l.Master != nil {
				s.s(`,"master":`).json(l.Master.Name)
			}
			if len(l.Addrs) > 0 {
				s.s(`,"addresses":`).jsonList(l.Addrs)
			}
			if len(l.Notes) > 0 {
				s.s(`,"notes":`).jsonList(l.Notes)
			}
			s.s("}")
		}
		s.s("]}")
	}
	s.s(`],"wires":[`)
	for i, w := range p.Wires {
		if i > 0 {
			s.s(",")
		}
		kind := "veth"
		if w.Lower {
			kind = "lower"
		}
		s.s("\n {\"kind\":\"").s(kind).s(`","status":`).json(w.Status.String())
		for j, l := range [2]*Link{w.A, w.B} {
			s.s(`,"`).s("ab"[j : j+1]).s(`":{"netns":`).json(l.Box.Name).s(`,"link":`).json(l.Name).s("}")
		}
		s.s("}")
	}
	s.s("]}\n")
	return s.b
}

func (s *page) jsonList(list []string) *page {
	for i, text := range list {
		if i == 0 {
			s.s("[")
		} else {
			s.s(",")
		}
		s.json(text)
	}
	return s.s("]")
}

// json appends a string.
func (s *page) json(text string) *page {
	s.b = append(s.b, '"')
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		c := text[i]
		switch {
		case r == utf8.RuneError && n == 1:
			s.b = append(s.b, '\\', 'u', 'd', 'c', hexDigits[c>>4], hexDigits[c&15])
		case r == '"' || r == '\\':
			s.b = append(s.b, '\\', c)
		case r < 0x20 || r >= 0x7f && r < 0xa0 || r < 0x10000 && steers(r):
			s.b = append(s.b, '\\', 'u', hexDigits[r>>12], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
		default:
			s.b = append(s.b, text[i:i+n]...)
		}
		i += n
	}
	s.b = append(s.b, '"')
	return s
}
